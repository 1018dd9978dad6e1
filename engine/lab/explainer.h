#ifndef FIREBREAK_ENGINE_LAB_EXPLAINER_H_
#define FIREBREAK_ENGINE_LAB_EXPLAINER_H_

#include <optional>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "engine/lab/alert_name.h"
#include "engine/lab/explanation.h"
#include "engine/tick_observer.h"
#include "engine/transition.h"

namespace firebreak {

// Answers questions about single evaluations while a replay runs: "why did this alert (not) fire then?"
// It must see both the ticks and the transitions of the replay. Thread-compatible.
class Explainer : public TickObserver, public TransitionSink {
 public:
  struct Question {
    AlertName alert;
    // An instant, or so long after the replay's beginning.
    std::variant<absl::Time, absl::Duration> when;
  };
  // The evaluation that answers is the last one at or before the instant: the instant on the grid of `step`. Where the
  // replay made none then (before its first, or while the server was down), it is the first one after it.
  struct Answer {
    Question question;
    std::optional<absl::Time> asked_at;      // on that grid; absent if the replay never began
    std::optional<absl::Time> evaluated_at;  // absent if no evaluation came at or after it
    std::optional<absl::Time> last_before;   // the last evaluation that came too early to answer
    // Absent, too, when the endpoint asked for had no alert then; `endpoints` are those that had.
    std::optional<Explanation> explanation;
    std::vector<std::string> endpoints;
  };

  Explainer(std::vector<Question> questions, absl::Duration step);

  void OnStart(absl::Time at, Memory memory) override;
  void AfterTick(Pipeline& pipeline) override;
  absl::Time NextWanted(absl::Time from) const override;
  void OnTransition(const Transition& transition) override { latest_.push_back(transition); }

  // In the order of the questions.
  const std::vector<Answer>& answers() const { return answers_; }

 private:
  absl::Time OnGrid(absl::Time time) const;
  void AnswerNow(const Pipeline& pipeline, Answer& answer);

  const absl::Duration step_;
  std::vector<Answer> answers_;
  bool started_ = false;
  std::vector<Transition> latest_;  // of the tick under way
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LAB_EXPLAINER_H_
