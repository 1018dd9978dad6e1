#include "engine/lab/rule_grid.h"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include "fmt/format.h"
#include "rules/threshold.h"

namespace firebreak {
namespace {

void Set(SweepSetting setting, const SweepValue& value, RuleVariant& variant) {
  switch (setting) {
    case SweepSetting::kShort:
      variant.short_window = std::get<absl::Duration>(value);
      break;
    case SweepSetting::kLong:
      variant.long_window = std::get<absl::Duration>(value);
      break;
    case SweepSetting::kBurn:
      variant.burn = std::get<Decimal>(value);
      break;
    case SweepSetting::kFor:
      variant.hold_for = std::get<absl::Duration>(value);
      break;
    case SweepSetting::kKeepFiringFor:
      variant.keep_firing_for = std::get<absl::Duration>(value);
      break;
    case SweepSetting::kMinTotal:
      variant.guards.min_total = std::get<int64_t>(value);
      break;
    case SweepSetting::kMinBad:
      variant.guards.min_bad = std::get<int64_t>(value);
      break;
  }
}

void Apply(const SweepAxis& axis, const SweepValue& value, RulePlan& plan) {
  if (axis.pair) return Set(axis.setting, value, plan[*axis.pair]);
  for (RuleVariant& variant : plan) Set(axis.setting, value, variant);
}

bool IsSwapped(const RuleVariant& variant) { return variant.short_window >= variant.long_window; }

// Moves to the next combination of the axes' values; false after the last one.
bool Next(const std::vector<SweepAxis>& axes, std::vector<size_t>& at) {
  for (size_t i = axes.size(); i-- > 0;) {
    if (++at[i] < axes[i].values.size()) return true;
    at[i] = 0;
  }
  return false;
}

// Numbers the variants of each pair and keeps each plan once.
class GridBuilder {
 public:
  explicit GridBuilder(size_t num_pairs) : numbers_(num_pairs) { grid_.variants.resize(num_pairs); }

  void Add(const RulePlan& plan) {
    std::vector<uint32_t> indexes;
    for (size_t pair = 0; pair < plan.size(); ++pair) indexes.push_back(NumberOf(pair, plan[pair]));
    if (known_.insert(indexes).second) grid_.plans.push_back(std::move(indexes));
  }

  RuleGrid& grid() { return grid_; }

 private:
  uint32_t NumberOf(size_t pair, const RuleVariant& variant) {
    std::vector<RuleVariant>& variants = grid_.variants[pair];
    const auto [known, is_new] = numbers_[pair].emplace(variant, static_cast<uint32_t>(variants.size()));
    if (is_new) variants.push_back(variant);
    return known->second;
  }

  RuleGrid grid_;
  std::vector<std::map<RuleVariant, uint32_t>> numbers_;
  std::set<std::vector<uint32_t>> known_;
};

absl::Status CheckSize(const std::vector<SweepAxis>& axes) {
  int64_t plans = 1;
  for (const SweepAxis& axis : axes) {
    if (__builtin_mul_overflow(plans, static_cast<int64_t>(axis.values.size()), &plans) || plans > kMaxPlans) {
      return absl::InvalidArgumentError(
          fmt::format("--sweep: more than {} combinations, wanted fewer values or fewer settings", kMaxPlans));
    }
  }
  return absl::OkStatus();
}

}  // namespace

RulePlan PlanOf(const Config& config, int tier, Slo slo) {
  RulePlan plan;
  for (size_t pair = 0; pair < config.pairs.size(); ++pair) plan.push_back(VariantOf(config, tier, slo, pair));
  return plan;
}

RulePlan RuleGrid::Plan(size_t index) const {
  RulePlan plan;
  for (size_t pair = 0; pair < variants.size(); ++pair) plan.push_back(variants[pair][plans[index][pair]]);
  return plan;
}

int64_t RuleGrid::num_variants() const {
  int64_t number = 0;
  for (const std::vector<RuleVariant>& of_pair : variants) number += static_cast<int64_t>(of_pair.size());
  return number;
}

int64_t RuleGrid::num_windows() const {
  std::set<absl::Duration> windows;
  for (const std::vector<RuleVariant>& of_pair : variants) {
    for (const RuleVariant& variant : of_pair) windows.insert({variant.short_window, variant.long_window});
  }
  return static_cast<int64_t>(windows.size());
}

absl::StatusOr<RuleGrid> ExpandSweep(const RulePlan& current, const std::vector<SweepAxis>& axes,
                                     const Decimal& objective) {
  const absl::Status size = CheckSize(axes);
  if (!size.ok()) return size;
  GridBuilder builder(current.size());
  builder.Add(current);
  const auto is_unreachable = [&](const RuleVariant& variant) {
    return Threshold(variant.burn, objective).CanNeverBeExceeded();
  };
  std::vector<size_t> at(axes.size());
  do {
    RulePlan plan = current;
    for (size_t i = 0; i < axes.size(); ++i) Apply(axes[i], axes[i].values[at[i]], plan);
    if (std::any_of(plan.begin(), plan.end(), IsSwapped)) {
      ++builder.grid().swapped;
    } else if (std::any_of(plan.begin(), plan.end(), is_unreachable)) {
      ++builder.grid().unreachable;
    } else {
      builder.Add(plan);
    }
  } while (Next(axes, at));
  return std::move(builder.grid());
}

}  // namespace firebreak
