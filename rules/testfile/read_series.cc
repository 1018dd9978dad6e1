#include "rules/testfile/read_series.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "rules/quoted.h"
#include "rules/status_class.h"
#include "rules/suggestion.h"
#include "rules/testfile/series_values.h"

namespace firebreak {
namespace {

constexpr size_t kMostSeries = 10000;

// Reads one series' text.
class SelectorReader {
 public:
  SelectorReader(const Field& field, std::string_view metric, SeriesLabels labels, Unknown unknown,
                 TestContext& context, CounterSeries& series)
      : field_(field), metric_(metric), labels_(labels), unknown_(unknown), context_(context), series_(series) {}

  void Read(const std::string& text) {
    absl::StatusOr<SeriesSelector> selector = ParseSeriesSelector(text);
    if (!selector.ok()) return Fault(std::string(selector.status().message()));
    selector_ = *std::move(selector);
    series_.name = selector_.name;
    if (!ReadName() || !KnowsLabels()) return;
    ReadSource();
    if (!ReadPlace()) return;
    if (labels_ == SeriesLabels::kAsExported && !IsSelected()) return;
    series_.counts == CounterSeries::Counts::kAnswers ? ReadStatusClass() : ReadSlo();
  }

 private:
  void Fault(const std::string& message) { context_.reader.Fault(field_, message); }

  std::optional<std::string> Label(std::string_view name) const {
    for (const auto& [label, value] : selector_.labels) {
      if (label == name) return value;
    }
    return std::nullopt;
  }

  bool ReadName() {
    const std::vector<std::string> names = {std::string(metric_), std::string(kSloRequestsSeries),
                                            std::string(kSloBadRequestsSeries)};
    const auto found = std::find(names.begin(), names.end(), selector_.name);
    if (found == names.end()) {
      Fault(fmt::format("{}, wanted {}{}", Quoted(selector_.name), fmt::join(names, " or "),
                        DidYouMean(selector_.name, names)));
      return false;
    }
    series_.counts = static_cast<CounterSeries::Counts>(found - names.begin());
    return true;
  }

  bool KnowsLabels() {
    const std::string own = series_.counts == CounterSeries::Counts::kAnswers ? "status_class" : "slo";
    const std::vector<std::string> known = {"tier", "endpoint", "source", own, "instance", "job"};
    for (const auto& [name, value] : selector_.labels) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      Fault(fmt::format("unknown label {}{}", Quoted(name), Hint(name, known)));
      return false;
    }
    return true;
  }

  void ReadSource() {
    const std::string source = Label("source").value_or("rum");
    series_.source = source == "synthetic" ? Source::kSynthetic : Source::kRum;
    if (source != "rum" && source != "synthetic") {
      Fault(fmt::format("source {}, wanted rum or synthetic", Quoted(source)));
    }
  }

  // The tier and an endpoint of it.
  bool ReadPlace() {
    const std::optional<std::string> tier = Label("tier");
    const std::optional<std::string> endpoint = Label("endpoint");
    if (tier && !FindTier(*tier)) return false;
    if (endpoint) return PlaceEndpoint(*endpoint, tier);
    if (!tier) return Fault("wanted the label tier or endpoint"), false;
    for (const std::string& name : context_.config().tiers[series_.tier].endpoints) {
      if (!name.starts_with('~')) return series_.endpoint = name, true;
    }
    return Fault(fmt::format("{} lists patterns only, wanted the label endpoint", *tier)), false;
  }

  // Whether the exported rules of the tier go by such a series.
  bool IsSelected() {
    const Tier& tier = context_.config().tiers[series_.tier];
    std::vector<std::string_view> wanted = {"tier"};
    if (series_.name == kRequestsSeries || series_.counts != CounterSeries::Counts::kAnswers)
      wanted.push_back("source");
    if (tier.alert_by == AlertBy::kEndpoint) wanted.push_back("endpoint");
    for (const std::string_view name : wanted) {
      if (Label(name)) continue;
      return Fault(fmt::format("wanted the label {}: the exported rules of {} go by it", name, tier.name)), false;
    }
    const ErrorRule& errors = context_.config().classification.errors;
    const bool by_class = errors.non_2xx || errors.codes.empty() || metric_ != kRequestsSeries;
    const bool is_answers = series_.counts == CounterSeries::Counts::kAnswers;
    const bool is_latency = !is_answers && Label("slo") == "latency";
    if (is_latency || is_answers == by_class) return true;
    return Fault(fmt::format("the exported rules of {} go by {} for its availability, not by this", tier.name,
                             by_class ? metric_ : kSloRequestsSeries)),
           false;
  }

  bool FindTier(const std::string& name) {
    std::vector<std::string> names;
    for (const Tier& tier : context_.config().tiers) names.push_back(tier.name);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return Fault(fmt::format("no tier {}{}", Quoted(name), Hint(name, names))), false;
    series_.tier = static_cast<size_t>(found - names.begin());
    return true;
  }

  bool PlaceEndpoint(const std::string& endpoint, const std::optional<std::string>& tier) {
    if (endpoint.empty()) return Fault("the label endpoint is empty"), false;
    std::string scratch;
    const EndpointPlace place = context_.rules.classifier.Place(endpoint, scratch);
    if (place.endpoint != endpoint) {
      return Fault(fmt::format("{} is counted as {}, wanted that", Quoted(endpoint), Quoted(place.endpoint))), false;
    }
    // The series of a server have what was called, listed or not.
    const std::string fault =
        labels_ == SeriesLabels::kAsExported ? "" : CalledFault(context_.rules, endpoint, unknown_);
    if (!fault.empty()) return Fault(fault), false;
    if (tier && place.tier != series_.tier) {
      return Fault(fmt::format("{} belongs to {}, not to {}", Quoted(endpoint),
                               context_.config().tiers[place.tier].name, *tier)),
             false;
    }
    series_.tier = place.tier;
    series_.endpoint = endpoint;
    return true;
  }

