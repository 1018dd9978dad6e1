#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "api/http/raw_client.h"
#include "api/http/test_server.h"

namespace firebreak {
namespace {

class ServerStreamTest : public testing::Test {
 protected:
  // A client that has read the head and the first words of a stream.
  std::unique_ptr<RawClient> Open(std::string_view lines = "") {
    auto client = std::make_unique<RawClient>(server_->port());
    client->Send(MakeRequest("GET", "/feed", lines));
    response_ = client->Receive();
    EXPECT_TRUE(client->ReceiveText("hello\n"));
    return client;
  }
  bool StreamsBecome(int64_t count) {
    return server_->Eventually([count](const HttpServerStats& stats) { return stats.open_streams == count; });
  }
  void Restart(HttpServerOptions options) { server_ = std::make_unique<TestServer>(std::move(options)); }

  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>();
  std::optional<RawClient::Response> response_;
};

TEST_F(ServerStreamTest, GoesOnWithWhatIsPublished) {
  const auto first = Open();
  ASSERT_TRUE(response_.has_value());
  EXPECT_EQ(response_->status, 200);
  EXPECT_EQ(response_->headers.count("content-length"), 0u);
  EXPECT_EQ(response_->headers.at("connection"), "close");
  const auto second = Open();
  server_->feed().Publish("one\n");
  EXPECT_TRUE(first->ReceiveText("one\n"));
  EXPECT_TRUE(second->ReceiveText("one\n"));
  server_->feed().Publish("two\n");
  EXPECT_TRUE(first->ReceiveText("two\n"));
  EXPECT_TRUE(second->ReceiveText("two\n"));
}

TEST_F(ServerStreamTest, OtherRequestsAreServedMeanwhile) {
  const auto stream = Open();
  RawClient client(server_->port());
  client.Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(client.ReceiveStatus(), 200);
}

TEST_F(ServerStreamTest, AClientThatWentGivesItsPlaceBack) {
  auto gone = Open();
  EXPECT_TRUE(StreamsBecome(1));
  gone.reset();
  EXPECT_TRUE(StreamsBecome(0));
  EXPECT_EQ(server_->feed().readers(), 0);
  auto reset = Open();
  reset->Reset();
  EXPECT_TRUE(StreamsBecome(0));
}

TEST_F(ServerStreamTest, OneMoreThanThereArePlacesIsToldToComeAgain) {
  const auto first = Open();
  const auto second = Open();
  RawClient third(server_->port());
  third.Send(MakeRequest("GET", "/feed"));
  const auto refused = third.Receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.at("retry-after"), "15");
  EXPECT_EQ(server_->Refused("too_many_streams"), 1);
  third.Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(third.ReceiveStatus(), 200) << "the connection is as good as before";
}

TEST_F(ServerStreamTest, AReaderThatTakesNothingIsClosedAndHoldsNobodyUp) {
  HttpServerOptions options;
  options.limits.body_timeout = absl::Milliseconds(500);
  Restart(std::move(options));
  RawClient slow(server_->port());
  slow.ShrinkReceiveBuffer();
  slow.Send(MakeRequest("GET", "/feed"));
  EXPECT_TRUE(StreamsBecome(1));
  const auto quick = Open();
  const std::string big(8 << 20, 'x');
  server_->feed().Publish(big);
  EXPECT_TRUE(quick->ReceiveText(big));
  server_->feed().Publish("small");
  EXPECT_TRUE(quick->ReceiveText("small"));
  EXPECT_TRUE(StreamsBecome(1)) << "the slow one is closed";
  EXPECT_EQ(server_->Refused("timeout"), 1);
}

TEST_F(ServerStreamTest, WhoTalksIntoAStreamIsClosed) {
  const auto client = Open();
  EXPECT_TRUE(StreamsBecome(1));
  client->Send(std::string(4 << 10, 'x'));
  server_->feed().Publish("still here");
  EXPECT_TRUE(client->ReceiveText("still here"));
  client->Send(std::string(4 << 10, 'x'));
  EXPECT_TRUE(StreamsBecome(0));
}

TEST_F(ServerStreamTest, StoppingClosesStreamsAtOnce) {
  const auto client = Open();
  const auto begin = std::chrono::steady_clock::now();
  server_->server().Stop();
  EXPECT_TRUE(client->WaitForClose());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500))
      << "without the two seconds' grace";
}

TEST_F(ServerStreamTest, AFeedOutlivesItsServer) {
  const auto client = Open();
  const std::shared_ptr<LiveFeed> feed = server_->feed().shared_from_this();
  server_.reset();
  feed->Publish("nobody");
  EXPECT_EQ(feed->readers(), 0);
}

TEST_F(ServerStreamTest, HeadIsAnsweredAndOver) {
  RawClient client(server_->port());
  client.Send(MakeRequest("HEAD", "/feed"));
  const auto response = client.Receive(RawClient::Body::kNoBody);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  client.Send(MakeRequest("GET", "/-/healthy"));
  EXPECT_EQ(client.ReceiveStatus(), 200);
}

}  // namespace
}  // namespace firebreak
