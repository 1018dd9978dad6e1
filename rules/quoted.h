#ifndef FIREBREAK_RULES_QUOTED_H_
#define FIREBREAK_RULES_QUOTED_H_

#include <string>
#include <string_view>

namespace firebreak {

// `text` in quotes, fit for a message of one line: cut after 60 bytes, control characters escaped. UTF-8 stays UTF-8.
std::string Quoted(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_QUOTED_H_
