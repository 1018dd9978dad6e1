#ifndef FIREBREAK_STORAGE_LEDGER_RECORDS_H_
#define FIREBREAK_STORAGE_LEDGER_RECORDS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "storage/counts.h"
#include "storage/delta.h"

namespace firebreak {

// What goes into the ledger and comes out of it, as plain values. The ledger names tiers, since their numbers change
// with the configuration, and keeps states, news and outboxes as texts whose meaning is the caller's.

// A client's Idempotency-Key and the body it came with, hashed by the caller.
struct BatchKey {
  std::array<uint8_t, 16> key{};
  std::array<uint8_t, 16> body{};
};

// What the answer to a batch said; repeated when the batch comes again.
struct BatchCounts {
  int64_t accepted = 0;
  int64_t rejected = 0;
  int64_t late = 0;

  friend bool operator==(const BatchCounts&, const BatchCounts&) = default;
};

// The accepted part of one batch: one unit, written whole or not at all.
struct BatchRecord {
  std::shared_ptr<const std::vector<std::string>> tiers;  // by Delta::tier
  std::vector<Delta> deltas;                              // endpoints as they are counted (kOtherEndpoint beyond a cap)
  std::string latency_bounds;  // names the buckets that the deltas number; counts of other buckets are forgotten
  std::optional<BatchKey> key;
  BatchCounts counts;
  absl::Time at;  // when it came: keys are kept 24 h
};

// A text under a name. An empty body removes it.
struct Document {
  std::string key;
  std::string body;

  friend bool operator==(const Document&, const Document&) = default;
};

// A piece of news for every destination: a transition. `number` counts up from 1 and is given by the caller.
struct News {
  int64_t number = 0;
  std::string body;

  friend bool operator==(const News&, const News&) = default;
};

// What one evaluation changed: written in one transaction.
struct TickRecord {
  absl::Time at;                 // the evaluation: the ledger's head of time
  std::vector<Document> states;  // alert states, by the alert's name
  std::vector<News> news;
};

// How far one destination has come: what it has still to be told, by alert, and the last news that is in there.
// News that every destination has read is forgotten. Written: the entries that changed; read back: all of them.
struct OutboxRecord {
  std::string destination;
  int64_t news_read = 0;
  std::vector<Document> entries;
};

// The destinations there are, given at start and at every reload. Others are forgotten, with their outboxes, and hold
// no news back; one that is new reads the news that comes next. An outbox record of another name adds it until the next
// such record. Until the first one after the ledger was opened, all that have an outbox count.
struct DestinationsRecord {
  std::vector<std::string> names;
};

// Any other text that must survive: maintenance windows, gauges, fingerprints …
struct DocumentRecord {
  std::string kind;  // "maintenance", "fingerprint"
  std::vector<Document> documents;
};

// A series by name; endpoint "" is the tier itself.
struct SeriesName {
  std::string tier;
  std::string endpoint;
  int source = 0;

  friend bool operator==(const SeriesName&, const SeriesName&) = default;
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_RECORDS_H_
