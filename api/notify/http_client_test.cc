#include "api/notify/http_client.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "api/notify/fake_receiver.h"
#include "api/notify/steady.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kShort = absl::Milliseconds(300);

HttpLimits ShortLimits() { return {.total = kShort, .connect = kShort, .idle = kShort}; }

HttpPost To(const std::string& url, std::string body = "hello") {
  return {.url = *ParseUrl(url), .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
}

// Posts and checks that it took no longer than the limits allow.
HttpAnswer PostQuickly(const HttpPost& request, LookUp look_up = SystemLookUp) {
  HttpClient client(ShortLimits(), std::move(look_up));
  const absl::Time begin = SteadyNow();
  HttpAnswer answer = client.Post(request);
  EXPECT_LT(SteadyNow() - begin, kShort + absl::Seconds(1));
  return answer;
}

HttpAnswer Post(const HttpPost& request, LookUp look_up = SystemLookUp) {
  HttpClient client(HttpLimits(), std::move(look_up));
  return client.Post(request);
}

TEST(HttpClientTest, SendsBodyHeadersAndTarget) {
  FakeReceiver receiver;
  const HttpAnswer answer = Post(To(receiver.Url("/a/b?x=1%202&y")));
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(receiver.received().size(), 1);
  ReceivedRequest request = receiver.received()[0];
  EXPECT_EQ(request.path, "/a/b?x=1%202&y");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.headers["Content-Type"], "text/plain");
  EXPECT_EQ(request.headers["Host"], "127.0.0.1:" + std::to_string(receiver.port()));
}

TEST(HttpClientTest, GetAndDeleteHaveNoBody) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.body = "a list"});
  HttpClient client{HttpLimits()};
  const Url url = *ParseUrl(receiver.Url("/list/a"));
  EXPECT_EQ(client.Get(url, {{"Authorization", "Bearer x"}}).body, "a list");
  EXPECT_EQ(client.Delete(url, {}).status, 200);
  ASSERT_EQ(receiver.received().size(), 2);
  EXPECT_EQ(receiver.received()[0].method, "GET");
  EXPECT_EQ(receiver.received()[0].path, "/list/a");
  EXPECT_EQ(receiver.received()[0].headers["Authorization"], "Bearer x");
  EXPECT_EQ(receiver.received()[1].method, "DELETE");
  EXPECT_EQ(receiver.received()[1].body, "");
}

TEST(HttpClientTest, SendsBasicAuthFromTheUrl) {
  FakeReceiver receiver;
  Post(To("http://me:pa%20ss@127.0.0.1:" + std::to_string(receiver.port()) + "/"));
  ASSERT_EQ(receiver.received().size(), 1);
  EXPECT_EQ(receiver.received()[0].headers["Authorization"], "Basic bWU6cGEgc3M=");
}

TEST(HttpClientTest, AnAnswerWithoutBodyIsAnAnswer) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 204});
  EXPECT_EQ(Post(To(receiver.Url())).status, 204);
}

TEST(HttpClientTest, RetryAfterIsHandedOn) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 429, .headers = {{"Retry-After", "7"}}, .body = "slow down"});
  const HttpAnswer answer = Post(To(receiver.Url()));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.retry_after, "7");
  EXPECT_EQ(answer.body, "slow down");
}

TEST(HttpClientTest, RedirectsAreNotFollowed) {
  FakeReceiver elsewhere;
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.status = 302, .headers = {{"Location", elsewhere.Url("/stolen")}}});
  EXPECT_EQ(Post(To(receiver.Url())).status, 302);
  EXPECT_TRUE(elsewhere.received().empty());
}

TEST(HttpClientTest, CompressedAnswersAreLeftAlone) {
  FakeReceiver receiver;
  receiver.AnswerWith(FakeAnswer{.headers = {{"Content-Encoding", "gzip"}}, .body = "no gzip at all"});
  const HttpAnswer answer = Post(To(receiver.Url()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "no gzip at all");
}

TEST(HttpClientTest, ABodyIsCutAtTheCap) {
  for (const int64_t size : {HttpLimits().body_bytes - 1, HttpLimits().body_bytes, HttpLimits().body_bytes + 1}) {
    FakeReceiver receiver;
    receiver.AnswerWith(FakeAnswer{.body = std::string(size, 'b')});
    const HttpAnswer answer = Post(To(receiver.Url()));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.size(), std::min(size, HttpLimits().body_bytes));
  }
}

