#ifndef FIREBREAK_RULES_TESTFILE_ALERT_PATH_H_
#define FIREBREAK_RULES_TESTFILE_ALERT_PATH_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rules/rule_set.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Reads "TIER/SLO/PAIR", "TIER/SLO/PAIR[ENDPOINT]", "TIER/NoData", or the first parts of one; "all" is every alert.
// Errors: InvalidArgument, with a suggestion, for what this configuration does not have.
absl::StatusOr<AlertPath> ParseAlertPath(std::string_view text, const RuleSet& rules);

// Whether `path` names one alert that can be: complete, with an endpoint exactly where the tier alerts by endpoint.
// Errors: InvalidArgument that says what was wanted.
absl::Status CheckIsOneAlert(const AlertPath& path, const RuleSet& rules);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_ALERT_PATH_H_
