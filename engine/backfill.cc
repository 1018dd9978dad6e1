#include "engine/backfill.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/alert_text.h"
#include "engine/fingerprint_history.h"
#include "fmt/format.h"
#include "storage/ladder_shape.h"

namespace firebreak {
namespace {

constexpr int64_t kEventsInTransaction = 50'000;

// SQLite's names for what belongs to a database.
constexpr std::array<std::string_view, 4> kSuffixes = {"", "-wal", "-shm", "-journal"};

void Delete(const std::string& path) {
  for (const std::string_view suffix : kSuffixes) {
    std::error_code ignored;
    std::filesystem::remove(path + std::string(suffix), ignored);
  }
}

absl::Status Sync(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  if (synced) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backfill>> Backfill::Begin(const DataDirectory& directory, LedgerOptions options,
                                                          std::shared_ptr<const RuleSet> rules, absl::Time now) {
  std::error_code ignored;
  if (std::filesystem::exists(directory.ledger_path(), ignored)) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: there is a ledger already; a backfill makes a new one, in a folder of its own", directory.ledger_path()));
  }
  const std::string path = directory.ledger_path() + ".backfill";
  Delete(path);
  options.durability.mode = Durability::Mode::kNone;  // Finish waits for the disk
  absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::Open(path, options);
  if (!ledger.ok()) return ledger.status();
  return std::unique_ptr<Backfill>(new Backfill(directory, path, *std::move(ledger), std::move(rules), now));
}

Backfill::Backfill(const DataDirectory& directory, std::string path, std::unique_ptr<Ledger> ledger,
                   std::shared_ptr<const RuleSet> rules, absl::Time now)
    : directory_(directory),
      path_(std::move(path)),
      ledger_(std::move(ledger)),
      rules_(std::move(rules)),
      now_(now),
      pipeline_(rules_, {}, now, sink_),
      folder_(rules_) {
  pipeline_.RestoreCounts();  // of nothing: the rings are at `now`, and what is late is so for good
}

Backfill::~Backfill() {
  ledger_.reset();
  Delete(path_);
}

absl::Status Backfill::Add(const Event& event) {
  if (event.time > now_ + kMaxAhead) {
    ++totals_.ahead;
    return absl::OkStatus();
  }
  folder_.Add(event);
  return ++folded_ < kEventsInTransaction ? absl::OkStatus() : Write();
}

absl::Status Backfill::Write() {
  folded_ = 0;
  AdmittedBatch batch = pipeline_.Admit(folder_.Take());
  pipeline_.Apply(batch);
  totals_.accepted += batch.record.counts.accepted;
  totals_.late += batch.record.counts.late;
  totals_.overflow += batch.overflow;
  NoteSpan(batch.record);
  if (batch.record.deltas.empty()) return absl::OkStatus();
  batch.record.at = now_;
  absl::Status status = ledger_->Begin();
  if (status.ok()) status = ledger_->Add(batch.record).status();
  if (status.ok()) status = ledger_->Commit();
  if (!status.ok()) {
    ledger_->Rollback();
    return status;
  }
  return Compact();
}

void Backfill::NoteSpan(const BatchRecord& record) {
  for (const Delta& delta : record.deltas) {
    const absl::Time end = SlotEnd(delta.slot, rules_->config.evaluation_interval);
    totals_.first_event = std::min(totals_.first_event.value_or(end), end);
    totals_.last_event = std::max(totals_.last_event.value_or(end), end);
  }
}

// What is old is folded at once, so that the file never holds a month in the finest slots.
absl::Status Backfill::Compact() {
  while (true) {
    const absl::StatusOr<bool> more = ledger_->Compact(now_);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

absl::Status Backfill::WriteHead() {
  const absl::Duration interval = rules_->config.evaluation_interval;
  TickRecord head;
  head.at = absl::UnixEpoch() + absl::Floor(now_ - absl::UnixEpoch(), interval);
  const absl::Time since = *totals_.first_event - interval;
  absl::Status status = ledger_->Begin();
  if (status.ok()) status = ledger_->Add(head);
  if (status.ok()) status = ledger_->Add(*FingerprintToStore({}, rules_->config, since));
  if (status.ok()) status = ledger_->Commit();
  if (!status.ok()) ledger_->Rollback();
  return status;
}

absl::Status Backfill::Name() {
  ledger_.reset();  // folds its WAL into the file, unless the disk refuses
  std::error_code none;
  if (std::filesystem::file_size(path_ + "-wal", none) > 0 && !none) {
    return absl::UnavailableError(fmt::format("{}: the disk did not take all of it", path_));
  }
  const absl::Status synced = Sync(path_);
  if (!synced.ok()) return synced;
  if (std::rename(path_.c_str(), directory_.ledger_path().c_str()) != 0) {
    return absl::UnavailableError(fmt::format("{}: {}", directory_.ledger_path(), std::strerror(errno)));
  }
  return Sync(directory_.path());
}

absl::StatusOr<Backfill::Totals> Backfill::Finish() {
  absl::Status status = folded_ > 0 ? Write() : absl::OkStatus();
  if (status.ok() && totals_.accepted == 0) {
    return absl::InvalidArgumentError(
        fmt::format("not one event of the time that a ledger keeps, {} to {} (older: {}, dated ahead: {}): there is "
                    "nothing to put in it",
                    TimeText(now_ - rules_->config.period), TimeText(now_), totals_.late, totals_.ahead));
  }
  if (status.ok()) status = WriteHead();
  if (status.ok()) status = Name();
  if (!status.ok()) return status;
  return totals_;
}

}  // namespace firebreak
