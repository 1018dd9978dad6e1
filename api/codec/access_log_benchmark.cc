// Lines per second of each access log format.

#include <string_view>

#include "api/codec/access_log.h"
#include "benchmark/benchmark.h"

namespace firebreak {
namespace {

constexpr std::string_view kCombinedLine =
    R"(192.0.2.185 - - [24/Feb/2016:04:30:22 -0500] "GET /2012/07/17/some-longer-article/?share=1 HTTP/1.1" 200 27758 "-" )"
    R"("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36")";
constexpr std::string_view kNginxLine =
    R"(192.0.2.185 - - [24/Feb/2016:04:30:22 -0500] "GET /2012/07/17/some-longer-article/?share=1 HTTP/1.1" 200 27758 "-" )"
    R"("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36" 0.123)";

void Parse(benchmark::State& state, AccessLogParser parser, std::string_view line) {
  int64_t events = 0;
  for (auto _ : state) parser.ParseLine(line, [&events](const Event& event) { events += event.count; });
  if (events != state.iterations()) state.SkipWithError("a line was refused");
  state.SetItemsProcessed(events);
}

void BM_Combined(benchmark::State& state) { Parse(state, AccessLogParser::Combined(), kCombinedLine); }
BENCHMARK(BM_Combined);

void BM_Nginx(benchmark::State& state) { Parse(state, AccessLogParser::Nginx(), kNginxLine); }
BENCHMARK(BM_Nginx);

}  // namespace
}  // namespace firebreak
