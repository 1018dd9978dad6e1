#include "storage/ledger/integer_rows.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/database.h"
#include "storage/ledger/statement.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IntegerRowsTest : public ::testing::Test {
 protected:
  IntegerRowsTest() {
    EXPECT_TRUE(database_
                    ->Execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY, square INTEGER NOT NULL) STRICT; "
                              "INSERT INTO numbers VALUES (3, 9), (-1, 1), (2, 4), (1, 1), (0, 0)")
                    .ok());
  }

  // The numbers of each batch of `wanted` rows.
  std::vector<std::vector<int64_t>> Batches(size_t wanted) {
    IntegerRows batch(wanted);
    Statement select(*database_, "SELECT 1 FROM numbers WHERE n >= ?2 AND gather(?1, n, square) ORDER BY n");
    select.Bind(&batch, 0);
    std::vector<std::vector<int64_t>> batches;
    for (bool more = true; more;) {
      batch.rows.clear();
      const absl::StatusOr<bool> next = select.Next();
      EXPECT_TRUE(next.ok()) << next.status();
      more = next.ok() && *next;
      std::vector<int64_t>& numbers = batches.emplace_back();
      for (const IntegerRow& row : batch.rows) {
        EXPECT_EQ(row[1], row[0] * row[0]);
        numbers.push_back(row[0]);
      }
    }
    return batches;
  }

  std::unique_ptr<Database> database_ = *Database::Open(FreshFolder() + "/rows.db", Database::Access::kCreate, "");
};

TEST_F(IntegerRowsTest, ComeInOrderAndInBatches) {
  EXPECT_THAT(Batches(3), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3)));
  EXPECT_THAT(Batches(4), ElementsAre(ElementsAre(0, 1, 2, 3), ElementsAre()));
  EXPECT_THAT(Batches(5), ElementsAre(ElementsAre(0, 1, 2, 3)));
  EXPECT_THAT(Batches(1), ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2), ElementsAre(3), ElementsAre()));
}

TEST_F(IntegerRowsTest, ARowHasEightColumns) {
  IntegerRows batch(1);
  Statement select(*database_, "SELECT gather(?1, 1, -2, 3, 4, 5, 6, 7, 9223372036854775807)");
  select.Bind(&batch);
  ASSERT_TRUE(select.Next().ok());
  EXPECT_THAT(batch.rows, ElementsAre(ElementsAre(1, -2, 3, 4, 5, 6, 7, INT64_MAX)));
  Statement ninth(*database_, "SELECT gather(?1, 1, 2, 3, 4, 5, 6, 7, 8, 9)");
  EXPECT_THAT(std::string(ninth.Next().status().message()), HasSubstr("wrong number of arguments"));
}

TEST_F(IntegerRowsTest, WithoutRowsToGatherInIsAnError) {
  Statement unbound(*database_, "SELECT gather(?1, 7)");
  EXPECT_THAT(std::string(unbound.Next().status().message()), HasSubstr("gather: wanted rows"));
  Statement number(*database_, "SELECT gather(1, 7)");
  EXPECT_THAT(std::string(number.Next().status().message()), HasSubstr("gather: wanted rows"));
}

}  // namespace
}  // namespace firebreak
