#include "api/notify/outbox.h"

#include <algorithm>
#include <utility>

namespace firebreak {

void Outbox::BeforeNewState() {
  if (entries_.empty()) return;
  Entry& last = entries_.back();
  if (last.told) {
    entries_.pop_back();
    return;
  }
  // The alert has changed: what was refused gets one more chance, ahead of what follows it.
  last.parked = false;
}

void Outbox::Fire(uint64_t id, AlertViewPtr alert) {
  repeat_resolve_ = true;
  if (!entries_.empty() && entries_.back().firing()) {
    Entry& last = entries_.back();
    if (last.alert->firing_since == alert->firing_since) {
      last.alert = std::move(alert);
      return;
    }
    entries_.pop_back();
  }
  BeforeNewState();
  Entry entry;
  entry.id = id;
  entry.alert = std::move(alert);
  entries_.push_back(std::move(entry));
}

void Outbox::Resolve(uint64_t id, AlertViewPtr alert, absl::Time now) {
  repeat_resolve_ = true;
  Entry entry;
  entry.id = id;
  entry.alert = std::move(alert);
  entry.keep_until = now + kResolvedKept;
  if (!entries_.empty() && entries_.back().firing()) {
    const Entry& firing = entries_.back();
    entry.seen_firing = firing.told;
    entry.in_flight = firing.in_flight;
    entry.firing_id = firing.id;
    entry.alone = firing.alone;
    entries_.pop_back();
  }
  BeforeNewState();
  std::erase_if(entries_, [](const Entry& earlier) { return !earlier.seen_firing && !earlier.in_flight; });
  entries_.push_back(std::move(entry));
}

void Outbox::Pend() {
  repeat_resolve_ = false;
  if (!entries_.empty() && entries_.back().told && !entries_.back().firing()) entries_.pop_back();
}

Outbox::Entry* Outbox::Find(uint64_t id) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [id](const Entry& entry) { return entry.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

Outbox::Entry* Outbox::FindFiringOf(uint64_t id) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [id](const Entry& entry) { return entry.firing_id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

void Outbox::Departed(uint64_t id) {
  if (Entry* entry = Find(id)) entry->in_flight = true;
}

void Outbox::Returned(uint64_t id) {
  if (Entry* entry = Find(id)) entry->in_flight = false;
  if (Entry* resolve = FindFiringOf(id)) resolve->in_flight = false;
}

void Outbox::Refused(uint64_t id) {
  if (Entry* entry = Find(id)) entry->alone = true;
}

void Outbox::Erase(uint64_t id) {
  std::erase_if(entries_, [id](const Entry& entry) { return entry.id == id; });
}

void Outbox::Told(uint64_t id, KeepTold keep, absl::Time again) {
  if (Entry* resolve = FindFiringOf(id)) resolve->seen_firing = true;
  Entry* entry = Find(id);
  if (entry == nullptr) return;
  const bool followed = entry != &entries_.back();
  const bool repeated = entry->firing() || (keep == KeepTold::kAll && repeat_resolve_);
  if (followed || !repeated) {
    Erase(id);
    return;
  }
  entry->told = true;
  entry->parked = false;
  entry->alone = false;
  entry->due = again;
}

void Outbox::Parked(uint64_t id, absl::Time again, absl::Time now) {
  Entry* entry = Find(id);
  if (entry == nullptr) return;
  if (entry != &entries_.back()) {
    Erase(id);
    return;
  }
  if (entry->waiting()) entry->keep_until = std::max(entry->keep_until, now + kResolvedKept);
  entry->parked = true;
  entry->due = again;
}

absl::Time Outbox::ExpiresAt() const {
  if (entries_.empty()) return absl::InfiniteFuture();
  const Entry& last = entries_.back();
  return last.firing() || last.waiting() ? absl::InfiniteFuture() : last.keep_until;
}

void Outbox::Expire(absl::Time now) {
  if (now >= ExpiresAt()) entries_.pop_back();
}

}  // namespace firebreak
