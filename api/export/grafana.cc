#include "api/export/grafana.h"

#include <set>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"
#include "rules/export/exported_slo.h"
#include "rules/export/promql.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kGridColumns = 24;
constexpr int kPanelHeight = 8;
constexpr int kAlertsHeight = 6;
constexpr std::string_view kDataSourceInput = "DS_PROMETHEUS";

Json DataSource() { return {{"type", "prometheus"}, {"uid", fmt::format("${{{}}}", kDataSourceInput)}}; }

Json Query(const std::string& expression, std::string_view legend) {
  return {{"datasource", DataSource()}, {"expr", expression}, {"legendFormat", legend}, {"refId", "A"}};
}

Json Position(int x, int y, int width, int height) { return {{"x", x}, {"y", y}, {"w", width}, {"h", height}}; }

Json Step(std::string_view color, const Json& value) { return {{"color", color}, {"value", value}}; }

// A dashboard that grows downwards, panel by panel.
class Dashboard {
 public:
  explicit Dashboard(const Config& config) : config_(config) {}

  std::string Write();

 private:
  void Add(Json panel, Json position);
  void AddAlerts();
  void AddTier(const Tier& tier);
  Json BudgetPanel(const Tier& tier) const;
  Json BurnPanel(const Tier& tier, const ExportedSlo& slo) const;
  Json RequestsPanel(const Tier& tier) const;

  const Config& config_;
  Json panels_ = Json::array();
  int y_ = 0;
};

void Dashboard::Add(Json panel, Json position) {
  panel["id"] = panels_.size() + 1;
  panel["gridPos"] = std::move(position);
  panels_.push_back(std::move(panel));
}

void Dashboard::AddAlerts() {
  const std::string legend = "{{alertname}} {{tier}} {{slo}} {{pair}} {{endpoint}} ({{severity}})";
  Json panel = {
      {"type", "state-timeline"},
      {"title", "Alerts"},
      {"description", "1 is pending, 2 is firing."},
      {"datasource", DataSource()},
      {"fieldConfig",
       {{"defaults",
         {{"color", {{"mode", "thresholds"}}},
          {"mappings",
           Json::array({{{"type", "value"},
                         {"options",
                          {{"1", {{"text", "pending"}, {"index", 0}}}, {"2", {{"text", "firing"}, {"index", 1}}}}}}})},
          {"thresholds",
           {{"mode", "absolute"},
            {"steps", Json::array({Step("green", nullptr), Step("yellow", 1), Step("red", 2)})}}}}},
        {"overrides", Json::array()}}},
      {"options", {{"showValue", "auto"}, {"mergeValues", true}, {"rowHeight", 0.9}}},
      {"targets", Json::array({Query("sum without (alertstate) (firebreak_alert{alertstate=\"pending\"} or "
                                     "2 * firebreak_alert{alertstate=\"firing\"})",
                                     legend)})}};
  Add(std::move(panel), Position(0, y_, kGridColumns, kAlertsHeight));
  y_ += kAlertsHeight;
}

Json Dashboard::BudgetPanel(const Tier& tier) const {
  const Json steps = Json::array({Step("red", nullptr), Step("yellow", 0.1), Step("green", 0.5)});
  return {{"type", "stat"},
          {"title", "Error budget left"},
          {"description",
           fmt::format("Of the data held, at most {}. Negative when overspent.", DurationText(config_.period))},
          {"datasource", DataSource()},
          {"fieldConfig",
           {{"defaults",
             {{"unit", "percentunit"},
              {"max", 1},
              {"color", {{"mode", "thresholds"}}},
              {"thresholds", {{"mode", "absolute"}, {"steps", steps}}}}},
            {"overrides", Json::array()}}},
          {"options",
           {{"reduceOptions", {{"calcs", Json::array({"lastNotNull"})}, {"fields", ""}, {"values", false}}},
            {"colorMode", "value"},
            {"graphMode", "area"},
            {"orientation", "auto"},
            {"textMode", "auto"}}},
          {"targets",
           Json::array(
               {Query(PromqlSelector("firebreak_error_budget_left_ratio", {{"tier", "=", tier.name}}), "{{slo}}")})}};
}

Json Lines(std::string_view unit) {
  return {
      {"unit", unit},
      {"min", 0},
      {"color", {{"mode", "palette-classic"}}},
      {"custom",
       {{"drawStyle", "line"}, {"lineWidth", 1}, {"fillOpacity", 0}, {"spanNulls", false}, {"showPoints", "never"}}}};
}

Json TimeSeries(const std::string& title, const std::string& description, Json defaults, Json query) {
  return {{"type", "timeseries"},
          {"title", title},
          {"description", description},
          {"datasource", DataSource()},
          {"fieldConfig", {{"defaults", std::move(defaults)}, {"overrides", Json::array()}}},
          {"options",
           {{"legend", {{"displayMode", "list"}, {"placement", "bottom"}, {"showLegend", true}}},
            {"tooltip", {{"mode", "multi"}, {"sort", "desc"}}}}},
          {"targets", Json::array({std::move(query)})}};
}

