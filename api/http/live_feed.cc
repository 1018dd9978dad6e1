#include "api/http/live_feed.h"

#include <utility>
#include <vector>

namespace firebreak {

LiveFeed::Reader::Reader(std::shared_ptr<LiveFeed> feed, int64_t id, int64_t seen)
    : feed_(std::move(feed)), id_(id), seen_(seen) {}

LiveFeed::Reader::~Reader() {
  MutexLock lock(feed_->mutex_);
  feed_->readers_.erase(id_);
}

LiveFeed::Message LiveFeed::Reader::Take() {
  MutexLock lock(feed_->mutex_);
  if (seen_ == feed_->published_) return nullptr;
  seen_ = feed_->published_;
  return feed_->newest_;
}

std::unique_ptr<LiveFeed::Reader> LiveFeed::Join(std::function<void()> notify) {
  MutexLock lock(mutex_);
  if (static_cast<int>(readers_.size()) >= max_readers_) return nullptr;
  const int64_t id = next_id_++;
  readers_[id] = std::move(notify);
  return std::make_unique<Reader>(shared_from_this(), id, published_);
}

void LiveFeed::Publish(std::string message) {
  std::vector<std::function<void()>> notify;
  {
    MutexLock lock(mutex_);
    newest_ = std::make_shared<const std::string>(std::move(message));
    ++published_;
    for (const auto& [id, reader] : readers_) notify.push_back(reader);
  }
  for (const std::function<void()>& reader : notify) reader();
}

int LiveFeed::readers() const {
  MutexLock lock(mutex_);
  return static_cast<int>(readers_.size());
}

}  // namespace firebreak
