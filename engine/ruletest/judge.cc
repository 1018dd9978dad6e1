#include "engine/ruletest/judge.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include "engine/alert_text.h"
#include "engine/ruletest/comparison.h"
#include "engine/ruletest/list_difference.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

using Line = TestFailure::Line;
using Mark = TestFailure::Mark;

// The instant an expectation is about; absent when it is about the whole run.
std::optional<TestTime> InstantOf(const Expectation& expectation) {
  if (const auto* alert = std::get_if<AlertExpectation>(&expectation)) return alert->at;
  if (const auto* window = std::get_if<WindowExpectation>(&expectation)) return window->at;
  if (const auto* budget = std::get_if<BudgetExpectation>(&expectation)) return budget->at;
  if (const auto* fires = std::get_if<PromtoolExpectation>(&expectation)) return fires->at;
  return std::nullopt;
}

Place PlaceOf(const Expectation& expectation) {
  return std::visit([](const auto& expected) { return expected.place; }, expectation);
}

// Whether any time in the test is a date.
bool HasDates(const RuleTest& test) {
  const auto listed = [](const std::vector<ListedEvent>& events) {
    return std::any_of(events.begin(), events.end(), [](const ListedEvent& event) { return !event.at.offset; });
  };
  return std::any_of(test.expectations.begin(), test.expectations.end(), [&](const Expectation& expectation) {
    if (const auto* timeline = std::get_if<TimelineExpectation>(&expectation)) return listed(timeline->is);
    if (const auto* told = std::get_if<NotificationsExpectation>(&expectation)) return listed(told->is);
    const std::optional<TestTime> instant = InstantOf(expectation);
    return instant && !instant->offset;
  });
}

const TierView* FindTier(const Snapshot& snapshot, const AlertPath& path) {
  for (const TierView& tier : snapshot.tiers) {
    if (tier.name == path.tier) return &tier;
  }
  return nullptr;
}

const SloView* FindSlo(const Snapshot& snapshot, const AlertPath& path) {
  const TierView* tier = FindTier(snapshot, path);
  if (tier == nullptr) return nullptr;
  for (const SloView& slo : tier->slos) {
    if (SloName(slo.slo) == path.slo) return &slo;
  }
  return nullptr;
}

const PairView* FindPair(const SloView* slo, const AlertPath& path) {
  if (slo == nullptr) return nullptr;
  for (const PairView& pair : slo->pairs) {
    if (pair.name == path.pair) return &pair;
  }
  return nullptr;
}

// How the tier is doing, to explain an alert that is not as expected.
std::string Circumstances(const Snapshot& snapshot, const AlertPath& path) {
  if (const PairView* pair = FindPair(FindSlo(snapshot, path), path)) {
    return fmt::format("{}: {}; {}: {}", DurationText(pair->short_window.window), WindowText(pair->short_window),
                       DurationText(pair->long_window.window), WindowText(pair->long_window));
  }
  const TierView* tier = FindTier(snapshot, path);
  return tier == nullptr ? "" : fmt::format("feed: {}", FeedStateName(tier->feed));
}

std::string NumberText(std::string_view name, const std::optional<Comparison>& comparison) {
  if (!comparison) return "";
  return fmt::format("{}{} {}", comparison->sign == Comparison::Sign::kIs ? "= " : "", comparison->text, name);
}

// The one endpoint whose alert it is about, with its tier.
const AlertPath* SubjectOf(const Expectation& expectation) {
  const AlertPath* path = nullptr;
  if (const auto* alert = std::get_if<AlertExpectation>(&expectation)) path = &alert->alert;
  if (const auto* timeline = std::get_if<TimelineExpectation>(&expectation)) path = &timeline->alerts;
  return path == nullptr || path->endpoint.empty() ? nullptr : path;
}

// Whether the tier lists the endpoint by name, or counted a request of it.
bool Knows(const Pipeline& pipeline, const std::string& tier_name, const std::string& endpoint) {
  const std::vector<Tier>& tiers = pipeline.rules()->config.tiers;
  for (int tier = 0; tier < pipeline.traffic().num_tiers(); ++tier) {
    if (tiers[static_cast<size_t>(tier)].name != tier_name) continue;
    for (int i = 0; i < pipeline.traffic().num_endpoints(tier); ++i) {
      if (pipeline.traffic().endpoint_name(tier, i) == endpoint) return true;
    }
  }
  return false;
}

std::string Joined(std::vector<std::string> parts) {
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return fmt::format("{}", fmt::join(parts, ", "));
}

