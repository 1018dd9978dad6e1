#include "rules/status_class.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(StatusClassTest, NamesRoundTrip) {
  for (int i = 0; i < kNumStatusClasses; ++i) {
    const auto status_class = static_cast<StatusClass>(i);
    EXPECT_EQ(ParseStatusClass(StatusClassName(status_class)), status_class);
  }
}

TEST(StatusClassTest, OtherNamesAreNone) {
  for (const std::string_view name : {"", "6xx", "5XX", "5xx ", "ok"}) EXPECT_EQ(ParseStatusClass(name), std::nullopt);
}

TEST(StatusClassTest, TheCauseIsTheStatusWhereItDecided) {
  const struct {
    StatusClass status_class;
    std::optional<int> status;
    std::string_view want;
  } kRows[] = {
      {StatusClass::k5xx, 503, "503"},
      {StatusClass::k2xx, 200, "200"},
      {StatusClass::k2xx, std::nullopt, "2xx"},
      {StatusClass::kTimeout, std::nullopt, "timeout"},
      {StatusClass::kTimeout, 200, "timeout"},
      {StatusClass::kShapeMismatch, 200, "shape_mismatch"},
      {StatusClass::kFailed, std::nullopt, "failed"},
  };
  for (const auto& row : kRows) EXPECT_EQ(CauseName(CauseCode(row.status_class, row.status)), row.want);
}

TEST(StatusClassTest, TheRestIsNoStatus) { EXPECT_EQ(CauseName(0), "other"); }

TEST(StatusClassTest, CausesOfDifferentClassesDiffer) {
  EXPECT_NE(CauseCode(StatusClass::kTimeout, 200), CauseCode(StatusClass::kShapeMismatch, 200));
  EXPECT_NE(CauseCode(StatusClass::kTimeout, 200), CauseCode(StatusClass::k2xx, 200));
}

}  // namespace
}  // namespace firebreak
