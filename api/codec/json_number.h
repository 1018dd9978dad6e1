#ifndef FIREBREAK_API_CODEC_JSON_NUMBER_H_
#define FIREBREAK_API_CODEC_JSON_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace firebreak {

struct JsonNumber {
  bool is_integer = false;  // written without fraction and exponent
  int64_t integer = 0;      // if is_integer; a larger one is held at the end of the range
  double value = 0;         // always; finite
};

// Reads a number that fills `text`. nullopt if JSON has no such number ("01", "1.", "+1", "NaN") or no double holds it
// ("1e999").
std::optional<JsonNumber> ParseJsonNumber(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_JSON_NUMBER_H_
