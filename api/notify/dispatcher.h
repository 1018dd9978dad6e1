#ifndef FIREBREAK_API_NOTIFY_DISPATCHER_H_
#define FIREBREAK_API_NOTIFY_DISPATCHER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/notify/destination.h"
#include "engine/clock.h"
#include "engine/transition.h"

namespace firebreak {

struct DispatcherOptions {
  std::vector<Destination> destinations;
  absl::Duration resend_delay = absl::Minutes(1);  // of wall time, as are all here
  absl::Duration repeat_interval = absl::Hours(4);
  absl::Duration evaluation_interval = absl::Seconds(5);
  absl::Duration first_backoff = absl::Milliseconds(500);
  absl::Duration try_deadline = absl::Seconds(10);
  bool watchdog = false;
  std::string service;
  std::string external_url;
  // The newest view of an alert by its labels' fingerprint, with fresh annotations, or nullptr. Any thread.
  std::function<AlertViewPtr(uint64_t fingerprint)> latest;
  // Whether ingest and evaluation are fresh: the Watchdog is sent only then. Any thread.
  std::function<bool()> healthy;
};

struct DestinationStats {
  std::string name;
  std::string kind;                        // DestinationKindName
  int64_t queued = 0;                      // alerts whose latest state is not there yet
  int64_t parked = 0;                      // alerts given up on after a 4xx
  std::map<std::string, int64_t> sent;     // tries by result: "ok", "retry", "parked", "timeout", "network", …
  std::optional<absl::Time> last_success;  // wall time
  std::string last_error;                  // never holds a secret; "" after a success
};

// What one destination answered to a test alert.
struct TestResult {
  std::string destination;
  bool ok = false;
  std::string answer;  // "200 OK", "connection refused", …
};

// Delivers the latest state of every alert to every destination, in order per alert, each destination on its own
// worker: a dead one delays no other. docs/semantics.md, "Delivery". Thread-safe.
class Dispatcher : public TransitionSink {
 public:
  // `clock` must outlive the dispatcher.
  static std::unique_ptr<Dispatcher> Start(DispatcherOptions options, const Clock& clock);

  // Queues; never blocks and never sends itself.
  void OnTransition(const Transition& transition) override = 0;

  virtual std::vector<DestinationStats> Stats() const = 0;

  // Takes over a changed configuration. A destination that stays (same name, kind and url) keeps its queue: what it was
  // told fires there, it will be told has resolved, whatever its severities are now.
  virtual void Reconfigure(DispatcherOptions options) = 0;

  // Tries to deliver what is queued until `deadline` (wall time from now), then stops.
  virtual void Stop(absl::Duration deadline) = 0;
};

// Sends one marked test alert (alertname FirebreakTest, severity none, then resolved) through every destination, at the
// same time, and says what each answered. Blocks at most DispatcherOptions::try_deadline for each of the two sends.
std::vector<TestResult> SendTestAlert(const DispatcherOptions& options, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_DISPATCHER_H_
