#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "api/http/raw_client.h"
#include "api/http/test_server.h"

namespace firebreak {
namespace {

using Clients = std::vector<std::unique_ptr<RawClient>>;

HttpServerOptions ImpatientOptions() {
  HttpServerOptions options;
  options.limits.header_timeout = absl::Milliseconds(500);
  options.limits.body_timeout = absl::Milliseconds(500);
  options.limits.idle_timeout = absl::Milliseconds(500);
  return options;
}

Clients Connect(TestServer& server, int count, std::string_view greeting) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->Send(greeting);
  }
  return clients;
}

// Each answer is 8 MB; the clients take none of it.
TEST(HttpServerMemoryTest, AnswersThatNobodyTakesAreBounded) {
  TestServer server;
  const Clients idle = Connect(server, 17, MakeRequest("GET", "/big", ""));
  RawClient client(server.port());
  const auto refused = [&] {
    client.Send(MakeRequest("GET", "/big", ""));
    return client.ReceiveStatus() == 503;
  };
  bool saw_refusal = false;
  for (int i = 0; i < 50 && !saw_refusal; ++i) saw_refusal = refused();
  EXPECT_TRUE(saw_refusal) << "seventeen answers are more than 128 MiB";
  EXPECT_GE(server.Refused("out_of_answer_memory"), 1);
  RawClient small(server.port());
  small.Send(MakeRequest("GET", "/-/healthy", ""));
  EXPECT_EQ(small.ReceiveStatus(), 200) << "small answers fit in what is left";
}

TEST(HttpServerTimeoutTest, SlowHeaderIsAnswered408) {
  TestServer server(ImpatientOptions());
  RawClient client(server.port());
  client.Send("GET /v1/slos HTTP/1.1\r\n");
  const auto response = client.Receive();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(response->body, "{\"error\":\"the header block took too long\"}\n");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTimeoutTest, SlowBodyIsAnswered408) {
  TestServer server(ImpatientOptions());
  for (std::string_view length :
       {"Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\nContent-Length: 10\r\n"}) {
    RawClient client(server.port());
    client.Send(MakeRequest("POST", "/v1/events", length));
    const bool continues = length.starts_with("Expect");
    EXPECT_EQ(continues ? client.ReceiveStatus() : 100, 100);
    EXPECT_EQ(client.ReceiveStatus(), 408);
    EXPECT_TRUE(client.WaitForClose());
  }
  EXPECT_EQ(server.Refused("timeout"), 3);
}

TEST(HttpServerTimeoutTest, IdleConnectionsAreClosedInSilence) {
  TestServer server(ImpatientOptions());
  RawClient fresh(server.port());
  RawClient used(server.port());
  used.Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(used.ReceiveStatus(), 200);
  EXPECT_FALSE(used.Receive().has_value());
  EXPECT_TRUE(used.WaitForClose());
  EXPECT_FALSE(fresh.Receive().has_value());
  EXPECT_TRUE(fresh.WaitForClose());
  EXPECT_EQ(server.server().Stats().responses, (std::map<int, int64_t>{{200, 1}}));
}

TEST(HttpServerTimeoutTest, ClientThatDoesNotReadIsClosed) {
  TestServer server(ImpatientOptions());
  RawClient client(server.port());
  client.ShrinkReceiveBuffer();
  client.Send(MakeRequest("GET", "/big"));
  EXPECT_TRUE(server.Eventually(
      [](const HttpServerStats& s) { return s.accepted_connections == 1 && s.open_connections == 0; }));
  EXPECT_EQ(server.Refused("timeout"), 1);
}

TEST(HttpServerTimeoutTest, SlowHandlerIsWaitedFor) {
  TestServer server(ImpatientOptions());
  RawClient slow(server.port());
  slow.Send(MakeRequest("GET", "/later"));
  const HttpResponder responder = server.TakeResponder();
  // Two idle connections in a row live and die meanwhile: every timeout has passed.
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(RawClient(server.port()).WaitForClose());
  responder(HttpResponse{});
  EXPECT_EQ(slow.ReceiveStatus(), 200);
}

