#include "rules/import/openslo_policies.h"

#include <algorithm>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/import/openslo_object.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

template <typename Object>
std::string NoSuch(std::string_view kind, const std::string& name, const std::map<std::string, Object>& objects) {
  std::vector<std::string> names;
  for (const auto& [known, object] : objects) names.push_back(known);
  return fmt::format("no {} {} in any file{}", kind, Quoted(name), DidYouMean(name, names));
}

// What people call an alert that wakes somebody: OpenSLO leaves the word to them.
bool MeansPage(std::string_view severity) {
  static constexpr std::string_view kWords[] = {"page", "critical", "urgent", "high", "sev1", "sev-1", "p1", "1"};
  return std::find(std::begin(kWords), std::end(kWords), severity) != std::end(kWords);
}

// A second window for a policy that has one: the SRE Workbook's, a twelfth.
absl::Duration Twelfth(absl::Duration window) { return absl::Ceil(window / 12, absl::Seconds(5)); }

}  // namespace

void OpenSloPolicies::AddCondition(const Field& field, YamlReader& reader) {
  Condition condition;
  const std::string name =
      ReadOpenSloObject(field, reader, [&](const Field& f) { ReadConditionSpec(f, reader, condition); });
  if (!conditions_.emplace(name, condition).second)
    reader.Fault("metadata.name", "a second AlertCondition of this name");
}

void OpenSloPolicies::AddPolicy(const Field& field, YamlReader& reader) {
  const Policy policy = ReadPolicy(field, reader);
  if (!policies_.emplace(policy.name, policy).second)
    reader.Fault("metadata.name", "a second AlertPolicy of this name");
}

std::optional<ImportedPair> OpenSloPolicies::ReadEntry(const Field& field, YamlReader& reader) {
  const std::optional<std::string> name = ReadOpenSloReference(field, reader, "alertPolicyRef");
  if (!name.has_value()) return PairOf(ReadPolicy(field, reader));
  const auto found = policies_.find(*name);
  if (found == policies_.end()) {
    reader.Fault(field, NoSuch("AlertPolicy", *name, policies_));
    return std::nullopt;
  }
  // What is to be said of a policy is said once, though several SLOs refer to it.
  Policy policy = found->second;
  if (!used_.insert(*name).second) policy.origin = {};
  return PairOf(policy);
}

void OpenSloPolicies::NoteUnused() const {
  for (const auto& [name, policy] : policies_) {
    if (!used_.contains(name)) policy.origin.Note("ignored: no SLO refers to this policy");
  }
}

void OpenSloPolicies::ReadConditionSpec(const Field& field, YamlReader& reader, Condition& condition) {
  ReadForeignMap(field, reader,
                 {{"description", Ignored(reader, "an alert describes itself")},
                  {"severity", [&](const Field& f) { ReadSeverity(f, reader, condition); }},
                  {"condition", [&](const Field& f) { ReadBurn(f, reader, condition); }}});
  reader.Require(field, "severity", "page or ticket");
  reader.Require(field, "condition", "the condition itself");
}

void OpenSloPolicies::ReadBurn(const Field& field, YamlReader& reader, Condition& condition) {
  ReadForeignMap(field, reader,
                 {{"kind", [&](const Field& f) { ReadKind(f, reader, condition); }},
                  {"op", [&](const Field& f) { ReadOperator(f, reader); }},
                  {"threshold", [&](const Field& f) { reader.ReadBurn(f, condition.threshold); }},
                  {"lookbackWindow", [&](const Field& f) { ReadOpenSloWindow(f, reader, condition.lookback); }},
                  {"alertAfter", [&](const Field& f) { ReadOpenSloDelay(f, reader, condition.alert_after); }}});
  if (!condition.is_burn_rate) return;
  reader.Require(field, "threshold", "a burn rate such as 14.4");
  reader.Require(field, "lookbackWindow", "a window such as 1h");
}

void OpenSloPolicies::ReadSeverity(const Field& field, YamlReader& reader, Condition& condition) {
  const std::optional<std::string> text = reader.Scalar(field, "page or ticket");
  if (!text.has_value()) return;
  condition.severity = MeansPage(*text) ? Severity::kPage : Severity::kTicket;
  const std::string_view taken = SeverityName(condition.severity);
  if (*text != taken) reader.Warn(field.path, fmt::format("changed: {} is taken for {}", Quoted(*text), taken));
}

void OpenSloPolicies::ReadKind(const Field& field, YamlReader& reader, Condition& condition) {
  const std::optional<std::string> text = reader.Scalar(field, "burnrate");
  condition.is_burn_rate = !text.has_value() || *text == "burnrate";
  if (!condition.is_burn_rate) {
    reader.Warn(field.path,
                fmt::format("changed: {} is not known, wanted burnrate; the policy is left out", Quoted(*text)));
  }
}

void OpenSloPolicies::ReadOperator(const Field& field, YamlReader& reader) {
  const std::optional<std::string> text = reader.Scalar(field, "gt");
  if (!text.has_value() || *text == "gt") return;
  if (*text == "gte") {
    reader.Warn(field.path, "changed: gte; Firebreak alerts above the threshold, not at it");
  } else if (*text == "lte" || *text == "lt") {
    reader.Warn(field.path,
                fmt::format("changed: {} on a burn rate would alert while little burns; it is read as gt", *text));
  } else {
    reader.Fault(field, fmt::format("{}, wanted gt, gte, lt or lte", Quoted(*text)));
  }
}

