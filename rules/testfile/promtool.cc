#include "rules/testfile/promtool.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/testfile/context.h"
#include "rules/testfile/read_series.h"
#include "rules/testfile/rule_file.h"
#include "rules/testfile/series_values.h"

namespace firebreak {
namespace {

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

bool IsMultiple(absl::Duration duration, absl::Duration of) { return duration % of == absl::ZeroDuration(); }

class PromtoolReader {
 public:
  PromtoolReader(const PromtoolContext& context, const FileReader& read, YamlReader& reader,
                 std::vector<RuleTest>& tests)
      : context_(context), read_(read), reader_(reader), tests_(tests) {}

  void Read(const Field& file) {
    std::optional<Field> rule_files;
    std::optional<Field> tests;
    reader_.ReadMap(file, {{"rule_files", [&](const Field& f) { rule_files.emplace(f); }},
                           {"evaluation_interval",
                            [&](const Field& f) {
                              reader_.ReadDuration(f, absl::Seconds(1), absl::Hours(24), evaluation_interval_);
                              step_path_ = f.path;
                            }},
                           {"group_eval_order", [](const Field&) {}},  // groups do not depend on each other
                           {"tests", [&](const Field& f) { tests.emplace(f); }}});
    reader_.Require(file, "tests", "a list of tests");
    if (!Prepare() || !tests) return;
    metric_ = FindMetric(tests->node);
    if (rule_files) ReadRuleFiles(*rule_files);
    reader_.ReadList(*tests, [&](const Field& f) { ReadTest(f); });
    const bool is_list = tests->node.kind == YamlNode::Kind::kSequence;
    if (is_list && tests->node.values.empty()) reader_.Fault(*tests, "empty, wanted at least one test");
  }

 private:
  // --- The configuration and its rules

  // As the exported rules go: without data an alert ends at once.
  bool Prepare() {
    Config config = context_.rules->config;
    const absl::Duration grid = config.evaluation_interval;
    if (!IsMultiple(evaluation_interval_, grid)) {
      reader_.Fault(step_path_, fmt::format("{}, wanted a multiple of the configuration's evaluation_interval ({})",
                                            DurationText(evaluation_interval_), DurationText(grid)));
      return false;
    }
    for (const Tier& tier : config.tiers) {
      if (tier.min_total == 0 && tier.min_bad == 0) continue;
      reader_.Fault("rule_files",
                    fmt::format("{} has min_total or min_bad, which Prometheus estimates: not supported", tier.name));
      return false;
    }
    config.no_data_hold = absl::ZeroDuration();
    absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(std::move(config));
    if (rules.ok()) rules_ = *std::move(rules);
    return rules.ok();
  }

  // The counter of requests that the file's series are of: ours unless another is there.
  static std::string FindMetric(const YamlNode& tests) {
    for (const YamlNode& test : tests.values) {
      for (size_t i = 0; i < std::min(test.keys.size(), test.values.size()); ++i) {
        if (test.keys[i].text != "input_series") continue;
        for (const YamlNode& series : test.values[i].values) {
          const std::string name = NameOf(series);
          if (!name.empty() && !name.starts_with("firebreak_")) return name;
        }
      }
    }
    return std::string(kRequestsSeries);
  }

  static std::string NameOf(const YamlNode& series) {
    for (size_t i = 0; i < std::min(series.keys.size(), series.values.size()); ++i) {
      if (series.keys[i].text != "series") continue;
      const absl::StatusOr<SeriesSelector> selector = ParseSeriesSelector(series.values[i].text);
      if (selector.ok()) return selector->name;
    }
    return "";
  }

  void ReadRuleFiles(const Field& field) {
    auto exported = std::make_shared<std::vector<PromtoolAlert>>();
    reader_.ReadList(field, [&](const Field& f) {
      std::string path;
      reader_.ReadText(f, path);
      if (path.empty()) return;
      if (path.find_first_of("*?[") != std::string::npos) {
        return reader_.Fault(f, "patterns are not supported, wanted the file's name");
      }
      const absl::StatusOr<NamedText> text = read_(path);
      if (!text.ok()) return reader_.Fault(f, MessageOf(text.status()));
      const absl::StatusOr<std::vector<PromtoolAlert>> alerts = ReadRuleFile(*text, context_.exported(metric_));
      if (!alerts.ok()) return reader_.Fault(f, MessageOf(alerts.status()));
      exported->insert(exported->end(), alerts->begin(), alerts->end());
    });
    const bool is_list = field.node.kind == YamlNode::Kind::kSequence;
    if (is_list && field.node.values.empty()) reader_.Fault(field, "empty, wanted the exported rules");
    for (const PromtoolAlert& alert : *exported) alertnames_.insert(alert.labels.at("alertname"));
    exported_ = std::move(exported);
  }

