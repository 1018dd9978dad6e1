#include "rules/text_fault.h"

#include <cstdint>

#include "fmt/format.h"

namespace firebreak {
namespace {

// The bytes a first byte asks for, and the smallest code point they may carry.
struct Utf8Form {
  size_t length;
  uint32_t first_bits;
  uint32_t smallest;
};

Utf8Form FormOf(unsigned char first) {
  if (first < 0x80) return {1, first, 0};
  if ((first & 0xE0) == 0xC0) return {2, first & 0x1Fu, 0x80};
  if ((first & 0xF0) == 0xE0) return {3, first & 0x0Fu, 0x800};
  if ((first & 0xF8) == 0xF0) return {4, first & 0x07u, 0x10000};
  return {0, 0, 0};
}

// REQUIRES: character is one whole UTF-8 character.
bool IsForbiddenControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  // U+0080 to U+009F, which some terminals obey.
  if (first == 0xC2) return static_cast<unsigned char>(character[1]) < 0xA0;
  if (first == '\t' || first == '\n' || first == '\r') return false;
  return first < 0x20 || first == 0x7F;
}

}  // namespace

size_t Utf8CharacterLength(std::string_view text) {
  const Utf8Form form = FormOf(static_cast<unsigned char>(text.front()));
  if (form.length == 0 || form.length > text.size()) return 0;
  uint32_t code_point = form.first_bits;
  for (const char c : text.substr(1, form.length - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) return 0;
    code_point = code_point << 6 | (byte & 0x3Fu);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < form.smallest || surrogate || code_point > 0x10FFFF) return 0;
  return form.length;
}

std::optional<TextFault> FindTextFault(std::string_view text) {
  Place place;
  while (!text.empty()) {
    const size_t length = Utf8CharacterLength(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (length == 0) return TextFault{place, fmt::format("byte 0x{:02x} is not valid UTF-8", byte)};
    if (IsForbiddenControl(text.substr(0, length))) {
      const auto code = static_cast<unsigned char>(text[length - 1]);
      return TextFault{place, fmt::format("control character 0x{:02x}, wanted plain text", code)};
    }
    if (text.front() == '\n') {
      place = {place.line + 1, 1};
    } else {
      place.column += static_cast<int>(length);
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

}  // namespace firebreak
