#ifndef FIREBREAK_API_CODEC_JSON_NUMBER_H_
#define FIREBREAK_API_CODEC_JSON_NUMBER_H_

#include <cstdint>
#include <string_view>

namespace firebreak {

struct JsonNumber {
  bool is_integer = false;  // written without fraction and exponent
  int64_t integer = 0;      // if is_integer; a larger one is held at the end of the range
  double value = 0;         // always; finite
};

// Reads a number that fills `text` and returns true. Returns false if JSON has no such number ("01", "1.", "+1", "NaN")
// or no double holds it ("1e999"); one too small for a double is zero. (A result by reference is what the hot path
// needs: copies of a freshly written struct stall it.)
bool ParseJsonNumber(std::string_view text, JsonNumber& number);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_JSON_NUMBER_H_
