#include "rules/parse.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/destinations.h"
#include "rules/duration.h"
#include "rules/rule_set.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What follows `prefix` in the lines of `text` that begin with it.
std::vector<std::string> LinesAfter(const std::string& text, const std::string& prefix) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with(prefix)) lines.push_back(line.substr(prefix.size()));
  }
  return lines;
}

bool IsNote(const Finding& finding) { return finding.kind == FindingKind::kNote; }
bool IsNoNote(const Finding& finding) { return !IsNote(finding); }

// "line:column: kind: message" of the findings that `wanted` picks.
std::vector<std::string> Texts(const ParsedConfig& parsed, bool (*wanted)(const Finding&)) {
  std::vector<std::string> texts;
  for (const Finding& finding : parsed.findings) {
    if (wanted(finding)) texts.push_back(finding.ToString().substr(finding.file.size() + 1));
  }
  return texts;
}

ParsedConfig Parse(std::string_view text) { return ParseConfig(text, "f.yaml"); }

Config MustParse(std::string_view text) {
  ParsedConfig parsed = Parse(text);
  EXPECT_THAT(Texts(parsed, IsNoNote), IsEmpty());
  EXPECT_TRUE(parsed.config.has_value());
  return parsed.config.value_or(Config());
}

// A small good configuration, with `more` at its end.
std::string Web(std::string_view more) {
  return "slo_tiers:\n  web:\n    availability: 0.999\n    endpoints: [/a]\n" + std::string(more);
}

TEST(BadFiles, EachSaysWhatItsCommentsWant) {
  const std::vector<std::string> paths = FilesIn("testdata/rules/bad");
  ASSERT_THAT(paths, SizeIs(Gt(100u)));
  for (const std::string& path : paths) {
    const std::string text = ReadFile(path);
    const std::vector<std::string> want = LinesAfter(text, "# want: ");
    ASSERT_THAT(want, Not(IsEmpty())) << path;
    const ParsedConfig parsed = Parse(text);
    EXPECT_EQ(Texts(parsed, IsNoNote), want) << path;
    EXPECT_EQ(parsed.config.has_value(), !HasErrors(parsed.findings)) << path;
  }
}

TEST(GoodFiles, HaveNoFaultsAndTheNotesTheirCommentsWant) {
  const std::vector<std::string> paths = FilesIn("testdata/rules/good");
  ASSERT_THAT(paths, SizeIs(Gt(3u)));
  for (const std::string& path : paths) {
    const std::string text = ReadFile(path);
    const ParsedConfig parsed = Parse(text);
    EXPECT_TRUE(parsed.config.has_value()) << path;
    EXPECT_THAT(Texts(parsed, IsNoNote), IsEmpty()) << path;
    if (const std::vector<std::string> notes = LinesAfter(text, "# note: "); !notes.empty()) {
      EXPECT_EQ(Texts(parsed, IsNote), notes) << path;
    }
  }
}

TEST(ShippedFiles, HaveNeitherErrorsNorWarnings) {
  for (const std::string path : {"rules/tiklive.yaml", "rules/tiklive-full.yaml"}) {
    const ParsedConfig parsed = ParseConfig(ReadFile(path), path);
    EXPECT_TRUE(parsed.config.has_value()) << path;
    EXPECT_THAT(Texts(parsed, IsNoNote), IsEmpty()) << path;
    EXPECT_TRUE(RuleSet::Create(*parsed.config).ok());
  }
}

