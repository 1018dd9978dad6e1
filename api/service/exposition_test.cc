#include "api/service/exposition.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(ExpositionTest, WritesFamiliesAndSamples) {
  Exposition out;
  out.Family("requests_total", "counter", "Requests.");
  out.Sample({{"tier", "a"}, {"code", "200"}}, int64_t{7});
  out.Sample({}, 0.5);
  EXPECT_EQ(out.Take(),
            "# HELP requests_total Requests.\n"
            "# TYPE requests_total counter\n"
            "requests_total{tier=\"a\",code=\"200\"} 7\n"
            "requests_total 0.5\n");
  EXPECT_EQ(out.Take(), "");
}

TEST(ExpositionTest, SuffixesFollowTheFamilysName) {
  Exposition out;
  out.Family("d_seconds", "histogram", "D.");
  out.Sample({{"le", "+Inf"}}, int64_t{3}, "_bucket");
  EXPECT_NE(out.Take().find("\nd_seconds_bucket{le=\"+Inf\"} 3\n"), std::string::npos);
}

TEST(ExpositionTest, HostileLabelValuesStayOneLabel) {
  Exposition out;
  out.Family("x", "gauge", "X.");
  out.Sample({{"endpoint", "a\"} 1\nx{b=\"\\"}}, int64_t{2});
  EXPECT_NE(out.Take().find("\nx{endpoint=\"a\\\"} 1\\nx{b=\\\"\\\\\"} 2\n"), std::string::npos);
}

TEST(ExpositionTest, ValuesThatAreNoNumbersHaveTheirNames) {
  Exposition out;
  out.Family("x", "gauge", "X.");
  out.Sample({}, std::numeric_limits<double>::infinity());
  out.Sample({}, -std::numeric_limits<double>::infinity());
  out.Sample({}, std::nan(""));
  EXPECT_NE(out.Take().find("\nx +Inf\nx -Inf\nx NaN\n"), std::string::npos);
}

}  // namespace
}  // namespace firebreak
