#ifndef FIREBREAK_API_HTTP_LIVE_FEED_H_
#define FIREBREAK_API_HTTP_LIVE_FEED_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "storage/mutex.h"

namespace firebreak {

// What answers without an end are made of (HttpResponse::feed): messages of which each makes the one before obsolete.
//   (1) A reader gets the newest message it has not had. What it was too slow for is skipped: nothing is queued, so
//       that a slow reader costs at most one message that the others have forgotten.
//   (2) Publishing never waits for a reader.
// Thread-safe.
class LiveFeed : public std::enable_shared_from_this<LiveFeed> {
 public:
  using Message = std::shared_ptr<const std::string>;

  // One reader's place in a feed, given up with the object. Thread-compatible.
  class Reader {
   public:
    Reader(std::shared_ptr<LiveFeed> feed, int64_t id, int64_t seen);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // The newest message published since the last call, or since the reader came; nullptr for none.
    Message Take();

   private:
    const std::shared_ptr<LiveFeed> feed_;
    const int64_t id_;
    int64_t seen_;
  };

  // REQUIRES: the feed is held by a shared_ptr.
  explicit LiveFeed(int max_readers) : max_readers_(max_readers) {}

  // A place, or nullptr when all are taken. `notify` is called, on the publisher's thread, when there is a message to
  // take; it must not block, and may come once more while the reader goes.
  std::unique_ptr<Reader> Join(std::function<void()> notify);

  void Publish(std::string message);

  int readers() const;

 private:
  const int max_readers_;
  mutable Mutex mutex_;
  Message newest_ FIREBREAK_GUARDED_BY(mutex_);
  int64_t published_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  int64_t next_id_ FIREBREAK_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, std::function<void()>> readers_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_LIVE_FEED_H_
