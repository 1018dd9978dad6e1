#include "engine/tier_watch.h"

#include <algorithm>
#include <utility>

#include "engine/alert_text.h"
#include "fmt/format.h"
#include "rules/alertname.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

size_t Index(Severity severity) { return static_cast<size_t>(severity); }

bool SameSubject(const BurnRule& a, const BurnRule& b) {
  return a.subject().slo == b.subject().slo && a.pair().name == b.pair().name &&
         a.subject().endpoint_name == b.subject().endpoint_name &&
         a.LabelsAs(a.policy().severity) == b.LabelsAs(b.policy().severity);
}

// The view of a burn alert in `state`; firing_since and pending_since are the episode's.
std::shared_ptr<AlertView> MakeBurnView(const BurnRule& rule, Severity severity, AlertStatus status,
                                        std::string_view reason, const AlertState& state, const BurnReading& reading,
                                        const Evaluation& evaluation) {
  BurnFacts facts = GatherFacts(evaluation, rule, reading);
  auto view = std::make_shared<AlertView>();
  view->labels = rule.LabelsAs(severity);
  view->status = status;
  view->reason = reason;
  view->active_since = state.pending_since;
  if (status != AlertStatus::kPending) view->firing_since = state.firing_since;
  if (status == AlertStatus::kResolved) view->resolved_at = evaluation.now;
  view->value = facts.short_window.burn;
  facts.status = status;
  facts.reason = reason;
  facts.active_since = state.pending_since;
  if (severity < rule.policy().severity) facts.guard = rule.GuardText(reading);
  facts.runbook_url = RunbookUrl(evaluation, rule.tier(), view->labels.Get("alertname"));
  view->annotations = BurnAnnotations(rule, evaluation.config.period, facts);
  return view;
}

// What a signal is worth while events are refused: what is not above may only look so.
BurnSignal Believed(BurnSignal signal, EngineObserver::Ingest ingest) {
  const bool decided = signal.kind == BurnSignal::Kind::kAbove || signal.kind == BurnSignal::Kind::kMaintenance;
  if (ingest == EngineObserver::Ingest::kRefusing && !decided) return {BurnSignal::Kind::kFailed};
  return signal;
}

Labels IdentityOf(const BurnRule& rule) { return rule.LabelsAs(rule.policy().severity); }

// The record of an identity, taken out of `records`.
std::optional<AlertRecord> TakeRecord(AlertRecords& records, const Labels& identity) {
  const auto found = records.find(identity);
  if (found == records.end()) return std::nullopt;
  AlertRecord record = std::move(found->second);
  records.erase(found);
  return record;
}

}  // namespace

TierWatch::TierWatch(std::shared_ptr<const RuleSet> rules, int tier) : rules_(std::move(rules)), tier_(tier) {
  if (this->tier().alert_by == AlertBy::kTier) AddRules(std::nullopt, "");
}

void TierWatch::AddRules(std::optional<int> endpoint, std::string_view endpoint_name) {
  const size_t windows = short_windows_.size();
  const size_t pairs = rules_->config.pairs.size();
  // The first rules are of the availability SLO, which every tier has.
  for (size_t pair = 0; pair < pairs; ++pair) short_windows_.push_back({burn_.size() + pair, {}});
  for (Slo slo : {Slo::kAvailability, Slo::kLatency}) {
    if (!HasSlo(slo, tier())) continue;
    for (size_t pair = 0; pair < pairs; ++pair) {
      BurnRule rule(rules_->config, {tier_, slo, static_cast<int>(pair), endpoint, std::string(endpoint_name)});
      burn_.push_back({std::move(rule), windows + pair, {}, {}, {}, {}});
    }
  }
}

void TierWatch::AddNewEndpoints(const TrafficStore& traffic) {
  if (tier().alert_by != AlertBy::kEndpoint) return;
  for (; endpoints_seen_ < traffic.num_endpoints(tier_); ++endpoints_seen_) {
    AddRules(endpoints_seen_, traffic.endpoint_name(tier_, endpoints_seen_));
  }
}

