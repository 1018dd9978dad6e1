#include "api/http/response_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <iterator>
#include <string_view>

#include "absl/strings/match.h"

namespace firebreak {
namespace {

bool IsName(std::string_view name, std::string_view wanted) {
  return absl::EqualsIgnoreCase(absl::string_view(name.data(), name.size()),
                                absl::string_view(wanted.data(), wanted.size()));
}

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool MayBeSent(std::string_view name, std::string_view value) {
  for (std::string_view ours : {"content-length", "transfer-encoding", "connection", "content-type"}) {
    if (IsName(name, ours)) return false;
  }
  return !name.empty() && !HasControlCharacter(name) && !HasControlCharacter(value);
}

}  // namespace

bool StatusHasBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string ResponseHead(const HttpResponse& response, ConnectionFate fate) {
  std::string head;
  head.reserve(256);
  auto out = std::back_inserter(head);
  const auto phrase = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nServer: firebreak\r\n", response.status,
                 std::string_view(phrase.data(), phrase.size()));
  head += fate == ConnectionFate::kKeepAlive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  if (StatusHasBody(response.status)) {
    if (response.feed == nullptr) fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
    if (!response.content_type.empty() && !HasControlCharacter(response.content_type)) {
      fmt::format_to(out, "Content-Type: {}\r\n", response.content_type);
    }
  }
  head += "X-Content-Type-Options: nosniff\r\n";
  bool says_caching = false;
  for (const auto& [name, value] : response.headers) {
    if (!MayBeSent(name, value)) continue;
    says_caching |= IsName(name, "cache-control");
    fmt::format_to(out, "{}: {}\r\n", name, value);
  }
  if (!says_caching) head += "Cache-Control: no-store\r\n";
  head += "\r\n";
  return head;
}

}  // namespace firebreak
