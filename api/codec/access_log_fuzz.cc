// Any bytes as lines of each format: an event that comes out is within its limits, and nothing breaks.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "api/codec/access_log.h"
#include "api/codec/excerpt.h"

namespace {

using firebreak::AccessLogParser;

std::vector<AccessLogParser> AllParsers() {
  std::vector<AccessLogParser> parsers;
  parsers.push_back(AccessLogParser::Combined());
  parsers.push_back(AccessLogParser::Nginx());
  constexpr char kCustom[] =
      R"((?P<time>\S*) ((?P<status>\d*)|(?P<outcome>\w+)) (?P<endpoint>\S*) (?P<latency_ms>\S*))";
  parsers.push_back(*AccessLogParser::Custom(kCustom));
  return parsers;
}

void CheckEvent(const firebreak::Event& event) {
  const bool endpoint = !event.endpoint.empty() && event.endpoint.size() <= 2048;
  const bool result = event.status ? *event.status >= 100 && *event.status <= 599 : !event.outcome.empty();
  const bool latency = !event.latency || (*event.latency >= absl::ZeroDuration() && *event.latency <= absl::Hours(24));
  const bool time =
      event.time >= absl::FromUnixSeconds(100'000'000) && event.time < absl::FromUnixSeconds(253'402'300'800);
  if (!endpoint || !result || !latency || !time || !firebreak::IsPrintableUtf8(event.endpoint)) std::abort();
}

void ParseEverywhere(std::string_view line) {
  static std::vector<AccessLogParser>& parsers = *new std::vector<AccessLogParser>(AllParsers());
  for (AccessLogParser& parser : parsers) {
    int events = 0;
    const std::string reason = parser.ParseLine(line, [&events](const firebreak::Event& event) {
      ++events;
      CheckEvent(event);
    });
    if (events != (reason.empty() ? 1 : 0) || !firebreak::IsPrintableUtf8(reason)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  firebreak::GuessRecordingFormat(text.substr(0, text.find('\n')));
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    ParseEverywhere(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return 0;
}
