#include "api/http/request_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/codec/gzip.h"

namespace firebreak {
namespace {

constexpr int64_t kMemoryBytes = 4000;

HttpRoute Route(HttpMethod method, std::string path, HttpScope scope) {
  const HttpBody body = path == "/in" ? HttpBody::kWanted : HttpBody::kOptional;
  return HttpRoute{method, std::move(path), scope, {}, body};
}

ServerLimits SmallLimits() {
  ServerLimits limits;
  limits.header_bytes = 600;
  limits.header_fields = 5;
  limits.uri_bytes = 40;
  limits.body_bytes = 1000;
  limits.control_body_bytes = 100;
  limits.decoded_bytes = 2000;
  return limits;
}

class RequestReaderTest : public testing::Test {
 protected:
  // Feeds `text` in pieces and returns "200 path body" of the request, "status reason" of the refusal, or "more".
  std::string Read(std::string_view text, size_t piece = 1 << 20) {
    reader_.emplace(policy_, memory_);
    used_ = 0;
    while (used_ < text.size()) {
      const size_t used = reader_->Consume(text.substr(used_, piece));
      if (used == 0) break;
      used_ += used;
    }
    return Outcome();
  }

  std::string Outcome() const {
    if (reader_->state() == RequestReader::State::kComplete) {
      return fmt::format("200 {} {}", reader_->request().path, reader_->request().body);
    }
    if (reader_->state() != RequestReader::State::kRefused) return "more";
    const Refusal& refusal = reader_->refusal();
    return fmt::format("{} {}", RefusalStatus(refusal.reason), RefusalReasonName(refusal.reason));
  }

  // A request with these further header lines, each ended by CR LF.
  static std::string Get(std::string_view lines) {
    return fmt::format("GET /a HTTP/1.1\r\nHost: localhost\r\n{}\r\n", lines);
  }
  static std::string Post(std::string_view lines, std::string_view body) {
    return fmt::format("POST /in HTTP/1.1\r\nHost: localhost\r\n{}\r\n{}", lines, body);
  }
  static std::string PostBody(std::string_view path, std::string_view body, std::string_view lines = "") {
    return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\n{}Content-Length: {}\r\n\r\n{}", path, lines,
                       body.size(), body);
  }

