#include "api/http/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "api/codec/gzip.h"
#include "api/http/raw_client.h"
#include "api/http/test_server.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using Response = RawClient::Response;

// Sends one request over a connection of its own.
std::optional<Response> Ask(TestServer& server, std::string_view request,
                            RawClient::Body body = RawClient::Body::kRead) {
  RawClient client(server.port());
  client.Send(request);
  return client.Receive(body);
}

TEST(HttpServerTest, AnswersWithEveryHeaderAClientNeeds) {
  TestServer server;
  const std::optional<Response> response = Ask(server, MakeRequest("GET", "/v1/slos?a=b"));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "a=b");
  EXPECT_EQ(response->headers.at("content-type"), "text/plain");
  EXPECT_EQ(response->headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(response->headers.at("cache-control"), "no-store");
  EXPECT_EQ(response->headers.at("connection"), "keep-alive");
  EXPECT_EQ(response->headers.at("server"), "firebreak");
}

TEST(HttpServerTest, EveryStatusOfARefusalIsExactAndSaysWhy) {
  HttpServerOptions options;
  options.tokens = {{"ingest-secret"}, {"read-secret"}, {"admin-secret"}};
  TestServer server(options);
  const std::string_view ingest = "Authorization: Bearer ingest-secret\r\n";
  const auto with = [&](std::string_view more) { return std::string(ingest) + std::string(more); };
  struct Row {
    int status;
    std::string request;
    std::string_view message;
  };
  const Row rows[] = {
      {400, "nonsense\r\n\r\n", "not an HTTP/1.1 request"},
      {400, MakeRequest("POST", "/v1/events", with("Content-Encoding: gzip\r\n"), "gzip it is not"), "not sound gzip"},
      {401, MakeRequest("GET", "/v1/slos"), "bearer token"},
      {401, MakeRequest("POST", "/v1/events", "Authorization: Bearer guess\r\n", "x"), "bearer token"},
      {403, MakeRequest("GET", "/v1/slos", ingest), "does not open this scope"},
      {403, "GET /-/healthy HTTP/1.1\r\nHost: evil.example\r\n\r\n", "another server"},
      {403, MakeRequest("POST", "/v1/events", with("Origin: https://evil.example\r\n"), "x"), "another origin"},
      {404, MakeRequest("GET", "/missing"), "no such path"},
      {405, MakeRequest("DELETE", "/v1/events"), "this path takes POST"},
      {411, MakeRequest("POST", "/v1/events", ingest), "Content-Length"},
      {413, MakeRequest("POST", "/v1/events", with("Content-Length: 8388609\r\n")), "body above 8388608 bytes"},
      {413, MakeRequest("POST", "/control", "Authorization: Bearer admin-secret\r\nContent-Length: 1048577\r\n"),
       "body above 1048576 bytes"},
      {413,
       MakeRequest("POST", "/v1/events", with("Content-Encoding: gzip\r\n"), Gzip(std::string((32 << 20) + 1, ' '))),
       "body above 33554432 bytes when decoded"},
      {414, MakeRequest("GET", "/" + std::string(2048, 'a')), "URI above 2048 bytes"},
      {415, MakeRequest("POST", "/v1/events", with("Content-Encoding: br\r\n"), "x"), "Content-Encoding"},
      {417, MakeRequest("POST", "/v1/events", with("Expect: tea\r\n"), "x"), "100-continue"},
      {431, MakeRequest("GET", "/", "X: " + std::string(16384, 'x') + "\r\n"), "header block above 16384 bytes"},
      {500, MakeRequest("GET", "/throws", "Authorization: Bearer read-secret\r\n"), "could not be handled"},
      {500, MakeRequest("GET", "/drops", "Authorization: Bearer read-secret\r\n"), "could not be handled"},
  };
  for (const Row& row : rows) {
    const std::optional<Response> response = Ask(server, row.request);
    ASSERT_TRUE(response.has_value()) << row.status << row.message;
    EXPECT_EQ(response->status, row.status) << row.message;
    EXPECT_THAT(response->body, testing::StartsWith("{\"error\":\""));
    EXPECT_THAT(response->body, HasSubstr(row.message));
    EXPECT_THAT(response->body, testing::Not(HasSubstr("secret")));
  }
  EXPECT_EQ(Ask(server, MakeRequest("GET", "/-/healthy"))->status, 200);
  EXPECT_EQ(Ask(server, MakeRequest("GET", "/v1/slos"))->headers.at("www-authenticate"), "Bearer realm=\"firebreak\"");
  EXPECT_EQ(Ask(server, MakeRequest("DELETE", "/v1/events"))->headers.at("allow"), "POST");
}