TEST(ShippedFiles, TheArticlesBlockMeansWhatTheArticleSays) {
  const Config config = MustParse(ReadFile("rules/tiklive.yaml"));
  ASSERT_THAT(config.tiers, SizeIs(3));
  const struct {
    std::string_view name, objective, fast, slow;
    int p95_ms;
  } kRows[] = {
      {"tier1_interactive", "0.999", "14.4", "6", 1200},
      {"tier2_search", "0.995", "10", "3", 2500},
      {"tier3_batch", "0.99", "6", "2", 6000},
  };
  for (size_t i = 0; i < 3; ++i) {
    const Tier& tier = config.tiers[i];
    EXPECT_EQ(tier.name, kRows[i].name);
    EXPECT_EQ(tier.objective.ToString(), kRows[i].objective);
    EXPECT_EQ(tier.burn[0].ToString(), kRows[i].fast);
    EXPECT_EQ(tier.burn[1].ToString(), kRows[i].slow);
    EXPECT_EQ(tier.latency_burn, tier.burn);
    EXPECT_EQ(tier.latency_limit, absl::Milliseconds(kRows[i].p95_ms));
    EXPECT_EQ(tier.timeout, std::nullopt);
    EXPECT_THAT(tier.endpoints, SizeIs(6));
  }
  EXPECT_EQ(config.classification.unknown_endpoint_tier, 2u);
}

TEST(ShippedFiles, TheFullFileAddsToTheBlockAndChangesNothingInIt) {
  const Config block = MustParse(ReadFile("rules/tiklive.yaml"));
  const Config full = MustParse(ReadFile("rules/tiklive-full.yaml"));
  EXPECT_EQ(full.service, "tikliveapi");
  ASSERT_EQ(full.tiers.size(), block.tiers.size());
  const int kTimeoutSeconds[] = {10, 20, 60};
  for (size_t i = 0; i < full.tiers.size(); ++i) {
    EXPECT_EQ(full.tiers[i].name, block.tiers[i].name);
    EXPECT_EQ(full.tiers[i].objective, block.tiers[i].objective);
    EXPECT_EQ(full.tiers[i].burn, block.tiers[i].burn);
    EXPECT_EQ(full.tiers[i].latency_limit, block.tiers[i].latency_limit);
    EXPECT_EQ(full.tiers[i].endpoints, block.tiers[i].endpoints);
    EXPECT_EQ(full.tiers[i].timeout, absl::Seconds(kTimeoutSeconds[i]));
  }
}

TEST(ShippedFiles, CheckExplainsThemInWords) {
  const std::vector<std::string> notes = Texts(Parse(ReadFile("rules/tiklive.yaml")), IsNote);
  for (const std::string_view phrase :
       {"pages when more than 1.44 % of tier1_interactive fail over both 5m and 1h",
        "opens a ticket when more than 0.6 % of tier1_interactive fail over both 30m and 6h",
        "72 % are slower than 1200 ms", "14.4x: a 30-day budget lasts 50 hours", "6x: a 30-day budget lasts 5 days",
        "seen only with more than 1.44 % (fast) or 0.6 % (slow) of the tier's traffic",
        "a lasting burn of 2x or less alerts nobody"}) {
    EXPECT_THAT(notes, Contains(HasSubstr(std::string(phrase))));
  }
}

TEST(Notes, ATierOfSyntheticEventsSaysSo) {
  EXPECT_THAT(Texts(Parse(Web("    slo_source: synthetic\n")), IsNote),
              Contains(HasSubstr("only synthetic events count")));
  EXPECT_THAT(Texts(Parse(Web("    slo_source: rum\n")), IsNote), Not(Contains(HasSubstr("synthetic"))));
}

TEST(Defaults, AreThoseOfTheReference) {
  const Config config = MustParse(Web(""));
  EXPECT_EQ(config.service, "default");
  EXPECT_EQ(config.period, absl::Hours(720));
  EXPECT_EQ(config.evaluation_interval, absl::Seconds(5));
  EXPECT_EQ(config.evaluation_delay, absl::ZeroDuration());
  EXPECT_EQ(config.allowed_lateness, absl::Minutes(5));
  EXPECT_EQ(config.no_data_hold, absl::Minutes(15));
  EXPECT_EQ(config.source_lost_after, absl::Minutes(5));
  EXPECT_EQ(config.LongestWindow(), absl::Hours(6));
  EXPECT_EQ(config.classification.errors.classes.to_ulong(), 0b11110000u);
  EXPECT_FALSE(config.classification.errors.non_2xx);
  EXPECT_THAT(config.classification.errors.codes, IsEmpty());
  EXPECT_EQ(config.classification.client_errors, ClientErrors::kCount);
  EXPECT_THAT(config.notify.alertmanagers, IsEmpty());
  EXPECT_TRUE(config.server.admin_token.empty());
  EXPECT_EQ(config.server.limits.body_bytes, 8 << 20);
}

