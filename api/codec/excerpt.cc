#include "api/codec/excerpt.h"

#include <algorithm>
#include <cstdint>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kExcerptBytes = 64;

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Length of the character that `lead` begins, or 0 if it begins none.
size_t SequenceLength(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// Some second bytes make overlong forms, surrogates or code points beyond U+10FFFF.
bool SecondByteFits(uint8_t lead, uint8_t second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second < 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

bool IsControl(std::string_view character) {
  const uint8_t lead = character[0];
  if (character.size() == 1) return lead < 0x20 || lead == 0x7F;
  return lead == 0xC2 && static_cast<uint8_t>(character[1]) < 0xA0;
}

// Length of the printable character `text` begins with, or 0. REQUIRES: !text.empty().
size_t PrintableLength(std::string_view text) {
  const size_t length = SequenceLength(text[0]);
  if (length == 0 || length > text.size()) return 0;
  if (!std::all_of(text.begin() + 1, text.begin() + length, IsContinuation)) return 0;
  if (length > 1 && !SecondByteFits(text[0], text[1])) return 0;
  return IsControl(text.substr(0, length)) ? 0 : length;
}

}  // namespace

std::string Excerpt(std::string_view text) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = PrintableLength(text.substr(at));
    const size_t step = std::max<size_t>(length, 1);
    if (at + step > kExcerptBytes) return out + "...";
    if (length == 0) {
      out += fmt::format("\\x{:02X}", static_cast<uint8_t>(text[at]));
    } else {
      out.append(text, at, length);
    }
    at += step;
  }
  return out;
}

bool IsPrintableUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const uint8_t c = text[at];
    if (c >= 0x20 && c < 0x7F) {  // nearly all of them
      ++at;
      continue;
    }
    const size_t length = PrintableLength(text.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace firebreak
