#include "api/http/own_hosts.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace firebreak {
namespace {

// Parses an IP literal, "" for anything else, into one spelling.
std::string CanonicalAddress(std::string_view text) {
  boost::system::error_code error;
  const boost::asio::ip::address address = boost::asio::ip::make_address(std::string(text), error);
  return error ? "" : address.to_string();
}

bool IsHostCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == ':';
}

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint32_t port = 0;
  if (text.empty() || text.size() > 5 ||
      !std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); })) {
    return std::nullopt;
  }
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &port) || port > 65535) return std::nullopt;
  return static_cast<uint16_t>(port);
}

// Cuts the host off `text`, leaving "" or ":port". Nullopt when brackets do not match.
std::optional<std::string_view> CutHost(std::string_view& text) {
  std::string_view host;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
  }
  return host;
}

uint16_t DefaultPort(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

}  // namespace

std::optional<Authority> ParseAuthority(std::string_view text) {
  const std::optional<std::string_view> host = CutHost(text);
  if (!host || host->empty() || !std::all_of(host->begin(), host->end(), IsHostCharacter)) return std::nullopt;
  Authority authority;
  authority.host = std::string(*host);
  absl::AsciiStrToLower(&authority.host);
  if (const std::string address = CanonicalAddress(authority.host); !address.empty()) authority.host = address;
  if (text.empty()) return authority;
  if (!text.starts_with(':')) return std::nullopt;
  authority.port = ParsePort(text.substr(1));
  if (!authority.port) return std::nullopt;
  return authority;
}

OwnHosts::OwnHosts(std::string_view address, uint16_t port, const std::vector<std::string>& extra_hosts)
    : fixed_({"localhost", "127.0.0.1", "::1", CanonicalAddress(address)}), port_(port) {
  wildcard_ = fixed_.back() == "0.0.0.0" || fixed_.back() == "::";
  for (const std::string& extra : extra_hosts) {
    if (std::optional<Authority> authority = ParseAuthority(extra)) extra_.push_back(*std::move(authority));
  }
}

bool OwnHosts::IsOwnHost(const Authority& host) const {
  if (IsExtra(host)) return true;
  if (wildcard_ && !CanonicalAddress(host.host).empty()) return true;
  return IsFixed(host.host) && host.port.value_or(port_) == port_;
}

bool OwnHosts::IsOwnOrigin(std::string_view origin, const Authority& host) const {
  const size_t colon = origin.find("://");
  if (colon == std::string_view::npos) return false;  // "null", or no origin at all
  const std::string_view scheme = origin.substr(0, colon);
  if (scheme != "http" && scheme != "https") return false;
  const std::optional<Authority> from = ParseAuthority(origin.substr(colon + 3));
  if (!from) return false;
  if (IsExtra(*from)) return true;
  const uint16_t from_port = from->port.value_or(DefaultPort(scheme));
  if (from->host == host.host && from_port == host.port.value_or(DefaultPort(scheme))) return true;
  return IsFixed(from->host) && from_port == port_;
}

bool OwnHosts::IsExtra(const Authority& host) const {
  return std::any_of(extra_.begin(), extra_.end(), [&](const Authority& extra) {
    return extra.host == host.host && (!extra.port || extra.port == host.port);
  });
}

bool OwnHosts::IsFixed(std::string_view host) const {
  return !host.empty() && std::find(fixed_.begin(), fixed_.end(), host) != fixed_.end();
}

}  // namespace firebreak
