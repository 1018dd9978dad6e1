#include "api/cli/replay_report.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

#include "api/codec/time_text.h"
#include "api/lab/replay_page.h"
#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

// "2026-03-01T10:42:30Z", or "+1h30m" after the replay's beginning.
std::optional<std::variant<absl::Time, absl::Duration>> ParseWhen(std::string_view text) {
  if (!text.starts_with('+')) return ParseRfc3339(text);
  const absl::StatusOr<absl::Duration> offset = ParseDuration(text.substr(1));
  if (!offset.ok()) return std::nullopt;
  return *offset;
}

absl::StatusOr<Explainer::Question> ParseQuestion(const std::string& text, const Config& config) {
  const size_t at = text.rfind('@');  // an endpoint may hold one
  if (at == std::string::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "--explain {}: wanted ALERT@TIME, such as {}@2026-03-01T10:42:30Z or @+1h30m", text, AlertNames(config)[0]));
  }
  absl::StatusOr<AlertName> alert = ParseAlertName(std::string_view(text).substr(0, at), config);
  if (!alert.ok())
    return absl::InvalidArgumentError(fmt::format("--explain: {}", std::string(alert.status().message())));
  const auto when = ParseWhen(std::string_view(text).substr(at + 1));
  if (!when) {
    return absl::InvalidArgumentError(fmt::format(
        "--explain {}: \"{}\" is no time: wanted RFC 3339 such as 2026-03-01T10:42:30Z, or +1h30m after the beginning",
        text, text.substr(at + 1)));
  }
  return Explainer::Question{*std::move(alert), *when};
}

absl::Status NoEndpoints(const std::string& question) {
  return absl::InvalidArgumentError(fmt::format(
      "--explain {}: a ledger keeps the counts of tiers for replay, so --data-dir cannot explain an endpoint's alert; "
      "a recording can",
      question));
}

// What ended the input early belongs to what there is to know of it, in words that may stand there already.
void NoteOnce(const absl::Status& fault, std::vector<std::string>& notes) {
  if (fault.ok()) return;
  const std::string note(fault.message());
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

absl::Status CannotWrite(const std::string& path) {
  return absl::InvalidArgumentError(fmt::format("--html: cannot write {}: {}", path, std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplayReport>> ReplayReport::Create(const ReplayArguments& arguments,
                                                                   std::shared_ptr<const RuleSet> rules,
                                                                   absl::Duration step, CausesKnown causes,
                                                                   Progress& progress) {
  std::unique_ptr<ReplayReport> report(new ReplayReport(arguments, rules, step, causes, progress));
  std::vector<Explainer::Question> questions;
  for (const std::string& text : arguments.explain) {
    absl::StatusOr<Explainer::Question> question = ParseQuestion(text, rules->config);
    if (!question.ok()) return question.status();
    if (causes == CausesKnown::kNo && !question->alert.endpoint.empty()) return NoEndpoints(text);
    questions.push_back(*std::move(question));
  }
  if (!questions.empty()) report->explainer_.emplace(std::move(questions), step);
  if (arguments.html.empty()) return report;
  // A long replay should not end in finding that its page cannot be written.
  if (!std::ofstream(arguments.html, std::ios::app)) return CannotWrite(arguments.html);
  report->recorder_.emplace(rules);
  return report;
}

void ReplayReport::OnTransition(const Transition& transition) {
  CountAlert(transition, totals_);
  if (recorder_) recorder_->OnTransition(transition);
  if (explainer_) {
    explainer_->OnTransition(transition);
    return;
  }
  progress_.Clear();
  fmt::print("{}\n", arguments_.json ? TransitionJson(transition) : TransitionText(transition));
}

void ReplayReport::OnStart(absl::Time at, Memory memory) {
  if (explainer_) explainer_->OnStart(at, memory);
  if (recorder_) recorder_->OnStart(at, memory);
}

void ReplayReport::AfterTick(Pipeline& pipeline) {
  if (explainer_) explainer_->AfterTick(pipeline);
  if (recorder_) recorder_->AfterTick(pipeline);
}

absl::Time ReplayReport::NextWanted(absl::Time from) const {
  return explainer_ ? explainer_->NextWanted(from) : absl::InfiniteFuture();
}

absl::Status ReplayReport::PrintAnswers() const {
  absl::Status fault;
  if (!explainer_) return fault;
  std::string_view between;
  for (const Explainer::Answer& answer : explainer_->answers()) {
    const absl::Status absent = FaultOf(answer, rules_->config);
    fault.Update(absent);
    if (!absent.ok()) continue;
    if (arguments_.json) {
      fmt::print("{}\n", ExplanationJson(answer, rules_->config, causes_));
    } else {
      fmt::print("{}{}", std::exchange(between, "\n"), ExplanationText(answer, rules_->config, causes_));
    }
  }
  return fault;
}

absl::Status ReplayReport::WritePage(const ReplaySummary& summary, const ReadTotals& read) const {
  if (!recorder_) return absl::OkStatus();
  ReplayPageFacts facts;
  facts.config = arguments_.config;
  facts.inputs = arguments_.files;
  if (!arguments_.data_dir.empty()) facts.inputs.push_back(arguments_.data_dir);
  facts.step = step_;
  facts.summary = summary;
  facts.read = read;
  facts.alerts = totals_;
  std::ofstream file(arguments_.html, std::ios::binary | std::ios::trunc);
  file << RenderReplayPage(*recorder_, facts) << std::flush;
  return file ? absl::OkStatus() : CannotWrite(arguments_.html);
}

int ReplayReport::Conclude(const ReplaySummary& summary, ReadTotals read, absl::Status fault) {
  progress_.Clear();
  NoteOnce(fault, read.notes);
  const absl::Status answered = PrintAnswers();
  PrintSummary(arguments_, rules_->config, summary, read, totals_);
  const absl::Status written = WritePage(summary, read);
  fault.Update(answered);
  fault.Update(written);
  return fault.ok() ? VerdictOf(arguments_, totals_) : FailReplay(fault);
}

}  // namespace firebreak
