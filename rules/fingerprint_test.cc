#include "rules/fingerprint.h"

#include <string>
#include <string_view>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kTwoTiers = R"(
slo_tiers:
  web:
    availability: 0.999
    p95_ms: 1200
    timeout: 10s
    endpoints: [/pay, /cart, "~^/v2/.*"]
  batch:
    availability: 0.99
    endpoints: [/jobs]
)";

Fingerprint Of(std::string_view yaml) {
  const ParsedConfig parsed = ParseConfig(yaml, "rules.yaml");
  EXPECT_TRUE(parsed.config) << (parsed.findings.empty() ? "" : parsed.findings[0].ToString());
  return FingerprintOf(*parsed.config);
}

// kTwoTiers with one piece of its text replaced, or with more text at its end.
Fingerprint With(std::string_view old_text, std::string_view new_text) {
  std::string yaml(kTwoTiers);
  yaml.replace(yaml.find(old_text), old_text.size(), new_text);
  return Of(yaml);
}
Fingerprint With(std::string_view more) { return Of(std::string(kTwoTiers) + std::string(more)); }

TEST(FingerprintTest, HoldsWhatDecidesHowAnEventIsCounted) {
  EXPECT_THAT(Of(kTwoTiers),
              UnorderedElementsAre(
                  Pair("slo_tiers.web.endpoints", "/cart, /pay, ~^/v2/.*"), Pair("slo_tiers.web.p95_ms", "1200 ms"),
                  Pair("slo_tiers.web.timeout", "10s"), Pair("slo_tiers.batch.endpoints", "/jobs"),
                  Pair("slo_tiers.batch.p95_ms", "none"), Pair("slo_tiers.batch.timeout", "none"),
                  Pair("classification.errors", "5xx, timeout, shape_mismatch, failed"),
                  Pair("classification.client_errors", "count"), Pair("classification.unknown_endpoint", "batch"),
                  Pair("classification.normalize", "none")));
}

TEST(FingerprintTest, WhatOnlyDecidesWhenToAlertIsNotInIt) {
  const Fingerprint base = Of(kTwoTiers);
  EXPECT_EQ(With("0.999", "0.995"), base);
  EXPECT_EQ(With("    p95_ms", "    burn_rate_fast: 3\n    min_bad: 5\n    max_endpoints: 7\n    p95_ms"), base);
  EXPECT_EQ(With("    p95_ms", "    alert_by: endpoint\n    slo_source: synthetic\n    p95_ms"), base);
  EXPECT_EQ(With("evaluation_interval: 10s\nperiod: 7d\nservice: other\nalerts: {fast: {for: 0s}}\n"), base);
}

TEST(FingerprintTest, ChangesNameTheSettingAndBothValues) {
  const Fingerprint base = Of(kTwoTiers);
  const auto changes = [&base](const Fingerprint& other) { return ChangedSettings(base, other); };
  using Changed = ChangedSetting;
  EXPECT_THAT(changes(base), IsEmpty());
  EXPECT_THAT(changes(With("1200", "1500")), ElementsAre(Changed{"slo_tiers.web.p95_ms", "1200 ms", "1500 ms"}));
  EXPECT_THAT(changes(With("    p95_ms: 1200\n", "")), ElementsAre(Changed{"slo_tiers.web.p95_ms", "1200 ms", "none"}));
  EXPECT_THAT(changes(With("10s", "20s")), ElementsAre(Changed{"slo_tiers.web.timeout", "10s", "20s"}));
  EXPECT_THAT(changes(With("/pay, /cart", "/pay")),
              ElementsAre(Changed{"slo_tiers.web.endpoints", "/cart, /pay, ~^/v2/.*", "/pay, ~^/v2/.*"}));
  EXPECT_THAT(changes(With("classification: {errors: [5xx, 429]}\n")),
              ElementsAre(Changed{"classification.errors", "5xx, timeout, shape_mismatch, failed", "5xx, 429"}));
  EXPECT_THAT(changes(With("classification: {errors: non_2xx}\n")),
              ElementsAre(Changed{"classification.errors", "5xx, timeout, shape_mismatch, failed", "non_2xx"}));
  EXPECT_THAT(changes(With("classification: {client_errors: exclude}\n")),
              ElementsAre(Changed{"classification.client_errors", "count", "exclude"}));
  EXPECT_THAT(changes(With("classification: {unknown_endpoint: web}\n")),
              ElementsAre(Changed{"classification.unknown_endpoint", "batch", "web"}));
  EXPECT_THAT(changes(With("classification: {normalize: [{match: \"^/u/[0-9]+\", as: \"/u/{id}\"}]}\n")),
              ElementsAre(Changed{"classification.normalize", "none", "^/u/[0-9]+ as /u/{id}"}));
}

