#ifndef FIREBREAK_STORAGE_LEDGER_TESTING_H_
#define FIREBREAK_STORAGE_LEDGER_TESTING_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/ledger/committer.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/records.h"
#include "storage/mutex.h"

namespace firebreak {

// Verbs for tests of the ledger.

// A fresh folder below TEST_TMPDIR.
std::string FreshFolder();
// Whole files.
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);
// Copies ledger.db and its WAL as a crash would leave them: another process finds them in the folder returned.
std::string CrashCopy(const std::string& ledger_path);

// The 128-bit hashes whose first bytes are `name` and `body`.
BatchKey KeyOf(uint16_t name, uint8_t body = 0);

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

// What a committer answered, in order: "NAME committed", "NAME failed", "NAME ok" … Thread-safe; must outlive it.
class AnswerList {
 public:
  std::function<void(Committer::Outcome)> Batch(std::string name) {
    return [this, name = std::move(name)](const Committer::Outcome& outcome) {
      static const char* const kNames[] = {"committed", "duplicate", "reused", "failed"};
      Note(name + " " + kNames[static_cast<int>(outcome.verdict)]);
    };
  }
  std::function<void(absl::Status)> Event(std::string name) {
    return
        [this, name = std::move(name)](const absl::Status& status) { Note(name + (status.ok() ? " ok" : " failed")); };
  }
  // The first `count` answers.
  std::vector<std::string> Await(size_t count) {
    MutexLock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(absl::Seconds(30));
    while (answers_.size() < count && std::chrono::steady_clock::now() < deadline) {
      changed_.WaitFor(mutex_, absl::Milliseconds(100));
    }
    return answers_;
  }

 private:
  void Note(std::string answer) {
    MutexLock lock(mutex_);
    answers_.push_back(std::move(answer));
    changed_.NotifyAll();
  }

  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> answers_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_TESTING_H_