// name short/long burn for/keep severity
std::string Describe(const AlertPair& pair) {
  return pair.name + " " + DurationText(pair.short_window) + "/" + DurationText(pair.long_window) + " " +
         pair.burn.ToString() + " " + DurationText(pair.hold_for) + "/" + DurationText(pair.keep_firing_for) + " " +
         std::string(SeverityName(pair.severity));
}

std::vector<std::string> PairsOf(std::string_view alerts) {
  std::vector<std::string> texts;
  for (const AlertPair& pair : MustParse(Web(alerts)).pairs) texts.push_back(Describe(pair));
  return texts;
}

TEST(Alerts, TwoPairsByDefault) {
  EXPECT_THAT(PairsOf(""), ElementsAre("fast 5m/1h 14.4 2m/0s page", "slow 30m/6h 6 15m/0s ticket"));
}

TEST(Alerts, OverrideDefaultsFieldByField) {
  EXPECT_THAT(PairsOf("alerts:\n  slow: {for: 0s}\n  fast: {burn: 10, keep_firing_for: 5m}\n"),
              ElementsAre("fast 5m/1h 10 2m/5m page", "slow 30m/6h 6 0s/0s ticket"));
}

TEST(Alerts, OtherNamesAddPairsInFileOrder) {
  EXPECT_THAT(
      PairsOf("alerts:\n  w_2: {short: 6h, long: 3d, burn: 1}\n  day: {short: 2h, long: 1d, burn: 3, for: 1h}\n"),
      ElementsAre("fast 5m/1h 14.4 2m/0s page", "slow 30m/6h 6 15m/0s ticket", "w_2 6h/3d 1 0s/0s ticket",
                  "day 2h/1d 3 1h/0s ticket"));
}

// The burns of tier web and of its latency rule, by pair.
std::string BurnsOf(std::string_view tier_lines, std::string_view alerts) {
  const Config config = MustParse(Web(tier_lines) + std::string(alerts));
  std::string text;
  for (const Decimal& burn : config.tiers[0].burn) text += burn.ToString() + " ";
  text += "|";
  for (const Decimal& burn : config.tiers[0].latency_burn) text += " " + burn.ToString();
  return text;
}

TEST(Burns, LatencyInheritsFromTheTierAndTheTierFromThePair) {
  constexpr std::string_view kWeekly = "alerts:\n  weekly: {short: 6h, long: 3d, burn: 1.5}\n  fast: {burn: 12}\n";
  EXPECT_EQ(BurnsOf("", ""), "14.4 6 | 14.4 6");
  EXPECT_EQ(BurnsOf("", kWeekly), "12 6 1.5 | 12 6 1.5");
  EXPECT_EQ(BurnsOf("    burn_rate_weekly: 2\n", kWeekly), "12 6 2 | 12 6 2");
  EXPECT_EQ(BurnsOf("    latency_burn_rate_weekly: 2\n", kWeekly), "12 6 1.5 | 12 6 2");
  EXPECT_EQ(BurnsOf("    burn_rate_fast: 10\n    latency_burn_rate_fast: 8\n", kWeekly), "10 6 1.5 | 8 6 1.5");
}

TEST(Burns, AlertsMayStandAfterTheTiersThatUseThem) {
  const std::string alerts = "alerts:\n  weekly: {short: 6h, long: 3d, burn: 1.5}\n";
  const std::string before = alerts + Web("    burn_rate_weekly: 2\n");
  const std::string after = Web("    burn_rate_weekly: 2\n") + alerts;
  EXPECT_EQ(MustParse(before).tiers[0].burn, MustParse(after).tiers[0].burn);
}

TEST(Values, APercentageAndARatioAreTheSameObjective) {
  for (const std::string_view text : {"0.999", "99.9%", "\"99.9%\"", ".999", "0.9990"}) {
    const Config config = MustParse("slo_tiers: {web: {availability: " + std::string(text) + ", endpoints: [/a]}}");
    EXPECT_EQ(config.tiers[0].objective, Decimal::FromParts(999, 3)) << text;
  }
}

