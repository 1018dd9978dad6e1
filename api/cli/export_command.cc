#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/output_file.h"
#include "api/export/grafana.h"
#include "fmt/format.h"
#include "rules/export/alertmanager.h"
#include "rules/export/prometheus.h"
#include "rules/export/promql.h"

namespace firebreak {
namespace {

struct ExportArguments {
  std::string config;
  std::string output;
  PrometheusOptions prometheus;
  bool alertmanager = false;
  bool grafana = false;
};

int FailExport(const absl::Status& status) {
  fmt::print(stderr, "firebreak export: {}\n", std::string(status.message()));
  return kExitUsage;
}

std::string Exported(const Config& config, const ExportArguments& arguments) {
  if (arguments.alertmanager) return AlertmanagerConfig(config);
  if (arguments.grafana) return GrafanaDashboard(config);
  return PrometheusRules(config, arguments.prometheus);
}

int Export(const ExportArguments& arguments) {
  if (const std::string fault = MetricNameFault(arguments.prometheus.metric); !fault.empty()) {
    return FailExport(absl::InvalidArgumentError("--metric: " + fault));
  }
  const absl::StatusOr<Config> config = LoadConfig(arguments.config);
  if (!config.ok()) return FailExport(config.status());
  const absl::Status written = WriteOutput(arguments.output, Exported(*config, arguments));
  return written.ok() ? kExitOk : FailExport(written);
}

void AddPrometheusCommand(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command =
      app.add_subcommand("prometheus", "Recording and alerting rules for the Prometheus that scrapes us");
  command->add_option("-c,--config", arguments->config, "The configuration to export")->required();
  command->add_option("-o,--output", arguments->output, "The file to write (default: standard output)");
  CLI::Option* metric =
      command
          ->add_option("--metric", arguments->prometheus.metric,
                       "The counter of requests: another than ours has the labels tier and status_class, such as the "
                       "article's tikliveapi_request_total")
          ->capture_default_str();
  CLI::Option* alertmanager = command->add_flag(
      "--alertmanager", arguments->alertmanager,
      "Instead of rules: an Alertmanager configuration that sends pages and tickets where notify does");
  command->add_flag("--grafana", arguments->grafana, "Instead of rules: a Grafana dashboard to import")
      ->excludes(alertmanager)
      ->excludes(metric);
  alertmanager->excludes(metric);
  command->footer(
      "Exit: 0 when it was written, 2 for bad usage, or a file that cannot be read or written.\n"
      "Examples:\n"
      "  firebreak export prometheus --config rules.yaml -o firebreak.rules.yaml\n"
      "  firebreak export prometheus --config rules.yaml --metric tikliveapi_request_total\n"
      "  firebreak export prometheus --config rules.yaml --alertmanager -o alertmanager.yml\n"
      "  firebreak export prometheus --config rules.yaml --grafana -o dashboard.json");
  command->callback([arguments, &exit_code] { exit_code = Export(*arguments); });
}

}  // namespace

void AddExportCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("export", "Write the rules of a configuration for other tools");
  command->require_subcommand(1);
  AddPrometheusCommand(*command, exit_code);
  command->footer("Example:\n  firebreak export prometheus --config rules.yaml -o firebreak.rules.yaml");
}

}  // namespace firebreak
