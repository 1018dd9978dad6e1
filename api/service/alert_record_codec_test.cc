#include "api/service/alert_record_codec.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1764000000) + absl::Nanoseconds(123456789);

AlertViewPtr View(std::string_view summary) {
  auto view = std::make_shared<AlertView>();
  view->labels = {{"alertname", "ErrorBudgetBurn"}, {"tier", "checkout"}, {"severity", "page"}};
  view->annotations = {{"summary", std::string(summary)}};
  view->status = AlertStatus::kFiring;
  view->active_since = kNow;
  view->firing_since = kNow + absl::Seconds(120);
  return view;
}

AlertRecord BurnRecord() {
  AlertRecord record;
  record.identity = {{"alertname", "ErrorBudgetBurn"}, {"tier", "checkout"}};
  record.burn = AlertState{.phase = AlertPhase::kFiring,
                           .severity = Severity::kPage,
                           .pending_since = kNow,
                           .firing_since = kNow + absl::Seconds(120),
                           .below_since = kNow + absl::Seconds(180),
                           .no_data_since = std::nullopt};
  record.views[static_cast<size_t>(Severity::kPage)] = View("\"burning\"");
  return record;
}

AlertRecord NoDataRecord() {
  AlertRecord record;
  record.identity = {{"alertname", "NoData"}, {"tier", "checkout"}};
  record.no_data =
      NoDataState{.firing = true, .until_requests = true, .severity = Severity::kPage, .firing_since = kNow};
  record.covered = {"", "/pay/"};
  return record;
}

TEST(AlertRecordCodecTest, ABurnAlertComesBackExactly) {
  const AlertRecord record = BurnRecord();
  const absl::StatusOr<AlertRecord> decoded = DecodeAlertRecord(EncodeAlertRecord(record));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->identity, record.identity);
  EXPECT_EQ(decoded->burn, record.burn);
  EXPECT_FALSE(decoded->no_data.has_value());
  EXPECT_EQ(decoded->views[static_cast<size_t>(Severity::kTicket)], nullptr);
  ASSERT_NE(decoded->views[static_cast<size_t>(Severity::kPage)], nullptr);
  EXPECT_EQ(decoded->views[static_cast<size_t>(Severity::kPage)]->annotations, View("\"burning\"")->annotations);
  EXPECT_EQ(decoded->views[static_cast<size_t>(Severity::kPage)]->firing_since, kNow + absl::Seconds(120));
}

TEST(AlertRecordCodecTest, ANoDataAlertComesBackExactly) {
  const AlertRecord record = NoDataRecord();
  const absl::StatusOr<AlertRecord> decoded = DecodeAlertRecord(EncodeAlertRecord(record));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_TRUE(decoded->no_data.has_value());
  EXPECT_TRUE(decoded->no_data->firing);
  EXPECT_TRUE(decoded->no_data->until_requests);
  EXPECT_EQ(decoded->no_data->severity, Severity::kPage);
  EXPECT_EQ(decoded->no_data->firing_since, kNow);
  EXPECT_EQ(decoded->covered, record.covered);
  EXPECT_FALSE(decoded->burn.has_value());
}

TEST(AlertRecordCodecTest, EqualIdentitiesHaveOneKey) {
  EXPECT_EQ(AlertRecordKey({{"a", "1"}, {"b", "2"}}), AlertRecordKey({{"b", "2"}, {"a", "1"}}));
  EXPECT_EQ(EncodeAlertRecord(BurnRecord()).key, AlertRecordKey(BurnRecord().identity));
}

TEST(AlertRecordCodecTest, DamageIsNamed) {
  const std::string key = AlertRecordKey(BurnRecord().identity);
  const auto fault = [&](std::string body) {
    return std::string(DecodeAlertRecord({key, std::move(body)}).status().message());
  };
  EXPECT_THAT(fault("{"), HasSubstr("not JSON"));
  EXPECT_THAT(fault("[]"), HasSubstr("wanted a JSON object"));
  EXPECT_THAT(fault("{}"), HasSubstr("wanted burn, no_data or views"));
  EXPECT_THAT(fault(R"({"burn": 1})"), HasSubstr("wanted an object"));
  EXPECT_THAT(fault(R"({"burn": {"phase": "fired"}})"), HasSubstr("phase: wanted inactive, pending or firing"));
  EXPECT_THAT(fault(R"({"no_data": {"firing": 1}})"), HasSubstr("firing: wanted true or false"));
  EXPECT_THAT(fault(R"({"covered": [1]})"), HasSubstr("covered: wanted texts"));
  EXPECT_THAT(fault(R"({"views": {"page": {}}})"), HasSubstr("views.page"));
  EXPECT_EQ(DecodeAlertRecord({"no labels", "{}"}).status().code(), absl::StatusCode::kDataLoss);
}

// Every text that is cut off is refused, and none crashes.
TEST(AlertRecordCodecTest, ATextThatIsCutOffIsRefused) {
  const Document whole = EncodeAlertRecord(BurnRecord());
  for (size_t size = 0; size < whole.body.size(); ++size) {
    EXPECT_FALSE(DecodeAlertRecord({whole.key, whole.body.substr(0, size)}).ok()) << size;
  }
}

}  // namespace
}  // namespace firebreak
