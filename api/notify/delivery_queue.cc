#include "api/notify/delivery_queue.h"

#include <algorithm>

namespace firebreak {

void ApplyTo(Outboxes& outboxes, const AlertViewPtr& alert, uint64_t id, absl::Time now) {
  switch (alert->status) {
    case AlertStatus::kFiring:
      outboxes[alert->labels].Fire(id, alert);
      return;
    case AlertStatus::kResolved:
      outboxes[alert->labels].Resolve(id, alert, now);
      return;
    case AlertStatus::kPending:
      if (const auto found = outboxes.find(alert->labels); found != outboxes.end()) {
        found->second.Pend();
        if (found->second.empty()) outboxes.erase(found);
      }
      return;
    case AlertStatus::kInactive:
      return;
  }
}

int64_t CountQueued(const Outboxes& outboxes) {
  return std::count_if(outboxes.begin(), outboxes.end(), [](const auto& box) { return box.second.last().waiting(); });
}

int64_t CountParked(const Outboxes& outboxes) {
  return std::count_if(outboxes.begin(), outboxes.end(), [](const auto& box) { return box.second.last().parked; });
}

void ExpireOld(Outboxes& outboxes, absl::Time now) {
  for (auto& [labels, outbox] : outboxes) outbox.Expire(now);
  std::erase_if(outboxes, [](const auto& box) { return box.second.empty(); });
}

}  // namespace firebreak