  // --- One test

  struct Parts {
    std::optional<Field> series;
    std::optional<Field> alerts;
  };

  FieldRule Unsupported(std::string key) {
    return {key, [this](const Field& f) { reader_.Fault(f, "is not supported"); }};
  }

  void ReadTest(const Field& field) {
    RuleTest test;
    test.place = field.place;
    test.name = fmt::format("test {}", tests_.size() + 1);
    test.rules = rules_;
    test.step = evaluation_interval_;
    test.exported = exported_;
    SeriesTraffic& traffic = test.traffic.emplace<SeriesTraffic>();
    Parts parts;
    reader_.ReadMap(
        field, {{"name", [&](const Field& f) { reader_.ReadText(f, test.name); }},
                {"interval",
                 [&](const Field& f) { reader_.ReadDuration(f, absl::Seconds(1), absl::Hours(24), traffic.interval); }},
                {"input_series", [&](const Field& f) { parts.series.emplace(f); }},
                {"alert_rule_test", [&](const Field& f) { parts.alerts.emplace(f); }},
                Unsupported("promql_expr_test"),
                Unsupported("external_labels"),
                Unsupported("external_url")});
    if (field.node.kind != YamlNode::Kind::kMap) return;
    reader_.Require(field, "interval", "the time between samples, such as 1m");
    reader_.Require(field, "input_series", "a list of series");
    if (!parts.alerts && !HasKey(field.node, "promql_expr_test")) {
      reader_.Require(field, "alert_rule_test", "a list of what must fire");
    }
    if (traffic.interval == absl::ZeroDuration()) return;
    if (const std::string fault = IntervalFault(traffic.interval); !fault.empty()) {
      return reader_.Fault(field.path + ".interval", fault);
    }
    TestContext context{reader_, *rules_, evaluation_interval_, false, {}, {}, {}};
    if (parts.series) {
      ReadSeries(*parts.series, metric_, SeriesLabels::kAsExported, context, traffic);
      CheckSeries(parts.series->path, traffic);
    }
    if (parts.alerts) ReadAlerts(*parts.alerts, test);
    tests_.push_back(std::move(test));
  }

  // Evaluations and the ends of windows must fall on samples: between them Prometheus estimates.
  std::string IntervalFault(absl::Duration interval) const {
    const auto fault = [&](std::string_view what, absl::Duration other, std::string_view wanted) {
      return fmt::format("{}, and {} is {}: Prometheus estimates between samples, wanted {}", DurationText(interval),
                         what, DurationText(other), wanted);
    };
    const Config& config = rules_->config;
    const absl::Duration grid = config.evaluation_interval;
    if (!IsMultiple(interval, grid)) {
      return fmt::format("{}, wanted a multiple of the configuration's evaluation_interval ({})",
                         DurationText(interval), DurationText(grid));
    }
    if (!IsMultiple(evaluation_interval_, interval)) {
      return fault("evaluation_interval", evaluation_interval_, "one that divides it");
    }
    if (!IsMultiple(config.evaluation_delay, interval)) {
      return fault("evaluation_delay", config.evaluation_delay, "one that divides it");
    }
    for (const AlertPair& pair : config.pairs) {
      for (const absl::Duration window : {pair.short_window, pair.long_window}) {
        if (!IsMultiple(window, interval)) return fault("a window", window, "one that divides it");
      }
    }
    return "";
  }

  void CheckSeries(const std::string& path, const SeriesTraffic& traffic) {
    for (size_t i = 0; i < traffic.series.size(); ++i) {
      if (const std::string fault = SamplesFault(traffic, traffic.series[i]); !fault.empty()) {
        reader_.Fault(fmt::format("{}[{}].values", path, i), fault);
      }
    }
  }

  // Where the series' rate would be an estimate.
  static std::string SamplesFault(const SeriesTraffic& traffic, const CounterSeries& series) {
    const auto first = std::find_if(series.samples.begin(), series.samples.end(), [](const auto& s) { return !!s; });
    if (first == series.samples.end()) return "";
    if (**first != 0) {
      return fmt::format("begins at {}: Prometheus does not know what came before and estimates, wanted 0", **first);
    }
    const auto gap = std::find(first, series.samples.end(), std::nullopt);
    if (std::any_of(gap, series.samples.end(), [](const auto& s) { return !!s; })) {
      return "has a gap: Prometheus estimates over it, wanted a sample at every interval";
    }
    for (const CounterSeries& other : traffic.series) {
      const size_t last = LastSample(other);
      if (other.tier != series.tier || last == 0 || last == LastSample(series)) continue;
      return fmt::format(
          "has its last sample at {}, another series of the tier at {}: Prometheus estimates on, wanted "
          "them to end together",
          DurationText(traffic.interval * static_cast<int64_t>(LastSample(series) - 1)),
          DurationText(traffic.interval * static_cast<int64_t>(last - 1)));
    }
    return "";
  }