TEST(Values, EveryKeyIsRead) {
  const Config config = MustParse(ReadFile("testdata/rules/good/everything.yaml"));
  EXPECT_EQ(config.service, "shop");
  EXPECT_EQ(config.period, absl::Hours(28 * 24));
  EXPECT_EQ(config.evaluation_interval, absl::Seconds(10));
  EXPECT_EQ(config.evaluation_delay, absl::Seconds(20));
  EXPECT_EQ(config.allowed_lateness, absl::Minutes(10));
  EXPECT_EQ(config.no_data_hold, absl::Minutes(20));
  EXPECT_EQ(config.source_lost_after, absl::Minutes(7));
  EXPECT_EQ(config.external_url, "https://firebreak.example.com/base");
  EXPECT_EQ(config.runbook_url, "https://runbooks.example.com/");
  std::vector<std::string> pairs;
  for (const AlertPair& pair : config.pairs) pairs.push_back(Describe(pair));
  EXPECT_THAT(pairs,
              ElementsAre("fast 10m/2h 7.2 1m/3m ticket", "slow 30m/6h 4 15m/0s ticket", "weekly 6h/3d 1 30m/1h page"));
}

TEST(Values, EveryKeyOfATierIsRead) {
  const Config config = MustParse(ReadFile("testdata/rules/good/everything.yaml"));
  ASSERT_THAT(config.tiers, SizeIs(2));
  const Tier& web = config.tiers[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.latency_limit, absl::Microseconds(250500));
  EXPECT_EQ(web.objective, Decimal::FromParts(9995, 4));
  EXPECT_THAT(web.burn, ElementsAre(Decimal::FromParts(20, 0), Decimal::FromParts(4, 0), Decimal::FromParts(2, 0)));
  EXPECT_THAT(web.latency_burn,
              ElementsAre(Decimal::FromParts(8, 0), Decimal::FromParts(4, 0), Decimal::FromParts(2, 0)));
  EXPECT_EQ(web.timeout, absl::Milliseconds(1500));
  EXPECT_EQ(web.slo_source, Source::kSynthetic);
  EXPECT_EQ(web.alert_by, AlertBy::kEndpoint);
  EXPECT_EQ(web.min_total, 100);
  EXPECT_EQ(web.min_bad, 5);
  EXPECT_EQ(web.max_endpoints, 50);
  EXPECT_EQ(web.runbook_url, "https://runbooks.example.com/web");
  EXPECT_THAT(web.endpoints, ElementsAre("/checkout", "~^/v2/users/[0-9]+$"));
  const Tier& batch = config.tiers[1];
  EXPECT_EQ(batch.latency_limit, std::nullopt);
  EXPECT_EQ(batch.slo_source, Source::kRum);
  EXPECT_EQ(batch.alert_by, AlertBy::kTier);
  EXPECT_EQ(batch.max_endpoints, 1000);
  EXPECT_THAT(batch.endpoints, ElementsAre("/export", "/a b/{id}"));
}

// "name severities" of every destination; a severity by its first letter.
std::vector<std::string> RoutesOf(const Config& config) {
  std::vector<std::string> routes;
  for (const DestinationEntry& destination : AllDestinations(config.notify)) {
    std::string text = destination.name + " ";
    for (const Severity severity : {Severity::kPage, Severity::kTicket}) {
      if (destination.severities.test(static_cast<size_t>(severity))) text += SeverityName(severity)[0];
    }
    routes.push_back(text);
  }
  return routes;
}

TEST(Values, EveryDestinationHasANameAndItsSeverities) {
  EXPECT_THAT(RoutesOf(MustParse(ReadFile("testdata/rules/good/everything.yaml"))),
              ElementsAre("alertmanager-1 pt", "alertmanager-2 p", "oncall pt", "webhook-2 t", "phone p",
                          "pagerduty-2 pt", "team t", "slack-2 pt"));
}

