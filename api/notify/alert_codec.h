#ifndef FIREBREAK_API_NOTIFY_ALERT_CODEC_H_
#define FIREBREAK_API_NOTIFY_ALERT_CODEC_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/alert_view.h"
#include "nlohmann/json_fwd.hpp"

namespace firebreak {

// Alerts as texts that outlive the process: the ledger's news, states and outboxes. One line of JSON:
//   {"labels":{"alertname":"NoData",…},"annotations":{…},"status":"resolved","active_since":"2026-05-29T14:01:55Z",
//    "firing_since":"2026-05-29T14:01:55.000000001Z","resolved_at":null,"reason":"no_data","value":14.4}
//   (1) Decoding gives back what was encoded, exactly: times to the last quarter of a nanosecond, values to the last
//       bit (none, if not finite), and texts byte by byte, UTF-8 or not. Only the names of labels must be UTF-8.
//   (2) Decoding takes nothing else. A member that is missing, unknown, there twice or of another kind is
//       InvalidArgument and named: "labels.tier: wanted a text that is not empty".
// Pure.

std::string EncodeAlert(const AlertView& alert);
absl::StatusOr<AlertView> DecodeAlert(std::string_view text);

// The same as a part of something larger; faults begin with `path`.
nlohmann::ordered_json AlertRecordJson(const AlertView& alert);
absl::StatusOr<AlertView> ReadAlert(const nlohmann::ordered_json& json, const std::string& path);

// Labels alone. The text of equal labels is equal: it serves as a key.
std::string EncodeLabels(const Labels& labels);
absl::StatusOr<Labels> DecodeLabels(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_ALERT_CODEC_H_
