#ifndef FIREBREAK_API_NOTIFY_URL_H_
#define FIREBREAK_API_NOTIFY_URL_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace firebreak {

// Where a request goes. User, password and the query are secrets: they never appear in an error.
struct Url {
  enum class Scheme { kHttp, kHttps };
  Scheme scheme = Scheme::kHttp;
  std::string user;      // percent-decoded; "" = none
  std::string password;  // percent-decoded
  std::string host;      // a name or an address, without brackets
  int port = 80;
  std::string path;   // begins with "/"
  std::string query;  // without "?"; "" = none

  // What the request line asks for.
  std::string Target() const { return query.empty() ? path : path + "?" + query; }
  // The Host header: brackets around an IPv6 address, no default port.
  std::string HostHeader() const;
};

// Reads `http(s)://[user[:password]@]host[:port][/path][?query]`; a fragment is dropped.
// InvalidArgument otherwise, naming the fault and never the text.
absl::StatusOr<Url> ParseUrl(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_URL_H_
