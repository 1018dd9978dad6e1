#include "api/notify/alert_json.h"
#include "api/notify/outbox_item.h"
#include "engine/alert_text.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

Json TimeOrNull(std::optional<absl::Time> time) { return time ? Json(TimeText(*time)) : Json(); }

Json ItemJson(const OutboxItem& item) {
  const AlertView& alert = *item.alert;
  return {{"destination", item.destination},
          {"fingerprint", alert.labels.FingerprintHex()},
          {"status", AlertStatusName(alert.status)},
          {"labels", LabelsJson(alert.labels)},
          {"firing_since", TimeOrNull(alert.firing_since)},
          {"resolved_at", TimeOrNull(alert.resolved_at)},
          {"state", OutboxStateName(item.state)},
          {"since", TimeText(item.since)},
          {"tries", item.tries},
          {"last_error", item.last_error.empty() ? Json() : Json(item.last_error)},
          {"next_try", TimeOrNull(item.next_try)},
          {"durable", item.durable}};
}

}  // namespace

std::string_view OutboxStateName(OutboxItem::State state) {
  switch (state) {
    case OutboxItem::State::kWaiting:
      return "waiting";
    case OutboxItem::State::kRetrying:
      return "retrying";
    case OutboxItem::State::kDelivered:
      return "delivered";
    case OutboxItem::State::kParked:
      return "parked";
  }
  return "";
}

std::string OutboxJson(const std::vector<OutboxItem>& items, absl::Time now) {
  Json json = {{"time", TimeText(now)}, {"outbox", Json::array()}};
  for (const OutboxItem& item : items) json["outbox"].push_back(ItemJson(item));
  return DumpJson(json) + "\n";
}

std::string RetriedJson(int64_t retried) { return DumpJson({{"retried", retried}}) + "\n"; }

}  // namespace firebreak
