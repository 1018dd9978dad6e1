#include "engine/ledger_options.h"

#include "engine/pipeline.h"
#include "storage/ladder_shape.h"

namespace firebreak {

LedgerOptions LedgerOptionsFor(const Config& config) {
  constexpr absl::Duration kReviewCycle = absl::Hours(24 * 14);
  LedgerOptions options;
  options.shape = LadderShape::For(config.evaluation_interval, config.period,
                                   config.allowed_lateness + config.evaluation_delay + kMaxAhead);
  options.keep_tiers = config.period + kReviewCycle;
  return options;
}

}  // namespace firebreak