TEST(HttpServerTest, CountsRefusalsByReasonAndResponsesByStatus) {
  TestServer server;
  Ask(server, MakeRequest("GET", "/missing"));
  Ask(server, MakeRequest("GET", "/missing"));
  Ask(server, MakeRequest("GET", "/", "X: " + std::string(16384, 'x') + "\r\n"));
  Ask(server, MakeRequest("GET", "/v1/slos"));
  const HttpServerStats stats = server.server().Stats();
  EXPECT_EQ(stats.refused.at("not_found"), 2);
  EXPECT_EQ(stats.refused.at("header_too_large"), 1);
  EXPECT_EQ(stats.refused.at("timeout"), 0);
  EXPECT_EQ(stats.responses, (std::map<int, int64_t>{{200, 1}, {404, 2}, {431, 1}}));
  EXPECT_EQ(stats.accepted_connections, 4);
  EXPECT_TRUE(server.Eventually([](const HttpServerStats& s) { return s.open_connections == 0; }));
}

TEST(HttpServerTest, LargestPermittedRequestsPass) {
  TestServer server;
  const std::string body(8 << 20, 'b');
  EXPECT_EQ(Ask(server, MakeRequest("POST", "/v1/events", "", body))->body, body);
  EXPECT_EQ(Ask(server, MakeRequest("POST", "/control", "", std::string(1 << 20, 'c')))->body, "1048576");
  const std::string gzip = Gzip(std::string(32 << 20, ' '));
  EXPECT_EQ(Ask(server, MakeRequest("POST", "/v1/events", "Content-Encoding: gzip\r\n", gzip))->body.size(), 32u << 20);
  EXPECT_EQ(Ask(server, MakeRequest("GET", "/v1/slos?" + std::string(2048 - 9, 'q')))->status, 200);
}

TEST(HttpServerTest, ClientStillSendingReadsWhyItWasRefused) {
  TestServer server;
  RawClient client(server.port());
  const std::string body(9 << 20, 'b');
  EXPECT_TRUE(client.Send(MakeRequest("POST", "/v1/events", "", body)));  // all of it, without a reset
  const std::optional<Response> response = client.Receive();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTest, ChunkedBodiesArrive) {
  TestServer server;
  RawClient client(server.port());
  client.Send(MakeRequest("POST", "/v1/events", "Transfer-Encoding: chunked\r\n"));
  std::string wanted;
  for (int i = 0; i < 50; ++i) {
    const std::string piece(1 + i * 100, 'a' + i % 26);
    client.Send(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece));
    wanted += piece;
  }
  client.Send("0\r\n\r\n");
  EXPECT_EQ(client.Receive()->body, wanted);
  client.Send(MakeRequest("GET", "/v1/slos?next"));
  EXPECT_EQ(client.Receive()->body, "next");
}

TEST(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += MakeRequest("GET", fmt::format("/v1/slos?{}", i));
    requests += MakeRequest("POST", "/v1/events", "", fmt::format("body {}", i));
  }
  client.Send(requests + MakeRequest("GET", "/later") + MakeRequest("GET", "/missing"));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client.Receive()->body, std::to_string(i));
    ASSERT_EQ(client.Receive()->body, fmt::format("body {}", i));
  }
  server.TakeResponder()(HttpResponse{202});
  EXPECT_EQ(client.ReceiveStatus(), 202);
  EXPECT_EQ(client.ReceiveStatus(), 404);
}

