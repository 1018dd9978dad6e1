#include "api/notify/dispatcher_fixture.h"

#include "api/notify/fake_receiver.h"

namespace firebreak {

DispatcherFixture::DispatcherFixture(absl::Duration since_start) : clock_(kDispatcherStart + since_start) {
  options_.first_backoff = absl::Milliseconds(20);
  options_.try_deadline = absl::Milliseconds(400);
  options_.service = "shop";
  options_.external_url = "http://firebreak.test";
}

void DispatcherFixture::AddAlertmanager(const std::string& name, const std::string& url) {
  options_.destinations.push_back({Destination::Kind::kAlertmanager, name, url, ""});
}

void DispatcherFixture::AddWebhook(const std::string& name, const std::string& url, const std::string& secret) {
  options_.destinations.push_back({Destination::Kind::kWebhook, name, url, secret});
}

DestinationStats DispatcherFixture::StatsOf(const std::string& name) {
  for (const DestinationStats& stats : dispatcher_->Stats()) {
    if (stats.name == name) return stats;
  }
  ADD_FAILURE() << "no destination " << name;
  return {};
}

bool DispatcherFixture::AwaitSent(const std::string& name, const std::string& result, int64_t count) {
  return Eventually([&] { return StatsOf(name).sent[result] >= count; });
}

bool Holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace firebreak
