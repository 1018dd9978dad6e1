#ifndef FIREBREAK_API_NOTIFY_WORKER_H_
#define FIREBREAK_API_NOTIFY_WORKER_H_

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "api/notify/dispatcher.h"
#include "api/notify/http_client.h"
#include "api/notify/schedule.h"
#include "storage/mutex.h"

namespace firebreak {

// What a worker is told to do: a destination and the options of all. Shared and immutable.
struct WorkerOptions {
  Destination destination;
  std::shared_ptr<const DispatcherOptions> common;
  AlertViewPtr watchdog;
};

// One destination with its queue and its thread: takes what the schedule says, renders it, sends it, and reports back.
// Thread-safe.
class Worker {
 public:
  // `clock` must outlive the worker.
  Worker(WorkerOptions options, const Clock& clock);
  // Stops at once.
  ~Worker();

  void Apply(const AlertViewPtr& alert);

  // REQUIRES: the destination has the name, kind and url of before.
  void SetOptions(WorkerOptions options);

  // From now on what waits is sent without backoff, and the thread ends when nothing waits any more.
  void BeginDrain();
  // Waits for that, until `deadline` (SteadyNow) at most.
  void AwaitDrained(absl::Time deadline);
  // Ends the try under way and the thread.
  void Abort();

  DestinationStats Stats() const;

 private:
  enum class Phase { kRunning, kDraining, kEnded };

  void Run();
  bool Running() const;
  // What is due; else waits until something may be.
  std::optional<Batch> TakeOrWait(Health health);
  void Send(const Batch& batch);
  void Report(const Batch& batch, const HttpAnswer& answer);
  Health AskHealth() const;
  std::shared_ptr<const WorkerOptions> options() const;

  const Clock& clock_;
  HttpClient http_;
  std::minstd_rand random_;  // of the thread
  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<const WorkerOptions> options_ FIREBREAK_GUARDED_BY(mutex_);
  Schedule schedule_ FIREBREAK_GUARDED_BY(mutex_);
  Phase phase_ FIREBREAK_GUARDED_BY(mutex_) = Phase::kRunning;
  std::map<std::string, int64_t> sent_ FIREBREAK_GUARDED_BY(mutex_);
  std::optional<absl::Time> last_success_ FIREBREAK_GUARDED_BY(mutex_);
  std::string last_error_ FIREBREAK_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_WORKER_H_
