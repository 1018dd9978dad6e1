#include "api/notify/pagerduty_payload.h"

#include <algorithm>
#include <utility>

#include "api/notify/alert_group.h"
#include "api/notify/alert_json.h"
#include "api/notify/signature.h"
#include "api/notify/utf8.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

// PagerDuty's limits.
constexpr size_t kMaxDedupKeyBytes = 255;
constexpr size_t kMaxSummary = 1024;
constexpr size_t kMaxBodyBytes = 512'000;
// Our own: what nobody would read on.
constexpr size_t kMaxShortText = 255;
constexpr size_t kMaxDetail = 4096;
constexpr size_t kMaxLines = 20;
constexpr size_t kHashDigits = 32;

std::string PercentEncoded(std::string_view part) {
  std::string out;
  for (const char c : part) {
    if (c == '/' || c == '%' || c == '#') {
      out += fmt::format("%{:02X}", c);
    } else {
      out += c;
    }
  }
  return out;
}

// The parts of a dedup key: service, tier, SLO or alertname, and what else there is.
std::vector<std::string_view> KeyParts(const Labels& incident) {
  const std::string_view what = incident.Get("slo").empty() ? "alertname" : "slo";
  std::vector<std::string_view> parts = {incident.Get("service"), incident.Get("tier"), incident.Get(what)};
  for (const auto& [name, value] : incident) {
    if (name != "service" && name != "tier" && name != what) parts.push_back(value);
  }
  return parts;
}

// The longest front of UTF-8 that has at most `most` bytes.
std::string_view FrontBytes(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

std::string_view SeverityOf(const OutgoingAlert& alert) {
  const std::string_view severity = alert.labels.Get("severity");
  return severity == "page" ? "critical" : severity == "ticket" ? "warning" : "info";
}

std::string Summary(const std::vector<OutgoingAlert>& alerts) {
  std::string summary = OneLine(SummaryOf(alerts[0]));
  const int64_t others = CountFiring(alerts) - 1;
  if (others < 1) return Clip(summary, kMaxSummary);
  const std::string more = fmt::format(" (and {} more)", others);
  return Clip(summary, kMaxSummary - more.size()) + more;
}

// When what the event tells came to be: the worst alert fired, or the last one ended.
absl::Time TimeOf(const std::vector<OutgoingAlert>& alerts) {
  if (alerts[0].firing()) return alerts[0].starts_at;
  absl::Time last = *alerts[0].ends_at;
  for (const OutgoingAlert& alert : alerts) last = std::max(last, *alert.ends_at);
  return last;
}

Json ClippedJson(const Labels& labels) {
  Json out = Json::object();
  for (const auto& [name, value] : labels) out[Clip(name, kMaxShortText)] = Clip(value, kMaxDetail);
  return out;
}

// "page fast since 2025-11-24T16:00:00Z until 2025-11-24T16:07:00Z: checkout burns …"
std::string Line(const OutgoingAlert& alert) {
  std::string text;
  for (const std::string_view name : {"severity", "pair"}) {
    if (const std::string_view value = alert.labels.Get(name); !value.empty()) text += fmt::format("{} ", value);
  }
  text += fmt::format("since {}", GoTime(alert.starts_at));
  if (!alert.firing()) text += fmt::format(" until {}", GoTime(*alert.ends_at));
  return Clip(fmt::format("{}: {}", text, SummaryOf(alert)), kMaxSummary);
}

enum class Which { kFiring, kResolved };

Json Lines(const std::vector<OutgoingAlert>& alerts, Which which) {
  Json lines = Json::array();
  size_t more = 0;
  for (const OutgoingAlert& alert : alerts) {
    if (alert.firing() != (which == Which::kFiring)) continue;
    if (lines.size() < kMaxLines) {
      lines.push_back(Line(alert));
    } else {
      ++more;
    }
  }
  if (more > 0) lines.push_back(fmt::format("and {} more", more));
  return lines;
}

Json Details(const std::vector<OutgoingAlert>& alerts) {
  return {{"annotations", ClippedJson(alerts[0].annotations)},
          {"labels", ClippedJson(alerts[0].labels)},
          {"firing", Lines(alerts, Which::kFiring)},
          {"resolved", Lines(alerts, Which::kResolved)}};
}

Json Payload(const std::vector<OutgoingAlert>& alerts) {
  const auto label = [&](std::string_view name) { return Clip(alerts[0].labels.Get(name), kMaxShortText); };
  const std::string service = label("service");
  Json payload = {{"summary", Summary(alerts)},
                  {"source", service.empty() ? "firebreak" : service},
                  {"severity", SeverityOf(alerts[0])},
                  {"timestamp", GoTime(TimeOf(alerts))}};
  const std::pair<const char*, std::string> kOptional[] = {
      {"component", label("tier")}, {"group", service}, {"class", label("alertname")}};
  for (const auto& [key, value] : kOptional) {
    if (!value.empty()) payload[key] = value;
  }
  payload["custom_details"] = Details(alerts);
  return payload;
}

Json Links(const OutgoingAlert& alert) {
  Json links = Json::array();
  if (const std::string runbook = RunbookLink(alert); !runbook.empty()) {
    links.push_back({{"href", runbook}, {"text", "Runbook"}});
  }
  return links;
}

}  // namespace

Labels IncidentLabels(const Labels& labels) {
  Labels incident = labels;
  incident.Set("severity", "");
  incident.Set("pair", "");
  if (!labels.Get("slo").empty()) incident.Set("alertname", "");
  return incident;
}

std::string DedupKey(const Labels& incident) {
  const std::vector<std::string_view> parts = KeyParts(incident);
  std::string key;
  for (size_t i = 0; i + 1 < parts.size(); ++i) key += PercentEncoded(parts[i]) + "/";
  key += parts.back();
  if (key.size() <= kMaxDedupKeyBytes && IsUtf8(key)) return key;
  const std::string hash = "#" + Sha256Hex(key).substr(0, kHashDigits);
  const std::string valid = ValidUtf8(key);
  return std::string(FrontBytes(valid, kMaxDedupKeyBytes - hash.size())) + hash;
}

std::string PagerDutyBody(const PagerDutyMessage& message) {
  const std::vector<OutgoingAlert> alerts = WorstFirst(message.alerts);
  Json event = {
      {"routing_key", message.routing_key},
      {"event_action", alerts[0].firing() ? "trigger" : "resolve"},
      {"dedup_key", DedupKey(IncidentLabels(alerts[0].labels))},
      {"client", "Firebreak"},
      {"client_url", message.external_url},
      {"links", Links(alerts[0])},
      {"payload", Payload(alerts)},
  };
  std::string body = DumpJson(event);
  if (body.size() <= kMaxBodyBytes) return body;
  event["payload"].erase("custom_details");
  return DumpJson(event);
}

HttpPost PagerDutyRequest(const Url& url, const PagerDutyMessage& message) {
  HttpPost request;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "firebreak"}};
  request.body = PagerDutyBody(message);
  return request;
}

}  // namespace firebreak
