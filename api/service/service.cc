#include "api/service/service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/notify/tellable_view.h"
#include "api/notify/url.h"
#include "api/service/budgets_json.h"
#include "api/service/health_json.h"
#include "api/service/outbox_retry.h"
#include "api/service/runbook_response.h"
#include "api/service/state_json.h"
#include "api/service/traffic_json.h"
#include "api/timeline/timeline.h"
#include "api/web/web.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/alertname.h"
#include "rules/duration.h"
#include "rules/runbook_url.h"
#include "spdlog/spdlog.h"

namespace firebreak {
namespace {

constexpr absl::Duration kDeliveryAtStop = absl::Milliseconds(1500);
constexpr absl::Duration kWritingAtStop = absl::Milliseconds(500);
constexpr absl::Duration kStaleAfter = absl::Seconds(30);  // of wall time, beyond three intervals

HttpResponse JsonResponse(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

HttpResponse TextResponse(std::string body, std::string type = "text/plain; charset=utf-8") {
  HttpResponse response;
  response.content_type = std::move(type);
  response.body = std::move(body);
  return response;
}

// The host of an external URL, by which we may be called as well.
std::vector<std::string> HostsOf(const Config& config) {
  if (config.external_url.empty()) return {};
  const absl::StatusOr<Url> url = ParseUrl(config.external_url);
  if (!url.ok()) return {};
  const bool v6 = url->host.find(':') != std::string::npos;
  return {v6 ? "[" + url->host + "]" : url->host};
}

std::vector<std::string> NamesOf(const std::vector<ParkedDestination>& parked) {
  std::vector<std::string> names;
  for (const ParkedDestination& destination : parked) names.push_back(destination.destination);
  return names;
}

// The sources a heartbeat names: one, or both when it names none. nullopt for a body that is none of that.
std::optional<std::vector<Source>> HeartbeatSources(const std::string& body) {
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return {{Source::kRum, Source::kSynthetic}};
  const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.contains("source")) return std::nullopt;
  for (Source source : {Source::kRum, Source::kSynthetic}) {
    if (json["source"] == SourceName(source)) return {{source}};
  }
  return std::nullopt;
}

}  // namespace

// Sends every transition to the log or the observer, to the history, and to the dispatcher: as news of a number where
// there is a ledger, else as it is.
class Service::Fanout : public TransitionSink {
 public:
  Fanout(Dispatcher& dispatcher, AlertHistory& history, TransitionSink* observer)
      : dispatcher_(dispatcher), history_(history), observer_(observer) {}

  void OnTransition(const Transition& transition) override {
    dispatcher_.OnTransition(transition);
    Show(transition);
  }

  void OnNews(const Transition& transition, int64_t news, DurableJournal::Written written) {
    const bool durable = written == DurableJournal::Written::kYes;
    const AlertViewPtr view = TellableView(transition);
    if (view) dispatcher_.Deliver(view, news, durable ? NewsDurability::kDurable : NewsDurability::kNotYet);
    if (!durable) spdlog::warn("sent before it could be stored: {}", TransitionText(transition));
    Show(transition);
  }

 private:
  void Show(const Transition& transition) {
    history_.OnTransition(transition);
    if (observer_ != nullptr) {
      observer_->OnTransition(transition);
    } else {
      spdlog::info("{}", TransitionText(transition));
    }
  }

