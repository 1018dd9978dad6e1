#ifndef FIREBREAK_API_NOTIFY_UTF8_H_
#define FIREBREAK_API_NOTIFY_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace firebreak {

// Texts for receivers that refuse what is no UTF-8 or too long. Endpoint names are hostile input. All of it is pure.

// What stands at the front of a text: a code point and its bytes, or one byte that is no UTF-8 (overlong forms,
// surrogates and what lies beyond U+10FFFF are none).
struct Rune {
  uint32_t value = 0;
  size_t size = 1;
  bool valid = false;
};
// REQUIRES: `text` is not empty.
Rune DecodeRune(std::string_view text);

bool IsUtf8(std::string_view text);

// `text` with U+FFFD for every byte that is no UTF-8.
std::string ValidUtf8(std::string_view text);

// ValidUtf8 on one line: each control character and line break is a space.
std::string OneLine(std::string_view text);

// The length of UTF-8 as UTF-16 counts it. Where a limit is in "characters", this is the count that never says too
// little: code points are fewer.
size_t Utf16Length(std::string_view text);

// How one rune, which is UTF-8, is written in the end: as it is, or as an entity.
using WriteRune = std::string_view (*)(std::string_view rune);

// ValidUtf8, as written cut to at most `most` characters (Utf16Length), with "…" at the end of what was cut. Reads no
// further than that. REQUIRES: most >= 1.
std::string Clip(
    std::string_view text, size_t most, WriteRune write = [](std::string_view rune) { return rune; });

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_UTF8_H_
