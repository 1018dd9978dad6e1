#include "rules/classifier.h"

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/rule_set.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

// Two tiers without limits, and the default error rule.
Config TwoTiers(std::vector<std::string> first, std::vector<std::string> second) {
  Config config;
  Tier tier;
  tier.objective = Decimal::FromParts(999, 3);
  tier.name = "first";
  tier.endpoints = std::move(first);
  config.tiers.push_back(tier);
  tier.name = "second";
  tier.endpoints = std::move(second);
  config.tiers.push_back(tier);
  config.classification.unknown_endpoint_tier = 1;
  return config;
}

Classifier MustCreate(const Config& config) {
  absl::StatusOr<Classifier> classifier = Classifier::Create(config);
  EXPECT_TRUE(classifier.ok()) << classifier.status();
  return *std::move(classifier);
}

// "tier:endpoint" of a lookup.
std::string PlaceOf(const Classifier& classifier, std::string_view endpoint) {
  std::string scratch;
  const EndpointPlace place = classifier.Place(endpoint, scratch);
  return std::to_string(place.tier) + ":" + std::string(place.endpoint);
}

TEST(PlaceTest, ExactNamesThenPatternsInFileOrderThenUnknown) {
  Config config = TwoTiers({"/userid/", "~/v[0-9]+/.*", "~^/anchored$"}, {"/v1/exact", "~/v2/.*", "~/other/[a-z]+"});
  const Classifier classifier = MustCreate(config);
  const struct {
    std::string_view endpoint;
    std::string_view want;
  } kRows[] = {
      {"/userid/", "0:/userid/"},     {"/v1/exact", "1:/v1/exact"},  // exact beats an earlier pattern
      {"/v1/exact2", "0:/v1/exact2"}, {"/v2/x", "0:/v2/x"},          // both patterns match; the first in the file wins
      {"/other/abc", "1:/other/abc"}, {"/other/abc1", "1:/other/abc1"},  // no pattern: unknown
      {"x/v1/y", "1:x/v1/y"},                                            // anchored at the beginning
      {"/anchored", "0:/anchored"},   {"/anchored/", "1:/anchored/"},    // and at the end
      {"/USERID/", "1:/USERID/"},     {"/userid", "1:/userid"},
  };
  for (const auto& row : kRows) EXPECT_EQ(PlaceOf(classifier, row.endpoint), row.want) << row.endpoint;
}

TEST(PlaceTest, StripsQueryAndFragment) {
  const Classifier classifier = MustCreate(TwoTiers({"/userid/", "/", "~/p/[0-9]+"}, {"/b"}));
  const struct {
    std::string_view endpoint;
    std::string_view want;
  } kRows[] = {
      {"/userid/?username=tiktok", "0:/userid/"},
      {"/userid/?", "0:/userid/"},
      {"/userid/#top", "0:/userid/"},
      {"/userid/#top?x", "0:/userid/"},
      {"/p/12?x=/b", "0:/p/12"},
      {"/unknown?secret=1", "1:/unknown"},
      {"?only=query", "0:/"},
  };
  for (const auto& row : kRows) EXPECT_EQ(PlaceOf(classifier, row.endpoint), row.want) << row.endpoint;
}

TEST(PlaceTest, UnknownEndpointsGoWhereTheConfigurationSays) {
  Config config = TwoTiers({"/a"}, {"/b"});
  config.classification.unknown_endpoint_tier = 0;
  EXPECT_EQ(PlaceOf(MustCreate(config), "/c"), "0:/c");
}

TEST(PlaceTest, TheFirstMatchingRewriteReplacesAllItsMatches) {
  Config config = TwoTiers({"/users/{id}/posts", "/n/n/"}, {"/other"});
  config.classification.normalize = {
      {"^/users/[0-9]+/", "/users/{id}/"},
      {"[0-9]+", "n"},
      {"^/swap/([a-z]+)/([a-z]+)$", R"(/swap/\2/\1)"},
      {"^/gone$", ""},
      {"^n", "never: the second entry comes first"},
  };
  const Classifier classifier = MustCreate(config);
  const struct {
    std::string_view endpoint;
    std::string_view want;
  } kRows[] = {
      {"/users/42/posts", "0:/users/{id}/posts"},
      {"/users/42/posts?page=2", "0:/users/{id}/posts"},
      {"/users/42/7", "1:/users/{id}/7"},  // only one entry applies
      {"/1/22/", "0:/n/n/"},
      {"/n/n/", "0:/n/n/"},
      {"/swap/a/b", "1:/swap/b/a"},
      {"/gone", "1:/"},
      {"/plain", "1:/plain"},
  };
  for (const auto& row : kRows) EXPECT_EQ(PlaceOf(classifier, row.endpoint), row.want) << row.endpoint;
}

