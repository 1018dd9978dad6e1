#include "api/cli/tune_history.h"

#include <utility>

#include "api/cli/event_files.h"
#include "api/cli/ledger_history.h"
#include "api/cli/progress.h"
#include "engine/folder.h"
#include "engine/jump_filter.h"
#include "engine/maintenance.h"
#include "engine/replay.h"
#include "fmt/format.h"
#include "storage/ledger/ledger.h"

namespace firebreak {
namespace {

constexpr int64_t kEventsAtOnce = 50'000;

// Folds events into a book, some at a time.
class BookWriter {
 public:
  BookWriter(std::shared_ptr<const RuleSet> rules, HistoryBook& book) : folder_(std::move(rules)), book_(book) {}

  void Take(const Event& event) {
    folder_.Add(event);
    if (++events_ % kEventsAtOnce == 0) Flush();
  }
  void Flush() { book_.Add(folder_.Take()); }
  int64_t events() const { return events_; }

 private:
  Folder folder_;
  HistoryBook& book_;
  int64_t events_ = 0;
};

absl::Status CheckStep(const Config& config, absl::Duration step) {
  ReplayOptions options;
  options.step = step;
  return ReplayDriver::Validate(config, options);
}

// The evaluations that a LedgerReplay makes of the span.
TickRange TicksOf(const LedgerSpan& span, absl::Duration step) {
  const absl::Time after = span.since + absl::Nanoseconds(1);
  TickRange ticks{absl::UnixEpoch() + absl::Ceil(after - absl::UnixEpoch(), step), step, 0};
  if (ticks.first <= span.newest) ticks.count = (span.newest - ticks.first) / step + 1;
  return ticks;
}

void SetMaintenance(const MaintenanceList& windows, HistoryBook& book) {
  const std::vector<Tier>& tiers = book.rules().config.tiers;
  for (size_t tier = 0; tier < tiers.size(); ++tier) {
    book.SetMaintenance(static_cast<int>(tier), windows.Of(tiers[tier].name));
  }
}

}  // namespace

absl::StatusOr<TuneHistory> ReadTuneFiles(std::shared_ptr<const RuleSet> rules, const std::vector<std::string>& files,
                                          const std::string& format, absl::Duration step) {
  const absl::Status valid = CheckStep(rules->config, step);
  if (!valid.ok()) return valid;
  absl::StatusOr<EventFiles> input = EventFiles::Open(files, format);
  if (!input.ok()) return input.status();
  TuneHistory history;
  history.book = std::make_unique<HistoryBook>(rules);
  BookWriter writer(rules, *history.book);
  int64_t jumps = 0;
  JumpFilter filter([&](const Event& event) { writer.Take(event); },
                    [&](int64_t line, std::string_view reason) {
                      ++jumps;
                      input->KeepReason(line, reason);
                    });
  Progress progress("read");
  history.fault = input->Read([&](const Event& event, int64_t line) { filter.Offer(event, line); }, progress);
  filter.Finish();
  writer.Flush();
  history.read = input->totals();
  history.read.rejected += jumps;
  if (writer.events() == 0) {
    if (!history.fault.ok()) return history.fault;
    return absl::InvalidArgumentError(
        history.read.reasons.empty()
            ? "not one event could be read: is --format right?"
            : fmt::format("not one event could be read, the first because of {}", history.read.reasons.front()));
  }
  history.recording = {*history.book->first() - rules->config.evaluation_interval, *history.book->last()};
  history.ticks = TicksOfRecording(*history.book, step);
  return history;
}

absl::StatusOr<TuneHistory> ReadTuneLedger(std::shared_ptr<const RuleSet> rules, const std::string& config_path,
                                           const std::string& data_dir, const std::string& since, absl::Duration step) {
  const absl::Status valid = CheckStep(rules->config, step);
  if (!valid.ok()) return valid;
  const absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::OpenToRead(LedgerPath(data_dir));
  if (!ledger.ok()) return ledger.status();
  const absl::StatusOr<LedgerSpan> span = ReadLedgerSpan(**ledger, since, rules->config);
  if (!span.ok()) return span.status();
  TuneHistory history;
  history.read.what = "counts";
  const absl::Status alike = CheckFingerprints(**ledger, *span, rules->config, config_path, history.read.notes);
  if (!alike.ok()) return alike;
  const absl::StatusOr<MaintenanceList> maintenance = LoadMaintenance(**ledger);
  if (!maintenance.ok()) return maintenance.status();
  history.book = std::make_unique<HistoryBook>(std::move(rules));
  SetMaintenance(*maintenance, *history.book);
  const absl::Status read =
      (*ledger)->VisitTierHistory(span->loaded, span->newest, [&](const SeriesName& series, const CountRow& row) {
        ++history.read.lines;
        history.book->Add(series, row);
      });
  if (!read.ok()) return read;
  NoteSpan(*span, history.read.notes);
  if (history.book->wide_rows() > 0) {
    history.read.notes.push_back(
        fmt::format("{} counts are wider than a slot: windows that cut them are not exact", history.book->wide_rows()));
  }
  history.recording = {span->since, span->newest};
  history.ticks = TicksOf(*span, step);
  return history;
}

}  // namespace firebreak