// A window, with its burn so exactly that it is seen not to be as expected.
std::string WindowBeside(const WindowReading& window, const SloCounts& counts,
                         const std::optional<Comparison>& expected, const Decimal& objective) {
  const std::string burn = expected ? ExactBurnText(*expected, counts, objective) : "";
  return burn.empty() ? WindowText(window) : fmt::format("{} of {}, {}", counts.bad, counts.total, burn);
}

std::string TextsText(const NamedTexts& texts) {
  std::vector<std::string> parts;
  for (const auto& [name, text] : texts) parts.push_back(fmt::format("{}=\"{}\"", name, text));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string PromtoolText(const PromtoolAlert& alert) {
  return fmt::format("{} annotations {}", TextsText(alert.labels), TextsText(alert.annotations));
}

}  // namespace

Judge::Judge(const RuleTest& test, TestDelivery& delivery)
    : test_(test), delivery_(delivery), has_dates_(HasDates(test)) {
  outcome_.expectations = static_cast<int64_t>(test.expectations.size());
  for (const Expectation& expectation : test.expectations) {
    if (const AlertPath* path = SubjectOf(expectation)) unseen_.emplace(path->tier, path->endpoint);
  }
}

void Judge::OnStart(absl::Time at, Memory memory) {
  if (start_) return delivery_.Restart(at, memory);
  start_ = absl::UnixEpoch() + absl::Floor(at - absl::UnixEpoch(), test_.step);
  last_tick_ = *start_;
  for (const Expectation& expectation : test_.expectations) {
    if (const std::optional<TestTime> at_time = InstantOf(expectation)) {
      pending_.push_back({at_time->From(*start_), &expectation});
    }
  }
  std::stable_sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) { return a.at < b.at; });
}

void Judge::OnTransition(const Transition& transition) {
  delivery_.OnTransition(transition);
  if (!transition.tier.empty()) steps_.push_back(HappenedBy(transition));
}

void Judge::AfterTick(Pipeline& pipeline) {
  last_tick_ = pipeline.last_tick();
  delivery_.AdvanceTo(last_tick_);
  LookForEndpoints(pipeline);
  SnapshotPtr snapshot;
  for (; next_ < pending_.size() && pending_[next_].at <= last_tick_; ++next_) {
    const Pending& pending = pending_[next_];
    const auto* fires = std::get_if<PromtoolExpectation>(pending.expectation);
    if (fires != nullptr && pending.at == *start_) {
      Check(*fires, {});  // nothing can fire before the first evaluation
      continue;
    }
    if (pending.at < last_tick_) {
      NotEvaluated(pending);
      continue;
    }
    if (snapshot == nullptr) snapshot = pipeline.TakeSnapshot();
    if (const auto* alert = std::get_if<AlertExpectation>(pending.expectation)) Check(*alert, *snapshot);
    if (const auto* window = std::get_if<WindowExpectation>(pending.expectation)) Check(*window, *snapshot);
    if (const auto* budget = std::get_if<BudgetExpectation>(pending.expectation)) Check(*budget, *snapshot);
    if (fires != nullptr) Check(*fires, snapshot->alerts);
  }
}

absl::Time Judge::NextWanted(absl::Time from) const {
  return next_ < pending_.size() ? std::max(pending_[next_].at, from) : absl::InfiniteFuture();
}

TestOutcome Judge::Finish() {
  if (!start_) OnStart(absl::UnixEpoch(), Memory::kNone);
  for (; next_ < pending_.size(); ++next_) NotEvaluated(pending_[next_]);
  for (const Expectation& expectation : test_.expectations) {
    if (const auto* timeline = std::get_if<TimelineExpectation>(&expectation)) Check(*timeline);
    if (const auto* told = std::get_if<NotificationsExpectation>(&expectation)) Check(*told);
    if (const AlertPath* path = SubjectOf(expectation)) CheckEndpoint(PlaceOf(expectation), *path);
  }
  std::stable_sort(outcome_.failures.begin(), outcome_.failures.end(),
                   [](const TestFailure& a, const TestFailure& b) { return a.place < b.place; });
  return std::move(outcome_);
}

std::string Judge::Show(absl::Time time) const {
  return has_dates_ || time < *start_ ? TimeText(time) : "+" + DurationText(time - *start_);
}

void Judge::Fail(Place place, std::string what, std::vector<Line> difference) {
  outcome_.failures.push_back({place, std::move(what), std::move(difference)});
}

void Judge::FailAt(Place place, std::string what, std::string expected, std::string actual) {
  Fail(place, std::move(what), {{Mark::kExpected, std::move(expected)}, {Mark::kActual, std::move(actual)}});
}

void Judge::NotEvaluated(const Pending& pending) {
  const std::string why = pending.at > last_tick_ ? fmt::format("the last evaluation is at {}", Show(last_tick_))
                                                  : std::string("none: the traffic or a restart passed over it");
  FailAt(PlaceOf(*pending.expectation), fmt::format("at {}", Show(pending.at)), "an evaluation at that time", why);
}

