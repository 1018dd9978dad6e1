#include "api/lab/explanation_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/alert_text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kContributionsShown = 10;

// "bad" or "slow": what a request that hurts the SLO is.
std::string_view Hurt(const Explanation& explanation) {
  return explanation.alert.slo == Slo::kLatency ? "slow" : "bad";
}

std::string_view StatusName(const AlertState& state) {
  switch (state.phase) {
    case AlertPhase::kPending:
      return "pending";
    case AlertPhase::kFiring:
      return "firing";
    case AlertPhase::kInactive:
      break;
  }
  return "inactive";
}

std::string StandingText(const ExplainedBurn& burn) {
  const AlertState& state = burn.state;
  if (state.phase == AlertPhase::kPending) return fmt::format("pending since {}", TimeText(state.pending_since));
  if (state.phase == AlertPhase::kInactive) return "inactive";
  return fmt::format("firing [{}] since {}, above since {}", SeverityName(state.severity), TimeText(state.firing_since),
                     TimeText(state.pending_since));
}

std::string StandingText(const NoDataState& state) {
  if (!state.firing) return "inactive";
  return fmt::format("firing [{}] since {}", SeverityName(state.severity), TimeText(state.firing_since));
}

std::string ChangesText(const Explanation& explanation) {
  std::string text;
  for (const Transition& change : explanation.changes) {
    text += fmt::format("  This evaluation: {} → {}", AlertStatusName(change.from), AlertStatusName(change.to));
    if (change.to == AlertStatus::kFiring) text += fmt::format(" [{}]", change.alert->labels.Get("severity"));
    if (!change.reason.empty()) text += fmt::format(" ({})", change.reason);
    text += ".\n";
  }
  return text;
}

std::string PendingText(const ExplainedBurn& burn, absl::Time at) {
  const absl::Duration lasted = at - burn.state.pending_since;
  return fmt::format("; it has lasted {} of the {} (for) that it takes to fire", DurationText(lasted),
                     DurationText(burn.policy.hold_for));
}

std::string BelowText(const ExplainedBurn& burn) {
  const auto window = [](const ExplainedWindow& w) { return DurationText(w.reading.window); };
  if (!burn.short_window.above && !burn.long_window.above) {
    return fmt::format("neither the last {} nor the last {} is above", window(burn.short_window),
                       window(burn.long_window));
  }
  const bool in_short = burn.short_window.above;
  return fmt::format("the last {} is above, but the last {} is not",
                     window(in_short ? burn.short_window : burn.long_window),
                     window(in_short ? burn.long_window : burn.short_window));
}

// What holds an alert that fires though its windows are not above.
std::string HeldText(const ExplainedBurn& burn) {
  if (burn.state.phase != AlertPhase::kFiring) return "";
  if (burn.ends_without_data) {
    return fmt::format("; held without data since {}, without any it ends at {}", TimeText(*burn.state.no_data_since),
                       TimeText(*burn.ends_without_data));
  }
  if (!burn.state.below_since) return "";
  return fmt::format("; not above since {}, kept firing until {} (keep_firing_for)", TimeText(*burn.state.below_since),
                     TimeText(*burn.state.below_since + burn.policy.keep_firing_for));
}

std::string WhyText(const Explanation& explanation, const ExplainedBurn& burn) {
  switch (burn.signal.kind) {
    case BurnSignal::Kind::kMaintenance:
      return fmt::format("under maintenance until {}: nothing is held against the tier",
                         TimeText(*explanation.maintenance_until));
    case BurnSignal::Kind::kFailed:
      return "requests were being refused: windows that are not above say nothing, the alert stays as it was";
    case BurnSignal::Kind::kNoData:
      return fmt::format("no data: the last {} holds no request, which is neither above nor below{}",
                         DurationText(burn.short_window.reading.window), HeldText(burn));
    case BurnSignal::Kind::kBelow:
      return BelowText(burn) + HeldText(burn);
    case BurnSignal::Kind::kAbove:
      break;
  }
  std::string text = "both windows are above";
  if (burn.state.phase == AlertPhase::kPending) text += PendingText(burn, explanation.at);
  if (!burn.guard.empty()) text += fmt::format("; {}: a ticket and no page", burn.guard);
  return text;
}

