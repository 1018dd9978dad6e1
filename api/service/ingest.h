#ifndef FIREBREAK_API_SERVICE_INGEST_H_
#define FIREBREAK_API_SERVICE_INGEST_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "api/http/message.h"
#include "api/record/recorder.h"
#include "engine/clock.h"
#include "engine/engine_thread.h"

namespace firebreak {

// What ingest did since the process began, for /metrics.
struct IngestCounters {
  std::atomic<int64_t> batches = 0;
  std::atomic<int64_t> refused_batches = 0;    // answered 503: a queue was full, or the disk did not take it
  std::atomic<int64_t> duplicate_batches = 0;  // sent again under their key, not counted again
  std::atomic<int64_t> reused_keys = 0;        // answered 422
  std::atomic<int64_t> accepted = 0;
  std::atomic<int64_t> rejected = 0;
  std::atomic<int64_t> late = 0;
  std::atomic<int64_t> unknown_fields = 0;
};

// POST /v1/events: decodes, classifies and folds on the I/O thread that calls, hands the deltas to the engine and
// answers once they are durable and counted. Thread-safe.
class IngestHandler {
 public:
  // `recorder` is nullptr where nothing is recorded.
  IngestHandler(EngineThread& engine, const Clock& clock, const Recorder* recorder)
      : engine_(engine), clock_(clock), recorder_(recorder) {}

  void Handle(const HttpRequest& request, HttpResponder respond);

  const IngestCounters& counters() const { return *counters_; }

 private:
  EngineThread& engine_;
  const Clock& clock_;
  const Recorder* const recorder_;
  // Shared with answers under way, which may come after the handler is gone.
  const std::shared_ptr<IngestCounters> counters_ = std::make_shared<IngestCounters>();
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_INGEST_H_
