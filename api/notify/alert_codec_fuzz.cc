#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/notify/alert_codec.h"

// A text of the ledger: whatever it is, it is refused or stands for an alert that is written and read alike for ever.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<firebreak::AlertView> alert = firebreak::DecodeAlert(text);
  if (!alert.ok()) return 0;
  const std::string written = firebreak::EncodeAlert(*alert);
  const absl::StatusOr<firebreak::AlertView> again = firebreak::DecodeAlert(written);
  if (!again.ok() || again->labels != alert->labels || firebreak::EncodeAlert(*again) != written) std::abort();
  return 0;
}
