#include "rules/incident_file.h"

#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Config TwoTiers() {
  Config config;
  config.tiers.resize(2);
  config.tiers[0].name = "checkout";
  config.tiers[0].latency_limit = absl::Milliseconds(500);
  config.tiers[1].name = "batch";
  return config;
}

std::vector<std::string> Read(std::string_view text, std::string_view file = "i.yaml") {
  const ParsedIncidents parsed = ParseIncidents(text, file, TwoTiers());
  EXPECT_EQ(parsed.incidents.has_value(), parsed.findings.empty());
  std::vector<std::string> texts;
  for (const Finding& finding : parsed.findings) texts.push_back(finding.ToString());
  if (!parsed.incidents) return texts;
  for (const Incident& incident : *parsed.incidents) {
    texts.push_back(fmt::format("{} {} {}/{} '{}' line {}",
                                absl::FormatTime("%dT%H:%M", incident.begin, absl::UTCTimeZone()),
                                absl::FormatDuration(incident.end - incident.begin), incident.tier, incident.slo,
                                incident.what, incident.line));
  }
  return texts;
}

TEST(IncidentFileTest, YamlIsRead) {
  EXPECT_THAT(
      Read("incidents:\n"
           "  - {begin: 2026-01-05T10:00:00Z, end: 2026-01-05T10:40:00Z, tier: checkout, what: \"failover, 2nd\"}\n"
           "  - begin: 2026-01-04T11:00:00+02:00\n"
           "    end: 2026-01-04T09:30:00.5Z\n"
           "    tier: \"*\"\n"
           "    slo: latency\n"),
      ElementsAre("04T09:00 30m0.5s */latency '' line 3", "05T10:00 40m checkout/availability 'failover, 2nd' line 2"));
}

TEST(IncidentFileTest, CsvIsRead) {
  EXPECT_THAT(Read("what,tier,begin,end\r\n"
                   "# a comment\r\n"
                   "\r\n"
                   "\"a \"\"quoted\"\", text\" , batch,2026-01-05T10:00:00Z,2026-01-05T10:40:00Z\r\n"
                   ",*, 2026-01-06T10:00:00Z ,2026-01-06T10:40:00Z",
                   "i.CSV"),
              ElementsAre("05T10:00 40m batch/availability 'a \"quoted\", text' line 4",
                          "06T10:00 40m */availability '' line 5"));
}

TEST(IncidentFileTest, AListWithoutItemsIsNoFault) {
  EXPECT_THAT(Read("incidents: []"), IsEmpty());
  EXPECT_THAT(Read("begin,end,tier\n", "i.csv"), IsEmpty());
}

TEST(IncidentFileTest, YamlFaultsAreToldAllAtOnce) {
  EXPECT_THAT(
      Read("incidents:\n"
           "  - {begin: yesterday, end: 2026-01-05T10:40:00Z, tier: chekout}\n"
           "  - {begin: 2026-01-05T10:00:00Z, end: 2026-01-05T10:00:00Z, tier: batch, tire: x}\n"
           "  - {end: 2026-01-05T10:00:00Z, tier: [batch]}\n"
           "  - {end: 2026-01-05T10:00:00Z}\n"
           "  - {begin: 2026-01-05T10:00:00Z, end: 2026-01-05T11:00:00Z, tier: batch, slo: latency}\n"
           "  - {begin: 2026-01-05T10:00:00Z, end: 2026-01-05T11:00:00Z, tier: batch, slo: latencyy}\n"
           "  - nonsense\n"
           "more: 1\n"),
      ElementsAre(
          "i.yaml:2:13: error: incidents[0].begin: \"yesterday\" is no time, wanted a time such as "
          "2026-01-05T10:00:00Z",
          "i.yaml:2:57: error: incidents[0].tier: \"chekout\" is no tier of the configuration, did you mean "
          "\"checkout\"?",
          "i.yaml:3:40: error: incidents[1].end: \"2026-01-05T10:00:00Z\" is not after begin",
          "i.yaml:3:75: error: incidents[1]: unknown key \"tire\", did you mean \"tier\"?",
          "i.yaml:4:5: error: incidents[2].begin: missing, wanted a time such as 2026-01-05T10:00:00Z",
          "i.yaml:4:33: error: incidents[2].tier: a list, wanted a text",
          "i.yaml:5:5: error: incidents[3].begin: missing, wanted a time such as 2026-01-05T10:00:00Z",
          "i.yaml:5:5: error: incidents[3].tier: missing, wanted a tier of the configuration, or * for all",
          "i.yaml:6:80: error: incidents[4].slo: \"latency\" is not promised by the tier: it has no p95_ms",
          "i.yaml:7:80: error: incidents[5].slo: \"latencyy\" is no SLO, wanted availability or latency, did you "
          "mean \"latency\"?",
          "i.yaml:8:5: error: incidents[6]: a plain value, wanted a map", "i.yaml:9:1: error: unknown key \"more\""));
}

