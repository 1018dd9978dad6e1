#ifndef FIREBREAK_API_CODEC_EVENT_JSON_H_
#define FIREBREAK_API_CODEC_EVENT_JSON_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "rules/event.h"

namespace firebreak {

// What an event without, or with an odd, time means.
struct EventTimeRule {
  enum class Missing { kIsNow, kIsError };  // live, replay
  Missing missing = Missing::kIsNow;
  absl::Time now;     // kIsNow
  absl::Time latest;  // an event after this is rejected ("ahead of now"); InfiniteFuture in replay
};

// How a body is laid out. kGuess looks: "[" first is an array; one object that fills the body, over several lines or
// not, is one object; else NDJSON.
enum class EventBodyFormat { kGuess, kJson, kNdjson };

struct EventError {
  int64_t index;       // which event of the body, from 0 (blank lines do not count)
  std::string reason;  // "status: 999 is not an HTTP status (wanted 100..599)"
};

struct EventDecodeResult {
  int64_t decoded = 0;
  int64_t rejected = 0;
  int64_t unknown_fields = 0;
  std::vector<EventError> errors;  // the first `max_errors`
};

// Decodes events from JSON text. Keeps its buffers between calls: one for each thread. Thread-compatible.
//
// The fast path is simdjson over the whole body. At its first anomaly the body is decoded again line by line (or
// element by element), each alone, so that a bad one never spoils its neighbours; `on_event` never sees an event twice.
class EventDecoder {
 public:
  EventDecoder();
  ~EventDecoder();

  // Calls `on_event` for each good event, in order; its views are valid during the call only.
  EventDecodeResult Decode(std::string_view body, EventBodyFormat format, const EventTimeRule& rule,
                           const std::function<void(const Event&)>& on_event, int max_errors = 20);

  // Decodes one event that must fill `line`. Returns "" and calls `on_event`, or returns the reason it is refused.
  std::string DecodeLine(std::string_view line, const EventTimeRule& rule,
                         const std::function<void(const Event&)>& on_event);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_EVENT_JSON_H_
