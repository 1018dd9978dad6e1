#include "storage/ledger/committer.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include "fmt/format.h"
#include "storage/ledger/pending_events.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr absl::Duration kSlowCommit = absl::Seconds(2);  // longer, and we say that we refuse
constexpr absl::Duration kBetweenRetries = absl::Seconds(1);
constexpr absl::Duration kBetweenLooks = absl::Seconds(1);  // whether the file is in its place
constexpr absl::Duration kBetweenCompactions = absl::Seconds(5);
constexpr absl::Duration kGraceOfDestructor = absl::Seconds(1);

SteadyTime Now() { return std::chrono::steady_clock::now(); }
SteadyTime After(absl::Duration duration) {
  return Now() + std::min<std::chrono::nanoseconds>(absl::ToChronoNanoseconds(duration), std::chrono::hours(24 * 365));
}

using BatchDone = std::function<void(Committer::Outcome)>;
using EventDone = std::function<void(absl::Status)>;

// Whom to tell, in the order of the records: batches take their outcomes one after another.
using Answers = std::vector<std::variant<BatchDone, EventDone>>;

// What waits, or is being committed, together.
struct Group {
  std::vector<BatchRecord> batches;
  size_t deltas = 0;  // of the batches, each of which counts for one at least
  PendingEvents events;
  Answers answers;

  bool empty() const { return batches.empty() && events.empty(); }
  int64_t records() const { return static_cast<int64_t>(batches.size()) + events.records(); }
  // Hands everything over.
  Group Take() {
    Group taken = std::move(*this);
    *this = Group();
    events = taken.events.Take();
    std::swap(events, taken.events);
    return taken;
  }
};

// How a group fared.
struct Results {
  absl::Status events;                      // of the transaction
  std::vector<Committer::Outcome> batches;  // as Group::batches
};

Committer::Outcome OutcomeOf(const Ledger::BatchVerdict& verdict) {
  switch (verdict.kind) {
    case Ledger::BatchVerdict::Kind::kAdded:
      return {Committer::Verdict::kCommitted, verdict.original};
    case Ledger::BatchVerdict::Kind::kDuplicate:
      return {Committer::Verdict::kDuplicate, verdict.original};
    case Ledger::BatchVerdict::Kind::kKeyReused:
      return {Committer::Verdict::kKeyReused, verdict.original};
  }
  return {Committer::Verdict::kFailed, {}};
}

void Tell(const Answers& answers, const Results& results) {
  size_t batch = 0;
  for (const auto& answer : answers) {
    if (const auto* done = std::get_if<BatchDone>(&answer)) {
      (*done)(results.batches[batch++]);
    } else if (const auto& event_done = std::get<EventDone>(answer); event_done) {
      event_done(results.events);
    }
  }
}

}  // namespace

// What the thread and its committer share. The ledger is the thread's alone.
class Committer::Writer {
 public:
  Writer(std::unique_ptr<Ledger> ledger, std::shared_ptr<DataDirectory> directory, size_t max_waiting_deltas)
      : ledger_(std::move(ledger)),
        directory_(std::move(directory)),
        durability_(ledger_->options().durability),
        max_waiting_deltas_(max_waiting_deltas) {}

  bool Add(BatchRecord batch, BatchDone done);
  template <typename Record>
  void Add(Record record, EventDone done);
  LedgerHealth health() const;
  // Asks the thread to end and waits for it; false when it has to be left behind.
  bool Stop(absl::Duration deadline);

  // The thread.
  void Run();

 private:
  enum class Phase { kIdle, kWriting, kAnswering, kEnded };
  enum class Work { kCommit, kCompact, kLook, kEnd };

  // How long the disk has not answered, if that is too long.
  std::optional<absl::Duration> Hangs() const FIREBREAK_REQUIRES(mutex_);
  Work WaitForWork();
  void Enter(Phase phase) FIREBREAK_REQUIRES(mutex_);

  void CommitGroup();
  Results Write(const Group& group);
  absl::Status TryToWrite(const Group& group, std::vector<Outcome>& outcomes);
  absl::Status AddTo(const Group& group, std::vector<Outcome>& outcomes);
  Ledger::Sync SyncOfNext() const;
  void NoteSync(Ledger::Sync sync);
  bool LendReserve(const absl::Status& status);
  void TakeReserveBack();
  // What is to be told, unless nobody wants to hear it any more.
  Answers Finish(Group group, const absl::Status& status, const std::vector<Outcome>& outcomes);
  void NoteSuccess(const std::vector<Outcome>& outcomes) FIREBREAK_REQUIRES(mutex_);
  void Schedule(bool failed) FIREBREAK_REQUIRES(mutex_);
  void Compact();
  absl::Status CheckInPlace();
  void Look();
  void Close();

