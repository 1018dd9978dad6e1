#include <algorithm>
#include <optional>

#include "engine/pipeline.h"
#include "engine/scenario.h"
#include "engine/test_ledger.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "rules/alertname.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

absl::Time TimeOf(absl::Duration offset) { return kTestStart + offset; }
std::string OffsetText(absl::Time time) { return DurationText(time - kTestStart); }

// How an alert is shown, for messages: "firing page since=30m fired=32m (no_data)".
std::string ShownText(const AlertView& view) {
  std::string text = fmt::format("{} {} since={}", AlertStatusName(view.status), view.labels.Get("severity"),
                                 OffsetText(view.active_since));
  if (view.firing_since) text += " fired=" + OffsetText(*view.firing_since);
  if (!view.reason.empty()) text += " (" + view.reason + ")";
  return text;
}

class Runner {
 public:
  Runner(const Scenario& scenario, std::string_view file)
      : scenario_(scenario), file_(file), rules_(scenario.rules), ledger_(rules_->config.evaluation_interval) {
    pipeline_.emplace(rules_, PipelineOptions(), kTestStart, log_);
  }

  std::vector<std::string> Run() {
    for (absl::Duration at = scenario_.step; at <= scenario_.end; at += scenario_.step) {
      Deliver(at);
      Change(at);
      pipeline_->Tick(TimeOf(at));
      ledger_.Save(TimeOf(at), pipeline_->TakeChanges());
      Check(at);
      for (const Scenario::Restart& restart : scenario_.restarts) {
        if (restart.at == at) at += Restart(restart);
      }
    }
    for (const auto& expected : scenario_.transitions) CheckTransitions(expected);
    return std::move(failures_);
  }

 private:
  // All that arrives up to `now`.
  void Deliver(absl::Duration now) {
    Folder folder(rules_);
    for (; next_arrival_ < scenario_.arrivals.size(); ++next_arrival_) {
      const Scenario::Arrival& arrival = scenario_.arrivals[next_arrival_];
      if (arrival.at > now) break;
      Event event = MakeEvent(TimeOf(arrival.dated), arrival.endpoint, arrival.status, arrival.count);
      event.source = arrival.source;
      event.outcome = arrival.outcome;
      event.latency = arrival.latency;
      folder.Add(event);
    }
    const AdmittedBatch batch = pipeline_->Admit(folder.Take());
    ledger_.Add(batch.record);
    pipeline_->Apply(batch);
    for (const Scenario::Heartbeat& beat : scenario_.heartbeats) {
      if (beat.at <= now && beat.at > now - scenario_.step) pipeline_->SignOfLife(beat.source, TimeOf(beat.at));
    }
  }

  // The process is killed and starts again, with what is configured by then. Returns how long it was down.
  absl::Duration Restart(const Scenario::Restart& restart) {
    const absl::Duration up = restart.at + restart.down;
    for (; next_arrival_ < scenario_.arrivals.size(); ++next_arrival_) {
      if (scenario_.arrivals[next_arrival_].at > up) break;  // nobody took them
    }
    for (const Scenario::Reload& reload : scenario_.reloads) {
      if (restart.at < reload.at && reload.at <= up) rules_ = reload.rules;
    }
    pipeline_.emplace(rules_, PipelineOptions(), TimeOf(up), log_);
    for (absl::Duration at = restart.at + scenario_.step; at <= up; at += scenario_.step) ChangeMaintenance(at);
    pipeline_->SetMaintenance(std::make_shared<const MaintenanceList>(maintenance_));
    ledger_.RestoreInto(*pipeline_);
    return restart.down;
  }

  // Takes over what is configured before the tick at `now`.
  void Change(absl::Duration now) {
    for (const Scenario::Reload& reload : scenario_.reloads) {
      if (reload.at != now) continue;
      const absl::Status status = pipeline_->Reload(reload.rules);
      if (!status.ok()) failures_.push_back(fmt::format("{}: reload: {}", file_, status.message().data()));
      if (status.ok()) rules_ = reload.rules;
    }
    ChangeMaintenance(now);
  }

  void ChangeMaintenance(absl::Duration now) {
    for (const Scenario::Maintenance& change : scenario_.maintenance) {
      if (change.at != now) continue;
      absl::Status status;
      if (change.tier.empty()) {
        status = maintenance_.Remove(change.id);
      } else {
        status = maintenance_
                     .Put({change.id, change.tier, TimeOf(change.from), TimeOf(change.to), "", TimeOf(now)},
                          rules_->config, TimeOf(now))
                     .status();
      }
      if (!status.ok()) Fail(change.line, std::string(status.message()));
      pipeline_->SetMaintenance(std::make_shared<const MaintenanceList>(maintenance_));
    }
  }

  void Check(absl::Duration now) {
    const SnapshotPtr snapshot = IsDue(now) ? pipeline_->TakeSnapshot() : nullptr;
    for (const auto& alert : scenario_.alerts) {
      if (alert.at == now) CheckAlert(alert, *snapshot);
    }
    for (const auto& window : scenario_.windows) {
      if (window.at == now) CheckWindow(window, *snapshot);
    }
    for (const auto& feed : scenario_.feeds) {
      if (feed.at == now) CheckFeed(feed, *snapshot);
    }
  }