TEST(FingerprintTest, ATierThatIsGoneOrNewChangesAllItsSettings) {
  const Fingerprint renamed = With("batch:", "jobs:");
  EXPECT_THAT(ChangedSettings(Of(kTwoTiers), renamed),
              ElementsAre(ChangedSetting{"classification.unknown_endpoint", "batch", "jobs"},
                          ChangedSetting{"slo_tiers.batch.endpoints", "/jobs", ""},
                          ChangedSetting{"slo_tiers.batch.p95_ms", "none", ""},
                          ChangedSetting{"slo_tiers.batch.timeout", "none", ""},
                          ChangedSetting{"slo_tiers.jobs.endpoints", "", "/jobs"},
                          ChangedSetting{"slo_tiers.jobs.p95_ms", "", "none"},
                          ChangedSetting{"slo_tiers.jobs.timeout", "", "none"}));
}

TEST(FingerprintTest, OnlyAnOrderThatDecidesCounts) {
  EXPECT_EQ(With("/pay, /cart", "/cart, /pay"), Of(kTwoTiers));
  const std::string_view swapped = R"(
slo_tiers:
  {}: {{availability: 0.99, endpoints: [{}]}}
  {}: {{availability: 0.99, endpoints: [{}]}}
classification: {{unknown_endpoint: a}}
)";
  const auto tiers = [&](auto... names) { return Of(fmt::format(fmt::runtime(swapped), names...)); };
  EXPECT_EQ(tiers("a", "/x", "b", "/y"), tiers("b", "/y", "a", "/x"));
  EXPECT_THAT(ChangedSettings(tiers("a", "~^/x", "b", "~^/y"), tiers("b", "~^/y", "a", "~^/x")),
              ElementsAre(ChangedSetting{"slo_tiers (order of patterns)", "~^/x, ~^/y", "~^/y, ~^/x"}));
}

TEST(FingerprintTest, ListsOfDifferentNamesNeverLookAlike) {
  EXPECT_NE(With("/pay, /cart", "\"/pay, /cart\""), Of(kTwoTiers));
  EXPECT_NE(With("/pay, /cart", R"("/a\"", /b)"), With("/pay, /cart", R"("/a\", /b")"));
}

TEST(FingerprintTest, TextIsReadBack) {
  Fingerprint odd = Of(kTwoTiers);
  odd["a\tb\\c"] = "line\nline\t\\n";
  odd["empty"] = "";
  for (const Fingerprint& fingerprint : {Fingerprint(), Of(kTwoTiers), odd}) {
    const absl::StatusOr<Fingerprint> same = FingerprintFromText(FingerprintText(fingerprint));
    ASSERT_TRUE(same.ok()) << same.status();
    EXPECT_EQ(*same, fingerprint);
  }
  EXPECT_THAT(FingerprintText(Of(kTwoTiers)), HasSubstr("slo_tiers.web.p95_ms\t1200 ms\n"));
}

TEST(FingerprintTest, DamagedTextIsRefused) {
  for (const char* text : {"no tab\n", "a\tb\nc", "a\tb\\x\n", "a\tb\\", "a\t1\na\t2\n", "\n"}) {
    EXPECT_EQ(FingerprintFromText(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace firebreak
