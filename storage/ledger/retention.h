#ifndef FIREBREAK_STORAGE_LEDGER_RETENTION_H_
#define FIREBREAK_STORAGE_LEDGER_RETENTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "storage/ladder_shape.h"

namespace firebreak {

// Tier rows are folded to this width and no further, for replay.
inline constexpr absl::Duration kHistoryWidth = absl::Seconds(30);

// How rows of counts age: which are folded into wider ones, and which deleted. A row is folded only when no ring level
// of its width holds it any more, so that rings rebuilt from rows are as they were. Rows of a width that the shape does
// not have (it was another once) are folded at once into the narrowest that they fit in. Pure.
// REQUIRES: every width divides kHistoryWidth or is a multiple of it, as LadderShape::For's do.
class Retention {
 public:
  // Rows of endpoints and of causes: folded from level to level, deleted when the last has forgotten them.
  static Retention ForEndpoints(const LadderShape& shape);
  // Rows of tiers: folded up to kHistoryWidth (or the finest width, if wider), deleted after `keep`, but not before the
  // last level has forgotten them.
  static Retention ForTiers(const LadderShape& shape, absl::Duration keep);

  // What happens to rows of `width`: those that end at or before `border` go to `wider`, or are deleted.
  struct Fate {
    absl::Time border;
    std::optional<absl::Duration> wider;
  };
  // `now` is the head of time.
  Fate FateOf(absl::Duration width, absl::Time now) const;

 private:
  struct Stage {
    absl::Duration width;
    absl::Duration held;  // whole slots that the rings hold, the present one among them
  };
  Retention(std::vector<Stage> stages, absl::Duration keep) : stages_(std::move(stages)), keep_(keep) {}

  std::vector<Stage> stages_;  // narrowest first
  absl::Duration keep_;        // of what is not folded
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_RETENTION_H_