// "fast 14.4x over 5m and 1h, slow 6x over 30m and 6h"
std::string PairsText(const Config& config, const ExportedSlo& slo) {
  std::string text;
  for (size_t i = 0; i < config.pairs.size(); ++i) {
    const AlertPair& pair = config.pairs[i];
    text += fmt::format("{}{} {}x over {} and {}", text.empty() ? "" : ", ", pair.name, slo.burn[i].ToString(),
                        DurationText(pair.short_window), DurationText(pair.long_window));
  }
  return text;
}

Json Dashboard::BurnPanel(const Tier& tier, const ExportedSlo& slo) const {
  std::set<double> burns;  // steps must ascend
  for (const Decimal& burn : slo.burn) burns.insert(burn.ToDouble());
  Json steps = Json::array({Step("transparent", nullptr)});
  for (const double burn : burns) steps.push_back(Step(burn == *burns.rbegin() ? "red" : "orange", burn));
  Json defaults = Lines("suffix:x");
  defaults["custom"]["thresholdsStyle"] = {{"mode", "dashed"}};
  defaults["custom"]["scaleDistribution"] = {{"type", "symlog"}, {"log", 10}, {"linearThreshold", 1}};
  defaults["thresholds"] = {{"mode", "absolute"}, {"steps", std::move(steps)}};
  const std::string expression =
      PromqlSelector("firebreak_burn_rate", {{"tier", "=", tier.name}, {"slo", "=", std::string(slo.name)}});
  return TimeSeries(fmt::format("Burn rate: {}", slo.name),
                    fmt::format("Alerts when both windows of a pair are above its line: {}.", PairsText(config_, slo)),
                    std::move(defaults), Query(expression, "{{window}}"));
}

Json Dashboard::RequestsPanel(const Tier& tier) const {
  Json defaults = Lines("reqps");
  defaults["custom"]["fillOpacity"] = 20;
  defaults["custom"]["stacking"] = {{"mode", "normal"}, {"group", "A"}};
  const std::string requests = PromqlSelector(
      kRequestsMetric, {{"tier", "=", tier.name}, {"source", "=", std::string(SourceName(tier.slo_source))}});
  return TimeSeries(
      "Requests", "By what decided about them.", std::move(defaults),
      Query(fmt::format("sum by (status_class) (rate({}[$__rate_interval])) > 0", requests), "{{status_class}}"));
}

void Dashboard::AddTier(const Tier& tier) {
  Add({{"type", "row"}, {"title", tier.name}, {"collapsed", false}, {"panels", Json::array()}},
      Position(0, y_, kGridColumns, 1));
  ++y_;
  std::vector<Json> panels = {BudgetPanel(tier)};
  for (const ExportedSlo& slo : SlosOf(tier)) panels.push_back(BurnPanel(tier, slo));
  panels.push_back(RequestsPanel(tier));
  // The budget is narrow; the others share what is left of the row.
  constexpr int kBudgetWidth = 4;
  const int others = static_cast<int>(panels.size()) - 1;
  const int width = (kGridColumns - kBudgetWidth) / others;
  int x = 0;
  for (Json& panel : panels) {
    const int columns = x == 0 ? kBudgetWidth : width;
    Add(std::move(panel), Position(x, y_, columns, kPanelHeight));
    x += columns;
  }
  y_ += kPanelHeight;
}

// Grafana's own form for a dashboard that is shared: what it needs, and what it asks for when it is imported.
Json Inputs() {
  return Json::array({{{"name", kDataSourceInput},
                       {"label", "Prometheus"},
                       {"description", "The Prometheus that scrapes Firebreak's /metrics"},
                       {"type", "datasource"},
                       {"pluginId", "prometheus"},
                       {"pluginName", "Prometheus"}}});
}

Json Requirements() {
  Json requirements =
      Json::array({{{"type", "grafana"}, {"id", "grafana"}, {"name", "Grafana"}, {"version", "9.0.0"}},
                   {{"type", "datasource"}, {"id", "prometheus"}, {"name", "Prometheus"}, {"version", "1.0.0"}}});
  for (const char* panel : {"stat", "state-timeline", "timeseries"}) {
    requirements.push_back({{"type", "panel"}, {"id", panel}, {"name", panel}, {"version", ""}});
  }
  return requirements;
}

std::string Dashboard::Write() {
  AddAlerts();
  for (const Tier& tier : config_.tiers) AddTier(tier);
  const Json dashboard = {{"__inputs", Inputs()},
                          {"__requires", Requirements()},
                          {"id", nullptr},
                          {"uid", nullptr},
                          {"title", fmt::format("Firebreak: {}", config_.service)},
                          {"description", "Written by `firebreak export prometheus --grafana`."},
                          {"tags", Json::array({"firebreak", "slo"})},
                          {"schemaVersion", 39},
                          {"version", 1},
                          {"editable", true},
                          {"timezone", "utc"},
                          {"refresh", "30s"},
                          {"time", {{"from", "now-6h"}, {"to", "now"}}},
                          {"templating", {{"list", Json::array()}}},
                          {"annotations", {{"list", Json::array()}}},
                          {"panels", panels_}};
  return dashboard.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string GrafanaDashboard(const Config& config) { return Dashboard(config).Write(); }

}  // namespace firebreak
