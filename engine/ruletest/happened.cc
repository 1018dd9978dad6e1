#include "engine/ruletest/happened.h"

namespace firebreak {
namespace {

bool IsAnyOr(const std::string& expected, const std::string& actual) { return expected.empty() || expected == actual; }

}  // namespace

AlertPath PathOf(const Labels& labels) {
  AlertPath path;
  path.tier = labels.Get("tier");
  path.slo = labels.Get("slo");
  if (path.slo.empty()) path.slo = labels.Get("alertname");
  path.pair = labels.Get("pair");
  path.endpoint = labels.Get("endpoint");
  return path;
}

Happened HappenedBy(const Transition& transition) {
  const std::string severity(transition.alert->labels.Get("severity"));
  return {transition.at,
          PathOf(transition.alert->labels),
          {std::string(AlertStatusName(transition.to)), severity, transition.reason},
          false};
}

Happened HappenedBy(const ToldAlert& told) {
  const AlertView& alert = *told.alert;
  return {told.at,
          PathOf(alert.labels),
          {std::string(AlertStatusName(alert.status)), std::string(alert.labels.Get("severity")), alert.reason},
          told.kind == ToldAlert::Kind::kRepeat};
}

bool IsAsListed(const Happened& happened, const ListedEvent& expected, absl::Time start) {
  return happened.at == expected.at.From(start) && happened.alert == expected.alert &&
         happened.is_repeat == expected.is_repeat && happened.words.state == expected.words.state &&
         IsAnyOr(expected.words.severity, happened.words.severity) &&
         IsAnyOr(expected.words.reason, happened.words.reason);
}

std::string WordsText(const AlertWords& words) {
  std::string text = words.state;
  if (!words.severity.empty()) text += " " + words.severity;
  if (!words.reason.empty()) text += " " + words.reason;
  return text;
}

}  // namespace firebreak
