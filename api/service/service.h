#ifndef FIREBREAK_API_SERVICE_SERVICE_H_
#define FIREBREAK_API_SERVICE_SERVICE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/http/server.h"
#include "api/notify/dispatcher.h"
#include "api/record/recorder.h"
#include "api/service/alert_history.h"
#include "api/service/ingest.h"
#include "api/service/maintenance_handler.h"
#include "api/service/metrics.h"
#include "api/service/persistence.h"
#include "api/service/ring_answers.h"
#include "api/service/state_publisher.h"
#include "engine/clock.h"
#include "engine/engine_thread.h"
#include "engine/journal.h"
#include "engine/transition.h"
#include "rules/config.h"
#include "storage/mutex.h"

namespace firebreak {

// A configuration with its secrets read: everything a server is made from.
struct LoadedConfig {
  Config config;
  HttpTokens tokens;
  std::vector<Destination> destinations;
};

// The whole server: HTTP in front, the engine behind it, the dispatcher at the far end. Thread-safe.
class Service {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    uint16_t port = 9710;
    bool allow_open_bind = false;
    // Reads the configuration again, for a reload.
    std::function<absl::StatusOr<LoadedConfig>()> load;
    // Where everything is kept; absent: in memory only.
    std::optional<Persistence::Options> persistence;
    // Where what comes in is recorded, if anywhere.
    std::optional<RecorderOptions> record;
    // Sees every transition besides the dispatcher; may be nullptr. Must outlive the service.
    TransitionSink* observer = nullptr;
  };

  // Binds, starts the engine and the senders. `clock` must outlive the service.
  // Errors: as HttpServer::Start and RuleSet::Create.
  static absl::StatusOr<std::unique_ptr<Service>> Start(LoadedConfig loaded, Options options, const Clock& clock);
  ~Service();

  // "http://127.0.0.1:9710"
  std::string url() const;
  EngineThread& engine() { return *engine_; }

  // Reads the configuration again and takes it over, all of it or nothing; `done` is called from any thread. Tokens,
  // limits and the address stay as they are until a restart.
  void Reload(std::function<void(absl::Status)> done);

  // Refuses new work, finishes what is under way, delivers what it can, all within five seconds.
  void Stop();

 private:
  class Fanout;

  Service(Options options, const Clock& clock);

  // The steps of Start, in this order.
  absl::Status OpenPersistence(const Config& config);
  absl::Status OpenRecorder();
  absl::Status Listen(const Config& config, HttpTokens tokens);
  absl::Status StartDelivery(const Config& config, std::vector<Destination> destinations);
  absl::Status StartEngine(Config config);
  Journal& journal();

  std::vector<HttpRoute> Routes();
  // What the dashboard is made of, and what only it asks for.
  std::vector<HttpRoute> PageRoutes();
  HttpRoute Route(HttpMethod method, std::string path, HttpScope scope,
                  std::function<void(const HttpRequest&, HttpResponder)> handle);
  void HandleHeartbeat(const HttpRequest& request, const HttpResponder& respond);
  void HandleMetrics(const HttpResponder& respond);
  void HandleOffenders(const HttpRequest& request, const HttpResponder& respond);
  void HandleReload(const HttpResponder& respond);
  void RecordReload(const absl::Status& status);

  bool EvaluationIsFresh() const;
  bool IngestIsFresh() const;
  bool Refusing() const;
  DispatcherOptions MakeDispatcherOptions(const Config& config, std::vector<Destination> destinations) const;
  ProcessState StateOfProcess() const;
  absl::Time WallNow() const { return clock_.ToWall(clock_.Now()); }

  const Options options_;
  const Clock& clock_;
  const absl::Time started_;
  std::atomic<bool> ready_ = false;
  std::unique_ptr<Persistence> persistence_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Dispatcher> dispatcher_;
  AlertHistory history_;
  std::unique_ptr<Fanout> fanout_;
  std::unique_ptr<MemoryJournal> memory_journal_;  // without persistence_
  std::unique_ptr<EngineThread> engine_;
  std::unique_ptr<IngestHandler> ingest_;
  std::unique_ptr<MaintenanceHandler> maintenance_;
  std::unique_ptr<StatePublisher> publisher_;
  std::unique_ptr<RingAnswers> ring_answers_;
  mutable Mutex mutex_;
  ReloadState reload_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_SERVICE_H_
