#include "storage/ledger/schema.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/statement.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

LedgerOptions Options() {
  LedgerOptions options;
  options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
  return options;
}

class SchemaTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> OpenFile(Database::Access access = Database::Access::kCreate) {
    auto database = Database::Open(path_, access, "");
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }
  // A ledger that an earlier release, which knew only version 1, has written to.
  void MakeLedgerOfVersion1() {
    ASSERT_TRUE(Ledger::Open(path_, Options()).ok());
    auto database = OpenFile();
    ASSERT_EQ(*database->QueryInteger("PRAGMA user_version"), 1);
    ASSERT_TRUE(database->Execute("INSERT INTO states VALUES ('alert', 'firing')").ok());
  }
  void SetVersion(int version) {
    ASSERT_TRUE(OpenFile()->Execute("PRAGMA user_version = " + std::to_string(version)).ok());
  }

  const std::string path_ = FreshFolder() + "/ledger.db";
  // What later releases may know.
  std::vector<Migration> later_ = LedgerMigrations();
};

TEST_F(SchemaTest, AnOlderFileIsBroughtUpToDateWithWhatIsInIt) {
  MakeLedgerOfVersion1();
  later_.push_back({2, "ALTER TABLE states ADD COLUMN since INTEGER NOT NULL DEFAULT 7"});
  later_.push_back({3, "CREATE TABLE notes (text TEXT) STRICT; UPDATE states SET since = since + 1"});
  auto database = OpenFile();
  EXPECT_EQ(CheckSchema(*database, later_, Older::kAccepted), absl::OkStatus());
  ASSERT_EQ(Migrate(*database, later_), absl::OkStatus());
  EXPECT_EQ(*database->QueryInteger("PRAGMA user_version"), 3);
  EXPECT_EQ(*database->QueryText("SELECT body FROM states WHERE name = 'alert'"), "firing");
  EXPECT_EQ(*database->QueryInteger("SELECT since FROM states"), 8);
  EXPECT_EQ(*database->QueryInteger("SELECT count(*) FROM notes"), 0);
  // Once is enough.
  ASSERT_EQ(Migrate(*database, later_), absl::OkStatus());
  EXPECT_EQ(*database->QueryInteger("SELECT since FROM states"), 8);
}

TEST_F(SchemaTest, AMigrationThatFailsLeavesTheVersionBefore) {
  MakeLedgerOfVersion1();
  later_.push_back({2, "CREATE TABLE notes (text TEXT) STRICT"});
  later_.push_back({3, "CREATE TABLE more (text TEXT) STRICT; SELECT nonsense"});
  auto database = OpenFile();
  EXPECT_FALSE(Migrate(*database, later_).ok());
  EXPECT_EQ(*database->QueryInteger("PRAGMA user_version"), 2);
  EXPECT_FALSE(database->QueryInteger("SELECT count(*) FROM more").ok());
  EXPECT_EQ(*database->QueryInteger("SELECT count(*) FROM notes"), 0);
}

TEST_F(SchemaTest, VersionsAreNumberedFrom1WithoutGaps) {
  for (size_t i = 0; i < LedgerMigrations().size(); ++i) EXPECT_EQ(LedgerMigrations()[i].version, i + 1);
}

TEST_F(SchemaTest, ALedgerOfANewerVersionIsRefused) {
  MakeLedgerOfVersion1();
  SetVersion(LedgerMigrations().back().version + 1);
  for (const absl::Status& status : {Ledger::Open(path_, Options()).status(), Ledger::OpenToRead(path_).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_ + ": made by a newer firebreak"));
  }
}

TEST_F(SchemaTest, AVersionThatNeverWasIsDamage) {
  MakeLedgerOfVersion1();
  for (const int version : {0, -1}) {
    SetVersion(version);
    for (const absl::Status& status : {Ledger::Open(path_, Options()).status(), Ledger::OpenToRead(path_).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(status.message()), HasSubstr(path_ + ": damaged (its user_version is"));
      EXPECT_THAT(std::string(status.message()), HasSubstr("restore a backup"));
    }
  }
}

TEST_F(SchemaTest, StatisticsOfSqliteAreNoFault) {
  MakeLedgerOfVersion1();
  auto database = OpenFile();
  ASSERT_TRUE(database->Execute("ANALYZE").ok());
  EXPECT_THAT(*SchemaFaults(*database, LedgerMigrations()), ::testing::IsEmpty());
}

TEST_F(SchemaTest, ReadingALedgerOfAnOlderVersionIsRefused) {
  MakeLedgerOfVersion1();
  later_.push_back({2, "CREATE TABLE notes (text TEXT) STRICT"});
  const absl::Status status = CheckSchema(*OpenFile(Database::Access::kRead), later_, Older::kRefused);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("start the server on it once"));
}

TEST_F(SchemaTest, AnSqliteFileOfAnotherProgramIsRefused) {
  ASSERT_TRUE(OpenFile()->Execute("CREATE TABLE bookmarks (url TEXT)").ok());
  const std::string before = ReadFile(path_);
  const absl::Status status = Ledger::Open(path_, Options()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no ledger of firebreak"));
  EXPECT_EQ(ReadFile(path_), before);
}

TEST_F(SchemaTest, TheSchemaCannotBeRewritten) {
  MakeLedgerOfVersion1();
  auto database = OpenFile();
  EXPECT_FALSE(database->Execute("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '' ").ok());
}

}  // namespace
}  // namespace firebreak
