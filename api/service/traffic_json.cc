#include "api/service/traffic_json.h"

#include <algorithm>

#include "engine/alert_text.h"
#include "engine/budget_history.h"
#include "engine/offenders.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr absl::Duration kWeek = absl::Hours(7 * 24);
constexpr size_t kMostOffenders = 2000;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json PointsJson(const std::vector<BudgetPoint>& points) {
  Json json = Json::array();
  for (const BudgetPoint& point : points) json.push_back({absl::ToUnixMillis(point.at), point.remaining});
  return json;
}

Json OffenderJson(const Offender& offender, const Config& config) {
  return {{"tier", config.tiers[static_cast<size_t>(offender.tier)].name},
          {"endpoint", offender.endpoint},
          {"slo", SloName(offender.slo)},
          {"bad", offender.counts.bad},
          {"total", offender.counts.total},
          {"burnt", offender.burnt}};
}

Json SourceJson(const Evaluation& evaluation, int tier, int source) {
  Json windows = Json::object();
  for (const absl::Duration window : {absl::Minutes(5), absl::Hours(1), absl::Hours(6)}) {
    const absl::Duration held = std::min(window, evaluation.config.period);
    const Counts counts = evaluation.traffic.TierSum(tier, source, evaluation.end, held);
    windows[DurationText(window)] = {{"total", counts.total},
                                     {"bad", counts.bad},
                                     {"client_errors", counts.client_errors},
                                     {"timed", counts.timed},
                                     {"slow", counts.slow}};
  }
  return {{"source", SourceName(static_cast<Source>(source))}, {"windows", std::move(windows)}};
}

}  // namespace

std::string BurnDownJson(const Pipeline& pipeline) {
  const Evaluation evaluation = pipeline.LastEvaluation();
  const Config& config = evaluation.config;
  Json json = {{"time", TimeText(evaluation.end)},
               {"period", DurationText(config.period)},
               {"step_seconds", absl::ToInt64Seconds(BudgetHistoryStep(config.period))},
               {"budgets", Json::array()}};
  for (int tier = 0; tier < evaluation.traffic.num_tiers(); ++tier) {
    const Tier& promised = config.tiers[static_cast<size_t>(tier)];
    for (const Slo slo : {Slo::kAvailability, Slo::kLatency}) {
      if (!HasSlo(slo, promised)) continue;
      json["budgets"].push_back({{"tier", promised.name},
                                 {"slo", SloName(slo)},
                                 {"points", PointsJson(BudgetHistory(evaluation, tier, slo))}});
    }
  }
  return Dump(json);
}

std::string OffendersJson(const Pipeline& pipeline, absl::Duration window) {
  const Evaluation evaluation = pipeline.LastEvaluation();
  Json json = {{"time", TimeText(evaluation.end)}, {"window", DurationText(window)}, {"offenders", Json::array()}};
  for (const Offender& offender : Offenders(evaluation, window, kMostOffenders)) {
    json["offenders"].push_back(OffenderJson(offender, evaluation.config));
  }
  return Dump(json);
}

absl::StatusOr<absl::Duration> OffendersWindow(std::string_view parameter, const Config& config) {
  if (parameter.empty()) return std::min(kWeek, config.period);
  const absl::StatusOr<absl::Duration> window = ParseDuration(parameter);
  if (!window.ok())
    return absl::InvalidArgumentError(fmt::format("window: {}", std::string(window.status().message())));
  if (*window < config.evaluation_interval) {
    return absl::InvalidArgumentError(fmt::format("window: {} is shorter than the evaluation_interval of {}", parameter,
                                                  DurationText(config.evaluation_interval)));
  }
  return std::min(*window, config.period);
}

std::string SourcesJson(const Pipeline& pipeline) {
  const Evaluation evaluation = pipeline.LastEvaluation();
  Json json = {{"time", TimeText(evaluation.end)}, {"tiers", Json::array()}};
  for (int tier = 0; tier < evaluation.traffic.num_tiers(); ++tier) {
    Json sources = Json::array();
    for (int source = 0; source < kNumSources; ++source) sources.push_back(SourceJson(evaluation, tier, source));
    json["tiers"].push_back(
        {{"tier", evaluation.config.tiers[static_cast<size_t>(tier)].name}, {"sources", std::move(sources)}});
  }
  return Dump(json);
}

}  // namespace firebreak