TEST(HttpClientTest, NobodyListens) {
  const HttpAnswer answer = Post(To("http://127.0.0.1:" + std::to_string(DeadPort())));
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_EQ(answer.failure, HttpFailure::kConnect);
  EXPECT_EQ(answer.error, "Connection refused");
}

TEST(HttpClientTest, AResetIsBroken) {
  RawReceiver receiver(Resets());
  const HttpAnswer answer = Post(To(receiver.Url(), std::string(100, 'x')));
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_EQ(answer.failure, HttpFailure::kBroken);
}

TEST(HttpClientTest, AnAnswerThatIsNoHttpIsBroken) {
  RawReceiver receiver([](int socket, const auto&) { EXPECT_EQ(write(socket, "SSH-2.0-x\r\n", 11), 11); });
  const HttpAnswer answer = Post(To(receiver.Url()));
  EXPECT_EQ(answer.status, std::nullopt);
  EXPECT_EQ(answer.failure, HttpFailure::kBroken);
  EXPECT_EQ(answer.error, "the answer is no HTTP");
}

TEST(HttpClientTest, SilenceEndsAtTheIdleLimit) {
  RawReceiver receiver(SaysNothing());
  HttpClient client({.total = absl::Seconds(30), .connect = kShort, .idle = kShort});
  const absl::Time begin = SteadyNow();
  const HttpAnswer answer = client.Post(To(receiver.Url()));
  EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
  EXPECT_LT(SteadyNow() - begin, kShort + absl::Seconds(1));
}

// The library's own read timeout begins anew with every byte: these would keep it for ever.
TEST(HttpClientTest, DrippingIsCutAtTheDeadline) {
  const struct {
    const char* where;
    const char* begin;
    std::optional<int> status;
  } kRows[] = {
      {"status line", "HT", std::nullopt},
      {"header", "HTTP/1.1 200 OK\r\nX-Long: ", std::nullopt},
      {"body", "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", 200},
      {"body of a refusal", "HTTP/1.1 503 Busy\r\nContent-Length: 60000\r\n\r\n", 503},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.where);
    RawReceiver receiver(Drips(row.begin, absl::Milliseconds(20)));
    const HttpAnswer answer = PostQuickly(To(receiver.Url()));
    EXPECT_EQ(answer.status, row.status);
    if (!row.status.has_value()) {
      EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
    }
  }
}

TEST(HttpClientTest, ADrippingTlsHandshakeIsCutAtTheDeadline) {
  // The first bytes of a TLS record that says it is 16 KiB long.
  RawReceiver receiver(Drips(std::string("\x16\x03\x03\x40\x00", 5), absl::Milliseconds(20)));
  const HttpAnswer answer = PostQuickly(To("https://127.0.0.1:" + std::to_string(receiver.port())));
  EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
}

TEST(HttpClientTest, AnEndlessHeaderIsCut) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string on = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::pair<std::string, std::string> kEndless[] = {
      {ok, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}, {ok, "X-A: aaaaaaaaaaaaaaaaaaaa\r\n"}, {on, on}};
  for (const auto& [first, again] : kEndless) {
    SCOPED_TRACE(first + again);
    RawReceiver receiver([&, &first = first, &again = again](int socket, const std::atomic<bool>& stop) {
      EXPECT_EQ(write(socket, first.data(), first.size()), first.size());
      Floods(again)(socket, stop);
    });
    const absl::Time begin = SteadyNow();
    const HttpAnswer answer = Post(To(receiver.Url()));
    EXPECT_EQ(answer.status, std::nullopt);
    EXPECT_EQ(answer.failure, HttpFailure::kBroken);
    EXPECT_LT(SteadyNow() - begin, absl::Seconds(4));
  }
}

TEST(HttpClientTest, AReceiverThatNeverReadsIsCut) {
  RawReceiver receiver(
      [](int, const std::atomic<bool>& stop) { Eventually([&] { return stop.load(); }, absl::Seconds(5)); },
      RawReceiver::Start::kOnConnection);
  const HttpAnswer answer = PostQuickly(To(receiver.Url(), std::string(16 << 20, 'x')));
  EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
}

