#include "api/codec/maintenance_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromUnixSeconds(1764000000);  // 2025-11-24T16:00:00Z

MaintenanceWindow Window(std::string id, absl::Duration from, absl::Duration to) {
  return {std::move(id), "checkout", kNow + from, kNow + to, "a \"deploy\"", kNow};
}

// Requests against a list that has the window "deploy", from an hour ago to an hour from now.
class MaintenanceRequestTest : public ::testing::Test {
 protected:
  absl::StatusOr<MaintenanceWindow> Parse(std::string_view json, absl::Duration after = absl::ZeroDuration()) const {
    return ParseMaintenanceRequest(json, list_, kNow + after);
  }
  std::string ErrorOf(std::string_view json) const { return std::string(Parse(json).status().message()); }

  const MaintenanceList list_{{Window("deploy", -absl::Hours(1), absl::Hours(1))}};
};

TEST_F(MaintenanceRequestTest, EveryFieldIsRead) {
  const auto window = Parse(R"({"id": "x-1", "tier": "checkout", "from": "2025-11-24T17:00:00Z",
                                "to": "2025-11-24T19:30:00+01:00", "comment": "new database"})");
  ASSERT_TRUE(window.ok()) << window.status();
  const absl::Time from = kNow + absl::Hours(1);
  EXPECT_EQ(*window, (MaintenanceWindow{"x-1", "checkout", from, from + absl::Minutes(90), "new database", kNow}));
}

TEST_F(MaintenanceRequestTest, ItBeginsNowAndLastsForTheDuration) {
  const auto window = Parse(R"({"tier": "*", "duration": "30m", "comment": null})");
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(*window, (MaintenanceWindow{"", "*", kNow, kNow + absl::Minutes(30), "", kNow}));
}

TEST_F(MaintenanceRequestTest, BordersAreMovedOutwardToWholeSeconds) {
  const auto window = Parse(R"({"tier": "*", "duration": "30m"})", absl::Milliseconds(400));
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->from, kNow);
  EXPECT_EQ(window->to, kNow + absl::Minutes(30) + absl::Seconds(1));
}

TEST_F(MaintenanceRequestTest, TheShortestWindowIsAMillisecondMadeASecond) {
  const auto window = Parse(R"({"tier": "*", "duration": "1ms"})");
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->to, kNow + absl::Seconds(1));
}

TEST_F(MaintenanceRequestTest, WhatIsLeftOutOfAWindowThereIsStays) {
  const MaintenanceWindow& old = list_.windows()[0];
  auto window = Parse(R"({"id": "deploy", "to": "now"})", absl::Minutes(5));
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->from, old.from);
  EXPECT_EQ(window->to, kNow + absl::Minutes(5));
  EXPECT_EQ(window->tier, old.tier);
  EXPECT_EQ(window->comment, old.comment);
  window = Parse(R"({"id": "deploy", "tier": "*", "comment": ""})");
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->to, old.to);
  EXPECT_EQ(window->tier, "*");
  EXPECT_EQ(window->comment, "");
  window = Parse(R"({"id": "deploy", "duration": "3h"})");
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->to, old.from + absl::Hours(3)) << "from its beginning";
}

TEST_F(MaintenanceRequestTest, FaultsNameTheField) {
  const struct {
    const char* json;
    const char* error;
  } kRows[] = {
      {"", "body: is not JSON, wanted an object such as"},
      {"[]", "body: is no object, wanted an object such as"},
      {R"({"tier": "*")", "body: is not JSON, wanted an object such as"},
      {"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", "body: nested deeper than 16, wanted an object such as"},
      {R"({"tier": "*", "duration": "30m", "tier": "checkout"})", "body: \"tier\" is there twice, wanted an object"},
      {R"({"tier": "*", "duration": "30m", "duration": "30m"})", "body: \"duration\" is there twice, wanted an object"},
      {R"({"tier": {"a": {"b": {"c": {"d": {}}}}}})", "tier: wanted a text"},
      {R"({"tire": "*", "duration": "30m"})", "\"tire\": unknown, wanted one of id, tier, from"},
      {R"({"tier": 1, "duration": "30m"})", "tier: wanted a text"},
      {R"({"duration": "30m"})", "tier: missing, wanted the name of one"},
      {R"({"id": "other", "duration": "30m"})", "tier: missing"},
      {R"({"tier": "*"})", "to: missing, wanted to or duration"},
      {R"({"tier": "*", "to": "now", "duration": "30m"})", "duration: to is given as well"},
      {R"({"tier": "*", "to": "tomorrow"})", "to: \"tomorrow\" is no time, wanted RFC 3339"},
      {R"({"tier": "*", "from": "2025-11-24T16:00:00", "duration": "30m"})",
       "from: \"2025-11-24T16:00:00\" is no time"},
      {R"({"tier": "*", "duration": "30"})", "duration: "},
      {R"({"tier": "*", "duration": "0s"})", "duration: 0s, wanted more than 0s, such as 30m"},
      {R"({"id": "deploy", "duration": "0m0s"})", "duration: 0m0s, wanted more than 0s, such as 30m"},
      {R"({"tier": "*", "duration": "-5m"})", "duration: \"-5m\" is not a duration such as"},
      {R"({"tier": "*", "to": "now"})", "to: not after from, wanted a later time"},
      {R"({"tier": "*", "from": "2025-11-24T16:00:00.5Z", "to": "2025-11-24T16:00:00.5Z"})", "to: not after from"},
      {R"({"tier": "*", "from": "2025-11-24T16:00:00.5Z", "to": "2025-11-24T16:00:00.4Z"})", "to: not after from"},
      {R"({"id": "", "tier": "*", "duration": "30m"})", "id: \"\", wanted 1 to 64 letters"},
      {R"({"id": "a/b", "tier": "*", "duration": "30m"})", "id: \"a/b\", wanted 1 to 64 letters"},
  };
  for (const auto& row : kRows) EXPECT_THAT(ErrorOf(row.json), StartsWith(row.error)) << row.json;
}

