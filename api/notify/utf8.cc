#include "api/notify/utf8.h"

namespace firebreak {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";
constexpr std::string_view kEllipsis = "…";

// A rune as it may be sent.
std::string_view Shown(std::string_view text, const Rune& rune) {
  return rune.valid ? text.substr(0, rune.size) : kReplacement;
}

size_t Utf16Units(const Rune& rune) { return rune.value >= 0x10000 ? 2 : 1; }

bool IsControl(const Rune& rune) {
  const bool breaks_line = rune.value == 0x2028 || rune.value == 0x2029;
  return rune.valid && (rune.value < 0x20 || (rune.value >= 0x7f && rune.value < 0xa0) || breaks_line);
}

}  // namespace

Rune DecodeRune(std::string_view text) {
  const unsigned char lead = text[0];
  if (lead < 0x80) return {lead, 1, true};
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  uint32_t value = lead & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) {
    const unsigned char next = text[i];
    if ((next & 0xc0) != 0x80) return {};
    value = value << 6 | (next & 0x3f);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kSmallest[size] || value > 0x10ffff || surrogate) return {};
  return {value, size, true};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    if (!rune.valid) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

std::string ValidUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    out += Shown(text, rune);
    text.remove_prefix(rune.size);
  }
  return out;
}

std::string OneLine(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    out += IsControl(rune) ? " " : Shown(text, rune);
    text.remove_prefix(rune.size);
  }
  return out;
}

size_t Utf16Length(std::string_view text) {
  size_t length = 0;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    length += Utf16Units(rune);
    text.remove_prefix(rune.size);
  }
  return length;
}

std::string Clip(std::string_view text, size_t most, WriteRune write) {
  std::string out;
  size_t used = 0;
  size_t end_of_cut = 0;  // in `out`: where "…" still fits
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    const std::string_view written = write(Shown(text, rune));
    used += Utf16Length(written);
    if (used > most) return out.substr(0, end_of_cut).append(kEllipsis);
    out += written;
    if (used < most) end_of_cut = out.size();
    text.remove_prefix(rune.size);
  }
  return out;
}

}  // namespace firebreak
