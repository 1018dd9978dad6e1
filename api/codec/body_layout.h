#ifndef FIREBREAK_API_CODEC_BODY_LAYOUT_H_
#define FIREBREAK_API_CODEC_BODY_LAYOUT_H_

#include <cstddef>
#include <string_view>

namespace firebreak {

// Finds where JSON values begin and end by brackets and strings alone, in text that may be broken. Whether a value is
// good is for the decoder to say.

enum class BodyLayout { kEmpty, kArray, kObject, kLines };

// What `body` looks like; kObject is one that spreads over several lines. A body whose second line opens a value that
// the first one has not made room for (with "[", "," or ":" at its end) is lines, however the first one begins: so that
// a bad first line does not spoil the others.
BodyLayout GuessLayout(std::string_view body);

// The body without white space at either end and without a byte order mark.
std::string_view TrimBody(std::string_view body);

inline bool IsJsonSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Without JSON's white space at either end.
std::string_view TrimJson(std::string_view text);

// True if the object or array that `text` begins with ends before `text` does.
bool EndsEarly(std::string_view text);

// Cuts an array into its elements.
//   (1) An element is what lies between two commas outside of brackets and strings, trimmed; it may be broken or empty.
//   (2) An element that never ends (a quote or bracket is missing) ends where the next object seems to begin, so that
//   its
//       neighbours survive. That is tried 16 times at most, which bounds the work; then the rest is one element.
// The text must outlive this. Thread-compatible.
class ArrayElements {
 public:
  // REQUIRES: `array` is trimmed and begins with "[".
  explicit ArrayElements(std::string_view array);

  // Sets `element` and returns true, or returns false after the last one.
  bool Next(std::string_view& element);

  // False if the text ends without "]".
  bool closed() const { return closed_; }

 private:
  // Length of the element that `rest_` begins with, its comma not included.
  size_t ElementLength();

  std::string_view rest_;
  bool closed_;
  bool more_;
  int resyncs_left_ = 16;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_BODY_LAYOUT_H_
