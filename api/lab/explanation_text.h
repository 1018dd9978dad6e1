#ifndef FIREBREAK_API_LAB_EXPLANATION_TEXT_H_
#define FIREBREAK_API_LAB_EXPLANATION_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "engine/lab/explainer.h"
#include "rules/config.h"

namespace firebreak {

// Whether the replay tells endpoints and status codes apart: one of a ledger does not.
enum class CausesKnown { kYes, kNo };

// Why there is no answer: the replay made no evaluation so late, or the endpoint had no alert. OK if there is one.
absl::Status FaultOf(const Explainer::Answer& answer, const Config& config);

// An answer in words, several lines. REQUIRES: FaultOf(answer, config).ok().
std::string ExplanationText(const Explainer::Answer& answer, const Config& config, CausesKnown causes);

// {"explain": {...}} on one line: docs/rule-lab.md, "Explain". REQUIRES: as above.
std::string ExplanationJson(const Explainer::Answer& answer, const Config& config, CausesKnown causes);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_EXPLANATION_TEXT_H_
