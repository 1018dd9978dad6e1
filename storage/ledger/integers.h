#ifndef FIREBREAK_STORAGE_LEDGER_INTEGERS_H_
#define FIREBREAK_STORAGE_LEDGER_INTEGERS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// Lists of integers as bytes in the ledger: eight bytes each, the lowest first. Bytes left over are ignored.
template <typename Integers>
std::string PackIntegers(const Integers& values) {
  std::string bytes;
  bytes.reserve(values.size() * sizeof(int64_t));
  for (const int64_t value : values) {
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(value >> shift));
  }
  return bytes;
}

std::vector<int64_t> UnpackIntegers(std::string_view bytes);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_INTEGERS_H_