TEST(HttpClientTest, ALookUpThatHangsIsLeftBehind) {
  std::atomic<bool> stop = false;
  std::atomic<bool> ended = false;
  const HttpAnswer answer = PostQuickly(To("http://hangs.invalid/"), [&](const std::string&) {
    Eventually([&] { return stop.load(); });
    ended = true;
    return absl::UnavailableError("late");
  });
  EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
  EXPECT_EQ(answer.error, "name look-up timed out");
  stop = true;
  EXPECT_TRUE(Eventually([&] { return ended.load(); }));
}

TEST(HttpClientTest, AnUnknownNameIsAResolveFailure) {
  const HttpAnswer answer =
      Post(To("http://nowhere.invalid/"), [](const std::string&) { return absl::UnavailableError("Name not known"); });
  EXPECT_EQ(answer.failure, HttpFailure::kResolve);
  EXPECT_EQ(answer.error, "Name not known");
}

TEST(HttpClientTest, EveryAddressOfAHostIsTried) {
  FakeReceiver receiver;
  const LookUp look_up = [](const std::string&) { return std::vector<std::string>{"::1", "127.0.0.2", "127.0.0.1"}; };
  const HttpAnswer answer = Post(To("http://firebreak.test:" + std::to_string(receiver.port()) + "/"), look_up);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(receiver.received()[0].headers["Host"], "firebreak.test:" + std::to_string(receiver.port()));
}

TEST(HttpClientTest, CancelEndsATryAtOnce) {
  RawReceiver receiver(SaysNothing());
  HttpClient client({.total = absl::Seconds(30), .connect = absl::Seconds(30), .idle = absl::Seconds(30)});
  HttpAnswer answer;
  std::thread sender([&] { answer = client.Post(To(receiver.Url())); });
  EXPECT_TRUE(Eventually([&] { return receiver.connections() == 1; }));
  const absl::Time begin = SteadyNow();
  client.Cancel();
  sender.join();
  EXPECT_LT(SteadyNow() - begin, absl::Seconds(2));
  EXPECT_EQ(answer.failure, HttpFailure::kCancelled);
}

class HttpsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = std::getenv("TEST_TMPDIR");
    key_ = folder + "/key.pem";
    certificate_ = folder + "/certificate.pem";
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=firebreak.test -addext "
        "subjectAltName=DNS:firebreak.test,IP:127.0.0.1 -keyout " +
        key_ + " -out " + certificate_ + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    receiver_ = std::make_unique<FakeReceiver>(certificate_, key_);
  }
  void TearDown() override { unsetenv("SSL_CERT_FILE"); }

  void Trust() { setenv("SSL_CERT_FILE", certificate_.c_str(), 1); }
  HttpAnswer PostTo(const std::string& host, std::string body = "hello") {
    return Post(To("https://" + host + ":" + std::to_string(receiver_->port()) + "/", std::move(body)),
                [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; });
  }

  std::string key_, certificate_;
  std::unique_ptr<FakeReceiver> receiver_;
};

TEST_F(HttpsTest, ATrustedCertificateOfTheNameIsAccepted) {
  Trust();
  EXPECT_EQ(PostTo("firebreak.test").status, 200);
  EXPECT_EQ(PostTo("127.0.0.1", std::string(200 << 10, 'x')).status, 200);
  EXPECT_EQ(receiver_->received()[1].body.size(), 200 << 10);
}

TEST_F(HttpsTest, AnUntrustedCertificateIsRefused) {
  const HttpAnswer answer = PostTo("firebreak.test");
  EXPECT_EQ(answer.failure, HttpFailure::kTls);
  EXPECT_THAT(answer.error, HasSubstr("certificate: self-signed"));
  EXPECT_TRUE(receiver_->received().empty());
}

TEST_F(HttpsTest, ACertificateOfAnotherNameIsRefused) {
  Trust();
  const HttpAnswer answer = PostTo("other.test");
  EXPECT_EQ(answer.failure, HttpFailure::kTls);
  EXPECT_THAT(answer.error, HasSubstr("hostname mismatch"));
  EXPECT_TRUE(receiver_->received().empty());
}

}  // namespace
}  // namespace firebreak