// "3 more bad requests in the last 5m would have put both windows above."; "" where there is nothing to turn.
std::string FlipText(const Explanation& explanation, const ExplainedBurn& burn) {
  const bool above = burn.signal.kind == BurnSignal::Kind::kAbove;
  if (!above && burn.signal.kind != BurnSignal::Kind::kBelow) return "";
  const std::string last = DurationText(burn.short_window.reading.window);
  if (!burn.flip) {
    return fmt::format("  Even if all requests of the last {} had been {}, not both windows would have been above.\n",
                       last, Hurt(explanation));
  }
  return fmt::format("  {} {} {} request{} in the last {}, and {}.\n", *burn.flip, above ? "fewer" : "more",
                     Hurt(explanation), *burn.flip == 1 ? "" : "s",
                     above && *burn.flip == burn.long_window.flip && *burn.flip < *burn.short_window.flip
                         ? DurationText(burn.long_window.reading.window)
                         : last,
                     above ? "not both windows would have been above" : "both windows would have been above");
}

// "/pay 9 of 11 (31 % of the bad)", "/cart 4 of 40 (14 %)": shares are of the `bad` requests of the window, which
// `hurt` says once; without any there is no share.
std::vector<std::string> ContributionTexts(const std::vector<Contribution>& contributions, int64_t bad,
                                           std::string_view hurt) {
  std::vector<std::string> texts;
  for (const Contribution& part : contributions) {
    if (texts.size() == kContributionsShown) break;
    std::string text = fmt::format("{} {}", part.name, part.bad);
    if (part.total > 0) text += fmt::format(" of {}", part.total);
    if (bad > 0) {
      text += fmt::format(" ({}{})", ShareText(static_cast<double>(part.bad) / static_cast<double>(bad)),
                          texts.empty() ? fmt::format(" of the {}", hurt) : "");
    }
    texts.push_back(std::move(text));
  }
  const size_t shown = texts.size();
  if (contributions.size() > shown) texts.push_back(fmt::format("and {} more", contributions.size() - shown));
  return texts;
}

// Codes are short, and stand in one line; of endpoints each has its own, unless there is but one.
enum class Layout { kOneLine, kLineEach };

std::string ContributionsText(std::string_view what, const std::vector<std::string>& texts, Layout layout) {
  if (texts.empty()) return "";
  const bool each = layout == Layout::kLineEach && texts.size() > 1;
  return fmt::format("      {}:{}{}\n", what, each ? "\n        " : " ", fmt::join(texts, each ? "\n        " : ", "));
}

// The rest, "other" to machines, needs a word more among numbers.
std::vector<Contribution> InWords(std::vector<Contribution> causes) {
  for (Contribution& cause : causes) {
    if (cause.name == "other") cause.name = "other codes";
  }
  return causes;
}

std::string WindowText(const Explanation& explanation, const ExplainedBurn& burn, const ExplainedWindow& window) {
  const WindowReading& reading = window.reading;
  std::string text = fmt::format("  Last {}: {}", DurationText(reading.window), WindowText(reading));
  if (reading.total > 0) {
    text += fmt::format(", {} {}x", window.above ? "above" : "not above", burn.burn.ToString());
    if (window.flip)
      text += fmt::format(" ({} {})", *window.flip, window.above ? "fewer and it is not" : "more and it is");
  }
  if (reading.excluded_total > 0) text += fmt::format("; {} under maintenance left out", reading.excluded_total);
  if (reading.coverage < 1) text += fmt::format("; {} of it covered by data", ShareText(reading.coverage));
  text += "\n";
  const std::string_view hurt = Hurt(explanation);
  text += ContributionsText(fmt::format("{} by endpoint", hurt), ContributionTexts(window.endpoints, reading.bad, hurt),
                            Layout::kLineEach);
  const bool of_endpoint = !explanation.alert.endpoint.empty();
  text += ContributionsText(of_endpoint ? "status of the whole tier" : "status",
                            ContributionTexts(InWords(window.causes), of_endpoint ? 0 : reading.bad, hurt),
                            Layout::kOneLine);
  return text;
}

