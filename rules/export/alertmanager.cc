#include "rules/export/alertmanager.h"

#include <algorithm>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/yaml_text.h"

namespace firebreak {
namespace {

constexpr std::string_view kHead =
    "Written by `firebreak export prometheus --alertmanager`: change the configuration and export it again.\n"
    "Secrets stand in files; Alertmanager takes a relative name from the folder it was started in.";
// Of one alert, since a group of several has no annotation in common, and PagerDuty refuses an empty summary.
constexpr std::string_view kSummary =
    "{{ (index .Alerts 0).Annotations.summary }}{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }} alerts){{ end }}";
constexpr std::string_view kRunbook = "{{ (index .Alerts 0).Annotations.runbook_url }}";

// Endpoint names are what callers write: unescaped, one named <!channel> would ring everybody's phone.
constexpr std::string_view kSlackText =
    R"( | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" }})";

std::string SlackTitle() { return fmt::format("{{{{ (index .Alerts 0).Annotations.summary{}", kSlackText); }

std::string SlackBody() {
  return fmt::format(
      "{{{{ range .Alerts }}}}{{{{ .Annotations.summary{0}\n{{{{ .Annotations.description{0}\n"
      "{{{{ .Annotations.runbook_url }}}}\n{{{{ end }}}}",
      kSlackText);
}

bool Takes(SeveritySet severities, Severity severity) { return severities[static_cast<size_t>(severity)]; }

// A file that holds the secret, and a comment above it where the file has to be made.
std::string SecretLine(std::string_view key, const SecretSource& secret, std::string_view name) {
  if (!secret.file.empty()) return fmt::format("{}: {}\n", key, YamlText(secret.file));
  const std::string note = YamlComment(
      fmt::format("Firebreak reads it from ${}; Alertmanager wants a file that holds it", secret.env), "        ");
  return fmt::format("{}: {}\n{}", key, YamlText(fmt::format("secrets/{}", name)), note);
}

std::string PagerDutyConfig(const PagerDutyTarget& target, Severity severity) {
  std::string text = "      - " + SecretLine("routing_key_file", target.routing_key, target.name);
  if (target.url != kPagerDutyUrl) text += fmt::format("        url: {}\n", YamlText(target.url));
  text += fmt::format("        severity: {}\n", severity == Severity::kPage ? "critical" : "warning");
  text += fmt::format("        description: {}\n", YamlText(kSummary));
  text += fmt::format("        links: [{{href: {}, text: Runbook}}]\n", YamlText(kRunbook));
  return text;
}

std::string SlackConfig(const SlackTarget& target) {
  std::string text = "      - " + SecretLine("api_url_file", target.url, target.name);
  text += "        send_resolved: true\n";
  text += fmt::format("        fallback: {}\n", YamlText(SlackTitle()));
  text += fmt::format("        title: {}\n", YamlText(SlackTitle()));
  text += fmt::format("        title_link: {}\n", YamlText(kRunbook));
  text += fmt::format("        text: {}\n", YamlText(SlackBody()));
  return text;
}

std::string WebhookConfig(const WebhookTarget& target) {
  std::string text = fmt::format("      - url: {}\n", YamlText(target.url));
  if (!target.secret.empty())
    text += YamlComment("Firebreak signs what it sends here; Alertmanager does not", "        ");
  return text;
}

// The destinations of one kind that take the severity, below their key; "" for none.
template <typename Target, typename Write>
std::string ConfigsOf(std::string_view key, const std::vector<Target>& targets, Severity severity, Write write) {
  std::string configs;
  for (const Target& target : targets) {
    if (Takes(target.severities, severity)) configs += write(target);
  }
  return configs.empty() ? "" : fmt::format("    {}:\n{}", key, configs);
}

std::string Destinations(const NotifyConfig& notify, Severity severity) {
  const auto pagerduty = [severity](const PagerDutyTarget& target) { return PagerDutyConfig(target, severity); };
  return ConfigsOf("pagerduty_configs", notify.pagerduty, severity, pagerduty) +
         ConfigsOf("slack_configs", notify.slack, severity, SlackConfig) +
         ConfigsOf("webhook_configs", notify.webhooks, severity, WebhookConfig);
}

// What stands in for a destination that nobody has named yet.
std::string Placeholder(Severity severity) {
  const std::string note = YamlComment(
      fmt::format("notify names nobody for severity {}: a placeholder, to be changed", SeverityName(severity)), "    ");
  if (severity == Severity::kPage) {
    PagerDutyTarget target;
    target.routing_key.file = "secrets/pagerduty.key";
    return note + "    pagerduty_configs:\n" + PagerDutyConfig(target, severity);
  }
  SlackTarget target;
  target.url.file = "secrets/slack.url";
  return note + "    slack_configs:\n" + SlackConfig(target);
}

std::string Receiver(const NotifyConfig& notify, Severity severity) {
  const std::string destinations = Destinations(notify, severity);
  return fmt::format("  - name: {}\n{}", SeverityName(severity),
                     destinations.empty() ? Placeholder(severity) : destinations);
}

std::string Route(const NotifyConfig& notify) {
  return fmt::format(
      "route:\n"
      "  receiver: ticket\n"
      "  group_by: [service, tier, alertname]\n"
      "  repeat_interval: {}\n"
      "  routes:\n"
      "    - matchers: ['severity=\"page\"']\n"
      "      receiver: page\n"
      "      group_wait: 10s\n"
      "    - matchers: ['severity=\"ticket\"']\n"
      "      receiver: ticket\n",
      DurationText(notify.repeat_interval));
}

// Whoever was woken by the fast pair needs no ticket about the same SLO. Endpoints are told apart where they alert.
// A page silences what it is the faster sign of; a ticket, as which a guarded page fires, silences tickets only.
std::string Inhibition(const Config& config) {
  const bool by_endpoint = std::any_of(config.tiers.begin(), config.tiers.end(),
                                       [](const Tier& tier) { return tier.alert_by == AlertBy::kEndpoint; });
  return fmt::format(
      "inhibit_rules:\n"
      "  - source_matchers: ['pair=\"fast\"', 'severity=\"page\"']\n"
      "    target_matchers: ['pair=\"slow\"']\n"
      "    equal: [service, tier, slo{0}]\n"
      "  - source_matchers: ['pair=\"fast\"']\n"
      "    target_matchers: ['pair=\"slow\"', 'severity=\"ticket\"']\n"
      "    equal: [service, tier, slo{0}]\n",
      by_endpoint ? ", endpoint" : "");
}

}  // namespace

std::string AlertmanagerConfig(const Config& config) {
  return fmt::format("{}\n{}\n{}\nreceivers:\n{}{}", YamlComment(kHead), Route(config.notify), Inhibition(config),
                     Receiver(config.notify, Severity::kPage), Receiver(config.notify, Severity::kTicket));
}

}  // namespace firebreak
