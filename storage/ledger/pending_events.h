#ifndef FIREBREAK_STORAGE_LEDGER_PENDING_EVENTS_H_
#define FIREBREAK_STORAGE_LEDGER_PENDING_EVENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "storage/ledger/ledger.h"
#include "storage/ledger/records.h"

namespace firebreak {

// Ticks, outboxes, destinations and documents that are not in the ledger yet. The later text of a name takes the place
// of the earlier one; news is kept until every destination has read it. So what waits while a disk is away is bounded
// by alerts and destinations, if those are known and go on reading. Thread-compatible.
class PendingEvents {
 public:
  void Add(TickRecord tick);
  void Add(OutboxRecord outbox);
  void Add(DestinationsRecord destinations);
  void Add(DocumentRecord documents);
  // Takes over what came after.
  void Append(PendingEvents later);
  // Hands everything over; what is left is empty, but remembers the destinations.
  PendingEvents Take();

  bool empty() const { return records_ == 0; }
  // How many records came to be what waits.
  int64_t records() const { return records_; }
  std::optional<absl::Time> head() const { return head_; }

  // Writes everything within the transaction under way.
  absl::Status WriteTo(Ledger& ledger) const;

 private:
  using Texts = std::map<std::string, std::string>;
  struct Progress {
    int64_t news_read = 0;
    Texts entries;
  };

  void ForgetReadNews();

  int64_t records_ = 0;
  std::optional<absl::Time> head_;
  Texts states_;
  std::map<int64_t, std::string> news_;
  std::map<std::string, Progress> outboxes_;
  std::optional<std::set<std::string>> destinations_;  // those of the last record, and all that spoke since
  bool destinations_wait_ = false;                     // it is not written yet
  std::map<std::string, Texts> documents_;             // by kind
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_PENDING_EVENTS_H_