void TierWatch::Tick(const Evaluation& evaluation, FeedState feed, TransitionSink& sink) {
  AddNewEndpoints(evaluation.traffic);
  for (ShortWindow& window : short_windows_) {
    const BurnRule& rule = burn_[window.alert].rule;
    window.counts = rule.ReadShort(evaluation.traffic, evaluation.end, MaintenanceOf(evaluation).now);
  }
  for (BurnAlert& alert : burn_) TickBurn(alert, evaluation, sink);
  TickNoData(evaluation, feed, sink);
}

void TierWatch::TickBurn(BurnAlert& alert, const Evaluation& evaluation, TransitionSink& sink) {
  // Most rules are inactive most of the time: then the short window says enough.
  const Counts& short_window = short_windows_[alert.short_window].counts;
  if (alert.state.phase == AlertPhase::kInactive && !alert.rule.ShortIsAbove(short_window)) return;
  const BurnReading reading = ReadBurn(evaluation, alert.rule);
  const BurnSignal signal = Believed(SignalOf(alert, reading, evaluation), evaluation.ingest);
  if (alert.state.phase == AlertPhase::kInactive && signal.kind != BurnSignal::Kind::kAbove) return;
  const AlertState before = alert.state;
  AlertStep step = Advance(alert.rule.policy(), before, signal, evaluation.now);
  alert.state = step.state;
  if (signal.kind == BurnSignal::Kind::kMaintenance) Uncover(alert.rule);
  for (const AlertChange& change : step.changes) EmitBurn(alert, change, before, reading, evaluation, sink);
}

// What the reading means, maintenance considered. An alert also ends for maintenance when its short window holds
// nothing else, or when it is only the list of windows, changed since the last tick, that takes away what keeps it:
// that both windows are above or, of one that is held after they were, that the long one still is. None of it is
// recovery or lack of data.
BurnSignal TierWatch::SignalOf(const BurnAlert& alert, const BurnReading& reading, const Evaluation& evaluation) const {
  const BurnSignal under_maintenance{BurnSignal::Kind::kMaintenance};
  const TierMaintenance& maintenance = MaintenanceOf(evaluation);
  if (MaintenanceUntil(maintenance.now, evaluation.end)) return under_maintenance;
  const BurnSignal signal = alert.rule.Judge(reading);
  if (signal.kind == BurnSignal::Kind::kAbove || alert.state.phase == AlertPhase::kInactive) return signal;
  const bool emptied = CountsFor(alert.rule.subject().slo, reading.short_excluded).total > 0;
  if (signal.kind == BurnSignal::Kind::kNoData && emptied) return under_maintenance;
  if (maintenance.now == maintenance.at_last_tick) return signal;
  const BurnReading unchanged = alert.rule.Read(evaluation.traffic, evaluation.end, maintenance.at_last_tick);
  const bool was_above = alert.rule.Judge(unchanged).kind == BurnSignal::Kind::kAbove;
  const bool long_was_above = alert.rule.LongIsAbove(unchanged) && !alert.rule.LongIsAbove(reading);
  return was_above || long_was_above ? under_maintenance : signal;
}

// NoData does not speak for an alert any more that has ended for maintenance.
void TierWatch::Uncover(const BurnRule& rule) {
  no_data_.uncovered |= std::erase(no_data_.covered, rule.subject().endpoint_name) > 0;
}

