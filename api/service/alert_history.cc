#include "api/service/alert_history.h"

#include <algorithm>

#include "engine/alert_text.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

bool SameEpisode(const AlertView& a, const AlertView& b) {
  return a.firing_since == b.firing_since && a.labels.Fingerprint() == b.labels.Fingerprint();
}

Json TimeOrNull(const std::optional<absl::Time>& time) { return time ? Json(TimeText(*time)) : Json(); }

Json EpisodeJson(const AlertView& alert) {
  Json labels = Json::object();
  for (const auto& [name, value] : alert.labels) labels[name] = value;
  return {{"fingerprint", alert.labels.FingerprintHex()},
          {"labels", std::move(labels)},
          {"summary", alert.annotations.Get("summary")},
          {"causes", alert.annotations.Get("causes")},
          {"firing_since", TimeOrNull(alert.firing_since)},
          {"resolved_at", TimeOrNull(alert.resolved_at)},
          {"reason", alert.reason.empty() ? Json() : Json(alert.reason)}};
}

}  // namespace

void AlertHistory::Put(const AlertViewPtr& alert) {
  MutexLock lock(mutex_);
  const auto known = std::find_if(episodes_.rbegin(), episodes_.rend(),
                                  [&](const AlertViewPtr& episode) { return SameEpisode(*episode, *alert); });
  if (known != episodes_.rend()) {
    *known = alert;
    return;
  }
  episodes_.push_back(alert);
  if (episodes_.size() > kMostEpisodes) episodes_.pop_front();
}

void AlertHistory::OnTransition(const Transition& transition) {
  if (transition.alert != nullptr && transition.alert->firing_since) Put(transition.alert);
}

void AlertHistory::Begin(const std::vector<AlertViewPtr>& alerts) {
  for (const AlertViewPtr& alert : alerts) {
    if (alert->firing_since) Put(alert);
  }
}

std::vector<AlertViewPtr> AlertHistory::Episodes() const {
  MutexLock lock(mutex_);
  return {episodes_.rbegin(), episodes_.rend()};
}

std::string HistoryJson(const AlertHistory& history) {
  Json json = {{"since", TimeText(history.since())}, {"episodes", Json::array()}};
  for (const AlertViewPtr& alert : history.Episodes()) json["episodes"].push_back(EpisodeJson(*alert));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace firebreak