TEST(PlaceTest, HostileNamesAreJustUnknown) {
  const Classifier classifier = MustCreate(TwoTiers({"~/a.*"}, {"/b"}));
  using namespace std::string_literals;
  EXPECT_EQ(PlaceOf(classifier, "/b\0"s), "1:/b\0"s);
  EXPECT_EQ(PlaceOf(classifier, "\xff\xfe"), "1:\xff\xfe");
  EXPECT_EQ(PlaceOf(classifier, "/a" + std::string(100000, 'x')).substr(0, 4), "0:/a");
}

TEST(PlaceTest, ManyPatternsAreFoundInOnePass) {
  std::vector<std::string> patterns;
  for (int i = 0; i < 500; ++i) patterns.push_back("~/service" + std::to_string(i) + "/[^/]+/.*");
  const Classifier classifier = MustCreate(TwoTiers({"/a"}, patterns));
  EXPECT_EQ(PlaceOf(classifier, "/service499/x/y"), "1:/service499/x/y");
}

TEST(PlaceTest, LookupsFromManyThreadsAgree) {
  const Classifier classifier = MustCreate(TwoTiers({"~/a/[0-9]+"}, {"~/b/[0-9]+"}));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(PlaceOf(classifier, "/a/" + std::to_string(i)), "0:/a/" + std::to_string(i));
        EXPECT_EQ(PlaceOf(classifier, "/b/" + std::to_string(i)), "1:/b/" + std::to_string(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ClassifierTest, RefusesABadPattern) {
  const absl::StatusOr<Classifier> classifier = Classifier::Create(TwoTiers({"~/a("}, {"/b"}));
  ASSERT_FALSE(classifier.ok());
  EXPECT_EQ(classifier.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(classifier.status().ToString(), HasSubstr("missing )"));
}

TEST(ClassifierTest, RefusesABadReplacement) {
  Config config = TwoTiers({"/a"}, {"/b"});
  config.classification.normalize = {{"/([0-9]+)", R"(/\2)"}};
  EXPECT_EQ(Classifier::Create(config).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RuleSetTest, HoldsTheConfigurationAndItsClassifier) {
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(TwoTiers({"/a"}, {"/b"}));
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ((*rules)->config.tiers[1].name, "second");
  EXPECT_EQ(PlaceOf((*rules)->classifier, "/b"), "1:/b");
}

// One event as a row: what it was, then what it counts as.
struct JudgeRow {
  std::optional<int> status;
  std::string_view outcome;
  std::optional<int> latency_ms;
  std::string_view want;  // class, cause, then each of: bad, uncounted, client, timed, slow
};

std::string Describe(const Verdict& verdict) {
  std::string text = std::string(StatusClassName(verdict.status_class)) + " " + CauseName(verdict.cause_code);
  if (verdict.bad) text += " bad";
  if (!verdict.counted) text += " uncounted";
  if (verdict.client_error) text += " client";
  if (verdict.timed) text += " timed";
  if (verdict.slow) text += " slow";
  return text;
}

void ExpectVerdicts(const Config& config, const std::vector<JudgeRow>& rows) {
  const Classifier classifier = MustCreate(config);
  for (const JudgeRow& row : rows) {
    Event event;
    event.endpoint = "/a";
    event.status = row.status;
    event.outcome = row.outcome;
    if (row.latency_ms.has_value()) event.latency = absl::Milliseconds(*row.latency_ms);
    EXPECT_EQ(Describe(classifier.Judge(event, 0)), row.want)
        << row.status.value_or(0) << " " << row.outcome << " " << row.latency_ms.value_or(-1);
  }
}

Config OneTier() {
  Config config = TwoTiers({"/a"}, {"/b"});
  config.tiers[0].latency_limit = absl::Milliseconds(1200);
  config.tiers[0].timeout = absl::Seconds(10);
  return config;
}

constexpr std::nullopt_t kNone = std::nullopt;

TEST(JudgeTest, DefaultRule) {
  ExpectVerdicts(OneTier(), {
                                {200, "", kNone, "2xx 200"},
                                {204, "ok", 100, "2xx 204 timed"},
                                {100, "", 100, "1xx 100 timed"},
                                {302, "", 100, "3xx 302 timed"},
                                {404, "", 100, "4xx 404 client"},
                                {429, "", 5000, "4xx 429 client"},
                                {500, "", 100, "5xx 500 bad"},
                                {599, "", kNone, "5xx 599 bad"},
                                {kNone, "ok", 100, "2xx 2xx timed"},
                                {kNone, "timeout", kNone, "timeout timeout bad"},
                                {kNone, "shape_mismatch", 100, "shape_mismatch shape_mismatch bad"},
                                {kNone, "ConnectError", kNone, "failed failed bad"},
                                {kNone, "OK", kNone, "failed failed bad"},
                            });
}

TEST(JudgeTest, AnOutcomeOtherThanOkDecidesOverTheStatus) {
  ExpectVerdicts(OneTier(), {
                                {200, "shape_mismatch", 100, "shape_mismatch shape_mismatch bad"},
                                {200, "timeout", 100, "timeout timeout bad"},
                                {404, "failed", 100, "failed failed bad"},
                                {503, "ok", 100, "5xx 503 bad"},
                                {404, "ok", 100, "4xx 404 client"},
                            });
}

TEST(JudgeTest, LatencyLimitsHoldAtBothEdges) {
  ExpectVerdicts(OneTier(), {
                                {200, "", 0, "2xx 200 timed"},
                                {200, "", 1200, "2xx 200 timed"},
                                {200, "", 1201, "2xx 200 timed slow"},
                                {200, "", 10000, "2xx 200 timed slow"},
                                {200, "", 10001, "timeout timeout bad"},
                                {404, "", 10001, "timeout timeout bad"},
                                {503, "", 10001, "timeout timeout bad"},
                                {200, "shape_mismatch", 10001, "timeout timeout bad"},
                            });
}

TEST(JudgeTest, FractionsOfAMillisecondCount) {
  const Classifier classifier = MustCreate(OneTier());
  Event event;
  event.status = 200;
  event.latency = absl::Milliseconds(1200) + absl::Nanoseconds(1);
  EXPECT_TRUE(classifier.Judge(event, 0).slow);
}

TEST(JudgeTest, ATierWithoutLimitsTimesButIsNeverSlow) {
  ExpectVerdicts(TwoTiers({"/a"}, {"/b"}), {{200, "", 3600000, "2xx 200 timed"}, {500, "", 3600000, "5xx 500 bad"}});
}

TEST(JudgeTest, LimitsAreThoseOfTheTierAskedFor) {
  const Classifier classifier = MustCreate(OneTier());
  Event event;
  event.status = 200;
  event.latency = absl::Seconds(20);
  EXPECT_EQ(classifier.Judge(event, 0).status_class, StatusClass::kTimeout);
  EXPECT_EQ(classifier.Judge(event, 1).status_class, StatusClass::k2xx);
}

TEST(JudgeTest, ListedClassesAndCodes) {
  Config config = OneTier();
  config.classification.errors.classes.reset();
  config.classification.errors.classes.set(static_cast<size_t>(StatusClass::k5xx));
  config.classification.errors.codes = {302, 429};
  ExpectVerdicts(config, {
                             {429, "", 100, "4xx 429 bad client"},
                             {404, "", 100, "4xx 404 client"},
                             {302, "", 100, "3xx 302 bad"},
                             {301, "", 100, "3xx 301 timed"},
                             {503, "", 100, "5xx 503 bad"},
                             // Not listed, hence not bad. A status that did not decide makes nothing bad either.
                             {kNone, "timeout", 100, "timeout timeout timed"},
                             {429, "timeout", 100, "timeout timeout timed"},
                             {kNone, "whatever", kNone, "failed failed"},
                         });
}

TEST(JudgeTest, Non2xxIsTheArticlesRule) {
  Config config = OneTier();
  config.classification.errors.classes.reset();
  config.classification.errors.non_2xx = true;
  ExpectVerdicts(config, {
                             {200, "", 100, "2xx 200 timed"},
                             {kNone, "ok", 100, "2xx 2xx timed"},
                             {302, "", 100, "3xx 302 bad"},
                             {404, "", 100, "4xx 404 bad client"},
                             {500, "", 100, "5xx 500 bad"},
                             {200, "timeout", 100, "timeout timeout bad"},
                         });
}

TEST(JudgeTest, ExcludedClientErrorsAreShownButNotCounted) {
  Config config = OneTier();
  config.classification.client_errors = ClientErrors::kExclude;
  config.classification.errors.codes = {429};
  ExpectVerdicts(config, {
                             {404, "", 100, "4xx 404 uncounted client"},
                             {429, "", 100, "4xx 429 bad client"},  // bad, so it counts
                             {200, "", 100, "2xx 200 timed"},
                             {500, "", 100, "5xx 500 bad"},
                         });
}

}  // namespace
}  // namespace firebreak
