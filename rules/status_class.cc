#include "rules/status_class.h"

#include <array>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr std::array<std::string_view, kNumStatusClasses> kNames = {
    "1xx", "2xx", "3xx", "4xx", "5xx", "timeout", "shape_mismatch", "failed"};
constexpr int kFirstClassCode = 1000;
constexpr int kRest = 0;  // where a store files the statuses that it does not tell apart

}  // namespace

std::string_view StatusClassName(StatusClass status_class) { return kNames[static_cast<size_t>(status_class)]; }

std::optional<StatusClass> ParseStatusClass(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<StatusClass>(i);
  }
  return std::nullopt;
}

int CauseCode(StatusClass status_class, std::optional<int> status) {
  const bool status_decided = status_class <= StatusClass::k5xx;
  if (status_decided && status.has_value()) return *status;
  return kFirstClassCode + static_cast<int>(status_class);
}

std::string CauseName(int cause_code) {
  if (cause_code == kRest) return "other";
  const int index = cause_code - kFirstClassCode;
  if (index >= 0 && index < kNumStatusClasses) return std::string(kNames[static_cast<size_t>(index)]);
  return fmt::format("{}", cause_code);
}

}  // namespace firebreak
