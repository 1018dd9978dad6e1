#ifndef FIREBREAK_API_SERVICE_RING_ANSWERS_H_
#define FIREBREAK_API_SERVICE_RING_ANSWERS_H_

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "api/http/message.h"
#include "engine/engine_thread.h"
#include "engine/pipeline.h"
#include "rules/string_map.h"
#include "storage/mutex.h"

namespace firebreak {

// JSON that the engine's thread reads from the rings when it is asked for, once for each evaluation, however many pages
// ask. Thread-safe.
class RingAnswers {
 public:
  static constexpr size_t kMostKept = 32;  // of one evaluation

  // `engine` must outlive it.
  explicit RingAnswers(EngineThread& engine) : engine_(engine) {}

  // Answers with what `read` returns, or returned to somebody else under that name since the last evaluation.
  void Answer(std::string name, std::function<std::string(const Pipeline&)> read, HttpResponder respond);

 private:
  void Keep(const std::string& name, absl::Time at, const std::string& json);

  EngineThread& engine_;
  Mutex mutex_;
  absl::Time at_ FIREBREAK_GUARDED_BY(mutex_) = absl::InfinitePast();
  StringMap<std::string> kept_ FIREBREAK_GUARDED_BY(mutex_);  // of the evaluation at at_
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_RING_ANSWERS_H_