TEST(MaintenanceJsonTest, AWindowIsReadBackAsItWasWritten) {
  const MaintenanceWindow window = Window("a", absl::ZeroDuration(), absl::Minutes(1));
  EXPECT_EQ(MaintenanceWindowJson(window),
            R"({"id":"a","tier":"checkout","from":"2025-11-24T16:00:00Z","to":"2025-11-24T16:01:00Z",)"
            R"("comment":"a \"deploy\"","created_at":"2025-11-24T16:00:00Z"})");
  EXPECT_EQ(*ParseMaintenanceWindow(MaintenanceWindowJson(window)), window);
}

TEST(MaintenanceJsonTest, AListSaysWhichAreActive) {
  const MaintenanceList list({Window("c", absl::Minutes(1), absl::Minutes(2)),
                              Window("a", -absl::Minutes(2), absl::ZeroDuration()),
                              Window("b", absl::ZeroDuration(), absl::Minutes(1))});
  const std::string json = MaintenanceListJson(list, kNow);
  EXPECT_THAT(json, HasSubstr(R"("created_at":"2025-11-24T16:00:00Z","state":"past"},{"id":"b")"));
  EXPECT_THAT(json, HasSubstr(R"("state":"active"},{"id":"c")"));
  EXPECT_THAT(json, HasSubstr(R"("state":"upcoming"}]})"));
}

TEST(MaintenanceJsonTest, WhatIsNoWindowIsRefused) {
  for (const char* json : {"", "[]", "{}", R"({"id": "a"})", R"({"id": "a", "tier": "*", "comment": "", "from": 1})"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseMaintenanceWindow(json).status())) << json;
  }
}

TEST(MaintenanceJsonTest, TheLedgerIsToldWhatChanged) {
  const MaintenanceWindow a = Window("a", absl::ZeroDuration(), absl::Minutes(1));
  const MaintenanceWindow b = Window("b", absl::ZeroDuration(), absl::Minutes(2));
  MaintenanceWindow longer = a;
  longer.to += absl::Minutes(1);
  const auto changes = [](const MaintenanceList& before, const MaintenanceList& after) {
    const DocumentRecord record = MaintenanceChanges(before, after);
    EXPECT_EQ(record.kind, "maintenance");
    return record.documents;
  };
  EXPECT_THAT(changes(MaintenanceList({a}), MaintenanceList({a})), IsEmpty());
  EXPECT_THAT(changes(MaintenanceList({a}), MaintenanceList({a, b})),
              ElementsAre(Document{"b", MaintenanceWindowJson(b)}));
  EXPECT_THAT(changes(MaintenanceList({a, b}), MaintenanceList({longer})),
              ElementsAre(Document{"a", MaintenanceWindowJson(longer)}, Document{"b", ""}));
}

TEST(MaintenanceJsonTest, TheLedgersDocumentsMakeTheListAgain) {
  const MaintenanceList list(
      {Window("b", absl::ZeroDuration(), absl::Minutes(1)), Window("a", absl::ZeroDuration(), absl::Minutes(1))});
  EXPECT_EQ(*MaintenanceFromDocuments(MaintenanceChanges({}, list).documents), list);
  EXPECT_EQ(*MaintenanceFromDocuments({}), MaintenanceList());
}

TEST(MaintenanceJsonTest, ADamagedDocumentIsDataLoss) {
  const std::string sound = MaintenanceWindowJson(Window("a", absl::ZeroDuration(), absl::Minutes(1)));
  const std::string backwards = MaintenanceWindowJson(Window("a", absl::Minutes(1), absl::ZeroDuration()));
  for (const Document& document :
       {Document{"a", ""}, Document{"a", sound.substr(1)}, Document{"b", sound}, Document{"a", backwards}}) {
    const absl::Status status = MaintenanceFromDocuments({document}).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << document.body;
    EXPECT_THAT(std::string(status.message()), HasSubstr("\"" + document.key + "\""));
  }
}

}  // namespace
}  // namespace firebreak
