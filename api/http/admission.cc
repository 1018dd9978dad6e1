#include "api/http/admission.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace firebreak {
namespace {

Refusal Refuse(RefusalReason reason, std::string message) { return Refusal{reason, std::move(message), {}}; }

bool ChangesState(HttpMethod method) {
  return method == HttpMethod::kPost || method == HttpMethod::kPut || method == HttpMethod::kDelete;
}

std::optional<Refusal> CheckOrigin(const OwnHosts& hosts, const HttpRequest& request, const Authority& host) {
  if (!ChangesState(request.method)) return std::nullopt;
  for (const auto& [name, value] : request.headers) {
    if (name == "origin" && !hosts.IsOwnOrigin(value, host)) {
      return Refuse(RefusalReason::kForeignOrigin, "a page of another origin must not change state here");
    }
    if (name == "sec-fetch-site" && value != "same-origin" && value != "none") {
      return Refuse(RefusalReason::kForeignOrigin, "a page of another site must not change state here");
    }
  }
  return std::nullopt;
}

std::optional<Refusal> CheckHost(const OwnHosts& hosts, const RequestHead& head) {
  const std::optional<Authority> host = ParseAuthority(head.host);
  if (!host) return Refuse(RefusalReason::kBadHost, "the Host header is not host[:port]");
  if (!hosts.IsOwnHost(*host)) {
    return Refuse(RefusalReason::kForeignHost, "the Host header names another server");
  }
  return CheckOrigin(hosts, head.request, *host);
}

std::optional<Refusal> CheckExpectation(const RequestHead& head) {
  if (head.http_1_0 || head.expects_continue || head.request.Header("expect").empty()) return std::nullopt;
  return Refuse(RefusalReason::kExpectationFailed, "only 100-continue can be expected");
}

std::optional<Refusal> ReadCoding(const HttpRequest& request, ContentCoding& coding) {
  int encodings = 0;
  for (const auto& [name, value] : request.headers) {
    if (name != "content-encoding" || value.empty() || absl::EqualsIgnoreCase(value, "identity")) continue;
    const bool gzip = absl::EqualsIgnoreCase(value, "gzip") || absl::EqualsIgnoreCase(value, "x-gzip");
    if (!gzip || ++encodings > 1) {
      return Refuse(RefusalReason::kUnsupportedEncoding, "Content-Encoding can only be gzip, once, or identity");
    }
    coding = ContentCoding::kGzip;
  }
  return std::nullopt;
}

std::optional<Refusal> CheckBody(const ServerLimits& limits, const RequestHead& head, Admission& admission) {
  const bool ingest = admission.route->scope == HttpScope::kIngest;
  admission.body_limit = ingest ? limits.body_bytes : limits.control_body_bytes;
  if (admission.route->body == HttpBody::kWanted && head.framing == BodyFraming::kNone &&
      ChangesState(head.request.method)) {
    return Refuse(RefusalReason::kLengthRequired, "a body with Content-Length or chunked coding is wanted");
  }
  if (std::optional<Refusal> refusal = ReadCoding(head.request, admission.coding)) return refusal;
  if (head.framing == BodyFraming::kLength && head.content_length > static_cast<uint64_t>(admission.body_limit)) {
    return Refuse(RefusalReason::kBodyTooLarge, fmt::format("body above {} bytes", admission.body_limit));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> Admit(const HttpPolicy& policy, const RequestHead& head, Admission& admission) {
  const HttpRequest& request = head.request;
  if (std::optional<Refusal> refusal = CheckHost(policy.hosts, head)) return refusal;
  if (std::optional<Refusal> refusal =
          policy.routes.Find(request.method, request.path, request.Header("accept"), admission.route)) {
    return refusal;
  }
  if (std::optional<Refusal> refusal = policy.tokens.Check(admission.route->scope, request.Header("authorization"))) {
    return refusal;
  }
  if (std::optional<Refusal> refusal = CheckExpectation(head)) return refusal;
  return CheckBody(policy.limits, head, admission);
}

}  // namespace firebreak
