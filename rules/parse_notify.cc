#include <map>

#include "fmt/format.h"
#include "rules/parse_sections.h"
#include "rules/quoted.h"

namespace firebreak {
namespace {

void ReadAlertmanagers(const Field& field, YamlReader& reader, std::vector<AlertmanagerTarget>& out) {
  std::map<std::string, std::string> seen;  // url -> path
  reader.ReadList(field, [&](const Field& item) {
    AlertmanagerTarget& target = out.emplace_back();
    reader.ReadMap(item, {{"url", [&](const Field& f) { reader.ReadUrl(f, target.url); }}});
    reader.Require(item, "url", "the address of an Alertmanager, such as http://127.0.0.1:9093");
    if (target.url.empty()) return;
    const std::string url_path = item.path + ".url";
    if (target.url.find_first_of("?#") != std::string::npos) reader.Fault(url_path, "wanted a URL without a query");
    const auto [first, is_new] = seen.emplace(target.url, url_path);
    if (!is_new) reader.Fault(url_path, fmt::format("given twice, first in {}", reader.LineOf(first->second)));
  });
}

void ReadWebhook(const Field& item, YamlReader& reader, WebhookTarget& target) {
  std::vector<FieldRule> rules = SecretRules("secret_", reader, target.secret);
  rules.push_back({"name", [&](const Field& f) { reader.ReadLabel(f, target.name); }});
  rules.push_back({"url", [&](const Field& f) { reader.ReadUrl(f, target.url); }});
  reader.ReadMap(item, rules);
  reader.Require(item, "url", "the address of the receiver, such as http://127.0.0.1:8080/hook");
}

void ReadWebhooks(const Field& field, YamlReader& reader, std::vector<WebhookTarget>& out) {
  std::map<std::string, std::string> seen;  // name -> path
  reader.ReadList(field, [&](const Field& item) {
    WebhookTarget& target = out.emplace_back();
    target.name = fmt::format("webhook-{}", out.size());
    ReadWebhook(item, reader, target);
    const std::string name_path = item.path + ".name";
    const auto [first, is_new] = seen.emplace(target.name, name_path);
    if (!is_new) {
      reader.Fault(name_path, fmt::format("the name {} is taken ({}), wanted each to have its own", Quoted(target.name),
                                          reader.LineOf(first->second)));
    }
  });
}

}  // namespace

void ReadNotify(const Field& field, YamlReader& reader, NotifyConfig& notify) {
  const auto resend_delay = [&](const Field& f) {
    reader.ReadDuration(f, absl::Seconds(1), absl::Hours(1), notify.resend_delay);
  };
  const auto repeat_interval = [&](const Field& f) {
    reader.ReadDuration(f, absl::Minutes(1), absl::Hours(24 * 30), notify.repeat_interval);
  };
  reader.ReadMap(field,
                 {
                     {"resend_delay", resend_delay},
                     {"repeat_interval", repeat_interval},
                     {"watchdog", [&](const Field& f) { reader.ReadBool(f, notify.watchdog); }},
                     {"alertmanagers", [&](const Field& f) { ReadAlertmanagers(f, reader, notify.alertmanagers); }},
                     {"webhooks", [&](const Field& f) { ReadWebhooks(f, reader, notify.webhooks); }},
                 });
}

}  // namespace firebreak
