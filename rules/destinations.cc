#include "rules/destinations.h"

#include "fmt/format.h"
#include "rules/quoted.h"

namespace firebreak {
namespace {

template <typename Target>
void Append(const std::vector<Target>& targets, std::string_view key, std::string_view kind,
            std::vector<DestinationEntry>& out) {
  for (size_t i = 0; i < targets.size(); ++i) {
    out.push_back({fmt::format("notify.{}[{}]", key, i), targets[i].name, kind, targets[i].severities});
  }
}

}  // namespace

std::vector<DestinationEntry> AllDestinations(const NotifyConfig& notify) {
  std::vector<DestinationEntry> all;
  Append(notify.alertmanagers, "alertmanagers", "Alertmanager", all);
  Append(notify.webhooks, "webhooks", "webhook", all);
  Append(notify.pagerduty, "pagerduty", "PagerDuty", all);
  Append(notify.slack, "slack", "Slack", all);
  return all;
}

std::string ReceiversText(const std::vector<DestinationEntry>& destinations, Severity severity) {
  std::vector<std::string> names;
  for (const DestinationEntry& destination : destinations) {
    if (!destination.severities.test(static_cast<size_t>(severity))) continue;
    names.push_back(fmt::format("{} ({})", Quoted(destination.name), destination.kind));
  }
  if (names.empty()) return "nobody";
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : fmt::format("{} and {}", fmt::join(names, ", "), last);
}

}  // namespace firebreak
