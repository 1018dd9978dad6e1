#include "api/service/state_publisher.h"

#include <utility>

#include "api/service/state_json.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

// JSON without its line end: an event's data is one line.
std::string OneLine(std::string json) {
  while (json.ends_with('\n')) json.pop_back();
  return json;
}

std::string StateEvent(const Snapshot& snapshot) {
  return fmt::format("event: state\ndata: {}\n\n", OneLine(StateJson(snapshot)));
}

}  // namespace

std::string StateJson(const Snapshot& snapshot) {
  return fmt::format("{{\"slos\":{},\"alerts\":{}}}\n", OneLine(SlosJson(snapshot)),
                     OneLine(AlertsJson(snapshot, "", "")));
}

StatePublisher::StatePublisher(std::function<SnapshotPtr()> snapshot, Options options)
    : snapshot_(std::move(snapshot)),
      options_(options),
      feed_(std::make_shared<LiveFeed>(options.max_readers)),
      thread_([this] { Run(); }) {}

StatePublisher::~StatePublisher() { Stop(); }

HttpResponse StatePublisher::Answer() const {
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.body = StateEvent(*snapshot_());
  response.feed = feed_;
  return response;
}

void StatePublisher::PublishIfDue() {
  if (feed_->readers() == 0) return;
  const SnapshotPtr snapshot = snapshot_();
  if (snapshot->at == published_ && quiet_ < options_.silence) return;
  feed_->Publish(StateEvent(*snapshot));
  published_ = snapshot->at;
  quiet_ = absl::ZeroDuration();
}

bool StatePublisher::Wait() {
  MutexLock lock(mutex_);
  if (!stop_) stopped_.WaitFor(mutex_, options_.every);
  return !stop_;
}

void StatePublisher::Run() {
  while (Wait()) {
    quiet_ += options_.every;
    PublishIfDue();
  }
}

void StatePublisher::Stop() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
    stopped_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace firebreak
