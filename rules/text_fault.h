#ifndef FIREBREAK_RULES_TEXT_FAULT_H_
#define FIREBREAK_RULES_TEXT_FAULT_H_

#include <optional>
#include <string>
#include <string_view>

#include "rules/place.h"

namespace firebreak {

struct TextFault {
  Place place;
  std::string message;
};

// The first character of `text` that is not plain UTF-8 text, if any: broken UTF-8, or a control character (U+0000 to
// U+001F, U+007F to U+009F) other than tab, line feed and carriage return.
std::optional<TextFault> FindTextFault(std::string_view text);

// Length in bytes of the UTF-8 character at the beginning of `text`, or 0 if it is broken (overlong, a surrogate,
// beyond U+10FFFF or cut off). REQUIRES: text is not empty.
size_t Utf8CharacterLength(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TEXT_FAULT_H_
