#ifndef FIREBREAK_API_SERVICE_VERSION_H_
#define FIREBREAK_API_SERVICE_VERSION_H_

#include <string_view>

namespace firebreak {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_VERSION_H_
