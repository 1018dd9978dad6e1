#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/service/alert_record_codec.h"

// An alert's state as the ledger has it, its key on the first line and its body behind: whatever it is, it is refused
// or stands for a record that is written and read alike for ever.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = text.substr(0, text.find('\n')).size();
  const std::string body(text.substr(line < size ? line + 1 : size));
  const absl::StatusOr<firebreak::AlertRecord> record =
      firebreak::DecodeAlertRecord({std::string(text.substr(0, line)), body});
  if (!record.ok()) {
    if (!absl::IsDataLoss(record.status())) std::abort();
    return 0;
  }
  const firebreak::Document written = firebreak::EncodeAlertRecord(*record);
  const absl::StatusOr<firebreak::AlertRecord> again = firebreak::DecodeAlertRecord(written);
  if (!again.ok() || again->identity != record->identity || firebreak::EncodeAlertRecord(*again) != written)
    std::abort();
  if (again->burn != record->burn || again->covered != record->covered) std::abort();
  return 0;
}