void TierWatch::EmitBurn(BurnAlert& alert, const AlertChange& change, const AlertState& before,
                         const BurnReading& reading, const Evaluation& evaluation, TransitionSink& sink) {
  const bool ends = change.to == AlertStatus::kResolved || change.to == AlertStatus::kInactive;
  auto view = MakeBurnView(alert.rule, change.severity, change.to, change.reason, ends ? before : alert.state, reading,
                           evaluation);
  alert.worded_at = evaluation.now;
  if (change.from == AlertStatus::kPending) alert.views[Index(alert.rule.policy().severity)] = nullptr;
  alert.views[Index(change.severity)] = change.to == AlertStatus::kInactive ? nullptr : view;

  Transition transition;
  transition.at = evaluation.now;
  transition.tier = tier().name;
  transition.slo = SloName(alert.rule.subject().slo);
  transition.pair = alert.rule.pair().name;
  transition.endpoint = alert.rule.subject().endpoint_name;
  transition.from = change.from;
  transition.to = change.to;
  transition.reason = change.reason;
  transition.short_window = alert.rule.ShowShort(evaluation.traffic, reading);
  transition.long_window = alert.rule.ShowLong(evaluation.traffic, reading);
  transition.budget_left = ReadBudget(evaluation, alert.rule).remaining;
  transition.alert = std::move(view);
  sink.OnTransition(transition);
}

std::optional<Severity> TierWatch::CoverHeld(const Evaluation& evaluation) {
  std::optional<Severity> highest;
  for (const BurnAlert& alert : burn_) {
    const std::optional<absl::Time> since = alert.state.no_data_since;
    if (!since || evaluation.now - *since < evaluation.config.source_lost_after) continue;
    // A latency alert without timed requests in a tier that has requests is held too, but the tier has data.
    const absl::Duration window = alert.rule.pair().short_window;
    if (alert.rule.Sum(evaluation.traffic, evaluation.end, window).total > 0) continue;
    highest = std::max(highest.value_or(alert.state.severity), alert.state.severity);
    const std::string& series = alert.rule.subject().endpoint_name;
    std::vector<std::string>& covered = no_data_.covered;
    if (std::find(covered.begin(), covered.end(), series) == covered.end()) covered.push_back(series);
  }
  return highest;
}

CoveredSeries TierWatch::UpdateCovered(const Evaluation& evaluation) {
  if (no_data_.covered.empty()) return CoveredSeries::kHaveRequests;
  const absl::Duration window = ShortestWindow(evaluation.config);
  std::erase_if(no_data_.covered, [&](const std::string& series) {
    const auto alert = std::find_if(burn_.begin(), burn_.end(), [&](const BurnAlert& candidate) {
      return candidate.rule.subject().endpoint_name == series;
    });
    return alert == burn_.end() || alert->rule.Sum(evaluation.traffic, evaluation.end, window).total > 0;
  });
  return no_data_.covered.empty() ? CoveredSeries::kHaveRequests : CoveredSeries::kSilent;
}

// The feed as NoData takes it: a silence that began under maintenance is missed from its end on only, as it is from the
// start of the process.
FeedState TierWatch::MissedFeed(const Evaluation& evaluation, FeedState feed) const {
  const std::optional<absl::Time> ended = MaintenanceEndedAt(MaintenanceOf(evaluation).now, evaluation.end);
  const bool too_early = ended && evaluation.end - *ended < evaluation.config.source_lost_after;
  return feed == FeedState::kLost && too_early && !no_data_.state.firing ? FeedState::kIdle : feed;
}

NoDataStep TierWatch::StepNoData(const Evaluation& evaluation, FeedState feed) {
  if (MaintenanceUntil(MaintenanceOf(evaluation).now, evaluation.end)) {
    no_data_.covered.clear();
    no_data_.uncovered = false;
    return EndForMaintenance(no_data_.state);
  }
  if (evaluation.ingest == EngineObserver::Ingest::kRefusing) return {no_data_.state, {}};
  const bool uncovered = std::exchange(no_data_.uncovered, false);
  const std::optional<Severity> held = CoverHeld(evaluation);
  if (uncovered && no_data_.covered.empty()) return EndForMaintenance(no_data_.state);
  return AdvanceNoData(no_data_.state, MissedFeed(evaluation, feed), held, UpdateCovered(evaluation), evaluation.now);
}

void TierWatch::TickNoData(const Evaluation& evaluation, FeedState feed, TransitionSink& sink) {
  const NoDataState before = no_data_.state;
  const NoDataStep step = StepNoData(evaluation, feed);
  no_data_.state = step.state;
  for (const AlertChange& change : step.changes) EmitNoData(change, before, feed, evaluation, sink);
}

