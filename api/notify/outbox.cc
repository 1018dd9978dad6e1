#include "api/notify/outbox.h"

#include <algorithm>
#include <utility>

namespace firebreak {

Outbox Outbox::Restore(std::vector<Entry> entries, bool repeats_resolve) {
  Outbox outbox;
  outbox.entries_ = std::move(entries);
  outbox.repeat_resolve_ = repeats_resolve;
  return outbox;
}

void Outbox::BeforeNewState() {
  changed_ = true;
  if (entries_.empty()) return;
  Entry& last = entries_.back();
  if (last.told) {
    entries_.pop_back();
    return;
  }
  // The alert has changed: what was refused gets one more chance, ahead of what follows it.
  last.parked = false;
}

void Outbox::Fire(uint64_t id, AlertViewPtr alert, absl::Time now) {
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
  entry.since = now;
  entries_.push_back(std::move(entry));
}

void Outbox::Resolve(uint64_t id, AlertViewPtr alert, absl::Time now) {
  repeat_resolve_ = true;
  Entry entry;
  entry.id = id;
  entry.alert = std::move(alert);
  entry.since = now;
  entry.keep_until = now + kResolvedKept;
  if (!entries_.empty() && entries_.back().firing()) {
    const Entry& firing = entries_.back();
    entry.seen_firing = firing.told || firing.seen_firing;
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
  changed_ |= repeat_resolve_;
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
  Entry* entry = Find(id);
  if (entry == nullptr) return;
  entry->in_flight = true;
  if (!entry->told) ++entry->tries;
}

void Outbox::Returned(uint64_t id, std::string_view error) {
  for (Entry* entry : {Find(id), FindFiringOf(id)}) {
    if (entry == nullptr) continue;
    entry->in_flight = false;
    entry->error = error;
  }
}

void Outbox::Doubt(uint64_t id) {
  for (Entry* entry : {Find(id), FindFiringOf(id)}) {
    if (entry != nullptr) entry->seen_firing = true;
  }
}

void Outbox::Refused(uint64_t id) {
  Entry* entry = Find(id);
  if (entry == nullptr) return;
  changed_ |= !entry->alone;
  entry->alone = true;
}

bool Outbox::RetryParked() {
  if (entries_.empty() || !entries_.back().parked) return false;
  Entry& entry = entries_.back();
  entry.seen_firing |= entry.told;
  entry.told = false;
  entry.parked = false;
  changed_ = true;
  return true;
}

void Outbox::Erase(uint64_t id) {
  std::erase_if(entries_, [id](const Entry& entry) { return entry.id == id; });
  changed_ = true;
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
  changed_ |= !entry->told || entry->parked || entry->alone;
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
  changed_ |= !entry->parked;
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
