#include "storage/ledger/integers.h"

namespace firebreak {

std::vector<int64_t> UnpackIntegers(std::string_view bytes) {
  std::vector<int64_t> values(bytes.size() / sizeof(int64_t));
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t value = 0;
    for (size_t j = 0; j < sizeof(int64_t); ++j) {
      value |= uint64_t{static_cast<uint8_t>(bytes[i * sizeof(int64_t) + j])} << (8 * j);
    }
    values[i] = static_cast<int64_t>(value);
  }
  return values;
}

}  // namespace firebreak
