#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/notify/outbox_documents.h"

// An alert's outbox in the ledger: whatever the text is, it is refused or stands for an outbox that is written and read
// alike for ever. The first line is the key.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using firebreak::Document;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t line_end = text.find('\n');
  if (line_end == std::string::npos) return 0;
  const absl::Time now = absl::FromUnixSeconds(1764000000);
  const firebreak::SteadyAndWall clocks{now - absl::Hours(1), now};
  uint64_t last_id = 0;
  const auto read = [&](const Document& document) {
    return firebreak::ReadAlertDocuments({document}, clocks, last_id);
  };
  const absl::StatusOr<firebreak::Outboxes> outboxes = read({text.substr(0, line_end), text.substr(line_end + 1)});
  if (!outboxes.ok() || outboxes->empty()) return 0;
  const firebreak::Labels& labels = outboxes->begin()->first;
  const Document written = firebreak::AlertDocument(labels, *outboxes, clocks);
  const absl::StatusOr<firebreak::Outboxes> again = read(written);
  if (!again.ok() || firebreak::AlertDocument(labels, *again, clocks) != written) std::abort();
  return 0;
}
