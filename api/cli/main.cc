// firebreak: the command line.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"

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
      "  firebreak test tests/*.yaml                       do the rules alert as their tests say?\n"
      "  firebreak serve --config rules.yaml               take events on 127.0.0.1:9710 and send alerts\n"
      "  firebreak serve --demo                            watch an incident burn, fire and resolve in two minutes");
  int exit_code = kExitOk;
  AddServeCommand(app, exit_code);
  AddReplayCommand(app, exit_code);
  AddTuneCommand(app, exit_code);
  AddDiffCommand(app, exit_code);
  AddCheckCommand(app, exit_code);
  AddTestCommand(app, exit_code);
  AddNotifyTestCommand(app, exit_code);
  AddMaintenanceCommand(app, exit_code);
  AddExportCommand(app, exit_code);
  AddImportCommand(app, exit_code);
  AddBackupCommand(app, exit_code);
  AddVerifyCommand(app, exit_code);
  AddVersionCommand(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return exit_code;
}

// On standard error, if that can be written: where it cannot, the exit code is all that is left to say.
void Say(const char* message, const char* why) { std::fprintf(stderr, "firebreak: %s: %s\n", message, why); }

// What was printed is only done when it has arrived: a report that a full disk cut off must not look complete.
int Flushed(int exit_code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  Say("cannot write to standard output", std::strerror(errno));
  return kExitUsage;
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return firebreak::Flushed(firebreak::Main(argc, argv));
  } catch (const std::exception& error) {
    firebreak::Say("stopped", error.what());
    return firebreak::kExitUsage;
  }
}
