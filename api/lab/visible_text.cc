#include "api/lab/visible_text.h"

#include "fmt/format.h"

namespace firebreak {
namespace {

// A character of UTF-8 at the beginning of a text.
struct Character {
  unsigned code;
  size_t bytes;
};

Character FirstOf(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) >= 0xC2 && byte(0) < 0xE0 && text.size() >= 2) return {(byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
  if (byte(0) >= 0xE0 && byte(0) < 0xF0 && text.size() >= 3) {
    return {(byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), 3};
  }
  return {byte(0), 1};
}

bool IsInvisible(const Character& character) {
  const unsigned code = character.code;
  if (character.bytes == 1) return code < 0x20 || code == 0x7F;
  const bool is_control = code < 0xA0;
  const bool separates = code == 0x2028 || code == 0x2029;
  const bool turns = code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                     (code >= 0x2066 && code <= 0x2069);
  return is_control || separates || turns;
}

}  // namespace

std::string VisibleText(std::string_view text) {
  std::string visible;
  while (!text.empty()) {
    const Character first = FirstOf(text);
    if (IsInvisible(first)) {
      visible += fmt::format("\\u{:04x}", first.code);
    } else {
      visible += text.substr(0, first.bytes);
    }
    text.remove_prefix(first.bytes);
  }
  return visible;
}

}  // namespace firebreak
