#ifndef FIREBREAK_API_NOTIFY_OUTBOX_ITEM_H_
#define FIREBREAK_API_NOTIFY_OUTBOX_ITEM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_view.h"

namespace firebreak {

// What one destination was told, or is still to be told, about one alert; as GET /v1/outbox shows it. An alert has
// several when a resolve waits ahead of the alert's next state; they are told in their order.
struct OutboxItem {
  enum class State {
    kWaiting,    // not tried yet
    kRetrying,   // the last try failed, or the first is under way
    kDelivered,  // told
    kParked,     // refused for good: a person must look
  };
  std::string destination;
  AlertViewPtr alert;
  State state = State::kWaiting;
  int64_t tries = 0;                   // until it was told
  std::string last_error;              // of the last try, "" when it was good; never holds a secret
  absl::Time since;                    // when the alert reached this state; wall time, as the next
  std::optional<absl::Time> next_try;  // while it is held back: when it is told, or told again; absent = at its turn
  bool durable = true;                 // false while the ledger does not know of it
};

std::string_view OutboxStateName(OutboxItem::State state);  // "waiting", "retrying", "delivered", "parked"

// GET /v1/outbox as of `now`; docs/http-api.md is the reference.
std::string OutboxJson(const std::vector<OutboxItem>& items, absl::Time now);
// The answer to POST /v1/outbox/retry.
std::string RetriedJson(int64_t retried);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_OUTBOX_ITEM_H_
