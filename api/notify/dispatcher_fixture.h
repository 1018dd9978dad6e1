#ifndef FIREBREAK_API_NOTIFY_DISPATCHER_FIXTURE_H_
#define FIREBREAK_API_NOTIFY_DISPATCHER_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "api/notify/dispatcher.h"
#include "engine/clock.h"
#include "gtest/gtest.h"

namespace firebreak {

inline const absl::Time kDispatcherStart = absl::FromUnixSeconds(1764000000);  // 2025-11-24T16:00:00Z

// What the tests of a dispatcher share: destinations that are tried again within milliseconds, on a clock that stands
// still `since_start` after kDispatcherStart.
class DispatcherFixture : public ::testing::Test {
 protected:
  explicit DispatcherFixture(absl::Duration since_start);
  // Ends the dispatcher before anything of the test that it may use.
  void TearDown() override { dispatcher_.reset(); }

  void AddAlertmanager(const std::string& name, const std::string& url);
  // Without a secret its bodies are not signed.
  void AddWebhook(const std::string& name, const std::string& url, const std::string& secret = "");

  DestinationStats StatsOf(const std::string& name);
  // Whether so many tries at a destination came to have that result, within the time a test may take.
  bool AwaitSent(const std::string& name, const std::string& result, int64_t count = 1);

  SimulatedClock clock_;
  DispatcherOptions options_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

bool Holds(const std::string& text, const std::string& part);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_DISPATCHER_FIXTURE_H_