void Judge::LookForEndpoints(const Pipeline& pipeline) {
  std::erase_if(unseen_, [&](const auto& unseen) { return Knows(pipeline, unseen.first, unseen.second); });
}

// An alert of an endpoint that nobody calls is always inactive: whoever expects that has misspelt it.
void Judge::CheckEndpoint(Place place, const AlertPath& alert) {
  const bool failed = std::any_of(outcome_.failures.begin(), outcome_.failures.end(),
                                  [place](const TestFailure& failure) { return failure.place == place; });
  if (failed || !unseen_.contains({alert.tier, alert.endpoint})) return;
  std::vector<std::string> listed;
  for (const Tier& tier : test_.rules->config.tiers) {
    if (tier.name == alert.tier) listed = tier.endpoints;
  }
  FailAt(place, alert.ToString(), fmt::format("a request of {}", Quoted(alert.endpoint)),
         fmt::format("none was counted in {}{}", alert.tier, DidYouMean(alert.endpoint, listed)));
}

bool Judge::Holds(const AlertExpectation& expected, const AlertView& view) const {
  const auto is_any_or = [](std::string_view wanted, std::string_view actual) {
    return wanted.empty() || wanted == actual;
  };
  return AlertStatusName(view.status) == expected.words.state &&
         is_any_or(expected.words.severity, view.labels.Get("severity")) &&
         is_any_or(expected.words.reason, view.reason) &&
         (!expected.since || view.active_since == expected.since->From(*start_)) &&
         (!expected.fired || view.firing_since == expected.fired->From(*start_));
}

std::string Judge::ExpectedText(const AlertExpectation& expected) const {
  std::string text = WordsText(expected.words);
  if (expected.since) text += fmt::format(" since {}", Show(expected.since->From(*start_)));
  if (expected.fired) text += fmt::format(", fired {}", Show(expected.fired->From(*start_)));
  return text;
}

std::string Judge::ShownText(const AlertView& view) const {
  const AlertWords words{std::string(AlertStatusName(view.status)), std::string(view.labels.Get("severity")),
                         view.reason};
  std::string text = fmt::format("{} since {}", WordsText(words), Show(view.active_since));
  if (view.firing_since) text += fmt::format(", fired {}", Show(*view.firing_since));
  if (view.resolved_at) text += fmt::format(", resolved {}", Show(*view.resolved_at));
  return text;
}

void Judge::Check(const AlertExpectation& expected, const Snapshot& snapshot) {
  std::vector<std::string> shown;
  bool holds = false;
  for (const AlertViewPtr& view : snapshot.alerts) {
    if (PathOf(view->labels) != expected.alert) continue;
    shown.push_back(ShownText(*view));
    holds = holds || Holds(expected, *view);
  }
  if (expected.words.state == "inactive") holds = shown.empty();
  if (holds) return;
  const std::string found = shown.empty() ? "inactive" : fmt::format("{}", fmt::join(shown, "; "));
  FailAt(expected.place, fmt::format("alert {} at {}", expected.alert.ToString(), Show(snapshot.at)),
         ExpectedText(expected), fmt::format("{} ({})", found, Circumstances(snapshot, expected.alert)));
}

void Judge::Check(const WindowExpectation& expected, const Snapshot& snapshot) {
  const SloView* slo = FindSlo(snapshot, expected.alert);
  const PairView* pair = FindPair(slo, expected.alert);
  const bool is_long = expected.length == WindowExpectation::Length::kLong;
  const WindowReading& window = is_long ? pair->long_window : pair->short_window;
  const SloCounts counts{window.bad, window.total};
  const bool holds = (!expected.bad || HoldsForCount(*expected.bad, window.bad)) &&
                     (!expected.total || HoldsForCount(*expected.total, window.total)) &&
                     (!expected.burn || HoldsForBurn(*expected.burn, counts, slo->objective));
  if (holds) return;
  FailAt(expected.place,
         fmt::format("window {}/{} ({}) at {}", expected.alert.ToString(), is_long ? "long" : "short",
                     DurationText(window.window), Show(snapshot.at)),
         Joined({NumberText("bad", expected.bad), NumberText("in total", expected.total),
                 NumberText("burn", expected.burn)}),
         WindowBeside(window, counts, expected.burn, slo->objective));
}

