#include "engine/ledger_options.h"

#include "engine/pipeline.h"

namespace firebreak {

LedgerOptions LedgerOptionsFor(const Config& config) {
  constexpr absl::Duration kReviewCycle = absl::Hours(24 * 14);
  LedgerOptions options;
  options.shape = LadderShapeFor(config);
  options.keep_tiers = config.period + kReviewCycle;
  return options;
}

}  // namespace firebreak
