#include "api/notify/alert_codec.h"

#include <limits>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

AlertView Resolved() {
  AlertView alert;
  alert.labels = {{"alertname", "ErrorBudgetBurn"}, {"tier", "t1"}, {"endpoint", "/a \"b\"/é"}};
  alert.annotations = {{"summary", "line one\nline two"}};
  alert.status = AlertStatus::kResolved;
  alert.active_since = absl::FromUnixSeconds(1764000000);
  alert.firing_since = absl::FromUnixSeconds(1764000120) + absl::Nanoseconds(1);
  alert.resolved_at = absl::FromUnixSeconds(1764000600) + absl::Milliseconds(250);
  alert.reason = "recovered";
  alert.value = 14.4;
  return alert;
}

void ExpectEqual(const AlertView& a, const AlertView& b) {
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.annotations, b.annotations);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.active_since, b.active_since);
  EXPECT_EQ(a.firing_since, b.firing_since);
  EXPECT_EQ(a.resolved_at, b.resolved_at);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.value, b.value);
}

void ExpectSurvives(const AlertView& alert) {
  const std::string text = EncodeAlert(alert);
  SCOPED_TRACE(text);
  const absl::StatusOr<AlertView> decoded = DecodeAlert(text);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectEqual(alert, *decoded);
}

std::string FaultOf(const std::string& text) { return std::string(DecodeAlert(text).status().message()); }

// The text of a valid alert with its first `from` replaced.
std::string With(const std::string& from, const std::string& to) {
  std::string text = EncodeAlert(Resolved());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(AlertCodecTest, IsReadable) {
  EXPECT_EQ(EncodeAlert(Resolved()),
            R"({"labels":{"alertname":"ErrorBudgetBurn","endpoint":"/a \"b\"/é","tier":"t1"},)"
            R"("annotations":{"summary":"line one\nline two"},"status":"resolved",)"
            R"("active_since":"2025-11-24T16:00:00Z","firing_since":"2025-11-24T16:02:00.000000001Z",)"
            R"("resolved_at":"2025-11-24T16:10:00.25Z","reason":"recovered","value":14.4})");
}

TEST(AlertCodecTest, EveryFieldSurvives) {
  ExpectSurvives(Resolved());
  ExpectSurvives(AlertView{});
  AlertView firing = Resolved();
  firing.status = AlertStatus::kFiring;
  firing.resolved_at.reset();
  firing.reason.clear();
  ExpectSurvives(firing);
  firing.status = AlertStatus::kPending;
  firing.firing_since.reset();
  firing.value.reset();
  ExpectSurvives(firing);
}

TEST(AlertCodecTest, TimesAreExact) {
  for (const absl::Time time : {absl::UnixEpoch() - absl::Nanoseconds(1), absl::FromUnixNanos(1764000000123456789),
                                absl::UnixEpoch() + absl::Nanoseconds(1) / 4, absl::FromUnixSeconds(-62135596800),
                                absl::FromUnixSeconds(253402300799)}) {
    AlertView alert = Resolved();
    alert.firing_since = time;
    ExpectSurvives(alert);
  }
}

TEST(AlertCodecTest, ValuesAreExact) {
  for (const double value : {0.0, 1.0, 1.0 / 3, 1e300, 5e-324, 0.1 + 0.2, -1.5, std::numeric_limits<double>::max()}) {
    AlertView alert = Resolved();
    alert.value = value;
    ExpectSurvives(alert);
  }
}

TEST(AlertCodecTest, AValueThatIsNotFiniteIsNone) {
  for (const double value : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    AlertView alert = Resolved();
    alert.value = value;
    EXPECT_EQ(DecodeAlert(EncodeAlert(alert))->value, std::nullopt);
  }
}

