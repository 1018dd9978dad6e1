#ifndef FIREBREAK_STORAGE_LEDGER_TESTING_H_
#define FIREBREAK_STORAGE_LEDGER_TESTING_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/records.h"

namespace firebreak {

// Verbs for tests of the ledger.

// A fresh folder below TEST_TMPDIR.
std::string FreshFolder();
// Whole files.
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);
// Copies ledger.db and its WAL as a crash would leave them: another process finds them in the folder returned.
std::string CrashCopy(const std::string& ledger_path);

// The 128-bit hash whose first byte is `name`.
BatchKey KeyOf(uint8_t name, uint8_t body = 0);

// A delta of `total` requests of which `bad` answered 503.
Delta DeltaAt(int64_t slot, const std::string& endpoint, int64_t total, int64_t bad = 0);
BatchRecord BatchOf(std::vector<Delta> deltas, std::optional<BatchKey> key = std::nullopt);
inline const char* const kTestTier = "interactive";

// One transaction.
template <typename... Records>
absl::Status Write(Ledger& ledger, const Records&... records) {
  absl::Status status = ledger.Begin();
  const auto add = [&](const auto& record) {
    const auto added = ledger.Add(record);
    if constexpr (std::is_same_v<decltype(added), const absl::Status>) {
      return added;
    } else {
      return added.status();
    }
  };
  ((status = status.ok() ? add(records) : status), ...);
  if (status.ok()) status = ledger.Commit();
  if (!status.ok()) ledger.Rollback();
  return status;
}

// All that VisitCounts shows.
struct Contents {
  using Series = std::tuple<std::string, std::string, int>;
  std::map<Series, std::vector<CountRow>> rows;
  std::map<std::pair<Series, int>, std::vector<CountRow>> causes;
  std::map<Series, CumulativeCounts> cumulative;
  std::map<Series, std::string> latency_bounds;

  int64_t Total(const std::string& endpoint) const;
  int64_t Bad(const std::string& endpoint) const;
};
absl::StatusOr<Contents> Read(const Ledger& ledger);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_TESTING_H_
