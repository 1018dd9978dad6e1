#ifndef FIREBREAK_RULES_SCALED_TEXT_H_
#define FIREBREAK_RULES_SCALED_TEXT_H_

#include <string>

namespace firebreak {

// digits / 10^scale in its shortest exact form: (144, 1) is "14.4", (1, 3) is "0.001", (5, -2) is "500".
std::string ScaledText(unsigned __int128 digits, int scale);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_SCALED_TEXT_H_
