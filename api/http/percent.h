#ifndef FIREBREAK_API_HTTP_PERCENT_H_
#define FIREBREAK_API_HTTP_PERCENT_H_

#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

enum class PlusSign { kLiteral, kSpace };

// Undoes percent-encoding once. Nullopt for an escape that is not two hexadecimal digits, and for %00.
std::optional<std::string> PercentDecode(std::string_view text, PlusSign plus);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_PERCENT_H_