  Dispatcher& dispatcher_;
  AlertHistory& history_;
  TransitionSink* const observer_;
};

Service::Service(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), started_(clock.ToWall(clock.Now())), history_(clock.Now()) {
  MutexLock lock(mutex_);
  reload_.last_success = started_;
}

Service::~Service() { Stop(); }

absl::StatusOr<std::unique_ptr<Service>> Service::Start(LoadedConfig loaded, Options options, const Clock& clock) {
  std::unique_ptr<Service> service(new Service(std::move(options), clock));
  absl::Status status = service->OpenPersistence(loaded.config);
  if (status.ok()) status = service->OpenRecorder();
  if (status.ok()) status = service->Listen(loaded.config, std::move(loaded.tokens));
  if (status.ok()) status = service->StartDelivery(loaded.config, std::move(loaded.destinations));
  if (status.ok()) status = service->StartEngine(std::move(loaded.config));
  if (!status.ok()) return status;
  service->ready_ = true;
  return service;
}

absl::Status Service::OpenPersistence(const Config& config) {
  if (!options_.persistence) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<Persistence>> persistence = Persistence::Open(*options_.persistence, config);
  if (!persistence.ok()) return persistence.status();
  persistence_ = *std::move(persistence);
  return absl::OkStatus();
}

absl::Status Service::OpenRecorder() {
  if (!options_.record) return absl::OkStatus();
  RecorderOptions options = *options_.record;
  if (persistence_) options.batches = persistence_->batches();
  absl::StatusOr<std::unique_ptr<Recorder>> recorder = Recorder::Open(std::move(options));
  if (!recorder.ok()) return recorder.status();
  recorder_ = *std::move(recorder);
  return absl::OkStatus();
}

absl::Status Service::Listen(const Config& config, HttpTokens tokens) {
  HttpServerOptions http;
  http.host = options_.host;
  http.port = options_.port;
  http.limits = config.server.limits;
  http.tokens = std::move(tokens);
  http.extra_hosts = HostsOf(config);
  http.allow_open_bind = options_.allow_open_bind;
  absl::StatusOr<std::unique_ptr<HttpServer>> server = HttpServer::Start(std::move(http), Routes());
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  return absl::OkStatus();
}

absl::Status Service::StartDelivery(const Config& config, std::vector<Destination> destinations) {
  DispatcherOptions options = MakeDispatcherOptions(config, std::move(destinations));
  if (!persistence_) {
    dispatcher_ = Dispatcher::Start(std::move(options), clock_);
    fanout_ = std::make_unique<Fanout>(*dispatcher_, history_, options_.observer);
    memory_journal_ = std::make_unique<MemoryJournal>(*fanout_);
    return absl::OkStatus();
  }
  // The journal has nothing to hand on before the engine runs, which is after the dispatcher is there.
  persistence_->Begin({[this](const Transition& transition, int64_t news, DurableJournal::Written written) {
                         fanout_->OnNews(transition, news, written);
                       },
                       [this](int64_t news) { dispatcher_->MarkDurable(news); }});
  absl::StatusOr<std::unique_ptr<Dispatcher>> dispatcher =
      Dispatcher::Restore(std::move(options), clock_, *persistence_, persistence_->deliveries());
  if (!dispatcher.ok()) return persistence_->InLedger(dispatcher.status());
  dispatcher_ = *std::move(dispatcher);
  fanout_ = std::make_unique<Fanout>(*dispatcher_, history_, options_.observer);
  return absl::OkStatus();
}

absl::Status Service::StartEngine(Config config) {
  EngineOptions options;
  options.pipeline = {url(), config.notify.resend_delay};
  options.observer = recorder_.get();
  options.parked_destinations = [this] { return NamesOf(dispatcher_->ParkedDestinations()); };
  if (persistence_) options.restore = [this](Pipeline& pipeline) { return persistence_->RestoreInto(pipeline); };
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(std::move(config));
  if (!rules.ok()) return rules.status();
  engine_ = std::make_unique<EngineThread>(*rules, std::move(options), clock_, journal());
  if (!engine_->restored().ok()) return engine_->restored();
  if (persistence_) persistence_->SetConfig((*rules)->config, dispatcher_->DestinationNames(), clock_.Now());
  ingest_ = std::make_unique<IngestHandler>(*engine_, clock_, recorder_.get());
  MaintenanceHandler::Persist persist;
  if (persistence_) {
    persist = [this](DocumentRecord documents, std::function<void(absl::Status)> done) {
      persistence_->Save(std::move(documents), std::move(done));
    };
  }
  maintenance_ = std::make_unique<MaintenanceHandler>(*engine_, clock_, std::move(persist));
  history_.Begin(engine_->snapshot()->alerts);
  publisher_ = std::make_unique<StatePublisher>([this] { return engine_->snapshot(); }, StatePublisher::Options());
  ring_answers_ = std::make_unique<RingAnswers>(*engine_);
  return absl::OkStatus();
}

Journal& Service::journal() { return persistence_ ? persistence_->journal() : static_cast<Journal&>(*memory_journal_); }

std::string Service::url() const {
  const bool v6 = options_.host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", options_.host, v6 ? "]" : "", server_->port());
}