OpenSloPolicies::Policy OpenSloPolicies::ReadPolicy(const Field& field, YamlReader& reader) const {
  Policy policy;
  policy.origin = {&reader, field.path.empty() ? "metadata.name" : field.path};
  policy.name = ReadOpenSloObject(field, reader, [&](const Field& f) { ReadPolicySpec(f, reader, policy); });
  return policy;
}

void OpenSloPolicies::ReadPolicySpec(const Field& field, YamlReader& reader, Policy& policy) const {
  bool when_resolved = true;
  const auto read_conditions = [&](const Field& f) {
    reader.ReadList(f, [&](const Field& entry) { ReadConditionEntry(entry, reader, policy); });
  };
  ReadForeignMap(field, reader,
                 {{"description", Ignored(reader, "an alert describes itself")},
                  {"alertWhenBreaching", [&](const Field& f) { reader.ReadBool(f, policy.alerts); }},
                  {"alertWhenResolved", [&](const Field& f) { reader.ReadBool(f, when_resolved); }},
                  {"alertWhenNoData", Ignored(reader, "NoData alerts of every tier")},
                  {"conditions", read_conditions},
                  {"notificationTargets", NeedsBinding(reader, "notify names who is told, by severity")}});
  reader.Require(field, "conditions", "a list of conditions");
  if (!when_resolved) reader.Warn(field.path + ".alertWhenResolved", "changed: receivers are always told of the end");
}

void OpenSloPolicies::ReadConditionEntry(const Field& field, YamlReader& reader, Policy& policy) const {
  const std::optional<std::string> name = ReadOpenSloReference(field, reader, "conditionRef");
  if (!name.has_value()) {
    Condition& condition = policy.conditions.emplace_back();
    ReadOpenSloObject(field, reader, [&](const Field& f) { ReadConditionSpec(f, reader, condition); });
    return;
  }
  const auto found = conditions_.find(*name);
  if (found == conditions_.end()) return reader.Fault(field, NoSuch("AlertCondition", *name, conditions_));
  policy.conditions.push_back(found->second);
}

// What keeps a policy from being a pair, or "".
std::string OpenSloPolicies::WhyNoPair(const Policy& policy) {
  const std::vector<Condition>& conditions = policy.conditions;
  if (!policy.alerts) return "it does not alert (alertWhenBreaching)";
  if (conditions.empty()) return "it has no condition";
  for (const Condition& condition : conditions) {
    if (!condition.is_burn_rate) return "one of its conditions is no burn rate";
    if (condition.threshold == conditions.front().threshold) continue;
    return fmt::format("its conditions have thresholds of {} and {}, and both windows of a pair have one",
                       conditions.front().threshold.ToString(), condition.threshold.ToString());
  }
  return "";
}

std::optional<ImportedPair> OpenSloPolicies::PairOf(const Policy& policy) {
  const std::vector<Condition>& conditions = policy.conditions;
  const bool is_unsound = std::any_of(conditions.begin(), conditions.end(), [](const Condition& condition) {
    return condition.is_burn_rate && condition.lookback == absl::ZeroDuration();
  });
  if (is_unsound) return std::nullopt;
  if (const std::string why = WhyNoPair(policy); !why.empty()) {
    policy.origin.Warn(fmt::format("changed: the policy is left out: {}", why));
    return std::nullopt;
  }
  ImportedPair pair;
  pair.name = policy.name;
  pair.burn = conditions.front().threshold;
  for (const Condition& condition : conditions) {
    pair.hold_for = std::max(pair.hold_for, condition.alert_after);
    pair.severity = std::max(pair.severity, condition.severity);
  }
  const auto differs = [&](const Condition& condition) {
    return condition.alert_after != pair.hold_for || condition.severity != pair.severity;
  };
  if (std::any_of(conditions.begin(), conditions.end(), differs)) {
    policy.origin.Warn(fmt::format("changed: its conditions differ in severity or alertAfter; the pair is a {}, for {}",
                                   SeverityName(pair.severity), DurationText(pair.hold_for)));
  }
  SetWindows(policy, pair);
  return pair;
}

void OpenSloPolicies::SetWindows(const Policy& policy, ImportedPair& pair) {
  std::set<absl::Duration> windows;
  for (const Condition& condition : policy.conditions) windows.insert(condition.lookback);
  pair.long_window = *windows.rbegin();
  pair.short_window = windows.size() == 1 ? Twelfth(pair.long_window) : *windows.begin();
  if (windows.size() == 1) {
    policy.origin.Warn(fmt::format("changed: it looks back over {} alone; a pair has two windows, and {} is added",
                                   DurationText(pair.long_window), DurationText(pair.short_window)));
  } else if (windows.size() > 2) {
    policy.origin.Warn(
        fmt::format("changed: it looks back over {} windows; a pair has two, and only {} and {} are kept",
                    windows.size(), DurationText(pair.short_window), DurationText(pair.long_window)));
  }
}

}  // namespace firebreak
