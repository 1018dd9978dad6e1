#ifndef FIREBREAK_API_LAB_VISIBLE_TEXT_H_
#define FIREBREAK_API_LAB_VISIBLE_TEXT_H_

#include <string>
#include <string_view>

namespace firebreak {

// `text` on one line as it is, but what would not be seen as itself is an escape such as \u202e: control characters,
// and those that separate lines or turn the direction of the text around them (Unicode's bidirectional controls).
// `text` is UTF-8; bytes that are none stay.
std::string VisibleText(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_VISIBLE_TEXT_H_
