#include "api/notify/retry.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

HttpAnswer Status(int status, std::string retry_after = "") {
  return {.status = status, .retry_after = std::move(retry_after), .body = "", .error = ""};
}

HttpAnswer Failure(HttpFailure failure) {
  return {.status = std::nullopt, .retry_after = "", .body = "", .failure = failure, .error = "went wrong"};
}

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(RetryTest, StatusDecidesWhatBecomesOfATry) {
  const struct {
    int status;
    Verdict verdict;
    std::string_view result;
  } kRows[] = {
      {199, Verdict::kPark, "parked"}, {200, Verdict::kDelivered, "ok"}, {299, Verdict::kDelivered, "ok"},
      {300, Verdict::kPark, "parked"}, {302, Verdict::kPark, "parked"},  {400, Verdict::kPark, "parked"},
      {401, Verdict::kPark, "parked"}, {404, Verdict::kPark, "parked"},  {407, Verdict::kPark, "parked"},
      {408, Verdict::kRetry, "retry"}, {409, Verdict::kPark, "parked"},  {413, Verdict::kPark, "parked"},
      {424, Verdict::kPark, "parked"}, {425, Verdict::kRetry, "retry"},  {426, Verdict::kPark, "parked"},
      {428, Verdict::kPark, "parked"}, {429, Verdict::kRetry, "retry"},  {430, Verdict::kPark, "parked"},
      {499, Verdict::kPark, "parked"}, {500, Verdict::kRetry, "retry"},  {599, Verdict::kRetry, "retry"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Classify(Status(row.status)), row.verdict) << row.status;
    EXPECT_EQ(ResultName(Status(row.status)), row.result) << row.status;
  }
}

TEST(RetryTest, OnlyWhatAReceiverDocumentsAsTakenIsDelivered) {
  const struct {
    Taken taken;
    int status;
    std::string body;
    Verdict verdict;
    std::string text;
  } kRows[] = {
      {Taken::kWith202, 202, R"({"status":"success"})", Verdict::kDelivered, "202 Accepted"},
      {Taken::kWith202, 200, "", Verdict::kPark, "200 OK, wanted 202 Accepted"},
      {Taken::kWith202, 400, "", Verdict::kPark, "400 Bad Request"},
      {Taken::kWith202, 429, "", Verdict::kRetry, "429 Too Many Requests"},
      {Taken::kWith202, 502, "", Verdict::kRetry, "502 Bad Gateway"},
      {Taken::kWithOk, 200, "ok", Verdict::kDelivered, "200 OK"},
      {Taken::kWithOk, 200, "ok\r\n", Verdict::kDelivered, "200 OK"},
      {Taken::kWithOk, 200, "<html>Log in", Verdict::kPark, "200 OK, wanted 200 with the body \"ok\""},
      {Taken::kWithOk, 200, "", Verdict::kPark, "200 OK, wanted 200 with the body \"ok\""},
      {Taken::kWithOk, 202, "ok", Verdict::kPark, "202 Accepted, wanted 200 with the body \"ok\""},
      {Taken::kWithOk, 302, "ok", Verdict::kPark, "302 Found: redirects are not followed"},
      {Taken::kWithOk, 410, "channel_is_archived", Verdict::kPark, "410 Gone"},
      {Taken::kWithOk, 429, "rate_limited", Verdict::kRetry, "429 Too Many Requests"},
      {Taken::kWithOk, 500, "rollup_error", Verdict::kRetry, "500 Internal Server Error"},
      {Taken::kWith2xx, 204, "", Verdict::kDelivered, "204 No Content"},
  };
  for (const auto& row : kRows) {
    HttpAnswer answer = Status(row.status);
    answer.body = row.body;
    EXPECT_EQ(Classify(answer, row.taken), row.verdict) << row.text;
    EXPECT_EQ(ResultName(answer, row.taken) == "ok", row.verdict == Verdict::kDelivered) << row.text;
    EXPECT_EQ(DescribeAnswer(answer, row.taken), row.text);
  }
  EXPECT_EQ(Classify(Failure(HttpFailure::kTimeout), Taken::kWithOk), Verdict::kRetry);
}

TEST(RetryTest, NetworkFailuresAreRetried) {
  const std::pair<HttpFailure, std::string_view> kRows[] = {
      {HttpFailure::kTimeout, "timeout"}, {HttpFailure::kResolve, "network"}, {HttpFailure::kConnect, "network"},
      {HttpFailure::kTls, "network"},     {HttpFailure::kBroken, "network"},  {HttpFailure::kCancelled, "cancelled"},
  };
  for (const auto& [failure, name] : kRows) {
    EXPECT_EQ(Classify(Failure(failure)), Verdict::kRetry);
    EXPECT_EQ(ResultName(Failure(failure)), name);
    EXPECT_EQ(DescribeAnswer(Failure(failure)), "went wrong");
  }
}

