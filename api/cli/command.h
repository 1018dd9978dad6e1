#ifndef FIREBREAK_API_CLI_COMMAND_H_
#define FIREBREAK_API_CLI_COMMAND_H_

namespace CLI {
class App;
}

namespace firebreak {

// Exit codes of every command.
inline constexpr int kExitOk = 0;  // did what was asked
inline constexpr int kExitNo = 1;  // the answer is no: findings, alerts that were to fail, a destination that refused
inline constexpr int kExitUsage = 2;  // bad usage or unreadable input

// Each adds one command to `app`. Running it sets `exit_code`; until a command has run, that keeps its value.
void AddCheckCommand(CLI::App& app, int& exit_code);
void AddReplayCommand(CLI::App& app, int& exit_code);
void AddTuneCommand(CLI::App& app, int& exit_code);
void AddDiffCommand(CLI::App& app, int& exit_code);
void AddTestCommand(CLI::App& app, int& exit_code);
void AddServeCommand(CLI::App& app, int& exit_code);
void AddNotifyTestCommand(CLI::App& app, int& exit_code);
void AddMaintenanceCommand(CLI::App& app, int& exit_code);
void AddExportCommand(CLI::App& app, int& exit_code);
void AddImportCommand(CLI::App& app, int& exit_code);
void AddBackupCommand(CLI::App& app, int& exit_code);
void AddVerifyCommand(CLI::App& app, int& exit_code);
void AddVersionCommand(CLI::App& app, int& exit_code);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_COMMAND_H_
