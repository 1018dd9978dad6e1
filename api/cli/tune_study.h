#ifndef FIREBREAK_API_CLI_TUNE_STUDY_H_
#define FIREBREAK_API_CLI_TUNE_STUDY_H_

#include "absl/status/statusor.h"
#include "api/cli/tune_arguments.h"
#include "api/cli/tune_history.h"
#include "api/lab/tune_report.h"

namespace firebreak {

// Tunes every SLO that was asked for on what was read; shows progress. Those that cannot be tuned are named in the
// report's notes. Errors: InvalidArgument for an SLO that is none, or more evaluations than fit into memory.
absl::StatusOr<TuneReport> StudyRules(const TuneArguments& arguments, const TunePlan& plan, TuneHistory& history);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_TUNE_STUDY_H_
