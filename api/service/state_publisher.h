#ifndef FIREBREAK_API_SERVICE_STATE_PUBLISHER_H_
#define FIREBREAK_API_SERVICE_STATE_PUBLISHER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "api/http/live_feed.h"
#include "api/http/message.h"
#include "engine/snapshot.h"
#include "storage/mutex.h"

namespace firebreak {

// GET /v1/state: what a page that shows everything needs at each evaluation, {"slos": GET /v1/slos, "alerts": GET
// /v1/alerts}. Pure.
std::string StateJson(const Snapshot& snapshot);

// GET /v1/stream: the same as server-sent events, one for each new evaluation, at most one a second; the present one
// again after fifteen seconds without, so that both sides see that the other is there.
//   (1) It reads published snapshots only, on a thread of its own: neither the engine nor an I/O thread renders.
//   (2) A state is rendered once, whoever reads it, and not at all while nobody does.
// Thread-safe.
class StatePublisher {
 public:
  struct Options {
    static constexpr int kMaxReaders = 100;
    int max_readers = kMaxReaders;
    absl::Duration every = absl::Seconds(1);
    absl::Duration silence = absl::Seconds(15);
  };

  // `snapshot` is called on the publisher's thread and those of Answer.
  StatePublisher(std::function<SnapshotPtr()> snapshot, Options options);
  ~StatePublisher();

  // The answer that begins a stream.
  HttpResponse Answer() const;
  // Publishes no more. Idempotent.
  void Stop();

 private:
  void Run();
  // Until it is time to look again; false when there is nothing more to do.
  bool Wait();
  void PublishIfDue();

  const std::function<SnapshotPtr()> snapshot_;
  const Options options_;
  const std::shared_ptr<LiveFeed> feed_;
  absl::Time published_ = absl::InfinitePast();  // the evaluation; of the thread
  absl::Duration quiet_;                         // since the last message; of the thread
  Mutex mutex_;
  CondVar stopped_;
  bool stop_ FIREBREAK_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_STATE_PUBLISHER_H_