DispatcherOptions Service::MakeDispatcherOptions(const Config& config, std::vector<Destination> destinations) const {
  DispatcherOptions options;
  options.destinations = std::move(destinations);
  options.resend_delay = config.notify.resend_delay;
  options.repeat_interval = config.notify.repeat_interval;
  options.evaluation_interval = config.evaluation_interval;
  options.watchdog = config.notify.watchdog;
  options.watchdog_runbook_url = RunbookUrl(config, url(), alertname::kWatchdog);
  options.service = config.service;
  options.external_url = config.external_url.empty() ? url() : config.external_url;
  if (options.external_url.ends_with('/')) options.external_url.pop_back();
  options.latest = [this](uint64_t fingerprint) -> AlertViewPtr {
    if (!ready_) return nullptr;
    const SnapshotPtr snapshot = engine_->snapshot();
    for (const AlertViewPtr& alert : snapshot->alerts) {
      if (alert->labels.Fingerprint() == fingerprint) return alert;
    }
    return nullptr;
  };
  options.healthy = [this] { return ready_ && EvaluationIsFresh() && IngestIsFresh() && !Refusing(); };
  return options;
}

bool Service::EvaluationIsFresh() const {
  const SnapshotPtr snapshot = engine_->snapshot();
  const absl::Time expected = snapshot->at + 3 * snapshot->rules->config.evaluation_interval;
  return WallNow() - clock_.ToWall(expected) <= kStaleAfter;
}

bool Service::Refusing() const { return persistence_ && persistence_->health().refusing; }

bool Service::IngestIsFresh() const {
  const SnapshotPtr snapshot = engine_->snapshot();
  return std::any_of(snapshot->tiers.begin(), snapshot->tiers.end(),
                     [](const TierView& tier) { return tier.feed != FeedState::kLost; });
}

HttpRoute Service::Route(HttpMethod method, std::string path, HttpScope scope,
                         std::function<void(const HttpRequest&, HttpResponder)> handle) {
  return {method, std::move(path), scope,
          [this, handle = std::move(handle)](const HttpRequest& request, HttpResponder respond) {
            if (ready_) {
              handle(request, std::move(respond));
            } else {
              respond(HttpError(503, "starting"));
            }
          }};
}

