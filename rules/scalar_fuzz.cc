// Any text as a duration and as a decimal: what is read is written back to the same value.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/decimal.h"
#include "rules/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = firebreak::ParseDuration(text); duration.ok()) {
    const auto back = firebreak::ParseDuration(firebreak::DurationText(*duration));
    if (!back.ok() || *back != *duration) std::abort();
  }
  if (const auto decimal = firebreak::Decimal::Parse(text); decimal.ok()) {
    const auto back = firebreak::Decimal::Parse(decimal->ToString());
    if (!back.ok() || *back != *decimal) std::abort();
  }
  return 0;
}
