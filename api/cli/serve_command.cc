#include <signal.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/demo.h"
#include "api/cli/demo_rules.h"
#include "api/cli/durability.h"
#include "api/cli/load.h"
#include "api/cli/not_empty.h"
#include "api/service/service.h"
#include "api/service/version.h"
#include "api/timeline/timeline.h"
#include "engine/clock.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

namespace firebreak {
namespace {

struct ServeOptions {
  std::string config;
  std::string listen = "127.0.0.1:9710";
  bool allow_open_bind = false;
  std::string data_dir;
  std::string durability = "always";
  std::string record;
  RecorderOptions record_limits;
  std::string record_file_age = "1h";
  bool demo = false;
  std::string demo_file;
  double speed = 60;
};

// The signals that end or reload a server. Blocked in every thread, taken by WaitForEnd.
sigset_t ServerSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

void WaitForEnd(Service& service) {
  const sigset_t signals = ServerSignals();
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) return;
    service.Reload([](const absl::Status&) {});
  }
}

int Fail(const absl::Status& status) {
  fmt::print(stderr, "firebreak serve: {}\n", std::string(status.message()));
  return kExitUsage;
}

// "127.0.0.1:9710", "[::1]:9710", "0.0.0.0:80".
absl::Status ReadListen(const std::string& listen, Service::Options& options) {
  const size_t colon = listen.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon + 1 < listen.size() && listen.size() - colon <= 6 &&
      listen.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
    port = std::stoi(listen.substr(colon + 1));
  }
  if (port < 0 || port > 65535 || colon == 0) {
    return absl::InvalidArgumentError(fmt::format("--listen {}: wanted ADDRESS:PORT, as 127.0.0.1:9710", listen));
  }
  options.host = listen.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']')) {
    options.host = options.host.substr(1, options.host.size() - 2);
  }
  options.port = static_cast<uint16_t>(port);
  return absl::OkStatus();
}

// Where to keep everything, if anywhere.
absl::StatusOr<std::optional<Persistence::Options>> ReadPersistence(const ServeOptions& options) {
  const absl::StatusOr<Durability> durability = ParseDurability(options.durability);
  if (!durability.ok()) return durability.status();
  if (options.data_dir.empty()) return std::nullopt;
  if (options.demo) return absl::InvalidArgumentError("--data-dir: the demo keeps nothing");
  return Persistence::Options{options.data_dir, *durability};
}

// What to record, if anything.
absl::StatusOr<std::optional<RecorderOptions>> ReadRecord(const ServeOptions& options) {
  if (options.record.empty()) return std::nullopt;
  if (options.demo) return absl::InvalidArgumentError("--record: the demo plays a recording already");
  RecorderOptions record = options.record_limits;
  record.directory = options.record;
  record.version = kVersion;
  const absl::StatusOr<absl::Duration> age = ParseDuration(options.record_file_age);
  if (!age.ok()) {
    return absl::InvalidArgumentError(fmt::format("--record-file-age: {}", std::string(age.status().message())));
  }
  record.file_age = *age;
  return record;
}

// "everything is kept in /var/lib/firebreak", or what it means that nothing is.
std::string StorageText(const ServeOptions& options) {
  if (options.data_dir.empty()) return "counts live in memory only: a restart forgets them (--data-dir keeps them)";
  return fmt::format("everything is kept in {} (durability: {})", options.data_dir, options.durability);
}

// The timeline on standard output, as replay prints it.
class TimelineOnStdout : public TransitionSink {
 public:
  void OnTransition(const Transition& transition) override {
    fmt::print("{}\n", TransitionText(transition));
    std::fflush(stdout);
  }
};

absl::StatusOr<LoadedConfig> LoadForDemo(const std::string& config_path) {
  if (!config_path.empty()) return LoadEverything(config_path);
  ParsedConfig parsed = ParseConfig(DemoRules().front().bytes, DemoRules().front().name);
  return WithSecrets(*std::move(parsed.config), "");
}

void PrintDemoIntroduction(const Service& service, const DemoRecording& recording, double speed) {
  fmt::print(
      "Firebreak demo: {} events of recorded traffic, {:g} times as fast as they happened.\n"
      "An incident begins within seconds; its alerts appear below as they burn, fire and resolve.\n\n"
      "  Open the dashboard in a browser:\n"
      "    {}/     (for programs: /v1/slos, /v1/alerts, /metrics)\n"
      "  Send an event yourself:\n"
      "    curl {}/v1/events -d '{{\"endpoint\": \"/userid/\", \"status\": 503}}'\n"
      "  Stop with Ctrl-C.\n\n",
      recording.size(), speed, service.url(), service.url());
  std::fflush(stdout);
}

