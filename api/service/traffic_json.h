#ifndef FIREBREAK_API_SERVICE_TRAFFIC_JSON_H_
#define FIREBREAK_API_SERVICE_TRAFFIC_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/pipeline.h"
#include "rules/config.h"

namespace firebreak {

// What is read from the rings when it is asked for, rather than shown by every snapshot; docs/http-api.md is the
// reference. These read the pipeline, so they are for the engine thread.

// GET /v1/burndown: how each error budget of the period was spent.
std::string BurnDownJson(const Pipeline& pipeline);

// GET /v1/offenders: endpoints by what they burnt in the window, most first. REQUIRES: as OffendersWindow returns.
std::string OffendersJson(const Pipeline& pipeline, absl::Duration window);
// The window of `?window=`, seven days by default, at most the period. Errors: InvalidArgument.
absl::StatusOr<absl::Duration> OffendersWindow(std::string_view parameter, const Config& config);

// GET /v1/sources: what each source saw of a tier, side by side.
std::string SourcesJson(const Pipeline& pipeline);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_TRAFFIC_JSON_H_
