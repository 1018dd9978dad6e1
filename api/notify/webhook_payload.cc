#include "api/notify/webhook_payload.h"

#include <algorithm>

#include "api/notify/alert_group.h"
#include "api/notify/alert_json.h"
#include "api/notify/signature.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

constexpr std::string_view kGroupBy[] = {"alertname", "service", "tier"};
// How Go writes "no time": Alertmanager's endsAt of a firing alert.
constexpr std::string_view kGoZeroTime = "0001-01-01T00:00:00Z";

// Alertmanager's order of label sets (prometheus/common, LabelSet.Before): fewer labels first, then by the first label,
// in order of names, that differs; a set that lacks the name comes first.
bool Before(const Labels& a, const Labels& b) {
  if (a.pairs().size() != b.pairs().size()) return a.pairs().size() < b.pairs().size();
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin());
  if (left == a.end()) return false;
  if (left->first != right->first) return left->first > right->first;
  return left->second < right->second;
}

std::vector<OutgoingAlert> Sorted(std::vector<OutgoingAlert> alerts) {
  std::stable_sort(alerts.begin(), alerts.end(),
                   [](const OutgoingAlert& a, const OutgoingAlert& b) { return Before(a.labels, b.labels); });
  return alerts;
}

std::string_view StatusName(const OutgoingAlert& alert) { return alert.firing() ? "firing" : "resolved"; }

std::string_view GroupStatus(const std::vector<OutgoingAlert>& alerts) {
  return CountFiring(alerts) > 0 ? "firing" : "resolved";
}

std::string EndsAt(const OutgoingAlert& alert) {
  return alert.firing() ? std::string(kGoZeroTime) : GoTime(*alert.ends_at);
}

nlohmann::ordered_json AlertJson(const OutgoingAlert& alert) {
  return {
      {"status", StatusName(alert)},
      {"labels", LabelsJson(alert.labels)},
      {"annotations", LabelsJson(alert.annotations)},
      {"startsAt", GoTime(alert.starts_at)},
      {"endsAt", EndsAt(alert)},
      {"generatorURL", alert.generator_url},
      {"fingerprint", alert.labels.FingerprintHex()},
  };
}

}  // namespace

Labels GroupLabels(const Labels& labels) {
  Labels group;
  for (const std::string_view name : kGroupBy) group.Set(name, labels.Get(name));
  return group;
}

std::string GroupKey(const Labels& group_labels) {
  std::string out;
  for (const auto& [name, value] : group_labels) {
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, GoQuote(value));
  }
  return "{}:{" + out + "}";
}

std::string WebhookBody(const WebhookMessage& message) {
  const std::vector<OutgoingAlert> alerts = Sorted(message.alerts);
  const Labels group = GroupLabels(alerts[0].labels);
  auto list = nlohmann::ordered_json::array();
  for (const OutgoingAlert& alert : alerts) list.push_back(AlertJson(alert));
  return DumpJson({
      {"receiver", message.receiver},
      {"status", GroupStatus(alerts)},
      {"alerts", std::move(list)},
      {"groupLabels", LabelsJson(group)},
      {"commonLabels", LabelsJson(Common(alerts, &OutgoingAlert::labels))},
      {"commonAnnotations", LabelsJson(Common(alerts, &OutgoingAlert::annotations))},
      {"externalURL", message.external_url},
      {"version", "4"},
      {"groupKey", GroupKey(group)},
      {"truncatedAlerts", 0},
  });
}

std::string IdempotencyKey(const WebhookMessage& message) {
  std::string content = GroupKey(GroupLabels(message.alerts[0].labels));
  for (const OutgoingAlert& alert : Sorted(message.alerts)) {
    content += fmt::format("\n{} {} {} {}", alert.labels.FingerprintHex(), StatusName(alert), GoTime(alert.starts_at),
                           EndsAt(alert));
  }
  content += fmt::format("\n{}", message.repetition);
  return Sha256Hex(content).substr(0, 32);
}

HttpPost WebhookRequest(const Url& url, const WebhookMessage& message, std::string_view secret, absl::Time now) {
  HttpPost request;
  request.url = url;
  request.body = WebhookBody(message);
  request.headers = {
      {"Content-Type", "application/json"}, {"User-Agent", "firebreak"}, {"Idempotency-Key", IdempotencyKey(message)}};
  if (!secret.empty()) request.headers.emplace_back("X-Firebreak-Signature", SignBody(secret, now, request.body));
  return request;
}

}  // namespace firebreak
