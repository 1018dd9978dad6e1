#include "rules/yaml_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "fmt/format.h"

namespace firebreak {
namespace {

// What some reader or other takes for a boolean or for nothing.
constexpr std::array<std::string_view, 11> kWords = {"true", "false", "null", "yes", "no", "on",
                                                     "off",  "y",     "n",    "nan", "inf"};

// Line breaks to some readers of YAML.
constexpr std::string_view kLineSeparator = "\xE2\x80\xA8";
constexpr std::string_view kParagraphSeparator = "\xE2\x80\xA9";

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsPlain(std::string_view text) {
  if (text.empty() || (!IsLetter(text.front()) && text.front() != '/' && text.front() != '_')) return false;
  const auto is_harmless = [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '_' || c == '-' || c == '/' || c == '.';
  };
  if (!std::all_of(text.begin(), text.end(), is_harmless)) return false;
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::find(kWords.begin(), kWords.end(), small) == kWords.end();
}

std::string Escaped(char c) {
  switch (c) {
    case '"':
    case '\\':
      return {'\\', c};
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
}

}  // namespace

std::string YamlText(std::string_view text) {
  if (IsPlain(text)) return std::string(text);
  std::string quoted = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with(kLineSeparator) || rest.starts_with(kParagraphSeparator)) {
      quoted += rest.starts_with(kLineSeparator) ? "\\L" : "\\P";
      i += kLineSeparator.size() - 1;
    } else {
      quoted += Escaped(text[i]);
    }
  }
  return quoted + "\"";
}

std::string YamlComment(std::string_view text, std::string_view indent) {
  std::string comment;
  while (true) {
    const size_t end = text.find('\n');
    std::string line(text.substr(0, end));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    comment += fmt::format("{}#{}{}\n", indent, line.empty() ? "" : " ", line);
    if (end == std::string_view::npos) return comment;
    text.remove_prefix(end + 1);
  }
}

}  // namespace firebreak
