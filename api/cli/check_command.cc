#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "fmt/core.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  bool strict = false;
  bool json = false;
};

nlohmann::ordered_json FindingJson(const Finding& finding) {
  return {{"kind", FindingKindName(finding.kind)},
          {"file", finding.file},
          {"line", finding.line},
          {"column", finding.column},
          {"message", finding.message}};
}

int Count(const Findings& findings, FindingKind kind) {
  int count = 0;
  for (const Finding& finding : findings) count += finding.kind == kind;
  return count;
}

int Verdict(const Findings& findings, bool strict) {
  const bool bad = HasErrors(findings) || (strict && Count(findings, FindingKind::kWarning) > 0);
  return bad ? kExitNo : kExitOk;
}

void PrintText(const std::string& file, const Findings& findings) {
  for (const Finding& finding : findings) fmt::print("{}\n", finding.ToString());
  const int errors = Count(findings, FindingKind::kError);
  const int warnings = Count(findings, FindingKind::kWarning);
  fmt::print("{}: {} error{}, {} warning{}\n", file, errors, errors == 1 ? "" : "s", warnings,
             warnings == 1 ? "" : "s");
}

int Check(const CheckOptions& options) {
  int exit_code = kExitOk;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const std::string& file : options.files) {
    const absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) {
      fmt::print(stderr, "firebreak check: {}\n", std::string(text.status().message()));
      exit_code = kExitUsage;
      continue;
    }
    const Findings findings = ParseConfig(*text, file).findings;
    exit_code = std::max(exit_code, Verdict(findings, options.strict));
    if (options.json) {
      for (const Finding& finding : findings) all.push_back(FindingJson(finding));
    } else {
      PrintText(file, findings);
    }
  }
  if (options.json) {
    fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return exit_code;
}

}  // namespace

void AddCheckCommand(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand(
      "check", "Say what a configuration means, in words, and what is wrong with it, with line and column");
  command->add_option("FILE", options->files, "Configuration files")->required();
  command->add_flag("--strict", options->strict, "Exit 1 on warnings as well");
  command->add_flag("--json", options->json, "Print the findings as a JSON array");
  command->footer(
      "Exit: 0 without errors, 1 with errors (or warnings under --strict), 2 for a file that cannot be read.\n"
      "Example:\n  firebreak check rules/tiklive.yaml");
  command->callback([options, &exit_code] { exit_code = Check(*options); });
}

}  // namespace firebreak
