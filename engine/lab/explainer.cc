#include "engine/lab/explainer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace firebreak {
namespace {

bool IsAbout(const Transition& transition, const AlertName& alert, const Config& config) {
  if (transition.tier != config.tiers[static_cast<size_t>(alert.tier)].name) return false;
  if (!alert.slo) return transition.slo.empty();
  return transition.slo == SloName(*alert.slo) && transition.endpoint == alert.endpoint &&
         transition.pair == config.pairs[static_cast<size_t>(alert.pair)].name;
}

// The endpoints that have alerts, as the one that was asked for has not.
std::vector<std::string> WatchedEndpoints(const TierWatch& watch) {
  std::vector<std::string> endpoints;
  for (size_t i = 0; i < watch.num_burn_alerts(); ++i) {
    const std::string& endpoint = watch.burn_alert(i).rule.subject().endpoint_name;
    if (endpoints.empty() || endpoints.back() != endpoint) endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace

Explainer::Explainer(std::vector<Question> questions, absl::Duration step) : step_(step) {
  for (Question& question : questions) answers_.push_back({std::move(question), {}, {}, {}, {}, {}});
}

absl::Time Explainer::OnGrid(absl::Time time) const {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), step_);
}

void Explainer::OnStart(absl::Time at, Memory) {
  if (std::exchange(started_, true)) return;
  for (Answer& answer : answers_) {
    const auto* offset = std::get_if<absl::Duration>(&answer.question.when);
    answer.asked_at = OnGrid(offset != nullptr ? at + *offset : std::get<absl::Time>(answer.question.when));
  }
}

void Explainer::AfterTick(Pipeline& pipeline) {
  for (Answer& answer : answers_) {
    if (answer.evaluated_at) continue;
    if (*answer.asked_at <= pipeline.last_tick()) {
      AnswerNow(pipeline, answer);
    } else {
      answer.last_before = pipeline.last_tick();
    }
  }
  latest_.clear();
}

void Explainer::AnswerNow(const Pipeline& pipeline, Answer& answer) {
  const AlertName& alert = answer.question.alert;
  answer.evaluated_at = pipeline.last_tick();
  answer.explanation = Explain(pipeline, alert);
  if (!answer.explanation) {
    answer.endpoints = WatchedEndpoints(pipeline.watch(alert.tier));
    return;
  }
  std::copy_if(latest_.begin(), latest_.end(), std::back_inserter(answer.explanation->changes),
               [&](const Transition& transition) { return IsAbout(transition, alert, pipeline.rules()->config); });
}

absl::Time Explainer::NextWanted(absl::Time from) const {
  absl::Time next = absl::InfiniteFuture();
  for (const Answer& answer : answers_) {
    if (answer.asked_at && *answer.asked_at >= from) next = std::min(next, *answer.asked_at);
  }
  return next;
}

}  // namespace firebreak