TEST(RetryTest, WithoutTheReceiversAnswerNobodyKnows) {
  for (const HttpFailure failure : {HttpFailure::kTimeout, HttpFailure::kBroken, HttpFailure::kCancelled}) {
    EXPECT_TRUE(MayHaveBeenTaken(Failure(failure)));
  }
  for (const HttpFailure failure : {HttpFailure::kResolve, HttpFailure::kConnect, HttpFailure::kTls}) {
    EXPECT_FALSE(MayHaveBeenTaken(Failure(failure)));
  }
  for (const int status : {502, 504}) EXPECT_TRUE(MayHaveBeenTaken(Status(status)));
  for (const int status : {408, 429, 500, 501, 503}) EXPECT_FALSE(MayHaveBeenTaken(Status(status)));
}

TEST(RetryTest, AnswersAreDescribed) {
  EXPECT_EQ(DescribeAnswer(Status(200)), "200 OK");
  EXPECT_EQ(DescribeAnswer(Status(302)), "302 Found: redirects are not followed");
  EXPECT_EQ(DescribeAnswer(Status(404)), "404 Not Found");
  EXPECT_EQ(DescribeAnswer(Status(599)), "599");
}

TEST(RetryTest, BackoffGrowsByHalfUpToAMinute) {
  const absl::Duration first = absl::Milliseconds(500);
  const double almost_one = 0.9999999;
  EXPECT_NEAR(absl::ToDoubleSeconds(Backoff(1, first, almost_one)), 0.5, 1e-3);
  EXPECT_NEAR(absl::ToDoubleSeconds(Backoff(2, first, almost_one)), 0.75, 1e-3);
  EXPECT_NEAR(absl::ToDoubleSeconds(Backoff(3, first, almost_one)), 1.125, 1e-3);
  EXPECT_NEAR(absl::ToDoubleSeconds(Backoff(12, first, almost_one)), 43.249, 1e-2);
  EXPECT_NEAR(absl::ToDoubleSeconds(Backoff(13, first, almost_one)), 60, 1e-2);
  EXPECT_NEAR(absl::ToDoubleSeconds(Backoff(1000000, first, almost_one)), 60, 1e-2);
}

TEST(RetryTest, JitterTakesUpToHalfAway) {
  EXPECT_EQ(Backoff(1, absl::Seconds(1), 0), absl::Milliseconds(500));
  EXPECT_EQ(Backoff(1, absl::Seconds(1), 0.5), absl::Milliseconds(750));
}

TEST(RetryTest, RetryAfterIsReadInBothForms) {
  const absl::Time now = At("2026-01-02T03:04:05Z");
  const struct {
    std::string_view header;
    std::optional<absl::Duration> wait;
  } kRows[] = {
      {"", std::nullopt},
      {"0", absl::ZeroDuration()},
      {"7", absl::Seconds(7)},
      {" 7 ", absl::Seconds(7)},
      {"300", absl::Minutes(5)},
      {"301", absl::Minutes(5)},
      {"99999999999999999999999", absl::Minutes(5)},
      {"-1", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"Fri, 02 Jan 2026 03:05:05 GMT", absl::Minutes(1)},
      {"Fri, 02 Jan 2026 03:04:00 GMT", absl::ZeroDuration()},
      {"Sat, 03 Jan 2026 03:04:05 GMT", absl::Minutes(5)},
      {"Fri, 02 Foo 2026 03:05:05 GMT", std::nullopt},
  };
  for (const auto& row : kRows) EXPECT_EQ(RetryAfter(row.header, now), row.wait) << row.header;
}

TEST(RetryTest, OnlyBusyReceiversHoldBack) {
  const absl::Time now = At("2026-01-02T03:04:05Z");
  EXPECT_EQ(HoldBack(Status(429, "9"), now), absl::Seconds(9));
  EXPECT_EQ(HoldBack(Status(503, "9"), now), absl::Seconds(9));
  EXPECT_EQ(HoldBack(Status(429), now), std::nullopt);
  EXPECT_EQ(HoldBack(Status(500, "9"), now), std::nullopt);
  EXPECT_EQ(HoldBack(Status(404, "9"), now), std::nullopt);
  EXPECT_EQ(HoldBack(Failure(HttpFailure::kTimeout), now), std::nullopt);
}

}  // namespace
}  // namespace firebreak
