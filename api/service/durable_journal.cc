#include "api/service/durable_journal.h"

#include <algorithm>
#include <utility>

#include "api/notify/alert_codec.h"
#include "api/notify/steady.h"
#include "api/notify/tellable_view.h"
#include "api/service/alert_record_codec.h"
#include "spdlog/spdlog.h"

namespace firebreak {
namespace {

constexpr absl::Duration kLongestWait = absl::Hours(1);

// The record as the ledger keeps it. `first_news` numbers its first transition.
TickRecord ToTickRecord(const EvaluationRecord& record, int64_t first_news) {
  TickRecord tick;
  tick.at = record.at;
  for (const AlertRecord& alert : record.changed) tick.states.push_back(EncodeAlertRecord(alert));
  for (const Labels& identity : record.ended) tick.states.push_back({AlertRecordKey(identity), ""});
  for (const Transition& transition : record.transitions) {
    tick.news.push_back({first_news++, EncodeAlert(*TellableView(transition))});
  }
  return tick;
}

}  // namespace

DurableJournal::DurableJournal(Committer& committer, int64_t last_news, Receiver receiver, absl::Duration patience)
    : committer_(committer),
      receiver_(std::move(receiver)),
      patience_(patience),
      last_news_(last_news),
      written_(last_news),
      thread_([this] { Run(); }) {}

DurableJournal::~DurableJournal() { Stop(); }

bool DurableJournal::CommitBatch(BatchRecord batch, std::function<void(Committer::Outcome)> done) {
  {
    MutexLock lock(mutex_);
    ++committing_;
  }
  const bool taken = committer_.Commit(std::move(batch), [this, done = std::move(done)](Committer::Outcome outcome) {
    done(outcome);
    FinishOne();
  });
  if (!taken) FinishOne();
  return taken;
}

// All under the lock: news may be handed on only once its tick is the committer's, which then writes it before anything
// that a destination saves about it.
void DurableJournal::CommitEvaluation(EvaluationRecord record) {
  MutexLock lock(mutex_);
  LogChange(committer_.health());
  TickRecord tick = ToTickRecord(record, last_news_ + 1);
  last_news_ += static_cast<int64_t>(record.transitions.size());
  ++committing_;
  committer_.Commit(std::move(tick), [this, last_news = last_news_](const absl::Status& status) {
    Settle(last_news, status);
    FinishOne();
  });
  if (record.transitions.empty()) return;
  held_.push_back({std::move(record.transitions), last_news_, SteadyNow() + patience_});
  changed_.NotifyAll();
}

void DurableJournal::LogChange(const LedgerHealth& health) {
  if (health.refusing == refusing_) return;
  refusing_ = health.refusing;
  if (refusing_) {
    spdlog::error("events are refused: they cannot be stored: {}", health.error);
  } else {
    spdlog::info("events are stored again");
  }
}

void DurableJournal::Settle(int64_t last_news, const absl::Status& status) {
  MutexLock lock(mutex_);
  if (status.ok()) {
    // The committer writes in order, what failed before included.
    written_ = std::max(written_, last_news);
  } else {
    for (Held& held : held_) held.failed |= held.last_news <= last_news;
  }
  changed_.NotifyAll();
}

void DurableJournal::FinishOne() {
  MutexLock lock(mutex_);
  --committing_;
  changed_.NotifyAll();
}

void DurableJournal::Flush(absl::Duration deadline) {
  const absl::Time end = SteadyNow() + deadline;
  MutexLock lock(mutex_);
  while (committing_ > 0 && SteadyNow() < end) changed_.WaitFor(mutex_, end - SteadyNow());
}

void DurableJournal::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool DurableJournal::FrontIsReady() const {
  if (held_.empty()) return false;
  const Held& front = held_.front();
  return stopping_ || front.failed || front.last_news <= written_ || front.give_up <= SteadyNow();
}

DurableJournal::Work DurableJournal::TakeFront() {
  Held front = std::move(held_.front());
  held_.pop_front();
  Work work;
  work.first_news = front.last_news - static_cast<int64_t>(front.transitions.size()) + 1;
  work.transitions = std::move(front.transitions);
  if (front.last_news > written_) {
    work.written = Written::kNotYet;
    unwritten_ = front.last_news;
  }
  return work;
}

std::optional<DurableJournal::Work> DurableJournal::Next() {
  MutexLock lock(mutex_);
  while (true) {
    if (FrontIsReady()) return TakeFront();
    if (OwesReport()) {
      unwritten_ = 0;
      Work work;
      work.now_written = written_;
      return work;
    }
    if (stopping_) return std::nullopt;
    const absl::Duration wait = held_.empty() ? kLongestWait : held_.front().give_up - SteadyNow();
    if (wait > absl::ZeroDuration()) changed_.WaitFor(mutex_, wait);
  }
}

void DurableJournal::Run() {
  while (const std::optional<Work> work = Next()) {
    int64_t news = work->first_news;
    for (const Transition& transition : work->transitions) receiver_.deliver(transition, news++, work->written);
    if (work->now_written) receiver_.written(*work->now_written);
  }
}

}  // namespace firebreak
