#ifndef FIREBREAK_API_NOTIFY_FAKE_LEDGER_H_
#define FIREBREAK_API_NOTIFY_FAKE_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/notify/dispatcher.h"
#include "api/notify/outbox_store.h"
#include "storage/ledger/records.h"
#include "storage/mutex.h"

namespace firebreak {

// For tests: what a ledger holds of news and outboxes, as texts. Thread-safe.
class FakeLedger : public OutboxStore {
 public:
  // Writes a piece of news; its number.
  int64_t Write(const AlertView& alert);
  // A test fails that claims to have read what was never written.
  void Save(OutboxRecord record) override;

  // Forgets all other destinations.
  void SetDestinations(const std::vector<std::string>& names);

  // The process is killed: nothing that it still does reaches the disk, until the next one has begun.
  void Crash();
  void Reopen();

  // What the next process finds. A test fails if it cannot be read.
  DispatcherState State() const;

  // Of one destination: how often it saved, the last news it has read, and its documents by key.
  int saves(const std::string& destination) const;
  int64_t news_read(const std::string& destination) const;
  std::map<std::string, std::string> documents(const std::string& destination) const;
  // News that some destination has not read.
  size_t unread() const;

 private:
  struct Outbox {
    int saves = 0;
    int64_t news_read = 0;
    std::map<std::string, std::string> documents;
  };

  mutable Mutex mutex_;
  bool crashed_ FIREBREAK_GUARDED_BY(mutex_) = false;
  int64_t last_news_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, std::string> news_ FIREBREAK_GUARDED_BY(mutex_);
  std::map<Labels, std::string> firing_ FIREBREAK_GUARDED_BY(mutex_);
  std::map<std::string, Outbox> outboxes_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_FAKE_LEDGER_H_