std::vector<HttpRoute> Service::Routes() {
  using Request = const HttpRequest&;
  using Respond = HttpResponder;
  const auto get = [this](std::string path, HttpScope scope, std::function<HttpResponse(Request)> answer) {
    return Route(HttpMethod::kGet, std::move(path), scope,
                 [answer = std::move(answer)](Request request, Respond respond) { respond(answer(request)); });
  };
  const auto state = [this] { return engine_->snapshot(); };
  const auto post = [this](std::string path, HttpScope scope, std::function<void(Request, Respond)> handle) {
    return Route(HttpMethod::kPost, std::move(path), scope, std::move(handle));
  };
  HttpRoute events =
      post("/v1/events", HttpScope::kIngest, [this](Request q, Respond r) { ingest_->Handle(q, std::move(r)); });
  events.body = HttpBody::kWanted;
  std::vector<HttpRoute> routes = {
      std::move(events),
      post("/v1/heartbeat", HttpScope::kIngest, [this](Request q, Respond r) { HandleHeartbeat(q, r); }),
      post("/-/reload", HttpScope::kAdmin, [this](Request, Respond r) { HandleReload(r); }),
      get("/", HttpScope::kRead,
          [=](Request) {
            HttpResponse text = TextResponse(StateText(*state()));
            text.headers.emplace_back("Vary", "Accept");
            return text;
          }),
      get("/v1/slos", HttpScope::kRead, [=](Request) { return JsonResponse(SlosJson(*state())); }),
      get("/v1/budgets", HttpScope::kRead, [=](Request) { return JsonResponse(BudgetsJson(*state())); }),
      get("/v1/maintenance", HttpScope::kRead, [this](Request) { return maintenance_->List(); }),
      post("/v1/maintenance", HttpScope::kAdmin, [this](Request q, Respond r) { maintenance_->Put(q, std::move(r)); }),
      Route(HttpMethod::kDelete, "/v1/maintenance/*", HttpScope::kAdmin,
            [this](Request q, Respond r) { maintenance_->Remove(q, std::move(r)); }),
      get("/v1/alerts", HttpScope::kRead,
          [=](Request q) {
            return JsonResponse(AlertsJson(*state(), q.QueryParameter("status"), q.QueryParameter("fingerprint")));
          }),
      get("/api/v1/alerts", HttpScope::kRead, [=](Request) { return JsonResponse(PrometheusAlertsJson(*state())); }),
      get("/api/v1/rules", HttpScope::kRead, [=](Request) { return JsonResponse(PrometheusRulesJson(*state())); }),
      get("/v1/outbox", HttpScope::kRead,
          [this](Request) { return JsonResponse(OutboxJson(dispatcher_->Outbox(), WallNow())); }),
      post("/v1/outbox/retry", HttpScope::kAdmin, [this](Request q, Respond r) { r(RetryParked(q, *dispatcher_)); }),
      Route(HttpMethod::kGet, "/metrics", HttpScope::kRead, [this](Request, Respond r) { HandleMetrics(r); }),
      get("/runbooks", HttpScope::kNone, RunbookResponse),
      get("/runbooks/*", HttpScope::kNone, RunbookResponse),
      get("/-/healthy", HttpScope::kNone,
          [this](Request) {
            return EvaluationIsFresh() ? TextResponse("healthy\n") : HttpError(503, "evaluation is not keeping up");
          }),
      get("/-/ready", HttpScope::kNone, [](Request) { return TextResponse("ready\n"); }),
  };
  for (HttpRoute& route : PageRoutes()) routes.push_back(std::move(route));
  return routes;
}

std::vector<HttpRoute> Service::PageRoutes() {
  using Request = const HttpRequest&;
  using Respond = HttpResponder;
  const auto get = [this](std::string path, std::function<void(Request, Respond)> handle) {
    return Route(HttpMethod::kGet, std::move(path), HttpScope::kRead, std::move(handle));
  };
  std::vector<HttpRoute> routes = DashboardRoutes();
  routes.push_back(get("/v1/state", [this](Request, Respond r) { r(JsonResponse(StateJson(*engine_->snapshot()))); }));
  routes.push_back(get("/v1/stream", [this](Request, Respond r) { r(publisher_->Answer()); }));
  routes.push_back(get("/v1/history", [this](Request, Respond r) { r(JsonResponse(HistoryJson(history_))); }));
  routes.push_back(get("/v1/health", [this](Request, Respond r) {
    const EvaluationPace pace = EvaluationIsFresh() ? EvaluationPace::kFresh : EvaluationPace::kBehind;
    r(JsonResponse(HealthJson(*engine_->snapshot(), StateOfProcess(), pace, WallNow())));
  }));
  routes.push_back(get("/v1/burndown",
                       [this](Request, Respond r) { ring_answers_->Answer("burndown", BurnDownJson, std::move(r)); }));
  routes.push_back(
      get("/v1/sources", [this](Request, Respond r) { ring_answers_->Answer("sources", SourcesJson, std::move(r)); }));
  routes.push_back(get("/v1/offenders", [this](Request q, Respond r) { HandleOffenders(q, r); }));
  return routes;
}