  HttpPolicy policy_{
      SmallLimits(),
      RouteTable({Route(HttpMethod::kGet, "/a", HttpScope::kRead), Route(HttpMethod::kPost, "/in", HttpScope::kIngest),
                  Route(HttpMethod::kPost, "/control", HttpScope::kAdmin),
                  Route(HttpMethod::kGet, "/free", HttpScope::kNone)}),
      TokenGuard(HttpTokens{}), OwnHosts("127.0.0.1", 9710, {})};
  BodyMemory memory_{kMemoryBytes};
  std::optional<RequestReader> reader_;
  size_t used_ = 0;
};

TEST_F(RequestReaderTest, ReadsARequestWhateverThePieces) {
  for (size_t piece : {1, 2, 3, 7, 64, 1 << 20}) {
    EXPECT_EQ(Read(Get("")), "200 /a ");
    EXPECT_EQ(Read("\r\n" + Get(""), piece), "200 /a ");
    EXPECT_EQ(Read(PostBody("/in", "hello"), piece), "200 /in hello");
    EXPECT_EQ(Read(Post("Transfer-Encoding: Chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), piece), "200 /in abc");
    EXPECT_EQ(Read(PostBody("/in", Gzip("plain"), "Content-Encoding: gzip\r\n"), piece), "200 /in plain");
    EXPECT_EQ(Read(Post("Content-Length: 0\r\n", ""), piece), "200 /in ");
  }
}

TEST_F(RequestReaderTest, LeavesTheNextRequest) {
  const std::string first = PostBody("/in", "hello");
  EXPECT_EQ(Read(first + Get("")), "200 /in hello");
  EXPECT_EQ(used_, first.size());
}

TEST_F(RequestReaderTest, KnowsWhatHandlersAskFor) {
  Read(
      "POST /in?a=b%20c HTTP/1.1\r\nhOST: localhost:9710\r\nContent-Type: Text/JSON ; charset=x\r\nContent-Length: "
      "0\r\n\r\n");
  const HttpRequest& request = reader_->request();
  EXPECT_EQ(request.method, HttpMethod::kPost);
  EXPECT_EQ(request.query, "a=b%20c");
  EXPECT_EQ(request.QueryParameter("a"), "b c");
  EXPECT_EQ(request.content_type, "text/json");
  EXPECT_EQ(request.Header("host"), "localhost:9710");
  EXPECT_EQ(reader_->route().path, "/in");
}

TEST_F(RequestReaderTest, RefusesAmbiguousFraming) {
  const std::string rows[] = {
      Post("Transfer-Encoding: chunked, identity\r\n", ""),
      Post("Transfer-Encoding: identity\r\n", ""),
      Post("Transfer-Encoding: gzip, chunked\r\n", ""),
      Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
      Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", ""),
      Post("Transfer-Encoding: xchunked\r\n", ""),
      Post("Transfer-Encoding: \r\n", ""),
      Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", ""),
      Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", ""),
      Post("Content-Length: 5\r\nContent-Length: 5\r\n", ""),
      Post("Content-Length: 5\r\nContent-Length: 6\r\n", ""),
      Post("Content-Length: 5, 5\r\n", ""),
      Post("Content-Length: +5\r\n", ""),
      Post("Content-Length: -5\r\n", ""),
      Post("Content-Length: 0x5\r\n", ""),
      Post("Content-Length: 5a\r\n", ""),
      Post("Content-Length: \r\n", ""),
      Post("Content-Length: 99999999999999999999\r\n", ""),
      "POST /in HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
  };
  for (const std::string& text : rows) {
    for (size_t piece : {1, 1 << 20}) {
      EXPECT_EQ(Read(text, piece).substr(0, 3), "400") << text;
      EXPECT_FALSE(reader_->CanContinue()) << text;
    }
  }
}

TEST_F(RequestReaderTest, RefusesWhatIsNoRequest) {
  const std::string rows[] = {
      "\r\n\r\n",
      "GET /a HTTP/1.1\nHost: localhost\n\n",
      "GET /a HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
      "GET /a HTTP/1.1\r\nHost: localhost\r\nX: a\x01\r\n\r\n",
      "GET /a HTTP/1.1\r\nHost: localhost\r\nX: a\x7f\r\n\r\n",
      std::string("GET /a HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 44),
      "GET /a HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n",
      "GET /a HTTP/1.1\r\n Host: localhost\r\n\r\n",
      "GET /a HTTP/1.1\r\nHost : localhost\r\n\r\n",
      "GET /a HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
      "GET /a HTTP/1.1\r\nHost: localhost\r\n: empty name\r\n\r\n",
      "GET /a HTTP/2.0\r\nHost: localhost\r\n\r\n",
      "GET /a HTTP/1.2\r\nHost: localhost\r\n\r\n",
      "GET /a\r\nHost: localhost\r\n\r\n",
      "GET  /a HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /a HTTP/1.1 \r\nHost: localhost\r\n\r\n",
      "GET\t/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "G@T /a HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /a%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET https://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\n",
      "\x16\x03\x01\x02",
  };
  for (const std::string& text : rows) {
    EXPECT_EQ(Read(text), "400 malformed") << text;
    EXPECT_EQ(Read(text, 1), "400 malformed") << text;
  }
}

TEST_F(RequestReaderTest, InsistsOnOneHostOfOurs) {
  EXPECT_EQ(Read("GET /a HTTP/1.1\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(Read("GET /a HTTP/1.0\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(Read(Get("Host: localhost\r\n")), "400 bad_host");
  EXPECT_EQ(Read("GET /a HTTP/1.1\r\nHost: \r\n\r\n"), "400 bad_host");
  EXPECT_EQ(Read("GET /a HTTP/1.1\r\nHost: me@localhost\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(Read("GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "403 foreign_host");
  EXPECT_EQ(Read("GET /free HTTP/1.1\r\nHost: localhost:80\r\n\r\n"), "403 foreign_host");
  EXPECT_EQ(Read("GET http://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n"), "200 /a ");
  EXPECT_EQ(Read("GET http://evil.example/a HTTP/1.1\r\nHost: localhost\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(Read("GET http://evil.example/a HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "403 foreign_host");
}

TEST_F(RequestReaderTest, RefusesStateChangesFromForeignPages) {
  for (std::string_view line : {"Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site",
                                "Sec-Fetch-Site: same-site", "Origin: http://localhost:3000"}) {
    EXPECT_EQ(Read(PostBody("/in", "x", fmt::format("{}\r\n", line))), "403 foreign_origin") << line;
    EXPECT_EQ(Read(Get(fmt::format("{}\r\n", line))), "200 /a ") << line;
  }
  for (std::string_view line :
       {"Origin: http://localhost:9710", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"}) {
    EXPECT_EQ(Read(PostBody("/in", "x", fmt::format("{}\r\n", line))), "200 /in x") << line;
  }
}

TEST_F(RequestReaderTest, HeaderBlockHasAnExactLimit) {
  const std::string empty = Get("X: \r\n");
  const std::string exact = Get(fmt::format("X: {}\r\n", std::string(600 - empty.size(), 'x')));
  ASSERT_EQ(exact.size(), 600u);
  EXPECT_EQ(Read(exact), "200 /a ");
  EXPECT_EQ(Read(Get(fmt::format("X: {}\r\n", std::string(601 - empty.size(), 'x')))), "431 header_too_large");
  EXPECT_EQ(reader_->refusal().message, "header block above 600 bytes");
  // A head that never ends is refused at the limit, not waited for.
  EXPECT_EQ(Read("GET /a HTTP/1.1\r\nX: " + std::string(10000, 'x')), "431 header_too_large");
  EXPECT_EQ(used_, 601u);
}

TEST_F(RequestReaderTest, HeaderFieldsHaveAnExactLimit) {
  EXPECT_EQ(Read(Get("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n")), "200 /a ");
  EXPECT_EQ(Read(Get("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n")), "431 too_many_headers");
  EXPECT_EQ(reader_->refusal().message, "more than 5 header fields");
}

TEST_F(RequestReaderTest, UriHasAnExactLimit) {
  const std::string query(40 - 3, 'q');
  EXPECT_EQ(Read("GET /a?" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), "200 /a ");
  EXPECT_EQ(Read("GET /a?q" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), "414 uri_too_long");
  EXPECT_EQ(Read("GET /" + std::string(10000, 'a')), "414 uri_too_long");
  EXPECT_EQ(used_, 4u + 41u);
}

TEST_F(RequestReaderTest, BodiesHaveExactLimitsByScope) {
  struct Row {
    std::string_view path;
    size_t limit;
  };
  for (const Row& row : {Row{"/in", 1000}, Row{"/control", 100}}) {
    const std::string fits(row.limit, 'b');
    EXPECT_EQ(Read(PostBody(row.path, fits)), fmt::format("200 {} {}", row.path, fits));
    EXPECT_EQ(Read(PostBody(row.path, fits + "b")), "413 body_too_large");
    EXPECT_EQ(reader_->refusal().message, fmt::format("body above {} bytes", row.limit));
    const std::string head =
        fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", row.path);
    EXPECT_EQ(Read(fmt::format("{}{:x}\r\n{}\r\n0\r\n\r\n", head, row.limit, fits)),
              fmt::format("200 {} {}", row.path, fits));
    EXPECT_EQ(Read(fmt::format("{}{:x}\r\n{}\r\n1\r\n", head, row.limit, fits)), "413 body_too_large");
  }
}

TEST_F(RequestReaderTest, LengthIsRefusedBeforeTheBodyComes) {
  EXPECT_EQ(Read(Post("Content-Length: 1001\r\n", "")), "413 body_too_large");
  EXPECT_EQ(Read(Post("Content-Length: 999999999999999999\r\n", "")), "413 body_too_large");
}

TEST_F(RequestReaderTest, IngestWantsALengthOthersDoNot) {
  EXPECT_EQ(Read(Post("", "")), "411 length_required");
  EXPECT_EQ(Read("POST /control HTTP/1.1\r\nHost: localhost\r\n\r\n"), "200 /control ");  // curl -X POST
}

TEST_F(RequestReaderTest, DecodedBodiesHaveAnExactLimit) {
  const auto post = [](size_t size) {
    return PostBody("/in", Gzip(std::string(size, 'z')), "Content-Encoding: gzip\r\n");
  };
  EXPECT_EQ(Read(post(2000)), "200 /in " + std::string(2000, 'z'));
  EXPECT_EQ(Read(post(2001)), "413 decoded_too_large");
  EXPECT_EQ(Read(post(500000)), "413 decoded_too_large");
  EXPECT_EQ(reader_->refusal().message, "body above 2000 bytes when decoded");
}

TEST_F(RequestReaderTest, RefusesDamagedAndUnknownCodings) {
  const std::string gzip = Gzip("a body of some length, to be cut");
  const std::string_view encoding = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(Read(PostBody("/in", gzip.substr(0, gzip.size() - 1), encoding)), "400 damaged_body");
  EXPECT_EQ(Read(PostBody("/in", gzip + "x", encoding)), "400 damaged_body");
  EXPECT_EQ(Read(PostBody("/in", "not gzip", encoding)), "400 damaged_body");
  EXPECT_EQ(Read(PostBody("/in", "", encoding)), "400 damaged_body");
  EXPECT_EQ(Read(PostBody("/in", "x", "Content-Encoding: br\r\n")), "415 unsupported_encoding");
  EXPECT_EQ(Read(PostBody("/in", "x", "Content-Encoding: gzip, gzip\r\n")), "415 unsupported_encoding");
  EXPECT_EQ(Read(PostBody("/in", "x", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n")),
            "415 unsupported_encoding");
  EXPECT_EQ(Read(PostBody("/in", "x", "Content-Encoding: identity\r\n")), "200 /in x");
}

TEST_F(RequestReaderTest, KnowsOneExpectationOnly) {
  EXPECT_EQ(Read(Post("Expect: 100-Continue\r\nContent-Length: 5\r\n", "")), "more");
  EXPECT_TRUE(reader_->AwaitsContinue());
  EXPECT_EQ(Read(Post("Expect: 100-continue\r\nContent-Length: 5\r\n", "a")), "more");
  EXPECT_FALSE(reader_->AwaitsContinue());
  EXPECT_EQ(Read(Post("Expect: 100-continue\r\nContent-Length: 1001\r\n", "")), "413 body_too_large");
  EXPECT_EQ(Read(Post("Expect: tea\r\nContent-Length: 5\r\n", "")), "417 expectation_failed");
  EXPECT_EQ(Read("GET /a HTTP/1.0\r\nHost: localhost\r\nExpect: tea\r\n\r\n"), "200 /a ");
}

TEST_F(RequestReaderTest, MemoryOfAllBodiesIsBoundedAndReturned) {
  EXPECT_TRUE(memory_.Take(kMemoryBytes - 999));
  EXPECT_EQ(Read(PostBody("/in", std::string(1000, 'b')), 100), "503 out_of_body_memory");
  EXPECT_EQ(Read(PostBody("/in", std::string(999, 'b')), 100), "200 /in " + std::string(999, 'b'));
  reader_.reset();
  EXPECT_TRUE(memory_.Take(999));
  EXPECT_FALSE(memory_.Take(1));
}

TEST_F(RequestReaderTest, ConnectionContinuesOnlyWhenTheNextRequestIsKnownToBegin) {
  struct Row {
    std::string text;
    bool continues;
  };
  const Row rows[] = {
      {Get(""), true},
      {Get("Connection: close\r\n"), false},
      {Get("Connection: Keep-Alive, Close\r\n"), false},
      {"GET /a HTTP/1.0\r\nHost: localhost\r\n\r\n", false},
      {"GET /a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n", true},
      {"GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n", true},
      {PostBody("/missing", "x"), false},
      {PostBody("/missing", ""), true},
      {PostBody("/in", "x"), true},
      {"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", false},
  };
  for (const Row& row : rows) {
    Read(row.text);
    EXPECT_EQ(reader_->CanContinue(), row.continues) << row.text;
  }
}

TEST_F(RequestReaderTest, EndAndTimeOutRefuseWhatIsNotWhole) {
  Read("GET /a HT");
  reader_->End();
  EXPECT_EQ(Outcome(), "400 truncated");
  Read(Post("Content-Length: 5\r\n", "abc"));
  EXPECT_EQ(reader_->MissingBodyBytes(), 2u);
  reader_->TimeOut();
  EXPECT_EQ(Outcome(), "408 timeout");
  Read(Get(""));
  reader_->TimeOut();
  reader_->End();
  EXPECT_EQ(Outcome(), "200 /a ");
}

}  // namespace
}  // namespace firebreak
