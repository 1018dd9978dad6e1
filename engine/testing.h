#ifndef FIREBREAK_ENGINE_TESTING_H_
#define FIREBREAK_ENGINE_TESTING_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_state.h"
#include "engine/folder.h"
#include "engine/transition.h"
#include "rules/config.h"
#include "rules/event.h"
#include "rules/rule_set.h"

namespace firebreak {

// What the tests of engine/ share: small configurations, events, and a sink that remembers.

// An hour, and so a border of every slot.
inline const absl::Time kTestStart = absl::FromUnixSeconds(1764000000);

Decimal MustParseDecimal(std::string_view text);

// A tier without a latency SLO, with the burn rates of TestConfig's pairs.
Tier MakeTier(std::string_view name, std::string_view objective, std::vector<std::string> endpoints);

// The tier `checkout` at 99.9 % with the endpoints /pay and /cart, and the article's pairs: fast (5m and 1h, 14.4x, for
// 2m, page) and slow (30m and 6h, 6x, for 15m, ticket).
Config TestConfig();

std::shared_ptr<const RuleSet> MakeRules(Config config);

// One request that answered `status` (`count` of them).
Event MakeEvent(absl::Time time, std::string_view endpoint, int status, int64_t count = 1);

// The events, folded as one batch.
FoldedBatch Fold(const std::shared_ptr<const RuleSet>& rules, const std::vector<Event>& events);

// "+32m50s checkout/availability/fast pending>firing page", counted from `start`; "[/pay]" follows the pair of an
// endpoint's alert, "(recovered)" ends the text where there is a reason, NoData is "checkout/NoData", and alerts of no
// tier are "IngestRefused" and "DeliveryParked[oncall]".
std::string Describe(const Transition& transition, absl::Time start);

// "page pending>firing", "ticket firing>resolved recovered".
std::string Describe(const AlertChange& change);

// Keeps every transition.
class TransitionLog : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override { all_.push_back(transition); }

  const std::vector<Transition>& all() const { return all_; }
  // Each as Describe says it, from kTestStart.
  std::vector<std::string> Texts() const;
  void Clear() { all_.clear(); }

 private:
  std::vector<Transition> all_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_TESTING_H_
