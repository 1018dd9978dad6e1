#ifndef FIREBREAK_RULES_TESTFILE_ALERT_PATH_H_
#define FIREBREAK_RULES_TESTFILE_ALERT_PATH_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rules/testfile/context.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Reads "TIER/SLO/PAIR", "TIER/SLO/PAIR[ENDPOINT]", "TIER/NoData", or the first parts of one; "all" is every alert.
// Errors: InvalidArgument, with a suggestion, for what the configuration does not have, and for an endpoint that
// neither a tier lists by name nor the traffic calls. Which endpoints a recording calls is known when it is over (the
// judge's business). REQUIRES: the traffic is read.
absl::StatusOr<AlertPath> ParseAlertPath(std::string_view text, const TestContext& context);

// Whether `path` names one alert that can be: complete, with an endpoint exactly where the tier alerts by endpoint.
// Errors: InvalidArgument that says what was wanted.
absl::Status CheckIsOneAlert(const AlertPath& path, const TestContext& context);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_ALERT_PATH_H_