TEST(Secrets, AreNeverQuoted) {
  const std::string_view kRows[] = {
      "notify: {slack: [{url: \"https://h/hunter2\"}]}",    "notify: {slack: [{url_env: \"https://h/hunter2\"}]}",
      "notify: {slack: [{url_file: \"a\\thunter2\"}]}",     "notify: {slack: [{url: [hunter2]}]}",
      "notify: {pagerduty: [{routing_key: hunter2}]}",      "notify: {pagerduty: [{routing_key_env: hunter-2}]}",
      "notify: {pagerduty: [{routing_key: {a: hunter2}}]}",
  };
  for (const std::string_view row : kRows) {
    const ParsedConfig parsed = Parse(Web(row));
    EXPECT_TRUE(HasErrors(parsed.findings)) << row;
    EXPECT_THAT(Texts(parsed, IsNoNote), Each(Not(ContainsRegex("hunter")))) << row;
  }
}

TEST(Values, ClassificationNotifyAndServerAreRead) {
  const Config config = MustParse(ReadFile("testdata/rules/good/everything.yaml"));
  EXPECT_EQ(config.classification.errors.classes.to_ulong(), 0b00110000u);
  EXPECT_THAT(config.classification.errors.codes, ElementsAre(408, 429));
  EXPECT_EQ(config.classification.client_errors, ClientErrors::kExclude);
  EXPECT_EQ(config.classification.unknown_endpoint_tier, 0u);
  ASSERT_THAT(config.classification.normalize, SizeIs(2));
  EXPECT_EQ(config.classification.normalize[0].match, "^/users/[0-9]+/");
  EXPECT_EQ(config.classification.normalize[0].as, "/users/{id}/");
  EXPECT_EQ(config.classification.normalize[1].as, "");

  EXPECT_EQ(config.notify.resend_delay, absl::Seconds(30));
  EXPECT_EQ(config.notify.repeat_interval, absl::Hours(2));
  EXPECT_TRUE(config.notify.watchdog);
  ASSERT_THAT(config.notify.alertmanagers, SizeIs(2));
  EXPECT_EQ(config.notify.alertmanagers[1].url, "https://[::1]:9094/prefix");
  ASSERT_THAT(config.notify.webhooks, SizeIs(2));
  EXPECT_EQ(config.notify.webhooks[0].name, "oncall");
  EXPECT_EQ(config.notify.webhooks[0].url, "http://127.0.0.1:8080/hook?team=a");
  EXPECT_EQ(config.notify.webhooks[0].secret.file, "hook.key");
  EXPECT_EQ(config.notify.webhooks[0].secret.key, "notify.webhooks[0].secret_file");
  EXPECT_EQ(config.notify.webhooks[1].name, "webhook-2");
  EXPECT_EQ(config.notify.webhooks[1].secret.env, "HOOK_KEY");
  EXPECT_EQ(config.notify.webhooks[1].secret.key, "notify.webhooks[1].secret_env");
  ASSERT_THAT(config.notify.pagerduty, SizeIs(2));
  EXPECT_EQ(config.notify.pagerduty[0].url, "https://events.eu.pagerduty.com/v2/enqueue");
  EXPECT_EQ(config.notify.pagerduty[0].routing_key.file, "pagerduty.key");
  EXPECT_EQ(config.notify.pagerduty[1].url, kPagerDutyUrl);
  EXPECT_EQ(config.notify.pagerduty[1].routing_key.env, "ROUTING_KEY");
  ASSERT_THAT(config.notify.slack, SizeIs(2));
  EXPECT_EQ(config.notify.slack[0].url.file, "slack.url");
  EXPECT_EQ(config.notify.slack[1].url.env, "SLACK_URL");

  EXPECT_EQ(config.server.ingest_token.file, "ingest.token");
  EXPECT_EQ(config.server.read_token.env, "READ_TOKEN");
  EXPECT_EQ(config.server.admin_token.file, "admin.token");
  const ServerLimits& limits = config.server.limits;
  EXPECT_EQ(limits.header_bytes, 32 << 10);
  EXPECT_EQ(limits.header_fields, 100);
  EXPECT_EQ(limits.uri_bytes, 4096);
  EXPECT_EQ(limits.body_bytes, 16 << 20);
  EXPECT_EQ(limits.control_body_bytes, 2 << 20);
  EXPECT_EQ(limits.decoded_bytes, 64 << 20);
  EXPECT_EQ(limits.header_timeout, absl::Seconds(5));
  EXPECT_EQ(limits.body_timeout, absl::Seconds(20));
  EXPECT_EQ(limits.idle_timeout, absl::Minutes(2));
  EXPECT_EQ(limits.connections, 500);
}

