// Any bytes as NDJSON: the fast decoder and the slow one find the same events. As any other layout: nothing breaks.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "api/codec/event_oracle.h"

namespace {

firebreak::EventTimeRule RuleFor(size_t size) {
  const absl::Time now = absl::FromUnixMillis(1'764'000'000'000);
  using Missing = firebreak::EventTimeRule::Missing;
  if (size % 2 == 0) return {Missing::kIsNow, now, now + absl::Seconds(30)};
  return {Missing::kIsError, now, absl::InfiniteFuture()};
}

void DecodeAs(firebreak::EventBodyFormat format, firebreak::EventDecoder& decoder, std::string_view body) {
  int64_t events = 0;
  const auto result = decoder.Decode(body, format, RuleFor(body.size()), [&](const firebreak::Event& event) {
    ++events;
    if (event.endpoint.empty() || event.endpoint.size() > 2048) std::abort();
  });
  if (events != result.decoded) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static firebreak::EventDecoder& decoder = *new firebreak::EventDecoder;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const firebreak::EventTimeRule rule = RuleFor(size);
  if (firebreak::RealDecodeLines(decoder, body, rule) != firebreak::OracleDecodeLines(body, rule)) {
    std::fputs("the decoders differ\n", stderr);
    std::abort();
  }
  DecodeAs(firebreak::EventBodyFormat::kGuess, decoder, body);
  DecodeAs(firebreak::EventBodyFormat::kJson, decoder, body);
  return 0;
}
