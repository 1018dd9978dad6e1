#include "engine/service_watch.h"

#include <iterator>
#include <memory>
#include <utility>

#include "engine/alert_text.h"
#include "fmt/format.h"
#include "rules/alertname.h"
#include "rules/config.h"

namespace firebreak {
namespace {

using alertname::kDeliveryParked;
using alertname::kIngestRefused;

Labels IdentityOf(std::string_view alertname, std::string_view service, Severity severity,
                  std::string_view destination = "") {
  return Labels{{"alertname", std::string(alertname)},
                {"service", std::string(service)},
                {"severity", std::string(SeverityName(severity))},
                {"destination", std::string(destination)}};
}

bool IsIngestRefused(const Labels& identity) { return identity.Get("alertname") == kIngestRefused; }

// A disk that fails now and then must not resolve the page between two failures.
AlertPolicy PolicyOf(const Labels& identity) {
  AlertPolicy policy;
  policy.severity = IsIngestRefused(identity) ? Severity::kPage : Severity::kTicket;
  if (IsIngestRefused(identity)) policy.keep_firing_for = absl::Minutes(1);
  return policy;
}

// --- Words

// An alert's episode, as its words need it.
struct Episode {
  const Labels& identity;
  absl::Time since;
  bool over;
  const ServiceHealth& health;
};

Labels IngestRefusedWords(const Episode& episode) {
  const std::string_view service = episode.identity.Get("service");
  if (episode.over) {
    return Labels{{"summary", fmt::format("{} takes events again", service)},
                  {"description", fmt::format("It refused them from {} on. What was refused then is counted only if "
                                              "its senders sent it again.",
                                              TimeText(episode.since))}};
  }
  return Labels{{"summary", fmt::format("{} refuses events: nothing can be written to its ledger", service)},
                {"description", fmt::format("Batches are answered 503 since {} and are not counted. Alerts that fire "
                                            "are held meanwhile, and a tier without requests raises no NoData: "
                                            "nothing is known of what was refused.",
                                            TimeText(episode.since))}};
}

std::string ParkedSubject(const Episode& episode) {
  const std::string_view destination = episode.identity.Get("destination");
  if (!destination.empty()) return std::string(destination);
  return fmt::format("{} destinations", episode.health.parked_destinations.size());
}

Labels DeliveryParkedWords(const Episode& episode) {
  const std::string_view service = episode.identity.Get("service");
  const std::string subject = ParkedSubject(episode);
  if (episode.over) {
    return Labels{{"summary", fmt::format("{}: no alert is parked any more", service)},
                  {"description", fmt::format("Alerts were parked since {}.", TimeText(episode.since))}};
  }
  const bool one = !episode.identity.Get("destination").empty();
  const std::string all = one ? "" : fmt::format(": {}", fmt::join(episode.health.parked_destinations, ", "));
  return Labels{{"summary", fmt::format("{}: alerts for {} are parked", service, subject)},
                {"description", fmt::format("{} refused alerts for good (a 4xx) since {}{}. GET /v1/outbox shows what "
                                            "waits and what was answered; POST /v1/outbox/retry tries it again.",
                                            subject, TimeText(episode.since), all)}};
}

Labels Words(const Episode& episode, const Evaluation& evaluation) {
  Labels words = IsIngestRefused(episode.identity) ? IngestRefusedWords(episode) : DeliveryParkedWords(episode);
  words.Set("runbook_url", RunbookUrl(evaluation, episode.identity.Get("alertname")));
  return words;
}

}  // namespace

std::set<Labels> ServiceWatch::Wanted(const ServiceHealth& health, std::string_view service) const {
  std::set<Labels> wanted;
  if (health.ingest == EngineObserver::Ingest::kRefusing) {
    wanted.insert(IdentityOf(kIngestRefused, service, Severity::kPage));
  }
  const Labels of_all = IdentityOf(kDeliveryParked, service, Severity::kTicket);
  const auto merged = alerts_.find(of_all);
  const bool is_merged = merged != alerts_.end() && merged->second.state.phase == AlertPhase::kFiring;
  const std::vector<std::string>& parked = health.parked_destinations;
  if (parked.size() > kMostDestinations || (is_merged && !parked.empty())) {
    wanted.insert(of_all);
  } else {
    for (const std::string& name : parked) {
      wanted.insert(IdentityOf(kDeliveryParked, service, Severity::kTicket, name));
    }
  }
  return wanted;
}

void ServiceWatch::Tick(const ServiceHealth& health, const Evaluation& evaluation, TransitionSink& sink) {
  const bool all_is_well = health.ingest == EngineObserver::Ingest::kOpen && health.parked_destinations.empty();
  if (all_is_well && alerts_.empty()) return;
  const std::set<Labels> wanted = Wanted(health, evaluation.config.service);
  const bool merges = wanted.contains(IdentityOf(kDeliveryParked, evaluation.config.service, Severity::kTicket));
  for (const Labels& identity : wanted) alerts_.try_emplace(identity);
  for (auto& [identity, alert] : alerts_) {
    if (merges && !identity.Get("destination").empty()) Merge(alert, evaluation.now, sink);
    Advance(identity, alert, wanted.contains(identity), health, evaluation, sink);
  }
}

void ServiceWatch::Advance(const Labels& identity, Alert& alert, bool wanted, const ServiceHealth& health,
                           const Evaluation& evaluation, TransitionSink& sink) {
  const AlertState before = alert.state;
  const BurnSignal signal{wanted ? BurnSignal::Kind::kAbove : BurnSignal::Kind::kBelow};
  const AlertStep step = firebreak::Advance(PolicyOf(identity), before, signal, evaluation.now);
  alert.state = step.state;
  const bool firing = alert.state.phase == AlertPhase::kFiring;
  if (!firing && step.changes.empty()) return;

  auto view = std::make_shared<AlertView>();
  view->labels = identity;
  view->status = firing ? AlertStatus::kFiring : AlertStatus::kResolved;
  view->active_since = firing ? alert.state.firing_since : before.firing_since;
  view->firing_since = view->active_since;
  if (!firing) view->resolved_at = evaluation.now;
  if (!firing) view->reason = step.changes[0].reason;
  view->annotations = Words({identity, view->active_since, !firing, health}, evaluation);
  alert.view = view;
  for (const AlertChange& change : step.changes) {
    Transition transition;
    transition.at = evaluation.now;
    transition.from = change.from;
    transition.to = change.to;
    transition.reason = change.reason;
    transition.alert = view;
    sink.OnTransition(transition);
  }
}

void ServiceWatch::Merge(Alert& alert, absl::Time now, TransitionSink& sink) {
  if (alert.state.phase != AlertPhase::kFiring) return;
  const Transition merged = RemovalOf(*alert.view, "merged", now);
  alert.state = {};
  alert.view = merged.alert;
  sink.OnTransition(merged);
}

AlertRecord ServiceWatch::RecordOf(const Labels& identity, const Alert& alert) {
  AlertRecord record;
  record.identity = identity;
  if (alert.state.phase != AlertPhase::kInactive) record.burn = alert.state;
  record.views[ViewIndex(identity)] = alert.view;
  return record;
}

AlertRecords ServiceWatch::TakeOthersThan(std::string_view service) {
  AlertRecords records;
  for (auto it = alerts_.begin(); it != alerts_.end();) {
    const auto& [identity, alert] = *it;
    if (identity.Get("service") == service) {
      ++it;
      continue;
    }
    records.emplace(identity, RecordOf(identity, alert));
    it = alerts_.erase(it);
  }
  return records;
}

void ServiceWatch::CollectAlerts(absl::Time now, std::vector<AlertViewPtr>& alerts) {
  for (auto& [identity, alert] : alerts_) {
    DropIfOld(alert.view, now);
    if (alert.view != nullptr) alerts.push_back(alert.view);
  }
}

void ServiceWatch::CollectChanges(AlertChanges& changes) {
  for (auto it = alerts_.begin(); it != alerts_.end();) {
    auto& [identity, alert] = *it;
    const AlertStatus status = alert.view == nullptr ? AlertStatus::kInactive : alert.view->status;
    if (alert.state != alert.saved_state || status != alert.saved_status) {
      changes.Add(RecordOf(identity, alert));
      alert.saved_state = alert.state;
      alert.saved_status = status;
    }
    it = alert.view != nullptr ? std::next(it) : alerts_.erase(it);
  }
}

void ServiceWatch::Restore(AlertRecords& records, std::string_view service, absl::Duration downtime) {
  for (auto it = records.begin(); it != records.end();) {
    const auto& [identity, record] = *it;
    const std::string_view name = identity.Get("alertname");
    const bool mine = (name == kIngestRefused || name == kDeliveryParked) && identity.Get("service") == service;
    if (!mine) {
      ++it;
      continue;
    }
    Alert& alert = alerts_[identity];
    alert.saved_state = record.burn.value_or(AlertState());
    alert.state = AfterDowntime(alert.saved_state, downtime);
    const AlertViewPtr active = ActiveView(record);
    alert.view = active != nullptr ? active : record.views[ViewIndex(identity)];
    alert.saved_status = alert.view == nullptr ? AlertStatus::kInactive : alert.view->status;
    it = records.erase(it);
  }
}

}  // namespace firebreak
