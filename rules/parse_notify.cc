#include <map>

#include "fmt/format.h"
#include "rules/parse_sections.h"

namespace firebreak {
namespace {

void ReadSeverities(const Field& field, YamlReader& reader, SeveritySet& out) {
  SeveritySet severities;
  reader.ReadList(field, [&](const Field& item) {
    size_t choice = 0;
    reader.ReadChoice(item, {"ticket", "page"}, choice);
    if (!reader.IsSound(item.path)) return;
    if (severities.test(choice)) {
      return reader.Fault(item, fmt::format("{} is listed twice", SeverityName(static_cast<Severity>(choice))));
    }
    severities.set(choice);
  });
  const size_t listed = field.node.values.size();
  if (field.node.kind == YamlNode::Kind::kSequence && listed == 0) {
    return reader.Fault(field, "an empty list, wanted page, ticket or both; leave it out for both");
  }
  if (reader.IsSound(field.path) && severities.count() == listed) out = severities;
}

// A list of destinations; `read` reads the keys of one of them.
template <typename Target>
void ReadTargets(const Field& field, YamlReader& reader, std::string_view default_name, std::vector<Target>& out,
                 void (*read)(const Field&, std::vector<FieldRule>, YamlReader&, Target&)) {
  reader.ReadList(field, [&](const Field& item) {
    Target& target = out.emplace_back();
    target.name = fmt::format("{}-{}", default_name, out.size());
    read(item, {{"severities", [&](const Field& f) { ReadSeverities(f, reader, target.severities); }}}, reader, target);
  });
}

FieldRule NameRule(YamlReader& reader, std::string& name) {
  return {"name", [&](const Field& f) { reader.ReadLabel(f, name); }};
}

// The keys of a secret that must be there. One that stands in the file itself, under `inline_key`, is refused with the
// reason and never quoted.
void AddRequiredSecret(std::string_view prefix, std::string_view inline_key, std::string_view what, YamlReader& reader,
                       SecretSource& secret, std::vector<FieldRule>& rules) {
  for (FieldRule& rule : SecretRules(prefix, reader, secret)) rules.push_back(std::move(rule));
  rules.push_back({std::string(inline_key), [&reader, prefix, what](const Field& f) {
                     reader.Fault(
                         f, fmt::format("{} is a secret and must not stand in this file, wanted {}file or {}env", what,
                                        prefix, prefix));
                   }});
}

void RequireSecret(const Field& item, std::string_view prefix, std::string_view inline_key, std::string_view what,
                   YamlReader& reader) {
  const auto has = [&](std::string_view key) { return reader.Has(fmt::format("{}.{}", item.path, key)); };
  if (item.node.kind != YamlNode::Kind::kMap || has(inline_key)) return;
  if (has(fmt::format("{}file", prefix)) || has(fmt::format("{}env", prefix))) return;
  reader.Fault(item, fmt::format("no secret, wanted {}file or {}env to read {} from", prefix, prefix, what));
}

void ReadAlertmanager(const Field& item, std::vector<FieldRule> rules, YamlReader& reader, AlertmanagerTarget& target) {
  rules.push_back({"url", [&](const Field& f) { reader.ReadUrl(f, target.url); }});
  reader.ReadMap(item, rules);
  reader.Require(item, "url", "the address of an Alertmanager, such as http://127.0.0.1:9093");
  if (target.url.find_first_of("?#") != std::string::npos) {
    reader.Fault(item.path + ".url", "wanted a URL without a query");
  }
}

void ReadWebhook(const Field& item, std::vector<FieldRule> rules, YamlReader& reader, WebhookTarget& target) {
  for (FieldRule& rule : SecretRules("secret_", reader, target.secret)) rules.push_back(std::move(rule));
  rules.push_back(NameRule(reader, target.name));
  rules.push_back({"url", [&](const Field& f) { reader.ReadUrl(f, target.url); }});
  reader.ReadMap(item, rules);
  reader.Require(item, "url", "the address of the receiver, such as http://127.0.0.1:8080/hook");
}

void ReadPagerDuty(const Field& item, std::vector<FieldRule> rules, YamlReader& reader, PagerDutyTarget& target) {
  constexpr std::string_view kWhat = "the routing key";
  AddRequiredSecret("routing_key_", "routing_key", kWhat, reader, target.routing_key, rules);
  rules.push_back(NameRule(reader, target.name));
  rules.push_back({"url", [&](const Field& f) { reader.ReadUrl(f, target.url); }});
  reader.ReadMap(item, rules);
  RequireSecret(item, "routing_key_", "routing_key", kWhat, reader);
}

void ReadSlack(const Field& item, std::vector<FieldRule> rules, YamlReader& reader, SlackTarget& target) {
  constexpr std::string_view kWhat = "the URL of a Slack webhook";
  AddRequiredSecret("url_", "url", kWhat, reader, target.url, rules);
  rules.push_back(NameRule(reader, target.name));
  reader.ReadMap(item, rules);
  RequireSecret(item, "url_", "url", kWhat, reader);
}

void CheckAlertmanagersDiffer(const Field& field, YamlReader& reader, const std::vector<AlertmanagerTarget>& targets) {
  std::map<std::string, std::string> seen;  // url -> path
  for (size_t i = 0; i < targets.size(); ++i) {
    const std::string path = fmt::format("{}[{}].url", field.path, i);
    if (targets[i].url.empty() || !reader.IsSound(path)) continue;
    const auto [first, is_new] = seen.emplace(targets[i].url, path);
    if (!is_new) reader.Fault(path, fmt::format("given twice, first in {}", reader.LineOf(first->second)));
  }
}

}  // namespace

void ReadNotify(const Field& field, YamlReader& reader, NotifyConfig& notify) {
  const auto resend_delay = [&](const Field& f) {
    reader.ReadDuration(f, absl::Seconds(1), absl::Hours(1), notify.resend_delay);
  };
  const auto repeat_interval = [&](const Field& f) {
    reader.ReadDuration(f, absl::Minutes(1), absl::Hours(24 * 30), notify.repeat_interval);
  };
  const auto alertmanagers = [&](const Field& f) {
    ReadTargets(f, reader, "alertmanager", notify.alertmanagers, ReadAlertmanager);
    CheckAlertmanagersDiffer(f, reader, notify.alertmanagers);
  };
  reader.ReadMap(
      field,
      {
          {"resend_delay", resend_delay},
          {"repeat_interval", repeat_interval},
          {"watchdog", [&](const Field& f) { reader.ReadBool(f, notify.watchdog); }},
          {"alertmanagers", alertmanagers},
          {"webhooks", [&](const Field& f) { ReadTargets(f, reader, "webhook", notify.webhooks, ReadWebhook); }},
          {"pagerduty", [&](const Field& f) { ReadTargets(f, reader, "pagerduty", notify.pagerduty, ReadPagerDuty); }},
          {"slack", [&](const Field& f) { ReadTargets(f, reader, "slack", notify.slack, ReadSlack); }},
      });
}

}  // namespace firebreak