void Judge::Check(const BudgetExpectation& expected, const Snapshot& snapshot) {
  const SloView* slo = FindSlo(snapshot, expected.slo);
  const BudgetView& budget = slo->budget;
  if (HoldsForBudgetLeft(expected.left, budget.counts, slo->objective)) return;
  FailAt(expected.place, fmt::format("budget left of {} at {}", expected.slo.ToString(), Show(snapshot.at)),
         NumberText("left", expected.left),
         fmt::format("{} % left: {} bad of {}, {:.10g} allowed", BudgetLeftText(expected.left, budget.remaining),
                     budget.counts.bad, budget.counts.total, budget.allowed_bad));
}

// An alert as Prometheus would show it: with the annotations of the rule it comes from.
PromtoolAlert Judge::AsExported(const Labels& labels) const {
  PromtoolAlert alert;
  for (const auto& [name, value] : labels) alert.labels[name] = value;
  for (const PromtoolAlert& rule : *test_.exported) {
    const bool is_its = std::includes(alert.labels.begin(), alert.labels.end(), rule.labels.begin(), rule.labels.end());
    if (is_its) alert.annotations = rule.annotations;
  }
  return alert;
}

void Judge::Check(const PromtoolExpectation& expected, const std::vector<AlertViewPtr>& alerts) {
  std::vector<PromtoolAlert> actual;
  for (const AlertViewPtr& view : alerts) {
    const bool fires = view->status == AlertStatus::kFiring && view->labels.Get("alertname") == expected.alertname;
    if (fires) actual.push_back(AsExported(view->labels));
  }
  std::sort(actual.begin(), actual.end());
  std::vector<std::string> expected_texts;
  std::vector<std::string> actual_texts;
  for (const PromtoolAlert& alert : expected.alerts) expected_texts.push_back(PromtoolText(alert));
  for (const PromtoolAlert& alert : actual) actual_texts.push_back(PromtoolText(alert));
  std::vector<Line> difference =
      ListDifference(expected_texts, actual_texts, [&](size_t e, size_t a) { return expected.alerts[e] == actual[a]; });
  if (difference.empty()) return;
  Fail(expected.place, fmt::format("{} firing at {}", expected.alertname, Show(expected.at.From(*start_))),
       std::move(difference));
}

void Judge::Check(const TimelineExpectation& expected) {
  std::vector<Happened> actual;
  for (const Happened& step : steps_) {
    if (expected.alerts.Covers(step.alert)) actual.push_back(step);
  }
  const std::string subject = expected.alerts.ToString();
  Compare(expected.place, fmt::format("timeline {}", subject.empty() ? "all" : subject), expected.is, expected.alerts,
          std::move(actual));
}

void Judge::Check(const NotificationsExpectation& expected) {
  std::vector<Happened> actual;
  for (const ToldAlert& told : delivery_.told()) {
    if (told.destination != expected.destination) continue;
    const bool left_out =
        told.kind == ToldAlert::Kind::kRepeat && expected.repeats == NotificationsExpectation::Repeats::kLeftOut;
    if (left_out || (expected.at && told.at != expected.at->From(*start_))) continue;
    actual.push_back(HappenedBy(told));
  }
  const std::string when = expected.at ? " at " + Show(expected.at->From(*start_)) : "";
  Compare(expected.place, fmt::format("notifications {}{}", expected.destination, when), expected.is, {},
          std::move(actual));
}

void Judge::Compare(Place place, std::string what, const std::vector<ListedEvent>& expected, const AlertPath& among,
                    std::vector<Happened> actual) {
  // The order within one instant is nobody's business.
  const auto order = [](absl::Time at, const AlertPath& path, const AlertWords& words) {
    return std::tuple(at, path.ToString(), words.state);
  };
  std::vector<ListedEvent> listed = expected;
  std::stable_sort(listed.begin(), listed.end(), [&](const ListedEvent& a, const ListedEvent& b) {
    return order(a.at.From(*start_), a.alert, a.words) < order(b.at.From(*start_), b.alert, b.words);
  });
  std::stable_sort(actual.begin(), actual.end(), [&](const Happened& a, const Happened& b) {
    return order(a.at, a.alert, a.words) < order(b.at, b.alert, b.words);
  });
  std::vector<std::string> expected_texts;
  for (const ListedEvent& event : listed) expected_texts.push_back(event.text);
  std::vector<std::string> actual_texts;
  for (const Happened& happened : actual) {
    const std::string rest = among.Rest(happened.alert);
    actual_texts.push_back(fmt::format("{} {}{}{}{}", Show(happened.at), rest, rest.empty() ? "" : " ",
                                       WordsText(happened.words), happened.is_repeat ? " repeat" : ""));
  }
  std::vector<Line> difference = ListDifference(
      expected_texts, actual_texts, [&](size_t e, size_t a) { return IsAsListed(actual[a], listed[e], *start_); });
  if (!difference.empty()) Fail(place, std::move(what), std::move(difference));
}

}  // namespace firebreak