TEST(IncidentFileTest, CsvFaultsAreToldAllAtOnce) {
  EXPECT_THAT(Read("begin,end,tier\n"
                   "2026-01-05T10:00:00Z,infinite-future,batch\n"
                   "2026-01-05T10:00:00Z,2026-01-05T11:00:00Z\n"
                   "2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,batch\n"
                   "2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,batch\n",
                   "i.csv"),
              ElementsAre("i.csv:2:22: error: end: \"infinite-future\" is no time, wanted a time such as "
                          "2026-01-05T10:00:00Z",
                          "i.csv:3:1: error: 2 values, wanted 3 as in the first line",
                          "i.csv:5:1: error: the same incident is given in line 4 already"));
  EXPECT_THAT(Read("begin,ned,begin\n", "i.csv"),
              ElementsAre("i.csv:1:1: error: no column end, wanted a first line such as begin,end,tier,what",
                          "i.csv:1:1: error: no column tier, wanted a first line such as begin,end,tier,what",
                          "i.csv:1:7: error: unknown column \"ned\", did you mean \"end\"?",
                          "i.csv:1:11: error: the column begin is given twice"));
  EXPECT_THAT(Read("begin,end,tier,what\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,batch,\"a\nb\"\n", "i.csv"),
              ElementsAre("i.csv:2:49: error: what: \"a\\x0ab\" has a line break, wanted one line"));
}

TEST(IncidentFileTest, FaultsOfQuotesHideNoOthers) {
  EXPECT_THAT(Read("begin,end,tier\n\"2026\" x,,\n1,2,batch\n1,\"open", "i.csv"),
              ElementsAre("i.csv:2:7: error: text after a closing quote, wanted a comma or the line's end",
                          "i.csv:3:1: error: begin: \"1\" is no time, wanted a time such as 2026-01-05T10:00:00Z",
                          "i.csv:3:3: error: end: \"2\" is no time, wanted a time such as 2026-01-05T10:00:00Z",
                          "i.csv:4:3: error: a quoted text without its closing quote"));
  EXPECT_THAT(Read("begin,\"end\" x,tier\n1,2,batch\n", "i.csv"),
              ElementsAre("i.csv:1:12: error: text after a closing quote, wanted a comma or the line's end"));
}

TEST(IncidentFileTest, NothingIsSaidToBeNothing) {
  EXPECT_THAT(Read(" \n"), ElementsAre("i.yaml:1:1: error: the file is empty, wanted incidents"));
  EXPECT_THAT(Read("# nothing\n", "i.csv"), ElementsAre(StartsWith("i.csv:1:1: error: no lines, wanted a first line")));
  EXPECT_THAT(Read("{}"), ElementsAre(StartsWith("i.yaml:1:1: error: incidents: missing")));
}

TEST(IncidentFileTest, TimesHaveAZoneAndAYearOfFourDigits) {
  for (const char* time :
       {"2026-01-05T10:00:00", "2026-01-05", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "1764000000"}) {
    EXPECT_THAT(Read(fmt::format("begin,end,tier\n{},2026-02-05T11:00:00Z,batch\n", time), "i.csv"),
                ElementsAre(StartsWith("i.csv:2:1: error: begin: ")))
        << time;
  }
}

}  // namespace
}  // namespace firebreak
