#ifndef FIREBREAK_API_CODEC_EXCERPT_H_
#define FIREBREAK_API_CODEC_EXCERPT_H_

#include <string>
#include <string_view>

namespace firebreak {

// Text of a stranger, fit to be shown in a message: at most 64 bytes of it ("..." follows a cut), control characters
// and bytes that are not UTF-8 as \xHH. The result is valid UTF-8 on one line.
std::string Excerpt(std::string_view text);

// True if `text` is valid UTF-8 without control characters (U+0000..001F, U+007F..009F).
bool IsPrintableUtf8(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_EXCERPT_H_
