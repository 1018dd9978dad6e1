#include "api/http/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace firebreak {
namespace {

TEST(DescriptorLimitTest, SoftLimitBecomesTheHardOne) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const int64_t raised = RaiseDescriptorLimit();
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  EXPECT_GT(raised, 100);
}

TEST(DescriptorLimitTest, CapacityLeavesDescriptorsToTheRest) {
  EXPECT_EQ(ConnectionCapacity(10000, 10064), 10000);
  EXPECT_EQ(ConnectionCapacity(10000, 10063), 9999);
  EXPECT_EQ(ConnectionCapacity(10000, 1024), 960);
  EXPECT_EQ(ConnectionCapacity(10000, 64), 1);
  EXPECT_EQ(ConnectionCapacity(0, 1024), 1);
}

}  // namespace
}  // namespace firebreak