// What is known of the feed, in one sentence.
std::string TierWatch::FeedText(const Evaluation& evaluation, FeedState feed) const {
  const std::string_view source = SourceName(tier().slo_source);
  const std::optional<absl::Time> last = evaluation.traffic.LastEvent(tier_, static_cast<int>(tier().slo_source));
  const std::string since = last ? "the last request was counted at " + TimeText(*last) : "none was ever counted";
  switch (feed) {
    case FeedState::kTraffic:
      return fmt::format("{} has {} requests{}", tier().name, source,
                         no_data_.covered.empty() ? "" : ", but none to " + CoveredText());
    case FeedState::kIdle:
      return fmt::format("{} has no {} requests just now, though their source is alive; {}", tier().name, source,
                         since);
    case FeedState::kLost:
      return fmt::format("{} has had no {} request and no heartbeat for {} or longer; {}", tier().name, source,
                         DurationText(evaluation.config.source_lost_after), since);
  }
  return "";
}

std::string TierWatch::NoDataText(const Evaluation& evaluation, FeedState feed) const {
  std::string text = FeedText(evaluation, feed) + ".";
  for (const BurnAlert& alert : burn_) {
    if (!alert.state.no_data_since) continue;
    text +=
        fmt::format(" {} {} ({}) was firing when its short window ran empty at {}; without data it ends at {}.",
                    alert.rule.LabelsAs(alert.state.severity).Get("alertname"), alert.rule.pair().name,
                    alert.rule.subject().endpoint_name.empty() ? tier().name : alert.rule.subject().endpoint_name,
                    TimeText(*alert.state.no_data_since), TimeText(EndWithoutData(alert.rule.policy(), alert.state)));
  }
  return text;
}

// "/a, /b": the endpoints whose held alerts are covered; "" when it is the tier itself.
std::string TierWatch::CoveredText() const {
  std::string text;
  for (const std::string& endpoint : no_data_.covered) {
    if (endpoint.empty()) return "";
    text += fmt::format("{}{}", text.empty() ? "" : ", ", endpoint);
  }
  return text;
}

std::string TierWatch::NoDataSummary(const AlertChange& change, FeedState feed) const {
  const std::string endpoints = feed == FeedState::kTraffic ? CoveredText() : "";
  const std::string subject = endpoints.empty() ? tier().name : fmt::format("{} of {}", endpoints, tier().name);
  if (change.to == AlertStatus::kFiring) return fmt::format("{}: no data", subject);
  if (change.reason == "escalated") return fmt::format("{}: still no data, now more severe", subject);
  if (change.reason == "maintenance") return fmt::format("{}: under maintenance, where no data is no fault", subject);
  return fmt::format("{}: no longer without data", subject);
}

Labels TierWatch::NoDataAnnotations(const AlertChange& change, FeedState feed, const Evaluation& evaluation) const {
  return Labels{{"summary", NoDataSummary(change, feed)},
                {"description", NoDataText(evaluation, feed)},
                {"runbook_url", RunbookUrl(evaluation, tier(), alertname::kNoData)}};
}

Labels TierWatch::NoDataIdentity() const {
  return Labels{
      {"alertname", std::string(alertname::kNoData)}, {"service", rules_->config.service}, {"tier", tier().name}};
}

std::shared_ptr<AlertView> TierWatch::MakeNoDataView(const AlertChange& change, absl::Time firing_since, FeedState feed,
                                                     const Evaluation& evaluation) const {
  auto view = std::make_shared<AlertView>();
  view->labels = NoDataIdentity();
  view->labels.Set("severity", SeverityName(change.severity));
  view->annotations = NoDataAnnotations(change, feed, evaluation);
  view->status = change.to;
  view->active_since = firing_since;
  view->firing_since = firing_since;
  if (change.to == AlertStatus::kResolved) view->resolved_at = evaluation.now;
  view->reason = change.reason;
  return view;
}

