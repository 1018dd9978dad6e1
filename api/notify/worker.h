#ifndef FIREBREAK_API_NOTIFY_WORKER_H_
#define FIREBREAK_API_NOTIFY_WORKER_H_

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/notify/dispatcher.h"
#include "api/notify/http_client.h"
#include "api/notify/outbox_store.h"
#include "api/notify/schedule.h"
#include "api/notify/steady.h"
#include "storage/ledger/records.h"
#include "storage/mutex.h"

namespace firebreak {

// What a worker is told to do: a destination and the options of all. Shared and immutable.
struct WorkerOptions {
  Destination destination;
  std::shared_ptr<const DispatcherOptions> common;
  AlertViewPtr watchdog;
};

// One destination with its queue and its thread: saves what has changed, takes what the schedule says, renders it,
// sends it, and reports back. Thread-safe.
class Worker {
 public:
  // `clock` and `store` must outlive the worker.
  Worker(WorkerOptions options, const Clock& clock, OutboxStore& store);
  // Stops at once.
  ~Worker();

  // --- before Start: where to begin ---
  // Whether `record` is of just this destination, and not of another that had its name.
  bool IsOf(const OutboxRecord& record) const;
  // Goes on from a record of this destination. Errors: DataLoss.
  absl::Status Restore(const OutboxRecord& record);
  // News that was not read before the restart, in order, after Restore.
  void Reapply(const AlertViewPtr& alert, int64_t news);
  // Begins as a new destination, to which `last_news` and older are no news; removes documents that another one of its
  // name has left.
  void BeginAnew(int64_t last_news, const std::vector<Document>& left_behind);

  // Saves where it begins, so that the ledger knows the destination, and starts the thread.
  void Start();

  // `news` is 0 for what is not news in the ledger.
  void Apply(const AlertViewPtr& alert, int64_t news);

  // REQUIRES: the destination has the name, kind and url of before.
  void SetOptions(WorkerOptions options);

  // From now on what waits is sent without backoff, and the thread ends when nothing waits any more.
  void BeginDrain();
  // Waits for that, until `deadline` (SteadyNow) at most.
  void AwaitDrained(absl::Time deadline);
  // Ends the try under way and the thread.
  void Abort();
  // Saves nothing any more; the documents it has saved.
  std::vector<Document> Retire();

  // Tries what is parked once more: how many alerts.
  int64_t RetryParked();

  DestinationStats Stats() const;
  std::vector<OutboxItem> List() const;

 private:
  enum class Phase { kRunning, kDraining, kEnded };

  void Run();
  bool Running() const;
  void Checkpoint();
  std::optional<OutboxRecord> TakeRecord();
  SteadyAndWall Now() const;
  // What is due; else waits until something may be.
  std::optional<Batch> TakeOrWait(Health health);
  void Send(const Batch& batch);
  void Report(const Batch& batch, const HttpAnswer& answer);
  Health AskHealth() const;
  std::shared_ptr<const WorkerOptions> options() const;

  const Clock& clock_;
  OutboxStore& store_;
  HttpClient http_;
  std::minstd_rand random_;  // of the thread
  // Held while saving, so that nothing is saved once Retire is done. Before mutex_, which is not held while saving.
  Mutex save_mutex_;
  bool retired_ FIREBREAK_GUARDED_BY(save_mutex_) = false;
  std::set<std::string> saved_keys_ FIREBREAK_GUARDED_BY(save_mutex_);
  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<const WorkerOptions> options_ FIREBREAK_GUARDED_BY(mutex_);
  Schedule schedule_ FIREBREAK_GUARDED_BY(mutex_);
  Phase phase_ FIREBREAK_GUARDED_BY(mutex_) = Phase::kRunning;
  int64_t news_read_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  std::optional<int64_t> saved_news_read_ FIREBREAK_GUARDED_BY(mutex_);
  std::vector<Document> unsaved_ FIREBREAK_GUARDED_BY(mutex_);  // beside the schedule's
  std::map<std::string, int64_t> sent_ FIREBREAK_GUARDED_BY(mutex_);
  std::optional<absl::Time> last_success_ FIREBREAK_GUARDED_BY(mutex_);
  std::string last_error_ FIREBREAK_GUARDED_BY(mutex_);
  std::thread thread_;
};

// Whether two destinations are one and the same, so that its queue goes on: name, kind and URL.
bool SameDestination(const Destination& a, const Destination& b);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_WORKER_H_
