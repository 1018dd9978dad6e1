// The journal on a disk that answers, fails, or hangs.

#include "api/service/durable_journal.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "api/notify/alert_codec.h"
#include "api/notify/steady.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"
#include "storage/ledger/fault_vfs.h"
#include "storage/ledger/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Fault = FaultVfs::Fault;
using Lasting = FaultVfs::Lasting;

const absl::Time kNow = absl::FromUnixSeconds(1'764'000'000);
constexpr absl::Duration kShort = absl::Milliseconds(50);
constexpr absl::Duration kForever = absl::Hours(1);

// What the receiver was told, in order: "1 stored", "2 not yet", "all to 2 stored". Thread-safe.
class Told {
 public:
  DurableJournal::Receiver Receiver() {
    return {[this](const Transition&, int64_t news, DurableJournal::Written written) {
              Note(std::to_string(news) + (written == DurableJournal::Written::kYes ? " stored" : " not yet"));
            },
            [this](int64_t news) { Note("all to " + std::to_string(news) + " stored"); }};
  }
  // The first `count` of it.
  std::vector<std::string> Await(size_t count) {
    MutexLock lock(mutex_);
    const absl::Time deadline = SteadyNow() + absl::Seconds(30);
    while (told_.size() < count && SteadyNow() < deadline) changed_.WaitFor(mutex_, absl::Milliseconds(100));
    return told_;
  }

 private:
  void Note(std::string what) {
    MutexLock lock(mutex_);
    told_.push_back(std::move(what));
    changed_.NotifyAll();
  }

  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> told_ FIREBREAK_GUARDED_BY(mutex_);
};

class DurableJournalTest : public ::testing::Test {
 protected:
  void Start(absl::Duration patience, int64_t last_news = 0) {
    LedgerOptions options;
    options.shape = LadderShape::For(absl::Seconds(5), absl::Hours(720), absl::Seconds(330));
    options.vfs = vfs_->name();
    auto ledger = Ledger::Open(path_, options);
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    committer_ = std::make_unique<Committer>(*std::move(ledger), nullptr);
    journal_ = std::make_unique<DurableJournal>(*committer_, last_news, told_.Receiver(), patience);
  }
  // The committer calls the journal back until it has stopped.
  ~DurableJournalTest() override {
    vfs_->Heal();
    if (committer_ != nullptr) committer_->Stop(kForever);
  }
  void Hang() { vfs_->FailAt(1, Fault::kHang, Lasting::kUntilHealed); }
  // An evaluation in which as many alerts began to fire.
  void Evaluate(int alerts) {
    EvaluationRecord record;
    record.at = kNow;
    for (int i = 0; i < alerts; ++i) record.transitions.push_back(BeginToFire());
    journal_->CommitEvaluation(std::move(record));
  }
  static Transition BeginToFire() {
    AlertView view;
    view.labels = Labels{{"alertname", "ErrorBudgetBurn"}};
    view.status = AlertStatus::kFiring;
    view.active_since = kNow;
    view.firing_since = kNow;
    Transition transition;
    transition.at = kNow;
    transition.from = AlertStatus::kPending;
    transition.to = AlertStatus::kFiring;
    transition.alert = std::make_shared<const AlertView>(std::move(view));
    return transition;
  }
  // The numbers of the news that a start would find, were the process killed now.
  std::vector<int64_t> StoredNews() {
    const auto ledger = Ledger::OpenToRead(CrashCopy(path_) + "/ledger.db");
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    std::vector<int64_t> numbers;
    const absl::StatusOr<LedgerState> state = (*ledger)->LoadState();
    for (const News& news : state->news) {
      EXPECT_TRUE(DecodeAlert(news.body).ok());
      numbers.push_back(news.number);
    }
    return numbers;
  }

  const std::string path_ = FreshFolder() + "/ledger.db";
  const std::shared_ptr<FaultVfs> vfs_ = std::make_shared<FaultVfs>();
  Told told_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<DurableJournal> journal_;
};

TEST_F(DurableJournalTest, APageWaitsForTheDiskForTwoSeconds) {
  EXPECT_EQ(DurableJournal::kPatience, absl::Seconds(2));
}

TEST_F(DurableJournalTest, NewsIsNumberedAndHandedOnOnceItIsOnDisk) {
  Start(kForever, /*last_news=*/7);
  Hang();
  Evaluate(2);
  ASSERT_TRUE(vfs_->AwaitHang());
  Evaluate(1);
  EXPECT_THAT(told_.Await(0), IsEmpty());
  vfs_->Heal();
  EXPECT_THAT(told_.Await(3), ElementsAre("8 stored", "9 stored", "10 stored"));
  EXPECT_THAT(StoredNews(), ElementsAre(8, 9, 10));
}

TEST_F(DurableJournalTest, NewsGoesOutThoughTheDiskHangsAndIsStoredWhenItAnswers) {
  Start(kShort);
  Hang();
  const absl::Time began = SteadyNow();
  Evaluate(1);
  ASSERT_TRUE(vfs_->AwaitHang());
  Evaluate(1);
  EXPECT_THAT(told_.Await(2), ElementsAre("1 not yet", "2 not yet"));
  EXPECT_GE(SteadyNow() - began, kShort);
  EXPECT_THAT(StoredNews(), IsEmpty());
  vfs_->Heal();
  EXPECT_EQ(told_.Await(3).back(), "all to 2 stored");
  EXPECT_THAT(StoredNews(), ElementsAre(1, 2));
  Evaluate(1);
  EXPECT_EQ(told_.Await(4).back(), "3 stored");
}

// That it was written is known from the first evaluation that is: all before it are.
TEST_F(DurableJournalTest, NewsWhoseCommitFailsGoesOutAtOnceAndIsStoredLater) {
  Start(kForever);
  vfs_->FailAt(1, Fault::kIoError, Lasting::kUntilHealed);
  Evaluate(1);
  EXPECT_THAT(told_.Await(1), ElementsAre("1 not yet"));
  vfs_->Heal();
  Evaluate(0);
  EXPECT_EQ(told_.Await(2).back(), "all to 1 stored");
  EXPECT_THAT(StoredNews(), ElementsAre(1));
}

TEST_F(DurableJournalTest, StopHandsOnWhatIsHeld) {
  Start(kForever);
  Hang();
  Evaluate(1);
  ASSERT_TRUE(vfs_->AwaitHang());
  journal_->Stop();
  EXPECT_THAT(told_.Await(1), ElementsAre("1 not yet"));
  vfs_->Heal();
  journal_->Flush(kForever);
  EXPECT_THAT(StoredNews(), ElementsAre(1));
}

TEST_F(DurableJournalTest, FlushGivesAHungDiskUp) {
  Start(kForever);
  Hang();
  Evaluate(1);
  ASSERT_TRUE(vfs_->AwaitHang());
  journal_->Flush(kShort);
  EXPECT_THAT(StoredNews(), IsEmpty());
  vfs_->Heal();
  journal_->Flush(kForever);
  EXPECT_THAT(StoredNews(), ElementsAre(1));
}

TEST_F(DurableJournalTest, TheLogSaysWhyEventsAreRefusedAndWhenTheyAreStoredAgain) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  Start(kForever);
  vfs_->FailAt(1, Fault::kIoError, Lasting::kUntilHealed);
  Evaluate(1);
  told_.Await(1);
  for (int i = 0; i < 3; ++i) Evaluate(0);
  vfs_->Heal();
  Evaluate(0);
  told_.Await(2);
  for (int i = 0; i < 3; ++i) Evaluate(0);
  spdlog::set_default_logger(before);
  const std::string text = log.str();
  EXPECT_THAT(text, HasSubstr("events are refused: they cannot be stored: " + path_));
  EXPECT_THAT(text, HasSubstr("events are stored again"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

}  // namespace
}  // namespace firebreak
