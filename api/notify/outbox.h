#ifndef FIREBREAK_API_NOTIFY_OUTBOX_H_
#define FIREBREAK_API_NOTIFY_OUTBOX_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_view.h"

namespace firebreak {

// How long a resolved alert is kept after it was given: repeated to Alertmanager, or shown as parked.
inline constexpr absl::Duration kResolvedKept = absl::Minutes(15);

// What one destination has still to be told about one alert: at most the resolve of an episode it saw firing, the
// newest resolve of an episode it never saw, and the alert's present state, told in this order.
//   (1) All entries but the last are resolves that were not told yet.
//   (2) A firing entry is the last.
//   (3) An episode that began and ended untold is one entry, the resolve, with both times. When the next one does the
//       same, it takes its place: a flapping alert does not grow the outbox of a dead destination.
//   (4) Where nobody knows whether a firing was taken (Doubt), it counts as seen: its resolve is told for certain. What
//       comes back from disk, or is read again after a restart, may have been told in the moment of the crash. So a
//       restart may add an entry.
// Times are whatever the caller counts by; no clock here. Thread-compatible.
class Outbox {
 public:
  struct Entry {
    uint64_t id = 0;  // as given to Fire or Resolve
    AlertViewPtr alert;
    bool told = false;         // the destination has taken it
    bool parked = false;       // the destination has refused it for good
    bool in_flight = false;    // it, or the firing entry it took the place of, is in the try that is under way
    bool alone = false;        // send it by itself: it was refused together with others
    bool seen_firing = false;  // the destination was, or may have been, told earlier that it fires
    uint64_t firing_id = 0;    // a resolve: the firing entry it took the place of
    absl::Time since;          // when the alert reached this state
    absl::Time due;            // when to tell it again, once told or parked
    absl::Time keep_until;     // a resolve, once told or parked
    int64_t tries = 0;         // until it was told
    std::string error;         // how the last try failed; "" when it did not

    bool firing() const { return alert->status == AlertStatus::kFiring; }
    bool waiting() const { return !told && !parked; }
  };

  // The alert fires. Once more for the same episode only refreshes what is shown.
  void Fire(uint64_t id, AlertViewPtr alert, absl::Time now);
  // The alert has resolved.
  void Resolve(uint64_t id, AlertViewPtr alert, absl::Time now);
  // The alert is pending again: a resolve that was told is not repeated any more.
  void Pend();

  bool empty() const { return entries_.empty(); }
  // The entry to tell next; if all was told, the last. REQUIRES: !empty().
  const Entry& next() const { return entries_.front(); }
  const Entry& last() const { return entries_.back(); }
  size_t size() const { return entries_.size(); }

  const std::vector<Entry>& entries() const { return entries_; }
  bool repeats_resolve() const { return repeat_resolve_; }

  // As it was before a restart. Ids are in ascending order, nothing is in flight; entries() and repeats_resolve() of
  // before are what survives. REQUIRES: (1) and (2) hold.
  static Outbox Restore(std::vector<Entry> entries, bool repeats_resolve);

  // Whether anything that must survive a restart has changed since the last call: more than the times of a repeat, and
  // more than that a firing was seen which counts as seen after a restart anyway.
  bool TakeChanged() { return std::exchange(changed_, false); }

  // Forgets a resolve that was told or parked and is old enough; when that will be, InfiniteFuture if there is none.
  void Expire(absl::Time now);
  absl::Time ExpiresAt() const;

  // A try with entry `id` begins, or has ended, with `error` unless it was told. Ids that are gone are ignored here and
  // below.
  void Departed(uint64_t id);
  void Returned(uint64_t id, std::string_view error);
  // The destination may have taken the entry.
  void Doubt(uint64_t id);

  // The destination took, or refused for good, the entry. A resolve that is told leaves if `keep` says so, or another
  // state follows it. `again` is when to tell it again.
  enum class KeepTold { kAll, kFiring };
  void Told(uint64_t id, KeepTold keep, absl::Time again);
  void Parked(uint64_t id, absl::Time again, absl::Time now);
  // The destination refused the entry together with others: it is sent alone from now on.
  void Refused(uint64_t id);
  // Tells what was refused for good once more: whether there was anything.
  bool RetryParked();

 private:
  // Makes room for a new last entry.
  void BeforeNewState();
  Entry* Find(uint64_t id);
  Entry* FindFiringOf(uint64_t id);
  void Erase(uint64_t id);

  std::vector<Entry> entries_;
  bool repeat_resolve_ = true;
  bool changed_ = false;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_OUTBOX_H_