TEST(HttpServerTest, HeadIsGetWithoutABody) {
  TestServer server;
  RawClient client(server.port());
  for (const char* path : {"/-/healthy", "/missing"}) {
    client.Send(MakeRequest("HEAD", path));
    const std::optional<Response> response = client.Receive(RawClient::Body::kNoBody);
    ASSERT_TRUE(response.has_value());
    EXPECT_NE(response->headers.at("content-length"), "0");
    EXPECT_EQ(client.rest(), "");
  }
  client.Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(client.Receive()->body, "ok");
}

TEST(HttpServerTest, SendsContinueOnlyWhenTheBodyIsWelcome) {
  TestServer server;
  const std::string_view expect = "Expect: 100-continue\r\n";
  RawClient client(server.port());
  client.Send(MakeRequest("POST", "/v1/events", fmt::format("{}Content-Length: 5\r\n", expect)));
  EXPECT_EQ(client.ReceiveStatus(), 100);
  client.Send("hello");
  EXPECT_EQ(client.Receive()->body, "hello");
  client.Send(MakeRequest("POST", "/v1/events", fmt::format("{}Content-Length: 8388609\r\n", expect)));
  EXPECT_EQ(client.ReceiveStatus(), 413);
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTest, Http10AndCloseAreHonoured) {
  TestServer server;
  RawClient old(server.port());
  old.Send("GET /v1/slos HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(old.Receive()->headers.at("connection"), "close");
  EXPECT_TRUE(old.WaitForClose());
  RawClient closing(server.port());
  closing.Send(MakeRequest("GET", "/v1/slos", "Connection: close\r\n"));
  EXPECT_EQ(closing.ReceiveStatus(), 200);
  EXPECT_TRUE(closing.WaitForClose());
}

TEST(HttpServerTest, HalfClosedClientIsAnswered) {
  TestServer server;
  RawClient whole(server.port());
  whole.Send(MakeRequest("GET", "/later"));
  whole.CloseSendingHalf();
  server.TakeResponder()(HttpResponse{});
  EXPECT_EQ(whole.ReceiveStatus(), 200);
  EXPECT_TRUE(whole.WaitForClose());
  RawClient half(server.port());
  half.Send("GET /v1/slos HTTP/1.1\r\nHost: lo");
  half.CloseSendingHalf();
  EXPECT_EQ(half.ReceiveStatus(), 400);
  EXPECT_TRUE(half.WaitForClose());
  EXPECT_EQ(server.Refused("truncated"), 1);
}

TEST(HttpServerTest, ResetsLeaveNothingBehind) {
  TestServer server;
  for (std::string_view request :
       {MakeRequest("POST", "/v1/events", "Content-Length: 1000\r\n") + "half", MakeRequest("GET", "/big"),
        MakeRequest("GET", "/later"), std::string("GET"), std::string()}) {
    RawClient client(server.port());
    client.Send(request);
    client.Reset();
  }
  server.TakeResponder()(HttpResponse{});
  EXPECT_TRUE(server.Eventually(
      [](const HttpServerStats& s) { return s.accepted_connections == 5 && s.open_connections == 0; }));
  EXPECT_EQ(Ask(server, MakeRequest("GET", "/-/healthy"))->status, 200);
}

TEST(HttpServerTest, HandlersAnswerLaterAndOnce) {
  TestServer server;
  RawClient client(server.port());
  client.Send(MakeRequest("GET", "/twice"));
  EXPECT_EQ(client.Receive()->body, "first");
  client.Send(MakeRequest("GET", "/later"));
  const HttpResponder responder = server.TakeResponder();
  responder(HttpResponse{201});
  responder(HttpResponse{202});
  EXPECT_EQ(client.ReceiveStatus(), 201);
  client.Send(MakeRequest("GET", "/later"));
  const HttpResponder second = server.TakeResponder();
  responder(HttpResponse{203});  // of a request long answered
  second(HttpResponse{204});
  EXPECT_EQ(client.ReceiveStatus(), 204);
  client.Send(MakeRequest("GET", "/later"));
  server.TakeResponder()(HttpResponse{42});  // no status a client understands
  EXPECT_EQ(client.ReceiveStatus(), 500);
}

TEST(HttpServerTest, ResponderMayOutliveTheServer) {
  std::optional<TestServer> server(std::in_place);
  RawClient client(server->port());
  client.Send(MakeRequest("GET", "/later"));
  const HttpResponder responder = server->TakeResponder();
  server->Destroy();
  EXPECT_TRUE(client.WaitForClose());
  responder(HttpResponse{});
  server.reset();
}

TEST(HttpServerTest, StopLetsRequestsFinishAndClosesIdleConnections) {
  TestServer server;
  RawClient idle(server.port());
  idle.Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(idle.ReceiveStatus(), 200);
  RawClient busy(server.port());
  busy.Send(MakeRequest("GET", "/later"));
  const HttpResponder responder = server.TakeResponder();
  std::thread stopper([&] { server.server().Stop(); });
  EXPECT_TRUE(idle.WaitForClose());
  responder(HttpResponse{});
  const std::optional<Response> last = busy.Receive();
  EXPECT_TRUE(busy.WaitForClose());
  const auto answered = std::chrono::steady_clock::now();
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - answered, std::chrono::seconds(1));
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->status, 200);
  // Whether its head already says "close" depends on which came first to the connection's strand, the answer or the
  // stop; that the connection was closed after it, above, does not.
  EXPECT_FALSE(RawClient(server.port()).connected());
  server.server().Stop();  // again: nothing
}