TEST(HttpServerOverloadTest, SlowClientsDoNotHurtHonestOnes) {
  HttpServerOptions options;
  options.limits.header_timeout = absl::Seconds(3);
  options.limits.body_timeout = absl::Seconds(3);
  TestServer server(options);
  Clients slow = Connect(server, 100, "GET /v1/slos HTTP/1.1\r\nHost: loc");
  Clients slow_bodies = Connect(server, 100, MakeRequest("POST", "/v1/events", "Content-Length: 1000\r\n") + "drip");
  Clients honest = Connect(server, 20, "");
  for (int round = 0; round < 20; ++round) {
    for (const auto& client : honest) client->Send(MakeRequest("POST", "/v1/events", "", "hello"));
    for (const auto& client : honest) ASSERT_EQ(client->ReceiveStatus(), 200);
    // The slow ones keep sending, a byte at a time: that buys them nothing.
    for (const auto& client : slow) client->Send("x");
  }
  for (const auto& client : slow) EXPECT_EQ(client->ReceiveStatus(), 408);
  for (const auto& client : slow_bodies) EXPECT_EQ(client->ReceiveStatus(), 408);
  for (const auto& client : slow) EXPECT_TRUE(client->WaitForClose());
  for (const auto& client : slow_bodies) EXPECT_TRUE(client->WaitForClose());
  EXPECT_EQ(server.Refused("timeout"), 200);
}

TEST(HttpServerOverloadTest, ConnectionsAboveTheCapAreTold503) {
  HttpServerOptions options;
  options.limits.connections = 5;
  TestServer server(options);
  Clients served = Connect(server, 5, MakeRequest("GET", "/-/healthy"));
  for (const auto& client : served) EXPECT_EQ(client->ReceiveStatus(), 200);
  for (int i = 0; i < 3; ++i) {
    RawClient above(server.port());
    above.Send(MakeRequest("POST", "/v1/events", "", "read past, so that no reset eats the answer"));
    const auto response = above.Receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->headers.at("retry-after"), "1");
    EXPECT_EQ(response->body, "{\"error\":\"more than 5 connections\"}\n");
    EXPECT_TRUE(above.WaitForClose());
  }
  for (const auto& client : served) client->Send(MakeRequest("GET", "/-/healthy"));
  for (const auto& client : served) EXPECT_EQ(client->ReceiveStatus(), 200);
  served.pop_back();
  EXPECT_TRUE(server.Eventually([](const HttpServerStats& s) { return s.open_connections == 4; }));
  Clients again = Connect(server, 1, MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(again[0]->ReceiveStatus(), 200);
  EXPECT_EQ(server.Refused("too_many_connections"), 3);
}

TEST(HttpServerOverloadTest, FloodAboveTheCapIsClosed) {
  HttpServerOptions options;
  options.limits.connections = 2;
  TestServer server(options);
  Clients served = Connect(server, 2, MakeRequest("GET", "/-/healthy"));
  for (const auto& client : served) EXPECT_EQ(client->ReceiveStatus(), 200);
  Clients flood = Connect(server, 300, "");
  for (const auto& client : flood) EXPECT_TRUE(client->WaitForClose());
  EXPECT_EQ(server.Refused("too_many_connections"), 300);
  served[0]->Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(served[0]->ReceiveStatus(), 200);
}

TEST(HttpServerOverloadTest, AcceptGoesOnAfterDescriptorsRanOut) {
  TestServer server;
  Clients served = Connect(server, 1, MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(served[0]->ReceiveStatus(), 200);
  const int unconnected = socket(AF_INET, SOCK_STREAM, 0);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  // The kernel completes the connection, but the server cannot take it.
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(unconnected, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_TRUE(server.Eventually([](const HttpServerStats& s) { return s.accept_errors > 1; }));
  served[0]->Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(served[0]->ReceiveStatus(), 200);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(server.Eventually([](const HttpServerStats& s) { return s.accepted_connections == 2; }));
  close(unconnected);
}

}  // namespace
}  // namespace firebreak
