#include "api/notify/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace firebreak {
namespace {

constexpr int kHttpPort = 80;
constexpr int kHttpsPort = 443;

absl::Status Fault(std::string_view what) {
  return absl::InvalidArgumentError(absl::string_view(what.data(), what.size()));
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) && HexDigit(text[i + 2]);
    if (!escape) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(*HexDigit(text[i + 1]) * 16 + *HexDigit(text[i + 2])));
    i += 2;
  }
  return out;
}

// Takes the part of `rest` before the first of `stops`.
std::string_view TakeUntil(std::string_view& rest, std::string_view stops) {
  const std::string_view part = rest.substr(0, rest.find_first_of(stops));
  rest.remove_prefix(part.size());
  return part;
}

absl::Status ReadPort(std::string_view text, Url& url) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), url.port);
  if (error != std::errc() || end != text.data() + text.size() || url.port < 1 || url.port > 65535) {
    return Fault("the port is not a number of 1 to 65535");
  }
  return absl::OkStatus();
}

absl::Status ReadHostAndPort(std::string_view text, Url& url) {
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return Fault("the address in [ ] is not closed");
    url.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    url.host = TakeUntil(text, ":");
  }
  if (url.host.empty()) return Fault("the host is missing");
  if (text.empty()) return absl::OkStatus();
  if (!text.starts_with(':')) return Fault("unexpected text after the host");
  return ReadPort(text.substr(1), url);
}

absl::Status ReadAuthority(std::string_view text, Url& url) {
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    std::string_view user = text.substr(0, at);
    url.user = PercentDecode(TakeUntil(user, ":"));
    if (!user.empty()) url.password = PercentDecode(user.substr(1));
    text.remove_prefix(at + 1);
  }
  return ReadHostAndPort(text, url);
}

// Control characters and spaces could smuggle a header into the request.
bool HasUnsafeByte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

}  // namespace

std::string Url::HostHeader() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const int default_port = scheme == Scheme::kHttps ? kHttpsPort : kHttpPort;
  if (port != default_port) out += ":" + std::to_string(port);
  return out;
}

absl::StatusOr<Url> ParseUrl(std::string_view text) {
  if (HasUnsafeByte(text)) return Fault("the URL holds a space or a control character");
  Url url;
  if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else if (text.starts_with("https://")) {
    url.scheme = Url::Scheme::kHttps;
    url.port = kHttpsPort;
    text.remove_prefix(8);
  } else {
    return Fault("the URL does not begin with http:// or https://");
  }
  std::string_view rest = text.substr(0, text.find('#'));
  if (absl::Status status = ReadAuthority(TakeUntil(rest, "/?"), url); !status.ok()) return status;
  url.path = TakeUntil(rest, "?");
  if (url.path.empty()) url.path = "/";
  if (!rest.empty()) url.query = rest.substr(1);
  return url;
}

}  // namespace firebreak
