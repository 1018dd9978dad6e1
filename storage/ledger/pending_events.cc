#include "storage/ledger/pending_events.h"

#include <algorithm>
#include <vector>

namespace firebreak {
namespace {

void Merge(std::vector<Document> documents, std::map<std::string, std::string>& texts) {
  for (Document& document : documents) texts[document.key] = std::move(document.body);
}

std::vector<Document> DocumentsOf(const std::map<std::string, std::string>& texts) {
  std::vector<Document> documents;
  documents.reserve(texts.size());
  for (const auto& [key, body] : texts) documents.push_back({key, body});
  return documents;
}

}  // namespace

void PendingEvents::Add(TickRecord tick) {
  ++records_;
  head_ = std::max(head_.value_or(tick.at), tick.at);
  Merge(std::move(tick.states), states_);
  for (News& news : tick.news) news_[news.number] = std::move(news.body);
  if (destinations_ && destinations_->empty()) ForgetReadNews();
}

void PendingEvents::Add(OutboxRecord outbox) {
  ++records_;
  if (destinations_) destinations_->insert(outbox.destination);
  Progress& progress = outboxes_[outbox.destination];
  progress.news_read = std::max(progress.news_read, outbox.news_read);
  Merge(std::move(outbox.entries), progress.entries);
  ForgetReadNews();
}

void PendingEvents::Add(DestinationsRecord destinations) {
  ++records_;
  destinations_.emplace(destinations.names.begin(), destinations.names.end());
  destinations_wait_ = true;
  for (auto outbox = outboxes_.begin(); outbox != outboxes_.end();) {
    outbox = destinations_->count(outbox->first) > 0 ? std::next(outbox) : outboxes_.erase(outbox);
  }
  ForgetReadNews();
}

void PendingEvents::Add(DocumentRecord documents) {
  ++records_;
  Merge(std::move(documents.documents), documents_[documents.kind]);
}

void PendingEvents::Append(PendingEvents later) {
  const int64_t records = records_ + later.records_;
  if (later.destinations_wait_) Add(DestinationsRecord{{later.destinations_->begin(), later.destinations_->end()}});
  if (later.head_) {
    TickRecord tick{*later.head_, DocumentsOf(later.states_), {}};
    for (auto& [number, body] : later.news_) tick.news.push_back({number, std::move(body)});
    Add(std::move(tick));
  }
  for (const auto& [name, progress] : later.outboxes_) {
    Add(OutboxRecord{name, progress.news_read, DocumentsOf(progress.entries)});
  }
  for (const auto& [kind, texts] : later.documents_) Add(DocumentRecord{kind, DocumentsOf(texts)});
  records_ = records;
}

PendingEvents PendingEvents::Take() {
  PendingEvents taken = std::move(*this);
  *this = PendingEvents();
  destinations_ = taken.destinations_;
  return taken;
}

// Only what all destinations have told of here: of the others the ledger knows more. Where nobody reads, the newest
// still says which numbers were given.
void PendingEvents::ForgetReadNews() {
  if (!destinations_ || news_.empty()) return;
  int64_t read = std::prev(news_.end())->first - 1;
  if (!destinations_->empty()) read = INT64_MAX;
  for (const std::string& name : *destinations_) {
    const auto outbox = outboxes_.find(name);
    read = std::min(read, outbox == outboxes_.end() ? 0 : outbox->second.news_read);
  }
  news_.erase(news_.begin(), news_.upper_bound(read));
}

absl::Status PendingEvents::WriteTo(Ledger& ledger) const {
  // Destinations come first: to one that is new the news here is told, rather than taken for old.
  if (destinations_wait_) {
    const absl::Status status = ledger.Add(DestinationsRecord{{destinations_->begin(), destinations_->end()}});
    if (!status.ok()) return status;
  }
  if (head_) {
    TickRecord tick{*head_, DocumentsOf(states_), {}};
    for (const auto& [number, body] : news_) tick.news.push_back({number, body});
    if (absl::Status status = ledger.Add(tick); !status.ok()) return status;
  }
  for (const auto& [name, progress] : outboxes_) {
    const absl::Status status = ledger.Add(OutboxRecord{name, progress.news_read, DocumentsOf(progress.entries)});
    if (!status.ok()) return status;
  }
  for (const auto& [kind, texts] : documents_) {
    if (absl::Status status = ledger.Add(DocumentRecord{kind, DocumentsOf(texts)}); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace firebreak
