#ifndef FIREBREAK_ENGINE_FINGERPRINT_HISTORY_H_
#define FIREBREAK_ENGINE_FINGERPRINT_HISTORY_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rules/config.h"
#include "rules/fingerprint.h"
#include "storage/ledger/records.h"

namespace firebreak {

// How the counts of a ledger were classified, over time: a document for each change, its key the time from which it
// holds (RFC 3339, nanoseconds, UTC), its body FingerprintText.
inline constexpr std::string_view kFingerprintKind = "fingerprint";

// What to write when counting under `config` begins at `at`; nothing when the newest of `stored` says the same already.
std::optional<DocumentRecord> FingerprintToStore(const std::vector<Document>& stored, const Config& config,
                                                 absl::Time at);

// What to write so that those of `stored` are forgotten under which nothing was counted after `oldest`: each ended,
// since the next one begins, by then. Nothing when all are needed.
std::optional<DocumentRecord> FingerprintsToForget(const std::vector<Document>& stored, absl::Time oldest);

struct DatedFingerprint {
  absl::Time since;
  Fingerprint fingerprint;
};
// Those of `stored` under which something of (from, to] may have been counted, in order of time.
// Errors: DataLoss for a document that cannot be read.
absl::StatusOr<std::vector<DatedFingerprint>> FingerprintsBetween(const std::vector<Document>& stored, absl::Time from,
                                                                  absl::Time to);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_FINGERPRINT_HISTORY_H_
