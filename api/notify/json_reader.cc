#include "api/notify/json_reader.h"

#include <utility>

#include "api/notify/outgoing_alert.h"
#include "api/notify/utf8.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTimeFormat = "%Y-%m-%dT%H:%M:%E*SZ";

std::string HexOf(std::string_view bytes) {
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> BytesOf(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    const std::optional<int> high = HexDigit(hex[i]), low = HexDigit(hex[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4 | *low);
  }
  return bytes;
}

}  // namespace

Json TimeJson(std::optional<absl::Time> time) { return time ? Json(GoTime(*time)) : Json(); }

Json ExactText(std::string_view text) { return IsUtf8(text) ? Json(std::string(text)) : Json{{"hex", HexOf(text)}}; }

std::optional<std::string> ReadExactText(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || !json.contains("hex") || !json["hex"].is_string()) return std::nullopt;
  std::optional<std::string> bytes = BytesOf(json["hex"].get_ref<const std::string&>());
  return bytes && !IsUtf8(*bytes) ? bytes : std::nullopt;
}

ObjectReader::ObjectReader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
  if (!json_.is_object()) Fail("", "an object");
}

std::string ObjectReader::PathOf(std::string_view name) const {
  return path_.empty() || name.empty() ? path_ + std::string(name) : fmt::format("{}.{}", path_, name);
}

void ObjectReader::Fail(std::string_view name, std::string_view wanted) {
  const std::string path = PathOf(name);
  Take(absl::InvalidArgumentError(fmt::format("{}{}wanted {}", path, path.empty() ? "" : ": ", wanted)));
}

void ObjectReader::Take(const absl::Status& status) {
  if (fault_.ok()) fault_ = status;
}

const Json* ObjectReader::Find(const char* name) {
  if (!fault_.ok()) return nullptr;
  read_.insert(name);
  const auto found = json_.find(name);
  if (found != json_.end()) return &*found;
  Fail(name, "a value, but there is none");
  return nullptr;
}

std::string ObjectReader::Text(const char* name) {
  const Json* json = Find(name);
  if (json == nullptr) return "";
  const std::optional<std::string> text = ReadExactText(*json);
  if (!text) Fail(name, "a text");
  return text.value_or("");
}

bool ObjectReader::Flag(const char* name) {
  const Json* json = Find(name);
  if (json == nullptr) return false;
  if (!json->is_boolean()) Fail(name, "true or false");
  return json->is_boolean() && json->get<bool>();
}

int64_t ObjectReader::Count(const char* name) {
  const Json* json = Find(name);
  if (json == nullptr) return 0;
  const bool is_count = json->is_number_unsigned() && json->get<uint64_t>() <= INT64_MAX;
  if (!is_count) Fail(name, "an integer, at least 0");
  return is_count ? json->get<int64_t>() : 0;
}

std::optional<absl::Time> ObjectReader::ReadTime(const Json& json) {
  if (!json.is_string()) return std::nullopt;
  const auto& text = json.get_ref<const std::string&>();
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(kTimeFormat, text, &time, &error)) return std::nullopt;
  // Only what we would write: no leap second, no infinity, no zeros at the end.
  return time != absl::InfiniteFuture() && time != absl::InfinitePast() && GoTime(time) == text ? std::optional(time)
                                                                                                : std::nullopt;
}

std::optional<absl::Time> ObjectReader::OptionalTime(const char* name) {
  const Json* json = Find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  const std::optional<absl::Time> time = ReadTime(*json);
  if (!time) Fail(name, "a time like 2026-05-29T14:01:55.25Z");
  return time;
}

absl::Time ObjectReader::Time(const char* name) {
  const std::optional<absl::Time> time = OptionalTime(name);
  if (!time) Fail(name, "a time like 2026-05-29T14:01:55.25Z");
  return time.value_or(absl::UnixEpoch());
}

std::optional<double> ObjectReader::OptionalNumber(const char* name) {
  const Json* json = Find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_number()) {
    Fail(name, "a number");
    return std::nullopt;
  }
  return json->get<double>();
}

const Json& ObjectReader::Object(const char* name) {
  static const Json kEmpty = Json::object();
  const Json* json = Find(name);
  if (json != nullptr && json->is_object()) return *json;
  Fail(name, "an object");
  return kEmpty;
}

const Json& ObjectReader::Array(const char* name) {
  static const Json kEmpty = Json::array();
  const Json* json = Find(name);
  if (json != nullptr && json->is_array()) return *json;
  Fail(name, "an array");
  return kEmpty;
}

absl::Status ObjectReader::Finish() const {
  if (!fault_.ok()) return fault_;
  for (const auto& [name, value] : json_.items()) {
    if (read_.count(name) == 0) return absl::InvalidArgumentError(fmt::format("{}: not known", PathOf(name)));
  }
  return absl::OkStatus();
}

}  // namespace firebreak
