#include "engine/lab/shared_settings.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

// What one SLO wants.
struct Wish {
  std::string value;
  std::string slo;
};

// "setting: 0s for a, 2m for b"; "" when all want the same.
std::string DisagreementText(const std::string& setting, const std::vector<Wish>& wishes) {
  const bool agree =
      std::all_of(wishes.begin(), wishes.end(), [&](const Wish& wish) { return wish.value == wishes.front().value; });
  if (agree) return "";
  std::vector<std::string> texts;
  for (const Wish& wish : wishes) texts.push_back(fmt::format("{} for {}", wish.value, wish.slo));
  return fmt::format("{}: {}", setting, fmt::join(texts, ", "));
}

// Gathers the disagreements about one setting after the other.
class Comparison {
 public:
  explicit Comparison(const Config& config) : config_(config) {}

  template <typename ValueText>
  void Add(const std::string& setting, const std::vector<const SloPlan*>& plans, const ValueText& value_text) {
    std::vector<Wish> wishes;
    for (const SloPlan* plan : plans) {
      wishes.push_back({value_text(plan->plan), SloPath(config_, plan->tier, plan->slo)});
    }
    std::string text = DisagreementText(setting, wishes);
    if (!text.empty()) texts_.push_back(std::move(text));
  }

  std::vector<std::string> Take() { return std::move(texts_); }

 private:
  const Config& config_;
  std::vector<std::string> texts_;
};

struct PairSetting {
  std::string_view name;
  absl::Duration RuleVariant::*value;
};
constexpr PairSetting kPairSettings[] = {{"short", &RuleVariant::short_window},
                                         {"long", &RuleVariant::long_window},
                                         {"for", &RuleVariant::hold_for},
                                         {"keep_firing_for", &RuleVariant::keep_firing_for}};

}  // namespace

std::string SloPath(const Config& config, int tier, Slo slo) {
  return fmt::format("{}/{}", config.tiers[static_cast<size_t>(tier)].name, SloName(slo));
}

RulePlan AfterChange(const SloPlan& present, const SloPlan& changed) {
  RulePlan plan = present.plan;
  for (size_t pair = 0; pair < plan.size(); ++pair) {
    for (const PairSetting& setting : kPairSettings) plan[pair].*setting.value = changed.plan[pair].*setting.value;
    if (present.tier == changed.tier) plan[pair].guards = changed.plan[pair].guards;
  }
  return plan;
}

std::vector<std::string> Disagreements(const Config& config, const std::vector<SloPlan>& plans) {
  Comparison comparison(config);
  std::vector<const SloPlan*> all;
  for (const SloPlan& plan : plans) all.push_back(&plan);
  for (size_t pair = 0; pair < config.pairs.size(); ++pair) {
    for (const PairSetting& setting : kPairSettings) {
      comparison.Add(fmt::format("alerts.{}.{}", config.pairs[pair].name, setting.name), all,
                     [&](const RulePlan& plan) { return DurationText(plan[pair].*setting.value); });
    }
  }
  for (int tier = 0; tier < static_cast<int>(config.tiers.size()); ++tier) {
    std::vector<const SloPlan*> of_tier;
    std::copy_if(all.begin(), all.end(), std::back_inserter(of_tier),
                 [&](const SloPlan* plan) { return plan->tier == tier; });
    const std::string path = fmt::format("slo_tiers.{}.", config.tiers[static_cast<size_t>(tier)].name);
    comparison.Add(path + "min_total", of_tier,
                   [](const RulePlan& plan) { return fmt::format("{}", plan.front().guards.min_total); });
    comparison.Add(path + "min_bad", of_tier,
                   [](const RulePlan& plan) { return fmt::format("{}", plan.front().guards.min_bad); });
  }
  return comparison.Take();
}

}  // namespace firebreak
