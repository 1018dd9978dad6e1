// firebreak: the command line.

#include <csignal>
#include <exception>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "fmt/core.h"

namespace firebreak {
namespace {

int Main(int argc, char** argv) {
  CLI::App app("Firebreak: burn-rate SLO alerts from one binary, tested on recorded traffic before they wake anybody.",
               "firebreak");
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  firebreak check rules.yaml                        say what a configuration means and what is wrong with it\n"
      "  firebreak replay --config rules.yaml access.log   when would this have paged?\n"
      "  firebreak serve --config rules.yaml               take events on 127.0.0.1:9710 and send alerts\n"
      "  firebreak serve --demo                            watch an incident burn, fire and resolve in two minutes");
  int exit_code = kExitOk;
  AddServeCommand(app, exit_code);
  AddReplayCommand(app, exit_code);
  AddCheckCommand(app, exit_code);
  AddNotifyTestCommand(app, exit_code);
  AddVersionCommand(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return firebreak::Main(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "firebreak: {}\n", error.what());
    return firebreak::kExitUsage;
  }
}