  // Its number, counted from 1; 0 when there is none.
  static size_t LastSample(const CounterSeries& series) {
    size_t last = series.samples.size();
    while (last > 0 && !series.samples[last - 1]) --last;
    return last;
  }

  void ReadAlerts(const Field& field, RuleTest& test) {
    reader_.ReadList(field, [&](const Field& f) {
      PromtoolExpectation expected;
      expected.place = f.place;
      absl::Duration eval_time;
      reader_.ReadMap(
          f, {{"eval_time",
               [&](const Field& g) { reader_.ReadDuration(g, absl::ZeroDuration(), kLongestTest, eval_time); }},
              {"alertname", [&](const Field& g) { ReadAlertname(g, expected.alertname); }},
              {"exp_alerts", [&](const Field& g) { ReadExpected(g, expected); }}});
      reader_.Require(f, "eval_time", "a time since the start, such as 10m");
      reader_.Require(f, "alertname", "the name of an alert");
      expected.at.offset = absl::Floor(eval_time, evaluation_interval_);
      for (PromtoolAlert& alert : expected.alerts) alert.labels["alertname"] = expected.alertname;
      std::sort(expected.alerts.begin(), expected.alerts.end());
      test.expectations.emplace_back(std::move(expected));
    });
    const bool is_list = field.node.kind == YamlNode::Kind::kSequence;
    if (is_list && field.node.values.empty()) reader_.Fault(field, "empty: the test expects nothing");
  }

  void ReadAlertname(const Field& field, std::string& out) {
    reader_.ReadText(field, out);
    if (out.empty() || alertnames_.empty() || alertnames_.contains(out)) return;
    const std::vector<std::string> names(alertnames_.begin(), alertnames_.end());
    reader_.Fault(field, fmt::format("{}, wanted {}{}", Quoted(out), fmt::join(names, " or "), DidYouMean(out, names)));
  }

  void ReadExpected(const Field& field, PromtoolExpectation& expected) {
    if (field.node.kind == YamlNode::Kind::kNull) return;  // as promtool: none
    reader_.ReadList(field, [&](const Field& f) {
      PromtoolAlert& alert = expected.alerts.emplace_back();
      reader_.ReadMap(f, {{"exp_labels", [&](const Field& g) { ReadTexts(g, alert.labels); }},
                          {"exp_annotations", [&](const Field& g) { ReadTexts(g, alert.annotations); }}});
    });
  }

  void ReadTexts(const Field& field, NamedTexts& out) {
    if (field.node.kind == YamlNode::Kind::kNull) return;
    reader_.ReadNamedMap(field, [&](const std::string& name, const Field& f) {
      const bool is_null = f.node.kind == YamlNode::Kind::kNull;  // for promtool an empty text, which no alert has
      const std::optional<std::string> text = is_null ? "" : reader_.Scalar(f, "a text");
      if (!text) return;
      if (text->find("{{") != std::string::npos) return reader_.Fault(f, "templates are not supported");
      out[name] = *text;
    });
  }

  const PromtoolContext& context_;
  const FileReader& read_;
  YamlReader& reader_;
  std::vector<RuleTest>& tests_;
  absl::Duration evaluation_interval_ = absl::Minutes(1);
  std::string step_path_ = "tests";
  std::string metric_;
  std::shared_ptr<const RuleSet> rules_;
  std::shared_ptr<const std::vector<PromtoolAlert>> exported_;
  std::set<std::string> alertnames_;
};

}  // namespace

void ReadPromtoolFile(const YamlNode& root, const std::optional<PromtoolContext>& context, const FileReader& read,
                      YamlReader& reader, std::vector<RuleTest>& tests) {
  const Field file{root, "", root.place, root.place};
  if (!context) {
    return reader.Fault(file,
                        "a promtool file names no configuration of Firebreak: wanted --config FILE, the one its "
                        "rule_files were exported from");
  }
  PromtoolReader(*context, read, reader, tests).Read(file);
}

}  // namespace firebreak