TEST(AlertCodecTest, HostileNamesSurviveByteByByte) {
  for (const std::string& name :
       {std::string("\xff"), std::string("/a\xc3"), std::string("a\0b", 3), std::string("\xed\xa0\x80"),
        std::string(R"({"hex":"ff"})"), std::string("\x7f\x01\xe2\x80\xa8")}) {
    AlertView alert = Resolved();
    alert.labels.Set("endpoint", name);
    alert.annotations.Set("summary", name);
    alert.reason = name;
    ExpectSurvives(alert);
  }
}

TEST(AlertCodecTest, FaultsAreNamed) {
  const std::pair<std::string, std::string> kRows[] = {
      {"", "is not JSON"},
      {"{", "is not JSON"},
      {"[1]", "wanted an object"},
      {"{}", "labels: wanted a value, but there is none"},
      {With(R"("tier":"t1")", R"("tier":1)"), "labels.tier: wanted a text that is not empty"},
      {With(R"("tier":"t1")", R"("tier":"")"), "labels.tier: wanted a text that is not empty"},
      {With(R"("tier":"t1")", R"("tier":{"hex":"f"})"), "labels.tier: wanted a text that is not empty"},
      {With(R"("tier":"t1")", R"("tier":{"hex":"FF"})"), "labels.tier: wanted a text that is not empty"},
      {With(R"("tier":"t1")", R"("tier":{"hex":"61"})"), "labels.tier: wanted a text that is not empty"},
      {With(R"("tier":"t1")", R"("tier":"t1","tier":"t2")"), R"("tier" is there twice)"},
      {With(R"({"summary":"line one\nline two"})", "[]"), "annotations: wanted an object"},
      {With(R"("resolved",)", R"("resolve",)"), "status: wanted inactive, pending, firing or resolved"},
      {With("16:00:00Z", "16:00:00"), "active_since: wanted a time like"},
      {With(R"("2025-11-24T16:00:00Z")", "null"), "active_since: wanted a time like"},
      {With(R"("2025-11-24T16:00:00Z")", R"("infinite-past")"), "active_since: wanted a time like"},
      {With("16:00:00Z", "15:59:60Z"), "active_since: wanted a time like"},
      {With("16:10:00.25Z", "16:10:00.250Z"), "resolved_at: wanted a time like"},
      {With(R"("recovered")", "null"), "reason: wanted a text"},
      {With("14.4", R"("14.4")"), "value: wanted a number"},
      {With("14.4", "1e999"), "is not JSON"},
      {With("}", "} x"), "is not JSON"},
      {With(R"("reason":)", R"("more":1,"reason":)"), "more: not known"},
      {With("14.4", std::string(40, '[') + std::string(40, ']')), "nested deeper than 16"},
      {With(R"({"summary":)", R"({"summary":{"hex":{"hex":{}}},"x":)"), "annotations.summary: wanted a text"},
  };
  for (const auto& [text, fault] : kRows) {
    SCOPED_TRACE(text);
    EXPECT_THAT(FaultOf(text), HasSubstr(fault));
  }
}

TEST(AlertCodecTest, HugeNestingIsRefusedWithoutCrashing) {
  EXPECT_THAT(FaultOf(std::string(1000000, '[')), HasSubstr("nested deeper than 16"));
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += R"({"a":)";
  EXPECT_THAT(FaultOf(objects), HasSubstr("nested deeper than 16"));
}

TEST(AlertCodecTest, EqualLabelsAreOneKey) {
  const Labels labels = {{"tier", "t1"}, {"alertname", "A"}, {"endpoint", "\xff"}};
  EXPECT_EQ(EncodeLabels(labels), R"({"alertname":"A","endpoint":{"hex":"ff"},"tier":"t1"})");
  EXPECT_EQ(*DecodeLabels(EncodeLabels(labels)), labels);
  EXPECT_EQ(EncodeLabels({}), "{}");
  EXPECT_EQ(DecodeLabels("[]").status().message(), "wanted an object");
}

}  // namespace
}  // namespace firebreak