void Service::HandleOffenders(const HttpRequest& request, const HttpResponder& respond) {
  const absl::StatusOr<absl::Duration> window =
      OffendersWindow(request.QueryParameter("window"), engine_->rules()->config);
  if (!window.ok()) return respond(HttpError(400, std::string(window.status().message())));
  ring_answers_->Answer(
      "offenders " + DurationText(*window),
      [window = *window](const Pipeline& pipeline) { return OffendersJson(pipeline, window); }, respond);
}

void Service::HandleHeartbeat(const HttpRequest& request, const HttpResponder& respond) {
  const auto sources = HeartbeatSources(request.body);
  if (!sources) {
    respond(HttpError(400, R"(wanted an empty body, or {"source": "rum"} or {"source": "synthetic"})"));
    return;
  }
  for (Source source : *sources) engine_->SignOfLife(source);
  respond(JsonResponse("{\"status\":\"ok\"}\n"));
}

ProcessState Service::StateOfProcess() const {
  MutexLock lock(mutex_);
  std::optional<LedgerHealth> ledger;
  if (persistence_) ledger = persistence_->health();
  std::optional<RecorderStats> recorder;
  if (recorder_) recorder = recorder_->stats();
  return {ingest_->counters(),
          server_->Stats(),
          dispatcher_->Stats(),
          std::move(ledger),
          std::move(recorder),
          reload_,
          started_,
          clock_.AheadOfWall()};
}

void Service::HandleMetrics(const HttpResponder& respond) {
  engine_->Ask([this, respond](const Pipeline& pipeline) {
    respond(TextResponse(TrafficMetrics(pipeline) + StateMetrics(*engine_->snapshot(), StateOfProcess()),
                         "text/plain; version=0.0.4; charset=utf-8"));
  });
}

void Service::HandleReload(const HttpResponder& respond) {
  Reload([respond](const absl::Status& status) {
    if (status.ok()) {
      respond(JsonResponse("{\"status\":\"reloaded\"}\n"));
    } else {
      respond(HttpError(422, fmt::format("the old configuration stays: {}", std::string(status.message()))));
    }
  });
}

void Service::RecordReload(const absl::Status& status) {
  if (status.ok()) {
    spdlog::info("configuration reloaded");
  } else {
    spdlog::error("reload failed, the old configuration stays: {}", std::string(status.message()));
  }
  MutexLock lock(mutex_);
  reload_.successful = status.ok();
  if (status.ok()) reload_.last_success = WallNow();
}

void Service::Reload(std::function<void(absl::Status)> done) {
  const auto fail = [this, &done](const absl::Status& status) {
    RecordReload(status);
    done(status);
  };
  absl::StatusOr<LoadedConfig> loaded = options_.load();
  if (!loaded.ok()) return fail(loaded.status());
  const DispatcherOptions dispatcher = MakeDispatcherOptions(loaded->config, std::move(loaded->destinations));
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(std::move(loaded->config));
  if (!rules.ok()) return fail(rules.status());
  engine_->Reload(*std::move(rules), [this, dispatcher, done = std::move(done)](const absl::Status& status) {
    if (status.ok()) dispatcher_->Reconfigure(dispatcher);
    if (status.ok() && persistence_) {
      persistence_->SetConfig(engine_->rules()->config, dispatcher_->DestinationNames(), clock_.Now());
    }
    RecordReload(status);
    done(status);
  });
}

void Service::Stop() {
  if (server_) server_->Stop();
  if (publisher_) publisher_->Stop();
  if (engine_) engine_->Stop();
  if (persistence_ && engine_) persistence_->StopJournal();
  if (dispatcher_) dispatcher_->Stop(kDeliveryAtStop);
  if (persistence_ && engine_) persistence_->Stop(kWritingAtStop);
  if (recorder_) recorder_->Stop(kWritingAtStop);
}

}  // namespace firebreak
