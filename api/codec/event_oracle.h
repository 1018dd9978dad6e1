#ifndef FIREBREAK_API_CODEC_EVENT_ORACLE_H_
#define FIREBREAK_API_CODEC_EVENT_ORACLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "api/codec/event_json.h"

namespace firebreak {

// A slow and plain second decoder, for tests only: nlohmann_json, one line at a time. It shares no code with the fast
// one. Events are lines of text, so that two decoders are compared by comparing what they print.

// "#0 ts=... endpoint=..." of an event, as the tests print it. `index` is its place in the body.
std::string PrintEvent(int64_t index, const Event& event);

// Prints the events of NDJSON that are good. Refused ones leave a gap in the indexes.
std::vector<std::string> OracleDecodeLines(std::string_view body, const EventTimeRule& rule);

// The same of the real decoder, with its result checked to be consistent: every event once, in order, and an error for
// each one that is missing.
std::vector<std::string> RealDecodeLines(EventDecoder& decoder, std::string_view body, const EventTimeRule& rule);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_EVENT_ORACLE_H_
