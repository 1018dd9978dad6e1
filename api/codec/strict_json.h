#ifndef FIREBREAK_API_CODEC_STRICT_JSON_H_
#define FIREBREAK_API_CODEC_STRICT_JSON_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace firebreak {

// `text` as JSON, without what the parser lets pass. Errors: InvalidArgument when it is none, names a member twice, or
// nests deeper than 16.
absl::StatusOr<nlohmann::ordered_json> ParseStrict(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_STRICT_JSON_H_
