#include "rules/export/alertmanager.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Export(const std::string& notify, const std::string& tier = "") {
  const std::string text = "slo_tiers: {web: {availability: 0.999, endpoints: [/a]" + tier + "}}\n" + notify;
  const ParsedConfig parsed = ParseConfig(text, "rules.yaml");
  EXPECT_TRUE(parsed.config.has_value()) << text;
  return parsed.config ? AlertmanagerConfig(*parsed.config) : "";
}

// What stands between "- name: NAME" and the next receiver.
std::string ReceiverOf(const std::string& text, const std::string& name) {
  const size_t begin = text.find("  - name: " + name + "\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find("  - name: ", begin + 1) - begin);
}

TEST(AlertmanagerConfigTest, PagesAndTicketsHaveAReceiverEach) {
  const std::string text = Export(
      "notify:\n  pagerduty: [{routing_key_file: pd.key, severities: [page]}]\n"
      "  slack: [{url_file: slack.url, severities: [ticket]}]\n");
  EXPECT_THAT(text, HasSubstr("matchers: ['severity=\"page\"']\n      receiver: page\n"));
  EXPECT_THAT(text, HasSubstr("matchers: ['severity=\"ticket\"']\n      receiver: ticket\n"));
  EXPECT_THAT(ReceiverOf(text, "page"), HasSubstr("routing_key_file: pd.key\n        severity: critical\n"));
  EXPECT_THAT(ReceiverOf(text, "page"), Not(HasSubstr("slack")));
  EXPECT_THAT(ReceiverOf(text, "ticket"), HasSubstr("api_url_file: slack.url\n"));
  EXPECT_THAT(ReceiverOf(text, "ticket"), Not(HasSubstr("pagerduty")));
  EXPECT_THAT(text, Not(HasSubstr("placeholder")));
}

TEST(AlertmanagerConfigTest, ADestinationOfBothSeveritiesIsInBothReceivers) {
  const std::string text = Export("notify:\n  pagerduty: [{routing_key_file: pd.key}]\n");
  EXPECT_THAT(ReceiverOf(text, "page"), HasSubstr("severity: critical"));
  EXPECT_THAT(ReceiverOf(text, "ticket"), HasSubstr("severity: warning"));
}

TEST(AlertmanagerConfigTest, WhereNobodyIsNamedAPlaceholderSaysSo) {
  const std::string text = Export("");
  EXPECT_THAT(ReceiverOf(text, "page"), HasSubstr("# notify names nobody for severity page: a placeholder"));
  EXPECT_THAT(ReceiverOf(text, "page"), HasSubstr("routing_key_file: secrets/pagerduty.key\n"));
  EXPECT_THAT(ReceiverOf(text, "ticket"), HasSubstr("# notify names nobody for severity ticket: a placeholder"));
  EXPECT_THAT(ReceiverOf(text, "ticket"), HasSubstr("api_url_file: secrets/slack.url\n"));
}

TEST(AlertmanagerConfigTest, ASecretOfTheEnvironmentBecomesAFileThatIsSaidToBeMade) {
  const std::string text = Export("notify:\n  pagerduty: [{name: oncall, routing_key_env: PD_KEY}]\n");
  EXPECT_THAT(text, HasSubstr("routing_key_file: secrets/oncall\n"
                              "        # Firebreak reads it from $PD_KEY; Alertmanager wants a file that holds it\n"));
}

TEST(AlertmanagerConfigTest, AWebhookThatIsSignedSaysThatItIsNot) {
  const std::string text = Export("notify:\n  webhooks: [{url: \"http://h/x\", secret_file: s}]\n");
  EXPECT_THAT(text, HasSubstr("- url: \"http://h/x\"\n        # Firebreak signs what it sends here"));
}

TEST(AlertmanagerConfigTest, FastInhibitsSlowOfTheSameSlo) {
  const auto inhibitions = [](const std::string& equal) {
    return "inhibit_rules:\n"
           "  - source_matchers: ['pair=\"fast\"', 'severity=\"page\"']\n"
           "    target_matchers: ['pair=\"slow\"']\n    equal: [" +
           equal +
           "]\n"
           "  - source_matchers: ['pair=\"fast\"']\n"
           "    target_matchers: ['pair=\"slow\"', 'severity=\"ticket\"']\n    equal: [" +
           equal + "]\n";
  };
  EXPECT_THAT(Export(""), HasSubstr(inhibitions("service, tier, slo")));
  EXPECT_THAT(Export("", ", alert_by: endpoint"), HasSubstr(inhibitions("service, tier, slo, endpoint")));
}

TEST(AlertmanagerConfigTest, WhatCallersWriteIsEscapedForSlack) {
  const std::string receiver = ReceiverOf(Export("notify:\n  slack: [{url_file: slack.url}]\n"), "ticket");
  for (const char* key : {"fallback: ", "title: ", "text: "}) {
    const std::string line = receiver.substr(receiver.find(key), receiver.find('\n', receiver.find(key)));
    EXPECT_THAT(line, HasSubstr(R"(Annotations.summary | reReplaceAll \"&\" \"&amp;\")")) << key;
  }
}

TEST(AlertmanagerConfigTest, RemindersComeAsOftenAsFirebreaksOwn) {
  EXPECT_THAT(Export("notify: {repeat_interval: 2h}\n"), HasSubstr("  repeat_interval: 2h\n"));
}

}  // namespace
}  // namespace firebreak
