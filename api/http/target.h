#ifndef FIREBREAK_API_HTTP_TARGET_H_
#define FIREBREAK_API_HTTP_TARGET_H_

#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

// What a request line asks for.
struct Target {
  std::string path;       // percent-decoded once; begins with "/", or is "*"
  std::string query;      // raw
  std::string authority;  // of the absolute form, else ""
};

// Reads the origin form ("/a?b"), the absolute form ("http://host/a?b") and "*". Nullopt for everything else: authority
// form, other schemes, a fragment, bytes outside printable ASCII, bad escapes, %00. Pure.
std::optional<Target> ParseTarget(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_TARGET_H_
