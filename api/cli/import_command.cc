#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/output_file.h"
#include "fmt/format.h"
#include "rules/import/import.h"

namespace firebreak {
namespace {

using Importer = Imported (*)(const std::vector<ImportSource>&, const EndpointBindings&);

struct ImportArguments {
  std::vector<std::string> files;
  std::vector<std::string> bindings;
  std::string output;
  bool strict = false;
};

int FailImport(const absl::Status& status) {
  fmt::print(stderr, "firebreak import: {}\n", std::string(status.message()));
  return kExitUsage;
}

absl::StatusOr<std::vector<ImportSource>> ReadSources(const std::vector<std::string>& files) {
  std::vector<ImportSource> sources;
  for (const std::string& file : files) {
    absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) return text.status();
    sources.push_back({file, *std::move(text)});
  }
  return sources;
}

absl::StatusOr<EndpointBindings> ReadBindings(const std::vector<std::string>& texts) {
  EndpointBindings bindings;
  for (const std::string& text : texts) {
    const absl::Status added = AddBinding(text, bindings);
    if (!added.ok()) return absl::InvalidArgumentError(fmt::format("--map: {}", std::string(added.message())));
  }
  return bindings;
}

int Import(Importer importer, const ImportArguments& arguments) {
  const absl::StatusOr<EndpointBindings> bindings = ReadBindings(arguments.bindings);
  if (!bindings.ok()) return FailImport(bindings.status());
  const absl::StatusOr<std::vector<ImportSource>> sources = ReadSources(arguments.files);
  if (!sources.ok()) return FailImport(sources.status());
  const Imported imported = importer(*sources, *bindings);
  for (const Finding& finding : imported.findings) fmt::print(stderr, "{}\n", finding.ToString());
  if (!imported.yaml.has_value()) return kExitUsage;
  const absl::Status written = WriteOutput(arguments.output, *imported.yaml);
  if (!written.ok()) return FailImport(written);
  const bool has_warnings = std::any_of(imported.findings.begin(), imported.findings.end(),
                                        [](const Finding& finding) { return finding.kind == FindingKind::kWarning; });
  return arguments.strict && has_warnings ? kExitNo : kExitOk;
}

void AddImporter(CLI::App& app, const std::string& name, const std::string& description, Importer importer,
                 int& exit_code) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("FILE", arguments->files, "Files to make one configuration of; - is standard input")->required();
  command
      ->add_option("--map", arguments->bindings,
                   "NAME=/endpoint,~^/pattern: what the SLO of this name is about (may be given several times)")
      ->allow_extra_args(false);
  command->add_option("-o,--output", arguments->output, "The file to write (default: standard output)");
  command->add_flag("--strict", arguments->strict, "Exit 1 where something needs binding or says something else here");
  command->footer(fmt::format(
      "What was ignored, changed or needs binding is said on standard error and at the head of the configuration.\n"
      "Exit: 0 when it was written, 1 with --strict where there are warnings, 2 for bad usage or faults in a file.\n"
      "Example:\n  firebreak import {} slos.yaml --map 'checkout-availability=/pay/,~^/v2/orders' -o rules.yaml",
      name));
  command->callback([importer, arguments, &exit_code] { exit_code = Import(importer, *arguments); });
}

}  // namespace

void AddImportCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("import", "Make a configuration out of another tool's SLOs");
  command->require_subcommand(1);
  AddImporter(*command, "openslo", "OpenSLO v1: SLOs and their alert policies", ImportOpenSlo, exit_code);
  AddImporter(*command, "sloth", "Sloth: service levels (prometheus/v1, Kubernetes) and AlertWindows", ImportSloth,
              exit_code);
  command->footer("Example:\n  firebreak import sloth slos.yaml --map 'requests-availability=/pay/' -o rules.yaml");
}

}  // namespace firebreak
