#include "api/service/budgets_json.h"

#include <optional>

#include "engine/alert_text.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

Json ProjectionJson(const BudgetProjection& projection) {
  return {{"window", DurationText(projection.window)},
          {"burn", projection.burn ? Json(*projection.burn) : Json()},
          {"exhausted_in_hours", projection.lasts ? Json(absl::ToDoubleHours(*projection.lasts)) : Json()}};
}

Json BudgetJson(const SloView& slo) {
  const BudgetView& budget = slo.budget;
  Json json = {{"slo", SloName(slo.slo)},
               {"objective", slo.objective.ToDouble()},
               {"bad", budget.counts.bad},
               {"total", budget.counts.total},
               {"allowed_bad", budget.allowed_bad},
               {"consumed", budget.consumed},
               {"remaining", budget.remaining},
               {"coverage", budget.coverage},
               {"excluded", {{"bad", budget.excluded.bad}, {"total", budget.excluded.total}}},
               {"projections", Json::array()}};
  for (const BudgetProjection& projection : budget.projections) {
    json["projections"].push_back(ProjectionJson(projection));
  }
  return json;
}

}  // namespace

std::string BudgetsJson(const Snapshot& snapshot) {
  const Config& config = snapshot.rules->config;
  Json json = {{"service", config.service},
               {"time", TimeText(snapshot.at)},
               {"period", DurationText(config.period)},
               {"tiers", Json::array()}};
  for (size_t i = 0; i < snapshot.tiers.size(); ++i) {
    const TierView& tier = snapshot.tiers[i];
    Json tier_json = {{"tier", tier.name},
                      {"source", SourceName(config.tiers[i].slo_source)},
                      {"maintenance_until", tier.maintenance_until ? Json(TimeText(*tier.maintenance_until)) : Json()},
                      {"budgets", Json::array()}};
    for (const SloView& slo : tier.slos) tier_json["budgets"].push_back(BudgetJson(slo));
    json["tiers"].push_back(std::move(tier_json));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace firebreak