std::string BurnText(const Explanation& explanation, CausesKnown causes) {
  const ExplainedBurn& burn = *explanation.burn;
  std::string text = fmt::format("  Why: {}.\n", WhyText(explanation, burn));
  text += fmt::format("  Alerts above {} % ({}x at an objective of {} %) in both windows, for {}.\n",
                      burn.threshold_percent, burn.burn.ToString(), burn.objective.ToPercentString(),
                      DurationText(burn.policy.hold_for));
  text += WindowText(explanation, burn, burn.short_window) + WindowText(explanation, burn, burn.long_window);
  if (causes == CausesKnown::kNo) text += "  Endpoints and status codes are not known: a ledger replays tiers.\n";
  text += FlipText(explanation, burn);
  if (burn.budget_left) text += fmt::format("  Budget left: {}.\n", ShareText(*burn.budget_left));
  return text;
}

std::string NoDataText(const Explanation& explanation) {
  const ExplainedNoData& no_data = *explanation.no_data;
  std::string text;
  if (explanation.maintenance_until) {
    text += fmt::format("  Under maintenance until {}: nobody misses requests.\n",
                        TimeText(*explanation.maintenance_until));
  }
  text += fmt::format("  Feed: {}. ", FeedStateName(explanation.feed));
  text += no_data.last_event ? fmt::format("Last request counted by {}", TimeText(*no_data.last_event))
                             : std::string("No request was counted by then");
  if (no_data.last_life) text += fmt::format(", last sign of life by {}", TimeText(*no_data.last_life));
  text += fmt::format("; lost after {} without one.\n", DurationText(no_data.lost_after));
  if (no_data.state.until_requests)
    text += "  An alert was held while it fired: it ends only when requests come again.\n";
  return text;
}

Json TimeOrNull(std::optional<absl::Time> time) { return time ? Json(TimeText(*time)) : Json(); }
template <typename Value>
Json ValueOrNull(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json ContributionsJson(std::string_view what, const std::vector<Contribution>& contributions) {
  Json json = Json::array();
  for (const Contribution& part : contributions) {
    Json one = {{what, part.name}, {"bad", part.bad}};
    if (part.total > 0) one["total"] = part.total;
    json.push_back(std::move(one));
  }
  return json;
}

Json WindowJson(const ExplainedWindow& window, CausesKnown causes) {
  const WindowReading& reading = window.reading;
  Json json = {{"window", DurationText(reading.window)},
               {"bad", reading.bad},
               {"total", reading.total},
               {"burn", ValueOrNull(reading.burn)},
               {"above", window.above},
               {"flip", ValueOrNull(window.flip)},
               {"coverage", reading.coverage},
               {"excluded_bad", reading.excluded_bad},
               {"excluded_total", reading.excluded_total},
               {"endpoints", nullptr},
               {"causes", nullptr}};
  if (causes == CausesKnown::kNo) return json;
  json["endpoints"] = ContributionsJson("endpoint", window.endpoints);
  json["causes"] = ContributionsJson("status", window.causes);
  return json;
}

std::string_view SignalName(BurnSignal::Kind kind) {
  switch (kind) {
    case BurnSignal::Kind::kBelow:
      return "below";
    case BurnSignal::Kind::kAbove:
      return "above";
    case BurnSignal::Kind::kNoData:
      return "no_data";
    case BurnSignal::Kind::kFailed:
      return "refused";
    case BurnSignal::Kind::kMaintenance:
      break;
  }
  return "maintenance";
}

void AddBurn(const ExplainedBurn& burn, CausesKnown causes, Json& json) {
  const AlertState& state = burn.state;
  const bool active = state.phase != AlertPhase::kInactive;
  const bool firing = state.phase == AlertPhase::kFiring;
  json["status"] = StatusName(state);
  json["severity"] = SeverityName(firing ? state.severity : burn.policy.severity);
  json["pending_since"] = active ? Json(TimeText(state.pending_since)) : Json();
  json["firing_since"] = firing ? Json(TimeText(state.firing_since)) : Json();
  json["for"] = DurationText(burn.policy.hold_for);
  json["signal"] = SignalName(burn.signal.kind);
  json["threshold"] = {
      {"burn", burn.burn.ToString()}, {"objective", burn.objective.ToString()}, {"percent", burn.threshold_percent}};
  json["short"] = WindowJson(burn.short_window, causes);
  json["long"] = WindowJson(burn.long_window, causes);
  json["flip"] = ValueOrNull(burn.flip);
  json["guard"] = burn.guard.empty() ? Json() : Json(burn.guard);
  json["below_since"] = TimeOrNull(state.below_since);
  json["no_data_since"] = TimeOrNull(state.no_data_since);
  json["ends_without_data"] = TimeOrNull(burn.ends_without_data);
  json["budget_left"] = ValueOrNull(burn.budget_left);
}

void AddNoData(const ExplainedNoData& no_data, Json& json) {
  json["status"] = no_data.state.firing ? "firing" : "inactive";
  json["severity"] = SeverityName(no_data.state.severity);
  json["firing_since"] = no_data.state.firing ? Json(TimeText(no_data.state.firing_since)) : Json();
  json["last_event"] = TimeOrNull(no_data.last_event);
  json["last_life"] = TimeOrNull(no_data.last_life);
}

Json ChangesJson(const Explanation& explanation) {
  Json json = Json::array();
  for (const Transition& change : explanation.changes) {
    json.push_back({{"from", AlertStatusName(change.from)},
                    {"to", AlertStatusName(change.to)},
                    {"reason", change.reason.empty() ? Json() : Json(change.reason)}});
  }
  return json;
}

}  // namespace