TEST(Values, Non2xxAloneIsTheArticlesRule) {
  for (const std::string_view errors : {"non_2xx", "[non_2xx]"}) {
    EXPECT_TRUE(
        MustParse(Web("classification: {errors: " + std::string(errors) + "}\n")).classification.errors.non_2xx);
  }
}

TEST(Values, NoDataHoldOfZeroNeedsNoSourceLostAfter) {
  EXPECT_EQ(MustParse("no_data_hold: 0s\n" + Web("")).no_data_hold, absl::ZeroDuration());
}

TEST(Values, AByteOrderMarkAndCarriageReturnsAreFine) {
  EXPECT_EQ(
      MustParse("\xEF\xBB\xBFservice: 'x'\r\nslo_tiers:\r\n  w: {availability: 0.99, endpoints: [/a]}\r\n").service,
      "x");
}

// Both edges of a value's range: the errors of each are of `path`.
void ExpectEdges(std::string_view path, const std::vector<std::string>& good, const std::vector<std::string>& bad) {
  for (const std::string& text : good) EXPECT_THAT(Texts(Parse(text), IsNoNote), IsEmpty()) << text;
  for (const std::string& text : bad) {
    EXPECT_THAT(Texts(Parse(text), IsNoNote), ElementsAre(HasSubstr("error: " + std::string(path) + ": "))) << text;
  }
}

TEST(Edges, OfTopLevelDurations) {
  const auto top = [](std::string_view line) { return std::string(line) + "\n" + Web(""); };
  ExpectEdges("evaluation_interval", {top("evaluation_interval: 1s"), top("evaluation_interval: 5m")},
              {top("evaluation_interval: 999ms"), top("evaluation_interval: 5m1s")});
  ExpectEdges("evaluation_delay", {top("evaluation_delay: 1h")}, {top("evaluation_delay: 1h5s")});
  ExpectEdges("allowed_lateness", {top("allowed_lateness: 0s"), top("allowed_lateness: 1h")},
              {top("allowed_lateness: 1h1ms")});
  ExpectEdges("period", {top("period: 6h"), top("period: 366d")}, {top("period: 367d")});
  ExpectEdges("source_lost_after", {top("source_lost_after: 1s"), top("source_lost_after: 14m59s999ms")},
              {top("source_lost_after: 999ms"), top("source_lost_after: 15m")});
}

TEST(Edges, EveryIntervalThatFitsTheRings) {
  for (const int seconds : {1, 2, 3, 5, 6, 10, 15, 30, 60, 150, 300}) {
    const std::string text = "evaluation_interval: " + std::to_string(seconds) + "s\n" + Web("");
    EXPECT_EQ(MustParse(text).evaluation_interval, absl::Seconds(seconds));
  }
  for (const int seconds : {4, 7, 12, 20, 45, 90, 120, 240}) {
    const ParsedConfig parsed = Parse("evaluation_interval: " + std::to_string(seconds) + "s\n" + Web(""));
    EXPECT_TRUE(HasErrors(parsed.findings)) << seconds;
  }
}

