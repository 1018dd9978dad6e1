#include "api/service/outbox_retry.h"

#include <memory>
#include <string>
#include <utility>

#include "engine/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

// A dispatcher with one destination, which has nothing to tell it.
class OutboxRetryTest : public ::testing::Test {
 protected:
  OutboxRetryTest() {
    DispatcherOptions options;
    options.destinations.push_back({Destination::Kind::kWebhook, "oncall", "http://127.0.0.1:9/", "", kAllSeverities});
    dispatcher_ = Dispatcher::Start(std::move(options), clock_);
  }
  HttpResponse Post(std::string body, std::string query = "") {
    HttpRequest request;
    request.body = std::move(body);
    request.query = std::move(query);
    return RetryParked(request, *dispatcher_);
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1764000000)};
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_F(OutboxRetryTest, ABodyThatSaysNothingIsFine) {
  for (const char* body : {"", " \r\n", "{}", " { } \n"}) {
    const HttpResponse answer = Post(body);
    EXPECT_EQ(answer.status, 200) << body;
    EXPECT_EQ(answer.body, "{\"retried\":0}\n");
  }
}

TEST_F(OutboxRetryTest, ABodyThatSaysSomethingIsRefused) {
  for (const char* body : {R"({"destination": "oncall"})", R"({"fingerprint": "13909cd8538d8bcf"})", "[]", "null", "{",
                           "oncall", "{}{}"}) {
    const HttpResponse answer = Post(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr("wanted none, or {}; ?destination=NAME tries one destination alone"));
  }
}

TEST_F(OutboxRetryTest, OneDestinationIsNamedByTheQuery) {
  EXPECT_EQ(Post("", "destination=oncall").status, 200);
  const HttpResponse answer = Post("", "destination=nobody");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("oncall"));
}

TEST_F(OutboxRetryTest, AQueryThatIsMisspeltDoesNotMeanAll) {
  for (const char* query : {"dest=oncall", "Destination=oncall", "destination", "destination=", "destination=%GG",
                            "destination=oncall&destination=nobody", "destination=oncall&", "&destination=oncall"}) {
    const HttpResponse answer = Post("", query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(answer.body, HasSubstr("wanted none, for all destinations, or destination=NAME")) << query;
  }
}

}  // namespace
}  // namespace firebreak
