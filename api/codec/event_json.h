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

// How a body is laid out.
//   kJson    "[" first is an array, anything else is one event.
//   kNdjson  each line is an event; blank lines do not count.
//   kGuess   as kJson, if the body begins with "[" or is one object over several lines, and its second line could not
//            stand alone; else as kNdjson.
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
// A field that is null is absent. A duplicate name is an error, but for names inside of values that are ignored anyway.
// An event has at most 1 MiB of text and 32 levels. A number that no double holds (1e999) is not JSON.
//
// Lines go through simdjson in pieces of 64 KiB. At the first anomaly of a piece the rest of its lines are decoded each
// alone, as the elements of an array always are, so that a bad one never spoils its neighbours; `on_event` never sees
// an event twice. Of an array whose elements lack quotes or brackets as much is saved as can be told apart.
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
