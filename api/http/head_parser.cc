#include "api/http/head_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"

namespace firebreak {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using StringView = boost::beast::string_view;
using ContentLength = boost::optional<std::uint64_t>;

HttpMethod ToMethod(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return HttpMethod::kGet;
    case http::verb::head:
      return HttpMethod::kHead;
    case http::verb::post:
      return HttpMethod::kPost;
    case http::verb::put:
      return HttpMethod::kPut;
    case http::verb::delete_:
      return HttpMethod::kDelete;
    default:
      return HttpMethod::kOther;
  }
}

std::string LowerCase(StringView text) {
  std::string lower(text.data(), text.size());
  for (char& c : lower) c = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower;
}

// Beast's grammar, with the fields going straight into a RawHead: half the allocations of http::fields and a copy.
class Parser : public http::basic_parser<true> {
 public:
  explicit Parser(RawHead& head) : head_(head) {
    skip(true);                                               // the body is ours
    header_limit(std::numeric_limits<std::uint32_t>::max());  // HeadScanner has checked the size
  }

 private:
  void on_request_impl(http::verb verb, StringView, StringView target, int version, error_code&) override {
    head_.method = ToMethod(verb);
    head_.target.assign(target.data(), target.size());
    head_.http_1_0 = version == 10;
  }
  void on_field_impl(http::field, StringView name, StringView value, error_code&) override {
    head_.fields.emplace_back(LowerCase(name), std::string(value.data(), value.size()));
  }
  void on_response_impl(int, StringView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const ContentLength&, error_code&) override {}
  std::size_t on_body_impl(StringView, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, StringView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, StringView, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  RawHead& head_;
};

}  // namespace

bool ParseRawHead(std::string_view block, RawHead& head, std::string& fault) {
  Parser parser(head);
  error_code error;
  const size_t used = parser.put(boost::asio::buffer(block.data(), block.size()), error);
  if (!error && (!parser.is_header_done() || used != block.size())) error = http::error::partial_message;
  if (error) {
    fault = error.message();
    return false;
  }
  head.keep_alive = parser.keep_alive();
  return true;
}

}  // namespace firebreak
