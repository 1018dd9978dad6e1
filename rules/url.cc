#include "rules/url.h"

#include <algorithm>
#include <charconv>

namespace firebreak {
namespace {

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// A name or an IPv4 address.
bool IsHostName(std::string_view host) {
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '.' || c == '-' || c == '_'; });
}

// What stands between the brackets of an IPv6 address.
bool IsIpv6(std::string_view address) {
  return address.find(':') != std::string_view::npos &&
         address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

bool IsPort(std::string_view port) {
  int value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  return error == std::errc() && end == port.data() + port.size() && value >= 1 && value <= 65535;
}

bool IsHostAndPort(std::string_view authority) {
  std::string_view host = authority;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos || !IsIpv6(authority.substr(1, end - 1))) return false;
    rest = authority.substr(end + 1);
  } else {
    host = authority.substr(0, authority.find(':'));
    if (!IsHostName(host)) return false;
    rest = authority.substr(host.size());
  }
  return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
}

}  // namespace

std::string UrlFault(std::string_view url) {
  size_t scheme = 0;
  if (url.starts_with("http://")) scheme = 7;
  if (url.starts_with("https://")) scheme = 8;
  if (scheme == 0) return "wanted a URL that begins with http:// or https://";
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c >= 0x7F; })) {
    return "wanted a URL of visible ASCII characters, others percent-encoded";
  }
  const std::string_view rest = url.substr(scheme);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return "wanted a URL without user and password";
  if (!IsHostAndPort(authority)) return "wanted a URL with a host, and a port from 1 to 65535 if any";
  return "";
}

}  // namespace firebreak
