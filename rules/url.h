#ifndef FIREBREAK_RULES_URL_H_
#define FIREBREAK_RULES_URL_H_

#include <string>
#include <string_view>

namespace firebreak {

// What is wrong with `url` as a http:// or https:// address with a host and without user or password, or "". The
// message never holds any part of the URL, which may be a secret.
std::string UrlFault(std::string_view url);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_URL_H_