  bool IsDue(absl::Duration now) const {
    const auto at_now = [now](const auto& expected) { return expected.at == now; };
    return std::any_of(scenario_.alerts.begin(), scenario_.alerts.end(), at_now) ||
           std::any_of(scenario_.windows.begin(), scenario_.windows.end(), at_now) ||
           std::any_of(scenario_.feeds.begin(), scenario_.feeds.end(), at_now);
  }

  static bool IsAbout(const AlertView& view, const Scenario::Subject& subject) {
    const Labels& labels = view.labels;
    if (labels.Get("tier") != subject.tier) return false;
    if (subject.pair.empty()) return labels.Get("alertname") == alertname::kNoData;
    return labels.Get("slo") == SloName(subject.slo) && labels.Get("pair") == subject.pair &&
           labels.Get("endpoint") == subject.endpoint;
  }

  static bool Holds(const AlertView& view, const Scenario::AlertExpectation& expected) {
    if (AlertStatusName(view.status) != expected.status) return false;
    if (expected.since && view.active_since != TimeOf(*expected.since)) return false;
    if (expected.fired && view.firing_since != TimeOf(*expected.fired)) return false;
    if (!expected.severity.empty() && view.labels.Get("severity") != expected.severity) return false;
    return expected.reason.empty() || view.reason == expected.reason;
  }

  void CheckAlert(const Scenario::AlertExpectation& expected, const Snapshot& snapshot) {
    std::vector<std::string> shown;
    bool holds = false;
    for (const AlertViewPtr& view : snapshot.alerts) {
      if (!IsAbout(*view, expected.subject)) continue;
      shown.push_back(ShownText(*view));
      holds = holds || Holds(*view, expected);
    }
    if (expected.status == "inactive") holds = shown.empty();
    if (holds) return;
    const std::string found = shown.empty() ? "inactive" : fmt::format("{}", fmt::join(shown, "; "));
    Fail(expected.line, fmt::format("found {} {}", found, WindowsText(expected.subject, snapshot)));
  }

  // Both windows of the subject's tier, to explain a failure.
  static std::string WindowsText(const Scenario::Subject& subject, const Snapshot& snapshot) {
    const PairView* pair = Find(subject, snapshot);
    if (pair == nullptr) return "";
    return fmt::format("(windows {}/{} and {}/{})", pair->short_window.bad, pair->short_window.total,
                       pair->long_window.bad, pair->long_window.total);
  }

  static const PairView* Find(const Scenario::Subject& subject, const Snapshot& snapshot) {
    for (const TierView& tier : snapshot.tiers) {
      for (const SloView& slo : tier.slos) {
        for (const PairView& pair : slo.pairs) {
          if (tier.name == subject.tier && slo.slo == subject.slo && pair.name == subject.pair) return &pair;
        }
      }
    }
    return nullptr;
  }

  void CheckWindow(const Scenario::WindowExpectation& expected, const Snapshot& snapshot) {
    const PairView* pair = Find(expected.subject, snapshot);
    if (pair == nullptr) return Fail(expected.line, "there is no such pair at that time");
    const WindowReading& window = expected.is_long ? pair->long_window : pair->short_window;
    const bool holds = expected.bad.value_or(window.bad) == window.bad &&
                       expected.total.value_or(window.total) == window.total &&
                       expected.excluded.value_or(window.excluded_total) == window.excluded_total;
    if (holds) return;
    Fail(expected.line,
         fmt::format("found bad={} total={} excluded={}", window.bad, window.total, window.excluded_total));
  }

  void CheckFeed(const Scenario::FeedExpectation& expected, const Snapshot& snapshot) {
    for (const TierView& tier : snapshot.tiers) {
      if (tier.name != expected.tier) continue;
      if (tier.feed != expected.feed) Fail(expected.line, fmt::format("found feed={}", FeedStateName(tier.feed)));
      return;
    }
    Fail(expected.line, "there is no such tier at that time");
  }

  void CheckTransitions(const Scenario::TransitionsExpectation& expected) {
    std::vector<std::string> found;
    for (const std::string& text : log_.Texts()) {
      const std::string_view subject = std::string_view(text).substr(text.find(' ') + 1);
      if (subject.starts_with(expected.prefix)) found.push_back(text);
    }
    if (found == expected.texts) return;
    Fail(expected.line, fmt::format("found these transitions:\n  {}\nand not these:\n  {}", fmt::join(found, "\n  "),
                                    fmt::join(expected.texts, "\n  ")));
  }

  void Fail(int line, std::string_view message) { failures_.push_back(fmt::format("{}:{}: {}", file_, line, message)); }

  const Scenario& scenario_;
  const std::string file_;
  TransitionLog log_;
  std::shared_ptr<const RuleSet> rules_;
  TestLedger ledger_;
  std::optional<Pipeline> pipeline_;
  MaintenanceList maintenance_;
  size_t next_arrival_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace

std::vector<std::string> RunScenario(const Scenario& scenario, std::string_view file) {
  return Runner(scenario, file).Run();
}

}  // namespace firebreak