void TierWatch::EmitNoData(const AlertChange& change, const NoDataState& before, FeedState feed,
                           const Evaluation& evaluation, TransitionSink& sink) {
  const bool ends = change.to == AlertStatus::kResolved;
  auto view = MakeNoDataView(change, ends ? before.firing_since : no_data_.state.firing_since, feed, evaluation);
  no_data_.worded_at = evaluation.now;
  no_data_.views[Index(change.severity)] = view;

  Transition transition;
  transition.at = evaluation.now;
  transition.tier = tier().name;
  transition.from = change.from;
  transition.to = change.to;
  transition.reason = change.reason;
  transition.alert = std::move(view);
  sink.OnTransition(transition);
}

bool TierWatch::AllInactive() const {
  return std::all_of(burn_.begin(), burn_.end(),
                     [](const BurnAlert& alert) { return alert.state.phase == AlertPhase::kInactive; });
}

void TierWatch::TakeOver(TierWatch& old, const TrafficStore& traffic) {
  AddNewEndpoints(traffic);
  for (BurnAlert& mine : burn_) {
    for (BurnAlert& theirs : old.burn_) {
      if (!SameSubject(mine.rule, theirs.rule)) continue;
      mine.state = std::exchange(theirs.state, {});
      mine.views = std::exchange(theirs.views, {});
      mine.saved = std::exchange(theirs.saved, {});
    }
  }
  if (old.NoDataIdentity() == NoDataIdentity()) no_data_ = std::exchange(old.no_data_, {});
}

AlertRecords TierWatch::TakeRecords() {
  AlertRecords records;
  const auto take = [&](AlertRecord record) {
    if (!IsEmpty(record)) records.emplace(record.identity, record);
  };
  for (BurnAlert& alert : burn_) take(RecordOf(alert));
  take(RecordOfNoData());
  burn_.clear();
  short_windows_.clear();
  no_data_ = {};
  return records;
}

void TierWatch::Restore(AlertRecords& records, absl::Duration downtime, const TrafficStore& traffic) {
  AddNewEndpoints(traffic);
  for (BurnAlert& alert : burn_) {
    const std::optional<AlertRecord> record = TakeRecord(records, IdentityOf(alert.rule));
    if (!record) continue;
    alert.saved = {record->burn.value_or(AlertState()), StatusesOf(record->views)};
    alert.state = AfterDowntime(alert.saved.state, downtime);
    alert.views = ViewsOf(*record);
    alert.worded_at = absl::InfinitePast();
  }
  RestoreNoData(records);
}

void TierWatch::RestoreNoData(AlertRecords& records) {
  const std::optional<AlertRecord> record = TakeRecord(records, NoDataIdentity());
  if (!record) return;
  no_data_.state = record->no_data.value_or(NoDataState());
  no_data_.covered = record->covered;
  no_data_.views = ViewsOf(*record);
  no_data_.worded_at = absl::InfinitePast();
  no_data_.saved = {no_data_, StatusesOf(record->views)};
}

AlertRecord TierWatch::RecordOf(const BurnAlert& alert) {
  AlertRecord record{IdentityOf(alert.rule), {}, {}, {}, alert.views};
  if (alert.state.phase != AlertPhase::kInactive) record.burn = alert.state;
  return record;
}

AlertRecord TierWatch::RecordOfNoData() const {
  AlertRecord record{NoDataIdentity(), {}, {}, no_data_.covered, no_data_.views};
  if (no_data_.state.firing) record.no_data = no_data_.state;
  return record;
}

void TierWatch::CollectChanges(AlertChanges& changes) {
  for (BurnAlert& alert : burn_) {
    const Saved<AlertState> now{alert.state, StatusesOf(alert.views)};
    if (now == alert.saved) continue;
    alert.saved = now;
    changes.Add(RecordOf(alert));
  }
  const Saved<NoDataMemory> now{no_data_, StatusesOf(no_data_.views)};
  if (now == no_data_.saved) return;
  no_data_.saved = now;
  changes.Add(RecordOfNoData());
}

