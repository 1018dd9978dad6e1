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
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/notify/destination.h"
#include "api/notify/outbox_item.h"
#include "api/notify/outbox_store.h"
#include "engine/clock.h"
#include "engine/transition.h"
#include "storage/ledger/records.h"

namespace firebreak {

struct DispatcherOptions {
  std::vector<Destination> destinations;
  absl::Duration resend_delay = absl::Minutes(1);  // of wall time, as are all here
  absl::Duration repeat_interval = absl::Hours(4);
  absl::Duration evaluation_interval = absl::Seconds(5);
  absl::Duration first_backoff = absl::Milliseconds(500);
  absl::Duration try_deadline = absl::Seconds(10);
  bool watchdog = false;
  std::string watchdog_runbook_url;
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

// A destination that has refused alerts for good, for the alert DeliveryParked. That alert itself is not counted: told
// to the very destination it is about, it would keep itself alive.
struct ParkedDestination {
  std::string destination;
  int64_t alerts = 0;
  std::string last_error;
};

// Where a dispatcher goes on after a restart: what the ledger held, decoded.
struct DispatcherState {
  struct UnreadNews {
    int64_t number = 0;
    AlertViewPtr alert;
  };
  std::vector<OutboxRecord> outboxes;
  std::vector<UnreadNews> news;      // ascending
  int64_t last_news = 0;             // the highest number ever given
  std::vector<AlertViewPtr> firing;  // what fires after all of the news
};

// Whether Dispatcher::Restore could go on from `record`; for those who look at a ledger only. Errors: as there.
absl::Status CheckOutbox(const OutboxRecord& record);

// Whether the ledger has a piece of news, or it is delivered from memory because the disk is slow or failing.
enum class NewsDurability { kDurable, kNotYet };

// Delivers the latest state of every alert to every destination, in order per alert, each destination on its own
// worker: a dead one delays no other. docs/semantics.md, "Delivery". Thread-safe.
//
// With an OutboxStore, that holds across restarts and kill -9, at least once. Each step of an alert is a piece of news
// with a number; each worker saves, after news and after each try, the changed documents of its queue and the number of
// the last news that is in there:
//   (1) What is saved is the queue as of `news_read`, exactly: later news is applied once, after a restart.
//   (2) Numbers ascend, and news n is delivered only after its tick record was given to the committer, which writes
//       tick and outbox records in the order they were given and drops none. So where the disk claims that n was read,
//       it has n, even if n was delivered from memory. News that never reached the disk was read by nobody there: its
//       number is given again.
//   (3) A worker saves where it begins before Restore or Reconfigure return, hence ahead of all later news. So a
//       destination that the ledger does not know is new, and is told what fires and nothing older. The same name with
//       another kind or URL is new as well.
class Dispatcher : public TransitionSink {
 public:
  // Keeps everything in memory only. `clock` must outlive the dispatcher.
  static std::unique_ptr<Dispatcher> Start(DispatcherOptions options, const Clock& clock);

  // Goes on after a restart; nothing is sent before all of `state` is in place. Records of destinations that are not
  // configured any more are ignored. `clock` and `store` must outlive the dispatcher.
  // Errors: DataLoss, naming the destination and the document that cannot be read; nothing was sent or saved.
  static absl::StatusOr<std::unique_ptr<Dispatcher>> Restore(DispatcherOptions options, const Clock& clock,
                                                             OutboxStore& store, const DispatcherState& state);

  // An alert has reached the state it shows. Queues; never blocks and never sends itself. `news` is its number.
  // REQUIRES: numbers ascend, and (2).
  virtual void Deliver(const AlertViewPtr& alert, int64_t news, NewsDurability durability) = 0;
  // The ledger has all news up to this number.
  virtual void MarkDurable(int64_t news) = 0;
  // As Deliver, of something that is not news in the ledger.
  void OnTransition(const Transition& transition) override = 0;

  virtual std::vector<DestinationStats> Stats() const = 0;
  virtual std::vector<OutboxItem> Outbox() const = 0;
  virtual std::vector<ParkedDestination> ParkedDestinations() const = 0;

  // Tries what is parked once more, at once, at all destinations or at one: how many alerts. NotFound, naming those
  // that there are, if there is none of this name.
  virtual absl::StatusOr<int64_t> RetryParked(const std::optional<std::string>& destination) = 0;

  // The names of all destinations: those the ledger has to keep news and outboxes for.
  virtual std::vector<std::string> DestinationNames() const = 0;

  // Takes over a changed configuration. A destination that stays (same name, kind and url) keeps its queue: what it was
  // told fires there, it will be told has resolved, whatever its severities are now.
  virtual void Reconfigure(DispatcherOptions options) = 0;

  // Tries to deliver what is queued until `deadline` (wall time from now), then stops, having saved what is left.
  virtual void Stop(absl::Duration deadline) = 0;
};

// Sends one marked test alert (alertname FirebreakTest, severity none, then resolved) through every destination, at the
// same time, and says what each answered. Blocks at most DispatcherOptions::try_deadline for each of the two sends.
std::vector<TestResult> SendTestAlert(const DispatcherOptions& options, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_DISPATCHER_H_
