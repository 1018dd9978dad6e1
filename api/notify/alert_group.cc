#include "api/notify/alert_group.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "api/notify/url.h"

namespace firebreak {
namespace {

constexpr size_t kMaxLinkBytes = 2000;

int SeverityRank(const OutgoingAlert& alert) {
  const std::string_view severity = alert.labels.Get("severity");
  return severity == "page" ? 0 : severity == "ticket" ? 1 : 2;
}

bool IsWorse(const OutgoingAlert& a, const OutgoingAlert& b) {
  const auto rank = [](const OutgoingAlert& alert) {
    return std::tuple(!alert.firing(), SeverityRank(alert), alert.starts_at);
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return (a.labels <=> b.labels) < 0;
}

}  // namespace

Labels Common(const std::vector<OutgoingAlert>& alerts, Labels OutgoingAlert::*member) {
  Labels common;
  for (const auto& [name, value] : alerts[0].*member) {
    const bool everywhere = std::all_of(
        alerts.begin(), alerts.end(),
        [&, &name = name, &value = value](const auto& alert) { return (alert.*member).Get(name) == value; });
    if (everywhere) common.Set(name, value);
  }
  return common;
}

std::vector<OutgoingAlert> WorstFirst(std::vector<OutgoingAlert> alerts) {
  std::stable_sort(alerts.begin(), alerts.end(), IsWorse);
  return alerts;
}

int64_t CountFiring(const std::vector<OutgoingAlert>& alerts) {
  return std::count_if(alerts.begin(), alerts.end(), [](const OutgoingAlert& alert) { return alert.firing(); });
}

std::string RunbookLink(const OutgoingAlert& alert) {
  const std::string_view url = alert.annotations.Get("runbook_url");
  const bool ascii = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return ascii && url.size() <= kMaxLinkBytes && ParseUrl(url).ok() ? std::string(url) : "";
}

std::string SummaryOf(const OutgoingAlert& alert) {
  for (const std::string_view text : {alert.annotations.Get("summary"), alert.labels.Get("alertname")}) {
    if (!text.empty()) return std::string(text);
  }
  return "an alert without a name";
}

}  // namespace firebreak
