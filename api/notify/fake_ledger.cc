#include "api/notify/fake_ledger.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/notify/alert_codec.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

AlertViewPtr MustDecode(const std::string& text) {
  absl::StatusOr<AlertView> view = DecodeAlert(text);
  EXPECT_TRUE(view.ok()) << view.status() << " in " << text;
  return view.ok() ? std::make_shared<const AlertView>(*std::move(view)) : nullptr;
}

}  // namespace

int64_t FakeLedger::Write(const AlertView& alert) {
  MutexLock lock(mutex_);
  const std::string text = EncodeAlert(alert);
  news_[++last_news_] = text;
  if (alert.status == AlertStatus::kFiring) {
    firing_[alert.labels] = text;
  } else {
    firing_.erase(alert.labels);
  }
  return last_news_;
}

void FakeLedger::Save(OutboxRecord record) {
  MutexLock lock(mutex_);
  if (crashed_) return;
  EXPECT_LE(record.news_read, last_news_);
  Outbox& outbox = outboxes_[record.destination];
  EXPECT_GE(record.news_read, outbox.news_read);
  ++outbox.saves;
  outbox.news_read = record.news_read;
  for (const Document& document : record.entries) {
    if (document.body.empty()) {
      outbox.documents.erase(document.key);
    } else {
      outbox.documents[document.key] = document.body;
    }
  }
  int64_t read_by_all = last_news_;
  for (const auto& [name, each] : outboxes_) read_by_all = std::min(read_by_all, each.news_read);
  news_.erase(news_.begin(), news_.upper_bound(read_by_all));
}

void FakeLedger::SetDestinations(const std::vector<std::string>& names) {
  MutexLock lock(mutex_);
  std::erase_if(outboxes_,
                [&](const auto& outbox) { return std::find(names.begin(), names.end(), outbox.first) == names.end(); });
}

void FakeLedger::Crash() {
  MutexLock lock(mutex_);
  crashed_ = true;
}

void FakeLedger::Reopen() {
  MutexLock lock(mutex_);
  crashed_ = false;
}

DispatcherState FakeLedger::State() const {
  MutexLock lock(mutex_);
  DispatcherState state;
  state.last_news = last_news_;
  for (const auto& [name, outbox] : outboxes_) {
    OutboxRecord record{name, outbox.news_read, {}};
    for (const auto& [key, body] : outbox.documents) record.entries.push_back({key, body});
    state.outboxes.push_back(std::move(record));
  }
  for (const auto& [number, text] : news_) state.news.push_back({number, MustDecode(text)});
  for (const auto& [labels, text] : firing_) state.firing.push_back(MustDecode(text));
  return state;
}

int FakeLedger::saves(const std::string& destination) const {
  MutexLock lock(mutex_);
  const auto found = outboxes_.find(destination);
  return found == outboxes_.end() ? 0 : found->second.saves;
}

int64_t FakeLedger::news_read(const std::string& destination) const {
  MutexLock lock(mutex_);
  const auto found = outboxes_.find(destination);
  return found == outboxes_.end() ? 0 : found->second.news_read;
}

std::map<std::string, std::string> FakeLedger::documents(const std::string& destination) const {
  MutexLock lock(mutex_);
  const auto found = outboxes_.find(destination);
  return found == outboxes_.end() ? std::map<std::string, std::string>() : found->second.documents;
}

size_t FakeLedger::unread() const {
  MutexLock lock(mutex_);
  return news_.size();
}

}  // namespace firebreak