  // The thread's own.
  std::unique_ptr<Ledger> ledger_;
  const std::shared_ptr<DataDirectory> directory_;
  const Durability durability_;
  absl::Status full_;                         // why the reserve is lent: batches are refused while this is an error
  std::optional<SteadyTime> unsynced_since_;  // kInterval: when the oldest commit was made that is not synced

  const size_t max_waiting_deltas_;
  mutable Mutex mutex_;
  CondVar changed_;
  Group waiting_ FIREBREAK_GUARDED_BY(mutex_);
  bool new_records_ FIREBREAK_GUARDED_BY(mutex_) = false;  // or old ones that are to be tried at once
  Answers answering_ FIREBREAK_GUARDED_BY(mutex_);         // of the group under way; here Stop can drop them
  size_t deltas_under_way_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  int64_t records_under_way_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  Phase phase_ FIREBREAK_GUARDED_BY(mutex_) = Phase::kIdle;
  SteadyTime phase_began_ FIREBREAK_GUARDED_BY(mutex_);
  bool stopping_ FIREBREAK_GUARDED_BY(mutex_) = false;
  bool abandoned_ FIREBREAK_GUARDED_BY(mutex_) = false;
  SteadyTime retry_at_ FIREBREAK_GUARDED_BY(mutex_) = SteadyTime::max();
  SteadyTime sync_at_ FIREBREAK_GUARDED_BY(mutex_) = SteadyTime::max();
  SteadyTime compact_at_ FIREBREAK_GUARDED_BY(mutex_) = SteadyTime::max();
  SteadyTime look_at_ FIREBREAK_GUARDED_BY(mutex_) = After(kBetweenLooks);
  std::optional<absl::Time> head_ FIREBREAK_GUARDED_BY(mutex_);  // the last evaluation that was written
  LedgerHealth health_ FIREBREAK_GUARDED_BY(mutex_);
};

bool Committer::Writer::Add(BatchRecord batch, BatchDone done) {
  MutexLock lock(mutex_);
  if (stopping_ || Hangs()) return false;
  const size_t deltas = std::max<size_t>(batch.deltas.size(), 1);
  const size_t before = waiting_.deltas + deltas_under_way_;
  if (before > 0 && before + deltas > max_waiting_deltas_) return false;
  waiting_.deltas += deltas;
  waiting_.batches.push_back(std::move(batch));
  waiting_.answers.emplace_back(std::move(done));
  new_records_ = true;
  changed_.NotifyAll();
  return true;
}

template <typename Record>
void Committer::Writer::Add(Record record, EventDone done) {
  MutexLock lock(mutex_);
  if (stopping_) return;
  waiting_.events.Add(std::move(record));
  waiting_.answers.emplace_back(std::move(done));
  new_records_ = true;
  changed_.NotifyAll();
}

LedgerHealth Committer::Writer::health() const {
  MutexLock lock(mutex_);
  LedgerHealth health = health_;
  health.waiting = waiting_.records() + records_under_way_;
  if (directory_ != nullptr) health.reserve_held = directory_->reserve_held();
  if (const std::optional<absl::Duration> silence = Hangs()) {
    health.refusing = true;
    health.error =
        fmt::format("the disk has not answered for {}", absl::FormatDuration(absl::Trunc(*silence, absl::Seconds(1))));
  }
  return health;
}

std::optional<absl::Duration> Committer::Writer::Hangs() const {
  const absl::Duration taken = absl::FromChrono(Now() - phase_began_);
  if (phase_ != Phase::kWriting || taken <= kSlowCommit) return std::nullopt;
  return taken;
}

bool Committer::Writer::Stop(absl::Duration deadline) {
  const SteadyTime end = After(deadline);
  Group dropped;
  Answers unanswered;
  MutexLock lock(mutex_);
  stopping_ = true;
  if (!waiting_.empty()) new_records_ = true;
  changed_.NotifyAll();
  // While it answers, what the answers refer to has to live on; that takes no time.
  while (phase_ != Phase::kEnded && (phase_ == Phase::kAnswering || Now() < end)) {
    changed_.WaitFor(mutex_, std::max(absl::FromChrono(end - Now()), absl::Milliseconds(1)));
  }
  if (phase_ == Phase::kEnded) return true;
  abandoned_ = true;
  dropped = waiting_.Take();
  unanswered = std::move(answering_);
  return false;
}