TEST(Edges, OfATier) {
  const auto line = [](std::string_view text) { return Web("    " + std::string(text) + "\n"); };
  ExpectEdges("slo_tiers.web.max_endpoints", {line("max_endpoints: 1"), line("max_endpoints: 100000")},
              {line("max_endpoints: 0"), line("max_endpoints: 100001")});
  ExpectEdges("slo_tiers.web.p95_ms", {line("p95_ms: 0.000001"), line("p95_ms: 86400000")},
              {line("p95_ms: 0"), line("p95_ms: 86400000.1"), line("p95_ms: 0.0000001")});
  ExpectEdges("slo_tiers.web.burn_rate_fast", {line("burn_rate_fast: 999.999"), line("burn_rate_fast: 0.001")},
              {line("burn_rate_fast: 1000"), line("burn_rate_fast: 0")});
  ExpectEdges("slo_tiers.web.timeout", {line("p95_ms: 1200\n    timeout: 1s201ms")},
              {line("p95_ms: 1200\n    timeout: 1s200ms")});
  ExpectEdges("slo_tiers.web.latency_burn_rate_slow", {line("p95_ms: 1200\n    latency_burn_rate_slow: 10")},
              {line("p95_ms: 1200\n    latency_burn_rate_slow: 20")});
}

TEST(Edges, ForIsWarnedAboutOnlyWhenLongerThanTheShortWindow) {
  EXPECT_THAT(Texts(Parse(Web("alerts: {fast: {for: 5m}}\n")), IsNoNote), IsEmpty());
  EXPECT_THAT(Texts(Parse(Web("alerts: {fast: {for: 5m1s}}\n")), IsNoNote), ElementsAre(HasSubstr("warning: ")));
}

std::string ManyTiers(int count) {
  std::string text = "slo_tiers:\n";
  for (int i = 0; i < count; ++i) {
    text += "  t" + std::to_string(i) + ": {availability: 0.99, endpoints: [/" + std::to_string(i) + "]}\n";
  }
  return text;
}

TEST(Edges, AtMost100Tiers) {
  EXPECT_THAT(MustParse(ManyTiers(100)).tiers, SizeIs(100));
  EXPECT_THAT(Texts(Parse(ManyTiers(101)), IsNoNote),
              ElementsAre(HasSubstr("102:3: error: slo_tiers.t100: wanted at most")));
}

std::string ManyPairs(int count) {
  std::string text = Web("alerts:\n");
  for (int i = 0; i < count; ++i) text += "  p" + std::to_string(i) + ": {short: 5m, long: 1h, burn: 2}\n";
  return text;
}

TEST(Edges, AtMost16Pairs) {
  EXPECT_THAT(MustParse(ManyPairs(14)).pairs, SizeIs(16));
  EXPECT_THAT(Texts(Parse(ManyPairs(15)), IsNoNote), ElementsAre(HasSubstr("alerts.p14: wanted at most 16 pairs")));
}

std::string ManyPatterns(int count) {
  std::string text = "slo_tiers:\n  web:\n    availability: 0.999\n    endpoints:\n";
  for (int i = 0; i < count; ++i) text += "      - ~/s" + std::to_string(i) + "/.*\n";
  return text;
}

TEST(Edges, AtMost1000Patterns) {
  EXPECT_THAT(MustParse(ManyPatterns(1000)).tiers[0].endpoints, SizeIs(1000));
  EXPECT_THAT(Texts(Parse(ManyPatterns(1001)), IsNoNote), ElementsAre(HasSubstr("wanted at most 1000 patterns")));
}

TEST(Edges, APatternHasAtMost1024Bytes) {
  const auto with = [](size_t bytes) {
    return "slo_tiers: {w: {availability: 0.99, endpoints: [\"~" + std::string(bytes, 'x') + "\"]}}";
  };
  EXPECT_THAT(Texts(Parse(with(1024)), IsNoNote), IsEmpty());
  EXPECT_THAT(Texts(Parse(with(1025)), IsNoNote), ElementsAre(HasSubstr("a pattern of 1025 bytes")));
}

TEST(Edges, AFileHasAtMostOneMebibyte) {
  const std::string text = Web("");
  const std::string padding(static_cast<size_t>(1 << 20) - text.size() - 1, ' ');
  EXPECT_THAT(Texts(Parse(text + "#" + padding), IsNoNote), IsEmpty());
  EXPECT_THAT(Texts(Parse(text + "##" + padding), IsNoNote),
              ElementsAre("1:1: error: the file has 1048577 bytes, wanted at most 1048576"));
}

