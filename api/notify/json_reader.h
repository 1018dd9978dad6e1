#ifndef FIREBREAK_API_NOTIFY_JSON_READER_H_
#define FIREBREAK_API_NOTIFY_JSON_READER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace firebreak {

// Strict reading of JSON that we wrote ourselves: whatever we would not write is a fault, and is named by its path.
// Written for texts in the ledger, which may be damaged but are never hostile in size.

// How times and texts are written. A text that is no UTF-8 becomes {"hex":"2fff"}, so that it comes back byte by byte.
nlohmann::ordered_json TimeJson(std::optional<absl::Time> time);
nlohmann::ordered_json ExactText(std::string_view text);

// Takes one object apart, member by member. The first fault sticks, reads after it give empty values, and Finish tells
// it: check there before using anything. Thread-compatible.
class ObjectReader {
 public:
  // `json` must outlive the reader; `path` names it in faults, "" = the whole text.
  ObjectReader(const nlohmann::ordered_json& json, std::string path);

  std::string Text(const char* name);
  bool Flag(const char* name);
  int64_t Count(const char* name);  // an integer, at least 0
  absl::Time Time(const char* name);
  // null is none.
  std::optional<absl::Time> OptionalTime(const char* name);
  std::optional<double> OptionalNumber(const char* name);
  // An object or an array, to be taken apart by the caller; empty after a fault.
  const nlohmann::ordered_json& Object(const char* name);
  const nlohmann::ordered_json& Array(const char* name);

  // Tells a fault of the member, unless there was one already.
  void Fail(std::string_view name, std::string_view wanted);
  // Takes over a fault found inside of a member.
  void Take(const absl::Status& status);

  std::string PathOf(std::string_view name) const;
  // The first fault, or a member that nobody has read.
  absl::Status Finish() const;

 private:
  const nlohmann::ordered_json* Find(const char* name);
  std::optional<std::string> ReadText(const nlohmann::ordered_json& json);
  std::optional<absl::Time> ReadTime(const nlohmann::ordered_json& json);

  const nlohmann::ordered_json& json_;
  const std::string path_;
  std::set<std::string> read_;
  absl::Status fault_;
};

// An ExactText again; absent if it is none.
std::optional<std::string> ReadExactText(const nlohmann::ordered_json& json);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_JSON_READER_H_
