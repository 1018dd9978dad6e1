#ifndef FIREBREAK_ENGINE_MAINTENANCE_H_
#define FIREBREAK_ENGINE_MAINTENANCE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rules/config.h"
#include "storage/time_ranges.h"

namespace firebreak {

// A stretch of time in which a tier was announced to misbehave. Requests dated in (from, to] are counted and shown, but
// burn no budget; evaluations of an instant in [from, to) raise no alert and end those there are. It is applied when
// counts are read, so it may be added for the past, changed and removed.
struct MaintenanceWindow {
  std::string id;    // 1 to 64 of A-Z a-z 0-9 . _ -
  std::string tier;  // kAllTiers = every one
  absl::Time from;
  absl::Time to;
  std::string comment;
  absl::Time created_at;

  bool Covers(std::string_view tier_name) const;
  friend bool operator==(const MaintenanceWindow&, const MaintenanceWindow&) = default;
};

inline constexpr std::string_view kAllTiers = "*";

// Whether a window may be called that. Errors: InvalidArgument "id: what is wrong, what was wanted".
absl::Status CheckMaintenanceId(std::string_view id);

// The maintenance windows there are, past and future ones too. A value type; thread-compatible.
class MaintenanceList {
 public:
  static constexpr size_t kMaxWindows = 1000;
  static constexpr absl::Duration kLongest = absl::Hours(31 * 24);    // and a second, for borders moved outward to it
  static constexpr absl::Duration kFurthest = absl::Hours(366 * 24);  // from now until it begins
  static constexpr size_t kMaxCommentCharacters = 200;

  MaintenanceList() = default;
  // Windows that a list had before, in any order. REQUIRES: no two have one id.
  explicit MaintenanceList(std::vector<MaintenanceWindow> windows);

  // By `from`, then by id.
  const std::vector<MaintenanceWindow>& windows() const { return windows_; }
  // nullptr where there is none.
  const MaintenanceWindow* Find(std::string_view id) const;

  // Adds a window, or puts it in the place of the one that has its id (whose created_at it keeps). An empty id is
  // assigned: when it was created, as "20251124T160000Z", with "-2" and so on behind it when that is taken.
  // Returns the window as it is kept. What ended too long ago for any count that is read makes room first.
  // Errors: InvalidArgument "field: what is wrong, what was wanted"; ResourceExhausted when the list is full.
  absl::StatusOr<MaintenanceWindow> Put(MaintenanceWindow window, const Config& config, absl::Time now);

  // Errors: NotFound.
  absl::Status Remove(std::string_view id);

  // Forgets what ended more than a day before the period that ends at `now` begins: nothing reads so far back.
  void DropOld(absl::Duration period, absl::Time now);

  // When a tier is under maintenance: the union of its windows.
  TimeRanges Of(std::string_view tier) const;

  friend bool operator==(const MaintenanceList&, const MaintenanceList&) = default;

 private:
  std::string NewId(absl::Time created_at) const;

  std::vector<MaintenanceWindow> windows_;
};

// Shared by all who read it; never nullptr.
using MaintenanceListPtr = std::shared_ptr<const MaintenanceList>;

// The maintenance of one tier as an evaluation sees it.
struct TierMaintenance {
  TimeRanges now;
  TimeRanges at_last_tick;  // differs when the list was changed in between
};

// When the maintenance that an evaluation of `instant` lies in ends; absent when it lies in none.
std::optional<absl::Time> MaintenanceUntil(const TimeRanges& ranges, absl::Time instant);

// When the last maintenance before `instant` ended; absent when there was none, or `instant` lies in one.
std::optional<absl::Time> MaintenanceEndedAt(const TimeRanges& ranges, absl::Time instant);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_MAINTENANCE_H_
