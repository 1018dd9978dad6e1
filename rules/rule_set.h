#ifndef FIREBREAK_RULES_RULE_SET_H_
#define FIREBREAK_RULES_RULE_SET_H_

#include <memory>

#include "absl/status/statusor.h"
#include "rules/classifier.h"
#include "rules/config.h"

namespace firebreak {

// A configuration and the classifier made from it, shared by all who work under it. A reload makes a new one; batches
// that were classified by the old one still point to it. Immutable; thread-safe.
struct RuleSet {
  Config config;
  Classifier classifier;

  static absl::StatusOr<std::shared_ptr<const RuleSet>> Create(Config config);
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_RULE_SET_H_
