#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "api/http/request_reader.h"
#include "api/http/response_head.h"

// Any bytes, as a connection would carry them: a request or a refusal comes out, the same whatever pieces the bytes
// came in, and a request that comes out kept every limit.

namespace firebreak {
namespace {

void Check(bool holds) {
  if (!holds) abort();
}

HttpRoute Route(HttpMethod method, std::string path, HttpScope scope) {
  return HttpRoute{method, std::move(path), scope, {}};
}

HttpPolicy MakePolicy() {
  ServerLimits limits;
  limits.header_bytes = 1024;
  limits.header_fields = 16;
  limits.uri_bytes = 64;
  limits.body_bytes = 512;
  limits.control_body_bytes = 64;
  limits.decoded_bytes = 2048;
  return HttpPolicy{
      limits,
      RouteTable({Route(HttpMethod::kGet, "/a", HttpScope::kRead), Route(HttpMethod::kPost, "/a", HttpScope::kIngest),
                  Route(HttpMethod::kPost, "/c", HttpScope::kAdmin),
                  Route(HttpMethod::kGet, "/b/*", HttpScope::kNone)}),
      TokenGuard(HttpTokens{{"i"}, {}, {"a"}}), OwnHosts("127.0.0.1", 9710, {"own"})};
}

using Reader = RequestReader;

// What came of one request of the stream.
struct Outcome {
  Reader::State state = Reader::State::kHead;
  size_t used = 0;
  std::string path;
  std::string body;
  std::optional<RefusalReason> refused;
  bool continues = false;
  bool operator==(const Outcome&) const = default;
};

size_t Feed(Reader& reader, std::string_view bytes, size_t piece) {
  size_t used = 0;
  while (used < bytes.size()) {
    const size_t now = reader.Consume(bytes.substr(used, piece));
    if (now == 0) break;
    used += now;
  }
  return used;
}

void CheckRequest(const HttpPolicy& policy, const Reader& reader) {
  const HttpRequest& request = reader.request();
  Check(request.path.starts_with('/'));
  Check(request.path.find('\0') == std::string::npos);
  Check(static_cast<int64_t>(request.body.size()) <= policy.limits.decoded_bytes);
  Check(static_cast<int64_t>(request.headers.size()) <= policy.limits.header_fields);
  Check(!request.Header("host").empty());
  for (const auto& [name, value] : request.headers)
    Check(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  request.QueryParameter("tier");
}

Outcome ReadOne(const HttpPolicy& policy, std::string_view bytes, size_t piece) {
  BodyMemory memory(1024);
  Outcome outcome;
  {
    Reader reader(policy, memory);
    outcome.used = Feed(reader, bytes, piece);
    outcome.state = reader.state();
    if (reader.state() == Reader::State::kComplete) {
      CheckRequest(policy, reader);
      outcome.path = reader.request().path;
      outcome.body = reader.request().body;
    }
    reader.End();
    if (reader.state() == Reader::State::kRefused) {
      outcome.refused = reader.refusal().reason;
      ResponseHead(reader.refusal().ToResponse(), ConnectionFate::kClose);
    }
    Check(reader.state() == Reader::State::kComplete || outcome.refused);
    outcome.continues = reader.CanContinue();
  }
  Check(memory.Take(1024));  // all of it was returned
  return outcome;
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using firebreak::Check;
  static const firebreak::HttpPolicy policy = firebreak::MakePolicy();
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  while (!bytes.empty()) {
    const firebreak::Outcome whole = firebreak::ReadOne(policy, bytes, bytes.size());
    Check(whole == firebreak::ReadOne(policy, bytes, 1));
    Check(whole == firebreak::ReadOne(policy, bytes, 7));
    if (!whole.continues) break;
    Check(whole.used > 0);
    bytes.remove_prefix(whole.used);
  }
  return 0;
}