// A tier of `count` endpoints: a value each.
std::string ManyEndpoints(int count) {
  std::string text = "slo_tiers: {w: {max_endpoints: 100000, availability: 0.9, endpoints: [";
  for (int i = 0; i < count; ++i) text += std::to_string(i) + ",\n";
  return text + "]}}";
}

TEST(Edges, AFileHasAtMost100000Values) {
  const auto has_too_many = [](int endpoints) {
    const ParsedConfig parsed = Parse(ManyEndpoints(endpoints));
    return std::any_of(parsed.findings.begin(), parsed.findings.end(), [](const Finding& finding) {
      return finding.message.find("more than 100000 values") != std::string::npos;
    });
  };
  // The file, slo_tiers, its map, w, its map, three keys, two values and the list.
  constexpr int kOtherNodes = 11;
  EXPECT_FALSE(has_too_many(100000 - kOtherNodes));
  EXPECT_TRUE(has_too_many(100001 - kOtherNodes));
}

TEST(Edges, ValuesNestAtMost32Deep) {
  // The map of the file is the first level.
  const auto nested = [](size_t depth) { return "x: " + std::string(depth - 1, '[') + std::string(depth - 1, ']'); };
  EXPECT_THAT(Texts(Parse(nested(32)), IsNoNote), Not(Contains(HasSubstr("nested deeper"))));
  EXPECT_THAT(Texts(Parse(nested(33)), IsNoNote), ElementsAre(HasSubstr("nested deeper than 32 levels")));
}

TEST(Hostile, DeepNestingOfAnyKindIsRefused) {
  for (const std::string_view unit : {"[", "{a: ", "- ", "? ", "{? [", "!a [", "&a [", "[{"}) {
    std::string text;
    while (text.size() < 500000) text += unit;
    EXPECT_TRUE(HasErrors(Parse(text).findings)) << unit;
  }
  std::string indented;
  for (size_t depth = 0; depth < 1000; ++depth) indented += std::string(depth, ' ') + "a:\n";
  EXPECT_THAT(Texts(Parse(indented), IsNoNote), ElementsAre(HasSubstr("nested deeper than 32 levels")));
}

TEST(Hostile, ManyErrorsAreCutOff) {
  std::string text = Web("");
  for (int i = 0; i < 10000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const ParsedConfig parsed = Parse(text);
  EXPECT_THAT(parsed.findings, SizeIs(201));
  EXPECT_THAT(parsed.findings.back().message, HasSubstr("more than 200 errors"));
}

TEST(Hostile, SecretsInTheWrongPlaceAreNotRepeated) {
  for (const std::string_view more : {
           "notify: {webhooks: [{url: 'http://me:hunter2@h/'}]}\n",
           "notify: {webhooks: [{url: 'hunter2'}]}\n",
           "notify: {webhooks: [{url: 'http://h/', secret: hunter2}]}\n",
           "notify: {webhooks: [{url: 'http://h/', secret_env: 'hunter2!'}]}\n",
           "server: {tokens: {admin: hunter2}}\n",
           "server: {tokens: {admin_file: [hunter2]}}\n",
       }) {
    const ParsedConfig parsed = Parse(Web(more));
    EXPECT_TRUE(HasErrors(parsed.findings)) << more;
    for (const Finding& finding : parsed.findings) EXPECT_THAT(finding.message, Not(HasSubstr("hunter2"))) << more;
  }
}

TEST(Findings, StandInTheOrderOfTheFile) {
  const ParsedConfig parsed = Parse(ReadFile("testdata/rules/bad/many_faults_at_once.bad.yaml"));
  EXPECT_TRUE(std::is_sorted(parsed.findings.begin(), parsed.findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  }));
}

TEST(Findings, PrintWithTheirFile) {
  const ParsedConfig parsed = ParseConfig(Web("perod: 7d\n"), "dir/slo.yaml");
  ASSERT_THAT(parsed.findings, SizeIs(1));
  EXPECT_EQ(parsed.findings[0].ToString(), "dir/slo.yaml:5:1: error: unknown key \"perod\", did you mean \"period\"?");
}

}  // namespace
}  // namespace firebreak