absl::Status FaultOf(const Explainer::Answer& answer, const Config& config) {
  const std::string name = AlertNameText(answer.question.alert, config);
  if (!answer.last_before && !answer.evaluated_at) {
    return absl::InvalidArgumentError(fmt::format("--explain {}: the replay evaluated nothing", name));
  }
  if (!answer.evaluated_at) {
    return absl::InvalidArgumentError(fmt::format("--explain {}@{}: the replay ends before that, at {}", name,
                                                  TimeText(*answer.asked_at), TimeText(*answer.last_before)));
  }
  if (answer.explanation) return absl::OkStatus();
  std::string list;
  for (const std::string& endpoint : answer.endpoints) list += fmt::format("\n  {}", endpoint);
  return absl::InvalidArgumentError(fmt::format(
      "--explain {}@{}: that endpoint had no alert then{}; there were:{}", name, TimeText(*answer.evaluated_at),
      DidYouMean(answer.question.alert.endpoint, answer.endpoints), list.empty() ? " none" : list));
}

std::string ExplanationText(const Explainer::Answer& answer, const Config& config, CausesKnown causes) {
  const Explanation& explanation = *answer.explanation;
  std::string text =
      fmt::format("{} at {}: {}\n", AlertNameText(explanation.alert, config), TimeText(explanation.at),
                  explanation.burn ? StandingText(*explanation.burn) : StandingText(explanation.no_data->state));
  if (explanation.at != *answer.asked_at) {
    text += fmt::format("  There was no evaluation at {}: this is the next one.\n", TimeText(*answer.asked_at));
  }
  text += ChangesText(explanation);
  return text + (explanation.burn ? BurnText(explanation, causes) : NoDataText(explanation));
}

std::string ExplanationJson(const Explainer::Answer& answer, const Config& config, CausesKnown causes) {
  const Explanation& explanation = *answer.explanation;
  Json json = {{"alert", AlertNameText(explanation.alert, config)},
               {"asked", TimeText(*answer.asked_at)},
               {"time", TimeText(explanation.at)},
               {"changes", ChangesJson(explanation)},
               {"feed", FeedStateName(explanation.feed)},
               {"maintenance_until", TimeOrNull(explanation.maintenance_until)},
               {"ingest_refused", explanation.ingest_refused}};
  if (explanation.burn) AddBurn(*explanation.burn, causes, json);
  if (explanation.no_data) AddNoData(*explanation.no_data, json);
  return Json{{"explain", json}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace firebreak
