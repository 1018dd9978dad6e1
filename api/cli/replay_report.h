#ifndef FIREBREAK_API_CLI_REPLAY_REPORT_H_
#define FIREBREAK_API_CLI_REPLAY_REPORT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/cli/progress.h"
#include "api/cli/replay_run.h"
#include "api/lab/explanation_text.h"
#include "engine/lab/burn_recorder.h"
#include "engine/lab/explainer.h"
#include "engine/tick_observer.h"
#include "rules/rule_set.h"

namespace firebreak {

// What a replay tells people, whatever way it goes: the timeline as it happens, or, with --explain, answers instead of
// it; then the summary; and, with --html, a page.
//
//   auto report = ReplayReport::Create(arguments, rules, step, CausesKnown::kYes, progress);
//   ReplayDriver driver(rules, …, **report, …);
//   (*report)->Observe(driver);
//   … feed the driver …
//   return (*report)->Conclude(driver.Finish(), totals, fault);
class ReplayReport : public TransitionSink, public TickObserver {
 public:
  // Errors: InvalidArgument for an alert or a time that cannot be explained; a page that cannot be written.
  // `arguments` and `progress` must outlive it.
  static absl::StatusOr<std::unique_ptr<ReplayReport>> Create(const ReplayArguments& arguments,
                                                              std::shared_ptr<const RuleSet> rules, absl::Duration step,
                                                              CausesKnown causes, Progress& progress);

  // Has the replay show its ticks, if anything that was asked for needs them.
  template <typename Replay>
  void Observe(Replay& replay) {
    if (explainer_ || recorder_) replay.Observe(*this);
  }

  void OnTransition(const Transition& transition) override;
  void OnStart(absl::Time at, Memory memory) override;
  void AfterTick(Pipeline& pipeline) override;
  absl::Time NextWanted(absl::Time from) const override;

  // Says it all; the exit code. `fault` is what ended the input early: what came before was used. It is a note, too.
  int Conclude(const ReplaySummary& summary, ReadTotals read, absl::Status fault);

 private:
  ReplayReport(const ReplayArguments& arguments, std::shared_ptr<const RuleSet> rules, absl::Duration step,
               CausesKnown causes, Progress& progress)
      : arguments_(arguments), rules_(std::move(rules)), step_(step), causes_(causes), progress_(progress) {}

  absl::Status PrintAnswers() const;
  absl::Status WritePage(const ReplaySummary& summary, const ReadTotals& read) const;

  const ReplayArguments& arguments_;
  const std::shared_ptr<const RuleSet> rules_;
  const absl::Duration step_;
  const CausesKnown causes_;
  Progress& progress_;
  AlertTotals totals_;
  std::optional<Explainer> explainer_;
  std::optional<BurnRecorder> recorder_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_REPLAY_REPORT_H_
