#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/service/version.h"
#include "fmt/core.h"

namespace firebreak {

void AddVersionCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  command->callback([&exit_code] {
    fmt::print("firebreak {}\n", kVersion);
    exit_code = kExitOk;
  });
}

}  // namespace firebreak