int ServeDemo(const ServeOptions& options, Service::Options service_options) {
  absl::StatusOr<LoadedConfig> loaded = LoadForDemo(options.config);
  if (!loaded.ok()) return Fail(loaded.status());
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(loaded->config);
  if (!rules.ok()) return Fail(rules.status());
  absl::StatusOr<DemoRecording> recording = DemoRecording::Load(options.demo_file, *rules);
  if (!recording.ok()) return Fail(recording.status());

  TimelineOnStdout timeline;
  service_options.observer = &timeline;
  service_options.load = [&] { return LoadForDemo(options.config); };
  const ScaledClock clock(RealClock().Now(), options.speed);
  absl::StatusOr<std::unique_ptr<Service>> service = Service::Start(*std::move(loaded), service_options, clock);
  if (!service.ok()) return Fail(service.status());
  PrintDemoIntroduction(**service, *recording, options.speed);
  std::atomic<bool> stop = false;
  DemoFeed feed(*std::move(recording), (*service)->engine(), clock);
  std::thread feeder([&] { feed.Run([&] { return stop.load(); }); });
  WaitForEnd(**service);
  stop = true;
  feeder.join();
  (*service)->Stop();
  return kExitOk;
}

int ServeLive(const ServeOptions& options, Service::Options service_options) {
  absl::StatusOr<LoadedConfig> loaded = LoadEverything(options.config);
  if (!loaded.ok()) return Fail(loaded.status());
  service_options.load = [path = options.config] { return LoadEverything(path); };
  const size_t destinations = loaded->destinations.size();
  const RealClock clock;
  absl::StatusOr<std::unique_ptr<Service>> service = Service::Start(*std::move(loaded), service_options, clock);
  if (!service.ok()) return Fail(service.status());
  spdlog::info("listening on {}, {} destination{} for alerts; {}", (*service)->url(), destinations,
               destinations == 1 ? "" : "s", StorageText(options));
  if (destinations == 0) spdlog::warn("{}: notify names nobody to send alerts to", options.config);
  WaitForEnd(**service);
  spdlog::info("stopping");
  (*service)->Stop();
  return kExitOk;
}

int Serve(const ServeOptions& options) {
  const sigset_t signals = ServerSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  spdlog::set_default_logger(spdlog::stderr_color_mt("firebreak"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  Service::Options service_options;
  service_options.allow_open_bind = options.allow_open_bind;
  const absl::Status listen = ReadListen(options.listen, service_options);
  if (!listen.ok()) return Fail(listen);
  absl::StatusOr<std::optional<Persistence::Options>> persistence = ReadPersistence(options);
  if (!persistence.ok()) return Fail(persistence.status());
  service_options.persistence = *std::move(persistence);
  absl::StatusOr<std::optional<RecorderOptions>> record = ReadRecord(options);
  if (!record.ok()) return Fail(record.status());
  service_options.record = *std::move(record);
  if (options.demo) return ServeDemo(options, service_options);
  if (options.config.empty()) return Fail(absl::InvalidArgumentError("--config FILE is required (or --demo)"));
  return ServeLive(options, service_options);
}

}  // namespace

void AddServeCommand(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Take events over HTTP, evaluate burn rates, send alerts");
  command->add_option("-c,--config", options->config, "The configuration (docs/configuration.md)");
  command->add_option("--listen", options->listen, "ADDRESS:PORT; port 0 takes any free one")->capture_default_str();
  command->add_flag("--allow-open-bind", options->allow_open_bind,
                    "Permit an address other than loopback although no token is configured");
  command
      ->add_option("--data-dir", options->data_dir,
                   "Keep counts, alert states and undelivered alerts here, across restarts; created if need be")
      ->check(NotEmpty("a folder"));
  command
      ->add_option("--durability", options->durability,
                   "With --data-dir: always (on disk before it is answered), interval=1s, or none")
      ->capture_default_str();
  command
      ->add_option("--record", options->record,
                   "Write what comes in to files in this folder, for replay (docs/recording-format.md)")
      ->check(NotEmpty("a folder"));
  command->add_option("--record-max-bytes", options->record_limits.max_bytes, "Of all its files; the oldest go first")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("1GiB");
  command->add_option("--record-file-bytes", options->record_limits.file_bytes, "When a file is followed by the next")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("64MiB");
  command->add_option("--record-file-age", options->record_file_age, "… or when it is this old")->capture_default_str();
  CLI::Option* demo =
      command->add_option("--demo", options->demo_file,
                          "Play a recording (the bundled one, or FILE) on a clock that runs --speed times as fast");
  demo->expected(0, 1);
  command->add_option("--speed", options->speed, "With --demo: times real time")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->footer(
      "SIGHUP or POST /-/reload takes over a changed configuration; SIGTERM stops cleanly.\n"
      "Examples:\n"
      "  firebreak serve --config rules.yaml --data-dir /var/lib/firebreak\n"
      "  firebreak serve --config rules.yaml --listen 0.0.0.0:9710     (tokens must be configured)\n"
      "  firebreak serve --demo --speed 120\n"
      "  curl http://127.0.0.1:9710/v1/events -d '{\"endpoint\": \"/userid/\", \"status\": 503}'");
  command->callback([options, demo, &exit_code] {
    options->demo = demo->count() > 0;
    exit_code = Serve(*options);
  });
}

}  // namespace firebreak
