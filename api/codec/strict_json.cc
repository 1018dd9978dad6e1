#include "api/codec/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 16;

// Watches a text being parsed for what the parser itself lets pass.
class Watcher {
 public:
  // Whether what was seen is to be kept: nothing after the first fault, since the parser does not tell the ends of what
  // is thrown away.
  bool See(int depth, Json::parse_event_t event, const Json& parsed) {
    if (!fault_.ok()) return false;
    if (depth > kMaxDepth) Fail(fmt::format("nested deeper than {}", kMaxDepth));
    if (event == Json::parse_event_t::object_start) names_.emplace_back();
    if (event == Json::parse_event_t::object_end) names_.pop_back();
    if (event == Json::parse_event_t::key && !names_.back().insert(parsed.get<std::string>()).second) {
      Fail(fmt::format("\"{}\" is there twice", parsed.get<std::string>()));
    }
    return fault_.ok();
  }
  const absl::Status& fault() const { return fault_; }

 private:
  void Fail(const std::string& what) { fault_ = absl::InvalidArgumentError(what); }

  std::vector<std::set<std::string>> names_;  // of the objects that are open
  absl::Status fault_;
};

}  // namespace

absl::StatusOr<Json> ParseStrict(std::string_view text) {
  Watcher watcher;
  Json json = Json::parse(
      text, [&](int depth, Json::parse_event_t event, Json& parsed) { return watcher.See(depth, event, parsed); },
      /*allow_exceptions=*/false);
  if (!watcher.fault().ok()) return watcher.fault();
  if (json.is_discarded()) return absl::InvalidArgumentError("is not JSON");
  return json;
}

}  // namespace firebreak
