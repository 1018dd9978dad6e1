#ifndef FIREBREAK_RULES_STRING_MAP_H_
#define FIREBREAK_RULES_STRING_MAP_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace firebreak {

// Hashes std::string and std::string_view alike. Debian's absl::string_view is not std::string_view, so Abseil's own
// heterogeneous lookup does not take ours; this is the one place that cures it.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return absl::Hash<std::string_view>()(text); }
};

// A hash map from std::string that is looked up by std::string_view without a copy.
template <typename Value>
using StringMap = absl::flat_hash_map<std::string, Value, StringHash, std::equal_to<>>;

}  // namespace firebreak

#endif  // FIREBREAK_RULES_STRING_MAP_H_
