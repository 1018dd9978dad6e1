#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/load.h"
#include "api/notify/dispatcher.h"
#include "engine/clock.h"
#include "fmt/core.h"

namespace firebreak {
namespace {

int NotifyTest(const std::string& config_path) {
  absl::StatusOr<LoadedConfig> loaded = LoadEverything(config_path);
  if (!loaded.ok()) {
    fmt::print(stderr, "firebreak notify-test: {}\n", std::string(loaded.status().message()));
    return kExitUsage;
  }
  if (loaded->destinations.empty()) {
    fmt::print(stderr, "firebreak notify-test: {}: notify names no destination\n", config_path);
    return kExitUsage;
  }
  DispatcherOptions options;
  options.destinations = loaded->destinations;
  options.service = loaded->config.service;
  options.external_url = loaded->config.external_url;
  if (options.external_url.empty()) options.external_url = "http://127.0.0.1:9710";  // where `serve` is by default
  int exit_code = kExitOk;
  for (const TestResult& result : SendTestAlert(options, RealClock().Now())) {
    fmt::print("{:<20} {} {}\n", result.destination, result.ok ? "ok    " : "FAILED", result.answer);
    if (!result.ok) exit_code = kExitNo;
  }
  return exit_code;
}

}  // namespace

void AddNotifyTestCommand(CLI::App& app, int& exit_code) {
  auto config = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "notify-test", "Send one marked test alert through every destination and say what each answered");
  command->add_option("-c,--config", *config, "The configuration whose destinations are tried")->required();
  command->footer(
      "The alert is named FirebreakTest, has severity none, and is resolved at once: PagerDuty gets an event of "
      "severity "
      "info,\nSlack two messages. It goes to every destination, whatever its severities.\n"
      "Exit: 0 when every destination took it, 1 when one did not, 2 for an unreadable configuration.\n"
      "Example:\n  firebreak notify-test --config rules.yaml");
  command->callback([config, &exit_code] { exit_code = NotifyTest(*config); });
}

}  // namespace firebreak