void Committer::Writer::Run() {
  while (true) {
    switch (WaitForWork()) {
      case Work::kCommit:
        CommitGroup();
        break;
      case Work::kCompact:
        Compact();
        break;
      case Work::kLook:
        Look();
        break;
      case Work::kEnd:
        Close();
        return;
    }
  }
}

void Committer::Writer::Enter(Phase phase) {
  phase_ = phase;
  phase_began_ = Now();
  changed_.NotifyAll();
}

Committer::Writer::Work Committer::Writer::WaitForWork() {
  MutexLock lock(mutex_);
  Enter(Phase::kIdle);
  while (true) {
    const SteadyTime now = Now();
    if (new_records_ || now >= std::min(retry_at_, sync_at_)) return Work::kCommit;
    if (stopping_) return Work::kEnd;
    if (now >= look_at_) return Work::kLook;
    if (now >= compact_at_) return Work::kCompact;
    changed_.WaitFor(mutex_, absl::FromChrono(std::min({retry_at_, sync_at_, compact_at_, look_at_}) - now));
  }
}

void Committer::Writer::CommitGroup() {
  Group group;
  {
    MutexLock lock(mutex_);
    group = waiting_.Take();
    new_records_ = false;
    answering_ = std::move(group.answers);
    deltas_under_way_ = group.deltas;
    records_under_way_ = group.records();
    Enter(Phase::kWriting);
  }
  const Results results = Write(group);
  const Answers answers = Finish(std::move(group), results.events, results.batches);
  Tell(answers, results);
}

Results Committer::Writer::Write(const Group& group) {
  TakeReserveBack();
  Results results;
  results.events = TryToWrite(group, results.batches);
  // Once more at once, without the batches and on the reserve: alert states shall not wait.
  if (LendReserve(results.events)) results.events = TryToWrite(group, results.batches);
  if (!results.events.ok()) results.batches.assign(group.batches.size(), {Verdict::kFailed, {}});
  return results;
}

absl::Status Committer::Writer::TryToWrite(const Group& group, std::vector<Outcome>& outcomes) {
  outcomes.clear();
  if (!full_.ok() && group.events.empty()) return full_;
  const Ledger::Sync sync = SyncOfNext();
  absl::Status status = CheckInPlace();
  if (status.ok()) status = ledger_->Begin(sync);
  if (status.ok()) status = AddTo(group, outcomes);
  // A sync, or a try whether the disk is well again, is nothing unless it writes.
  if (status.ok() && (group.empty() || sync == Ledger::Sync::kNow)) status = ledger_->Touch();
  if (status.ok()) status = ledger_->Commit();
  // Once more: what went into a file that was taken away meanwhile must not be relied on.
  if (status.ok()) status = CheckInPlace();
  if (status.ok()) {
    NoteSync(sync);
  } else {
    ledger_->Rollback();
  }
  return status;
}

absl::Status Committer::Writer::AddTo(const Group& group, std::vector<Outcome>& outcomes) {
  for (const BatchRecord& batch : group.batches) {
    outcomes.push_back({Verdict::kFailed, {}});
    if (!full_.ok()) continue;
    const absl::StatusOr<Ledger::BatchVerdict> verdict = ledger_->Add(batch);
    if (absl::IsInvalidArgument(verdict.status())) continue;
    if (!verdict.ok()) return verdict.status();
    outcomes.back() = OutcomeOf(*verdict);
  }
  return group.events.WriteTo(*ledger_);
}

Ledger::Sync Committer::Writer::SyncOfNext() const {
  const bool due = unsynced_since_ && absl::FromChrono(Now() - *unsynced_since_) >= durability_.interval;
  return due ? Ledger::Sync::kNow : Ledger::Sync::kByMode;
}

void Committer::Writer::NoteSync(Ledger::Sync sync) {
  if (durability_.mode != Durability::Mode::kInterval) return;
  if (sync == Ledger::Sync::kNow) {
    unsynced_since_.reset();
  } else if (!unsynced_since_) {
    unsynced_since_ = Now();
  }
}

bool Committer::Writer::LendReserve(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status) || !full_.ok() || directory_ == nullptr) return false;
  directory_->ReleaseReserve();
  full_ = status;
  return true;
}

void Committer::Writer::TakeReserveBack() {
  if (!full_.ok() && directory_->HoldReserve()) full_ = absl::OkStatus();
}

