#include "rules/rule_set.h"

#include <utility>

namespace firebreak {

absl::StatusOr<std::shared_ptr<const RuleSet>> RuleSet::Create(Config config) {
  absl::StatusOr<Classifier> classifier = Classifier::Create(config);
  if (!classifier.ok()) return classifier.status();
  return std::make_shared<const RuleSet>(RuleSet{std::move(config), *std::move(classifier)});
}

}  // namespace firebreak
