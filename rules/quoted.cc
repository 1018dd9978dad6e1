#include "rules/quoted.h"

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kMaxQuotedBytes = 60;

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The first kMaxQuotedBytes of `text`, never half a UTF-8 character.
std::string_view CutForQuoting(std::string_view text) {
  if (text.size() <= kMaxQuotedBytes) return text;
  size_t length = kMaxQuotedBytes;
  while (length > 0 && IsContinuationByte(text[length])) --length;
  return text.substr(0, length);
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  const std::string_view shown = CutForQuoting(text);
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  if (shown.size() < text.size()) quoted += "…";
  return quoted + '"';
}

}  // namespace firebreak
