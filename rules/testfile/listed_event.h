#ifndef FIREBREAK_RULES_TESTFILE_LISTED_EVENT_H_
#define FIREBREAK_RULES_TESTFILE_LISTED_EVENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "rules/testfile/context.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// The words an alert is told in.
const std::vector<std::string>& StateNames();     // inactive, pending, firing, resolved
const std::vector<std::string>& SeverityNames();  // page, ticket
const std::vector<std::string>& ReasonNames();    // recovered, no_data, maintenance, escalated, removed

// Reads "+2h3m firing page", "+2h15m availability/fast resolved recovered", "+3h tier1/NoData firing ticket repeat":
// when, which alert below `among` (nothing where that is one alert), its state, and perhaps its severity, the reason
// and that it is a repeat, in this order. Errors: InvalidArgument, with a suggestion for what is misspelt.
absl::StatusOr<ListedEvent> ParseListedEvent(std::string_view text, const AlertPath& among, const TestContext& context);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_LISTED_EVENT_H_
