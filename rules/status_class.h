#ifndef FIREBREAK_RULES_STATUS_CLASS_H_
#define FIREBREAK_RULES_STATUS_CLASS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

// What decided about a request. The order is that of storage's per-class counters and never changes.
enum class StatusClass : uint8_t { k1xx, k2xx, k3xx, k4xx, k5xx, kTimeout, kShapeMismatch, kFailed };
inline constexpr int kNumStatusClasses = 8;

// "1xx" … "5xx", "timeout", "shape_mismatch", "failed": the values of the label status_class.
std::string_view StatusClassName(StatusClass status_class);
std::optional<StatusClass> ParseStatusClass(std::string_view name);

// What a request is filed under when an alert names its causes: the HTTP status where there is one that decided
// (503), else 1000 + class (timeout, shape_mismatch, failed). Name: "503", "timeout".
int CauseCode(StatusClass status_class, std::optional<int> status);
std::string CauseName(int cause_code);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_STATUS_CLASS_H_
