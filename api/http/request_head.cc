#include "api/http/request_head.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "api/http/head_parser.h"
#include "api/http/target.h"

namespace firebreak {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// The only field of that name, nullptr if there is none; `repeated` tells of a second one.
const std::string* Find(const Fields& fields, std::string_view name, int& count) {
  const std::string* found = nullptr;
  count = 0;
  for (const auto& [key, value] : fields) {
    if (key != name) continue;
    ++count;
    if (found == nullptr) found = &value;
  }
  return found;
}

Refusal BadFraming(std::string message) { return Refusal{RefusalReason::kBadFraming, std::move(message), {}}; }
Refusal BadHost(std::string message) { return Refusal{RefusalReason::kBadHost, std::move(message), {}}; }
Refusal Malformed(std::string message) { return Refusal{RefusalReason::kMalformed, std::move(message), {}}; }

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

std::optional<Refusal> ReadFraming(const Fields& fields, RequestHead& head) {
  int encodings = 0;
  int lengths = 0;
  const std::string* encoding = Find(fields, "transfer-encoding", encodings);
  const std::string* length = Find(fields, "content-length", lengths);
  if (encoding != nullptr) {
    if (length != nullptr) return BadFraming("both Transfer-Encoding and Content-Length");
    if (head.http_1_0) return BadFraming("Transfer-Encoding in HTTP/1.0");
    if (encodings > 1 || !absl::EqualsIgnoreCase(*encoding, "chunked")) {
      return BadFraming("Transfer-Encoding is not exactly chunked");
    }
    head.framing = BodyFraming::kChunked;
  } else if (length != nullptr) {
    if (lengths > 1) return BadFraming("repeated Content-Length");
    if (!IsNumber(*length)) return BadFraming("Content-Length is not a number of at most 18 digits");
    if (!absl::SimpleAtoi(*length, &head.content_length)) return BadFraming("Content-Length is not a number");
    head.framing = BodyFraming::kLength;
  }
  return std::nullopt;
}

std::optional<Refusal> ReadHost(const Fields& fields, const Target& target, RequestHead& head) {
  int hosts = 0;
  const std::string* host = Find(fields, "host", hosts);
  if (host == nullptr) return BadHost("no Host header");
  if (hosts > 1) return BadHost("repeated Host header");
  if (!target.authority.empty() && !absl::EqualsIgnoreCase(target.authority, *host)) {
    return BadHost("the request line names another host than the Host header");
  }
  head.host = *host;
  return std::nullopt;
}

void ReadContentType(HttpRequest& request) {
  const std::string_view value = request.Header("content-type");
  request.content_type = value.substr(0, value.find(';'));
  absl::StripAsciiWhitespace(&request.content_type);
  absl::AsciiStrToLower(&request.content_type);
}

}  // namespace

std::optional<Refusal> ParseRequestHead(std::string_view block, RequestHead& head) {
  RawHead raw;
  std::string fault;
  if (!ParseRawHead(block, raw, fault)) return Malformed("not an HTTP/1.1 request: " + fault);
  std::optional<Target> target = ParseTarget(raw.target);
  if (!target) return Malformed("the request target is not a path");
  head.http_1_0 = raw.http_1_0;
  head.keep_alive = raw.keep_alive;
  if (std::optional<Refusal> refusal = ReadFraming(raw.fields, head)) return refusal;
  if (std::optional<Refusal> refusal = ReadHost(raw.fields, *target, head)) return refusal;
  head.request.method = raw.method;
  head.request.path = std::move(target->path);
  head.request.query = std::move(target->query);
  head.request.headers = std::move(raw.fields);
  head.expects_continue =
      !raw.http_1_0 && absl::EqualsIgnoreCase(std::string(head.request.Header("expect")), "100-continue");
  ReadContentType(head.request);
  return std::nullopt;
}

}  // namespace firebreak
