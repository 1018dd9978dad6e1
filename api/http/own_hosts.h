#ifndef FIREBREAK_API_HTTP_OWN_HOSTS_H_
#define FIREBREAK_API_HTTP_OWN_HOSTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// "host[:port]" in its parts: the host in lower case, an IPv6 literal without brackets.
struct Authority {
  std::string host;
  std::optional<uint16_t> port;
};

// Nullopt for an empty host, user information, a port that is none, or a byte that no host name has.
std::optional<Authority> ParseAuthority(std::string_view text);

// Which Host and Origin headers name this server. A web page that rebinds its own name to our address, or posts to it
// across origins, is told apart by them: it must not silence alerts on loopback. Immutable; thread-safe.
class OwnHosts {
 public:
  // `address` is the literal the server is bound to; `extra_hosts` are names with or without a port.
  OwnHosts(std::string_view address, uint16_t port, const std::vector<std::string>& extra_hosts);

  // The bound address, localhost, 127.0.0.1 and [::1] with our port or none; an extra host with any port unless it was
  // given with one; on a wildcard bind any IP literal, since a page that rebinds needs a name.
  bool IsOwnHost(const Authority& host) const;

  // Whether a page of that Origin ("http://host:port") may change our state: it came from the host the request was
  // sent to, or from a name of ours with our port.
  bool IsOwnOrigin(std::string_view origin, const Authority& host) const;

 private:
  bool IsExtra(const Authority& host) const;
  bool IsFixed(std::string_view host) const;

  std::vector<std::string> fixed_;
  std::vector<Authority> extra_;
  uint16_t port_;
  bool wildcard_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_OWN_HOSTS_H_