  void ReadStatusClass() {
    const std::string text = Label("status_class").value_or("");
    std::vector<std::string> names;
    for (int i = 0; i < kNumStatusClasses; ++i) names.emplace_back(StatusClassName(static_cast<StatusClass>(i)));
    const std::optional<StatusClass> status_class = ParseStatusClass(text);
    if (!status_class) {
      return Fault(fmt::format("status_class {}, wanted one of {}{}", Quoted(text), fmt::join(names, ", "),
                               DidYouMean(text, names)));
    }
    if (*status_class > StatusClass::k5xx) {
      series_.answer.outcome = text;
      return;
    }
    const int hundreds = text[0] - '0';
    series_.answer.status = 100 * hundreds;
    const ErrorRule& errors = context_.config().classification.errors;
    for (const int code : errors.codes) {
      if (errors.non_2xx || code / 100 != hundreds || errors.classes[static_cast<size_t>(*status_class)]) continue;
      return Fault(fmt::format("{} does not tell {} apart, which classification.errors lists", text, code));
    }
  }

  void ReadSlo() {
    series_.slo = Label("slo").value_or("");
    if (series_.slo != "availability" && series_.slo != "latency") {
      return Fault(fmt::format("slo {}, wanted availability or latency{}", Quoted(series_.slo),
                               DidYouMean(series_.slo, {"availability", "latency"})));
    }
    const Tier& tier = context_.config().tiers[series_.tier];
    if (series_.slo == "latency" && !tier.latency_limit) Fault(fmt::format("{} has no p95_ms", tier.name));
  }

  const Field& field_;
  const std::string_view metric_;
  const SeriesLabels labels_;
  const Unknown unknown_;
  TestContext& context_;
  CounterSeries& series_;
  SeriesSelector selector_;
};

void ReadValues(const Field& field, YamlReader& reader, CounterSeries& series) {
  const std::optional<std::string> text = reader.Scalar(field, "values such as \"0+5x60\"");
  if (!text) return;
  absl::StatusOr<std::vector<std::optional<int64_t>>> samples = ParseSeriesValues(*text);
  if (!samples.ok()) return reader.Fault(field, std::string(samples.status().message()));
  series.samples = *std::move(samples);
}

void ReadSelector(const Field& field, std::string_view metric, SeriesLabels labels, Unknown unknown,
                  TestContext& context, std::set<std::string>& seen, CounterSeries& series) {
  const std::optional<std::string> text = context.reader.Scalar(field, "a series such as name{tier=\"a\"}");
  if (!text) return;
  if (!seen.insert(*text).second) return context.reader.Fault(field, "given twice");
  SelectorReader(field, metric, labels, unknown, context, series).Read(*text);
  if (!series.endpoint.empty()) Call(series.endpoint, context);
}

void ReadOne(const Field& field, std::string_view metric, SeriesLabels labels, TestContext& context,
             std::set<std::string>& seen, SeriesTraffic& traffic) {
  YamlReader& reader = context.reader;
  if (traffic.series.size() == kMostSeries) {
    return reader.Fault(field, fmt::format("wanted at most {} series", kMostSeries));
  }
  CounterSeries series;
  series.place = field.key_place;
  std::optional<Field> selector;
  bool unknown = false;
  std::vector<FieldRule> rules = {{"series", [&](const Field& f) { selector.emplace(f); }},
                                  {"values", [&](const Field& f) { ReadValues(f, reader, series); }}};
  if (labels == SeriesLabels::kAsKnown) {
    rules.push_back({"unknown", [&](const Field& f) { reader.ReadBool(f, unknown); }});
  }
  reader.ReadMap(field, rules);
  if (selector) {
    const Unknown meant = unknown ? Unknown::kMeant : Unknown::kNotMeant;
    ReadSelector(*selector, metric, labels, meant, context, seen, series);
  }
  reader.Require(field, "series", "a series such as firebreak_requests_total{tier=\"a\", status_class=\"5xx\"}");
  reader.Require(field, "values", "values such as \"0+5x60\"");
  const auto samples = static_cast<int64_t>(series.samples.size());
  if (samples > 0) context.end = std::max(context.end, traffic.interval * (samples - 1));
  traffic.series.push_back(std::move(series));
}

// Requests of one tier and source are counted by their answers, or for its availability.
void CheckCountedOnce(const Field& field, TestContext& context, const SeriesTraffic& traffic) {
  for (const CounterSeries& series : traffic.series) {
    if (series.slo != "availability") continue;
    for (const CounterSeries& other : traffic.series) {
      const bool both =
          other.counts == CounterSeries::Counts::kAnswers && other.tier == series.tier && other.source == series.source;
      if (!both) continue;
      context.reader.Complain(field.path,
                              fmt::format("{} has series of {} and of {}: its requests are given twice",
                                          context.config().tiers[series.tier].name, other.name, series.name));
      return;
    }
  }
}

}  // namespace

void ReadSeries(const Field& field, std::string_view metric, SeriesLabels labels, TestContext& context,
                SeriesTraffic& traffic) {
  std::set<std::string> seen;
  context.reader.ReadList(field, [&](const Field& f) { ReadOne(f, metric, labels, context, seen, traffic); });
  if (field.node.kind != YamlNode::Kind::kSequence) return;
  if (field.node.values.empty()) context.reader.Fault(field, "empty, wanted at least one series");
  CheckCountedOnce(field, context, traffic);
}

}  // namespace firebreak