Answers Committer::Writer::Finish(Group group, const absl::Status& status, const std::vector<Outcome>& outcomes) {
  MutexLock lock(mutex_);
  health_.last_commit_took = absl::FromChrono(Now() - phase_began_);
  const absl::Status& reason = status.ok() ? full_ : status;
  health_.error = std::string(reason.message());
  health_.refusing = !reason.ok();
  if (status.ok()) {
    if (group.events.head()) head_ = std::max(head_.value_or(*group.events.head()), *group.events.head());
    NoteSuccess(outcomes);
  } else {
    ++health_.failed_commits;
    group.events.Append(std::move(waiting_.events));
    waiting_.events = std::move(group.events);
  }
  Schedule(!reason.ok());
  deltas_under_way_ = 0;
  records_under_way_ = 0;
  if (abandoned_) return {};
  Enter(Phase::kAnswering);
  return std::exchange(answering_, {});
}

void Committer::Writer::NoteSuccess(const std::vector<Outcome>& outcomes) {
  ++health_.commits;
  health_.batches += std::count_if(outcomes.begin(), outcomes.end(),
                                   [](const Outcome& outcome) { return outcome.verdict == Verdict::kCommitted; });
  health_.file_bytes = ledger_->file_bytes();
  health_.keys = ledger_->keys();
  health_.keys_evicted_early = ledger_->keys_evicted_early();
}

void Committer::Writer::Schedule(bool failed) {
  retry_at_ = failed ? After(kBetweenRetries) : SteadyTime::max();
  // A retry syncs too; and a disk that fails or is full is spared all but what has to be written.
  const bool sync = !failed && unsynced_since_;
  sync_at_ = sync ? *unsynced_since_ + absl::ToChronoNanoseconds(durability_.interval) : SteadyTime::max();
  if (failed || !head_) {
    compact_at_ = SteadyTime::max();
  } else if (compact_at_ == SteadyTime::max()) {
    compact_at_ = Now();
  }
}

void Committer::Writer::Compact() {
  std::optional<absl::Time> head;
  {
    MutexLock lock(mutex_);
    head = head_;
    Enter(Phase::kWriting);
  }
  const absl::StatusOr<bool> more = ledger_->Compact(*head);
  MutexLock lock(mutex_);
  compact_at_ = more.ok() && *more ? Now() : After(kBetweenCompactions);
  health_.compaction_error = std::string(more.status().message());
  health_.file_bytes = ledger_->file_bytes();
  health_.keys = ledger_->keys();
}

absl::Status Committer::Writer::CheckInPlace() {
  const absl::Status status = ledger_->CheckInPlace();
  return status.ok() && directory_ != nullptr ? directory_->CheckLock() : status;
}

// While nothing is written.
void Committer::Writer::Look() {
  {
    MutexLock lock(mutex_);
    Enter(Phase::kWriting);
  }
  const absl::Status in_place = CheckInPlace();
  MutexLock lock(mutex_);
  look_at_ = After(kBetweenLooks);
  // A commit says what is wrong.
  if (!in_place.ok() && retry_at_ == SteadyTime::max()) retry_at_ = Now();
}

void Committer::Writer::Close() {
  if (unsynced_since_) {
    // The last chance. If it fails, what was promised for this mode is kept all the same.
    absl::Status status = ledger_->Begin(Ledger::Sync::kNow);
    if (status.ok()) status = ledger_->Touch();
    if (status.ok()) status = ledger_->Commit();
  }
  ledger_.reset();
  MutexLock lock(mutex_);
  Enter(Phase::kEnded);
}

Committer::Committer(std::unique_ptr<Ledger> ledger, std::shared_ptr<DataDirectory> directory,
                     size_t max_waiting_deltas)
    : writer_(std::make_shared<Writer>(std::move(ledger), std::move(directory), max_waiting_deltas)),
      thread_([writer = writer_] { writer->Run(); }) {}

Committer::~Committer() { Stop(kGraceOfDestructor); }

bool Committer::Commit(BatchRecord batch, BatchDone done) { return writer_->Add(std::move(batch), std::move(done)); }

void Committer::Commit(TickRecord tick, EventDone done) { writer_->Add(std::move(tick), std::move(done)); }

void Committer::Commit(OutboxRecord outbox) { writer_->Add(std::move(outbox), nullptr); }

void Committer::Commit(DestinationsRecord destinations) { writer_->Add(std::move(destinations), nullptr); }

void Committer::Commit(DocumentRecord documents, EventDone done) {
  writer_->Add(std::move(documents), std::move(done));
}

LedgerHealth Committer::health() const { return writer_->health(); }

void Committer::Stop(absl::Duration deadline) {
  if (!thread_.joinable()) return;
  if (writer_->Stop(deadline)) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace firebreak