TEST(HttpServerTest, StopWaitsAtMostTwoSeconds) {
  TestServer server;
  RawClient never_answered(server.port());
  never_answered.Send(MakeRequest("GET", "/later"));
  const HttpResponder responder = server.TakeResponder();
  RawClient never_whole(server.port());
  never_whole.Send("GET /");
  const auto before = std::chrono::steady_clock::now();
  server.server().Stop();
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_GE(took, std::chrono::milliseconds(1900));
  EXPECT_LT(took, std::chrono::milliseconds(3000));
  EXPECT_TRUE(never_answered.WaitForClose());
  EXPECT_TRUE(never_whole.WaitForClose());
}

TEST(HttpServerStartTest, OpenBindNeedsATokenOrTheFlag) {
  HttpServerOptions options;
  options.host = "0.0.0.0";
  options.port = 0;
  const auto refused = HttpServer::Start(options, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--allow-open-bind"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("tokens"));
  options.allow_open_bind = true;
  EXPECT_TRUE(HttpServer::Start(options, {}).ok());
  options.allow_open_bind = false;
  options.tokens.read = {"secret"};
  options.tokens.ingest = {"secret"};
  EXPECT_FALSE(HttpServer::Start(options, {}).ok()) << "anybody could reload";
  options.tokens.admin = {"secret"};
  options.tokens.ingest.clear();
  EXPECT_FALSE(HttpServer::Start(options, {}).ok()) << "anybody could send events";
  options.tokens.ingest = {"secret"};
  EXPECT_TRUE(HttpServer::Start(options, {}).ok());
}

TEST(HttpServerStartTest, AddressMustBeFreeAndOurs) {
  TestServer server;
  HttpServerOptions options;
  options.port = server.port();
  EXPECT_EQ(HttpServer::Start(options, {}).status().code(), absl::StatusCode::kUnavailable);
  options.port = 0;
  options.host = "192.0.2.1";
  options.allow_open_bind = true;
  EXPECT_EQ(HttpServer::Start(options, {}).status().code(), absl::StatusCode::kUnavailable);
  options.host = "not an address";
  EXPECT_EQ(HttpServer::Start(options, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(HttpServerStartTest, ExtraHostsAreChecked) {
  HttpServerOptions options;
  options.port = 0;
  options.extra_hosts = {"fire.example", "http://fire.example"};
  EXPECT_EQ(HttpServer::Start(options, {}).status().code(), absl::StatusCode::kInvalidArgument);
  options.extra_hosts.pop_back();
  EXPECT_TRUE(HttpServer::Start(options, {}).ok());
}

TEST(HttpServerStartTest, LocalhostIsLoopback) {
  HttpServerOptions options;
  options.host = "localhost";
  options.port = 0;
  EXPECT_TRUE(HttpServer::Start(options, {}).ok());
}

}  // namespace
}  // namespace firebreak
