#include "engine/ruletest/player.h"

#include <variant>

#include "engine/ruletest/segment_player.h"
#include "engine/ruletest/series_player.h"

namespace firebreak {

void Player::SkipUntil(absl::Duration until) {
  PlayUntil(until, {[](const Event&) {}, [](Source, absl::Time) {}});
}

std::unique_ptr<Player> MakePlayer(const RuleTest& test, absl::Time start) {
  if (const auto* series = std::get_if<SeriesTraffic>(&test.traffic)) {
    return std::make_unique<SeriesPlayer>(test, *series, start);
  }
  return std::make_unique<SegmentPlayer>(test, std::get<SegmentTraffic>(test.traffic), start);
}

}  // namespace firebreak
