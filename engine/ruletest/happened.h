#ifndef FIREBREAK_ENGINE_RULETEST_HAPPENED_H_
#define FIREBREAK_ENGINE_RULETEST_HAPPENED_H_

#include <string>

#include "absl/time/time.h"
#include "engine/ruletest/test_delivery.h"
#include "engine/transition.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// Something that happened to an alert, as a test lists it.
struct Happened {
  absl::Time at;
  AlertPath alert;
  AlertWords words;
  bool is_repeat = false;
};

Happened HappenedBy(const Transition& transition);
Happened HappenedBy(const ToldAlert& told);

// The path of an alert, by its labels.
AlertPath PathOf(const Labels& labels);

// Whether it is what was expected: what a list does not say may be anything.
bool IsAsListed(const Happened& happened, const ListedEvent& expected, absl::Time start);

// "firing page", "resolved page recovered", "firing page repeat".
std::string WordsText(const AlertWords& words);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_HAPPENED_H_
