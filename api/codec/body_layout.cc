#include "api/codec/body_layout.h"

namespace firebreak {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kJsonSpace = " \t\r\n";

// Follows brackets and strings, a byte at a time.
class BracketScanner {
 public:
  void Step(char c) {
    if (in_string_) {
      StepInString(c);
      return;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0) --depth_;
  }

  bool Outside() const { return depth_ == 0 && !in_string_; }
  bool broken() const { return broken_; }  // a line ended inside a string

 private:
  void StepInString(char c) {
    if (c == '\n') broken_ = true;
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
  }

  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool broken_ = false;
};

// Position of the first comma outside of brackets and strings; the end if the text is one element; npos if it never
// ends.
size_t ElementEnd(std::string_view text) {
  BracketScanner scanner;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && scanner.Outside()) return i;
    scanner.Step(text[i]);
    if (scanner.broken()) return std::string_view::npos;
  }
  return scanner.Outside() ? text.size() : std::string_view::npos;
}

// Position of the first comma that an object seems to follow: , { " or , { }. npos if there is none.
size_t NextObjectComma(std::string_view text) {
  for (size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',', comma + 1)) {
    const size_t open = text.find_first_not_of(kJsonSpace, comma + 1);
    if (open == std::string_view::npos || text[open] != '{') continue;
    const size_t inside = text.find_first_not_of(kJsonSpace, open + 1);
    if (inside != std::string_view::npos && (text[inside] == '"' || text[inside] == '}')) return comma;
  }
  return std::string_view::npos;
}

// Length of the object or array that `text` begins with; npos if it never ends.
size_t ValueLength(std::string_view text) {
  BracketScanner scanner;
  for (size_t i = 0; i < text.size(); ++i) {
    scanner.Step(text[i]);
    if (scanner.broken()) return std::string_view::npos;
    if (scanner.Outside()) return i + 1;
  }
  return std::string_view::npos;
}

// REQUIRES: `body` is trimmed and has a line end.
bool SecondLineStandsAlone(std::string_view body) {
  const size_t line_end = body.find('\n');
  const char last = TrimJson(body.substr(0, line_end)).back();
  const char next = TrimJson(body.substr(line_end)).front();
  const bool room_for_value = last == '[' || last == ',' || last == ':';
  return (next == '{' || next == '[') && !room_for_value;
}

}  // namespace

std::string_view TrimJson(std::string_view text) {
  while (!text.empty() && IsJsonSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsJsonSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view TrimBody(std::string_view body) {
  if (body.substr(0, kByteOrderMark.size()) == kByteOrderMark) body.remove_prefix(kByteOrderMark.size());
  return TrimJson(body);
}

BodyLayout GuessLayout(std::string_view body) {
  body = TrimBody(body);
  if (body.empty()) return BodyLayout::kEmpty;
  const bool several_lines = body.find('\n') != std::string_view::npos;
  if (several_lines && SecondLineStandsAlone(body)) return BodyLayout::kLines;
  if (body.front() == '[') return BodyLayout::kArray;
  if (several_lines && body.front() == '{' && ValueLength(body) == body.size()) return BodyLayout::kObject;
  return BodyLayout::kLines;
}

bool EndsEarly(std::string_view text) { return ValueLength(text) < text.size(); }

ArrayElements::ArrayElements(std::string_view array) : rest_(array.substr(1)) {
  closed_ = !rest_.empty() && rest_.back() == ']';
  if (closed_) rest_.remove_suffix(1);
  more_ = !TrimJson(rest_).empty();
}

size_t ArrayElements::ElementLength() {
  const size_t end = ElementEnd(rest_);
  if (end != std::string_view::npos) return end;
  if (resyncs_left_ == 0) return rest_.size();
  --resyncs_left_;
  const size_t comma = NextObjectComma(rest_);
  return comma == std::string_view::npos ? rest_.size() : comma;
}

bool ArrayElements::Next(std::string_view& element) {
  if (!more_) return false;
  const size_t length = ElementLength();
  element = TrimJson(rest_.substr(0, length));
  more_ = length < rest_.size();
  rest_.remove_prefix(more_ ? length + 1 : length);
  return true;
}

}  // namespace firebreak