// Makes an active alert's annotations anew; everything else of its view stays.
void TierWatch::Reword(BurnAlert& alert, const Evaluation& evaluation) {
  alert.worded_at = evaluation.now;
  const BurnReading reading = ReadBurn(evaluation, alert.rule);
  const bool firing = alert.state.phase == AlertPhase::kFiring;
  const Severity severity = firing ? alert.state.severity : alert.rule.policy().severity;
  alert.views[Index(severity)] =
      MakeBurnView(alert.rule, severity, firing ? AlertStatus::kFiring : AlertStatus::kPending, "", alert.state,
                   reading, evaluation);
}

void TierWatch::RewordNoData(FeedState feed, const Evaluation& evaluation) {
  no_data_.worded_at = evaluation.now;
  const Severity severity = no_data_.state.severity;
  const AlertChange same{AlertStatus::kFiring, AlertStatus::kFiring, severity, ""};
  no_data_.views[Index(severity)] = MakeNoDataView(same, no_data_.state.firing_since, feed, evaluation);
}

void TierWatch::CollectAlerts(const Evaluation& evaluation, FeedState feed, std::vector<AlertViewPtr>& alerts) {
  const auto grew_old = [&](absl::Time worded_at) {
    return evaluation.now - worded_at >= evaluation.options.refresh_annotations;
  };
  const auto collect = [&](AlertViews& views) {
    for (AlertViewPtr& view : views) {
      DropIfOld(view, evaluation.now);
      if (view) alerts.push_back(view);
    }
  };
  for (BurnAlert& alert : burn_) {
    if (alert.state.phase != AlertPhase::kInactive && grew_old(alert.worded_at)) Reword(alert, evaluation);
    collect(alert.views);
  }
  if (no_data_.state.firing && grew_old(no_data_.worded_at)) RewordNoData(feed, evaluation);
  collect(no_data_.views);
}

AlertStatus TierWatch::StatusOf(Slo slo, int pair) const {
  AlertStatus status = AlertStatus::kInactive;
  for (const BurnAlert& alert : burn_) {
    if (alert.rule.subject().slo != slo || alert.rule.subject().pair != pair) continue;
    if (alert.state.phase == AlertPhase::kFiring) return AlertStatus::kFiring;
    if (alert.state.phase == AlertPhase::kPending) status = AlertStatus::kPending;
  }
  return status;
}

SloView TierWatch::ViewSlo(Slo slo, const Evaluation& evaluation) const {
  SloView view;
  view.slo = slo;
  view.objective = ObjectiveFor(slo, tier());
  for (int pair = 0; pair < static_cast<int>(rules_->config.pairs.size()); ++pair) {
    const BurnRule rule(rules_->config, {tier_, slo, pair, std::nullopt, ""});
    const BurnReading reading = ReadBurn(evaluation, rule);
    view.pairs.push_back({rule.pair().name, rule.pair().severity, rule.burn(), rule.threshold().ToPercentString(),
                          rule.ShowShort(evaluation.traffic, reading), rule.ShowLong(evaluation.traffic, reading),
                          StatusOf(slo, pair)});
    if (pair == 0) view.budget = ReadBudget(evaluation, rule);
  }
  return view;
}

TierView TierWatch::View(const Evaluation& evaluation, FeedState feed) const {
  TierView view;
  const int source = static_cast<int>(tier().slo_source);
  view.name = tier().name;
  view.feed = feed;
  view.last_event = evaluation.traffic.LastEvent(tier_, source);
  view.coverage = Coverage(evaluation.traffic, tier_, source, evaluation.end, evaluation.config.period,
                           evaluation.config.evaluation_interval);
  view.maintenance_until = MaintenanceUntil(MaintenanceOf(evaluation).now, evaluation.end);
  for (Slo slo : {Slo::kAvailability, Slo::kLatency}) {
    if (HasSlo(slo, tier())) view.slos.push_back(ViewSlo(slo, evaluation));
  }
  return view;
}

}  // namespace firebreak
