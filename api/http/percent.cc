#include "api/http/percent.h"

#include "absl/strings/ascii.h"

namespace firebreak {
namespace {

int HexValue(char c) {
  if (absl::ascii_isdigit(static_cast<unsigned char>(c))) return c - '0';
  return absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
}

// The character behind "%xy" at the front of `text`, or nullopt.
std::optional<char> DecodeEscape(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  for (char digit : text.substr(1, 2)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(digit))) return std::nullopt;
  }
  const int value = HexValue(text[1]) * 16 + HexValue(text[2]);
  if (value == 0) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, PlusSign plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const std::optional<char> c = DecodeEscape(text.substr(i));
      if (!c) return std::nullopt;
      decoded += *c;
      i += 2;
    } else {
      decoded += text[i] == '+' && plus == PlusSign::kSpace ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace firebreak
