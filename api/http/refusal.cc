#include "api/http/refusal.h"

#include <array>

namespace firebreak {
namespace {

struct Row {
  int status;
  std::string_view name;
};

// In the order of the enumeration.
constexpr std::array<Row, kNumRefusalReasons> kRows = {{
    {400, "malformed"},
    {400, "bad_framing"},
    {400, "bad_host"},
    {400, "truncated"},
    {400, "damaged_body"},
    {401, "unauthorized"},
    {403, "forbidden"},
    {403, "foreign_host"},
    {403, "foreign_origin"},
    {404, "not_found"},
    {405, "method_not_allowed"},
    {408, "timeout"},
    {411, "length_required"},
    {413, "body_too_large"},
    {413, "decoded_too_large"},
    {414, "uri_too_long"},
    {415, "unsupported_encoding"},
    {417, "expectation_failed"},
    {431, "header_too_large"},
    {431, "too_many_headers"},
    {500, "handler_failed"},
    {503, "too_many_connections"},
    {503, "out_of_body_memory"},
    {503, "out_of_answer_memory"},
    {503, "too_many_streams"},
}};

}  // namespace

std::string_view RefusalReasonName(RefusalReason reason) { return kRows[static_cast<size_t>(reason)].name; }

int RefusalStatus(RefusalReason reason) { return kRows[static_cast<size_t>(reason)].status; }

HttpResponse Refusal::ToResponse() const {
  HttpResponse response = HttpError(RefusalStatus(reason), message);
  response.headers = headers;
  return response;
}

}  // namespace firebreak
