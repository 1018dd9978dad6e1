#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/notify/http_client.h"
#include "engine/maintenance.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kAnswerBytes = 4 << 20;  // a full list has less than a quarter of it

enum class Form { kText, kJson };

struct MaintenanceOptions {
  std::string server = "http://127.0.0.1:9710";
  std::string token_file;
  bool json = false;
  std::string id;
  std::string tier;
  std::string from;
  std::string to;
  std::string length;
  std::string comment;

  Form form() const { return json ? Form::kJson : Form::kText; }
};

int Fail(std::string_view message) {
  fmt::print(stderr, "firebreak maintenance: {}\n", message);
  return kExitUsage;
}

// The routes of one server.
class Server {
 public:
  static absl::StatusOr<Server> Find(const MaintenanceOptions& options) {
    absl::StatusOr<Url> url = ParseUrl(options.server);
    if (!url.ok()) return absl::InvalidArgumentError(fmt::format("--server: {}", url.status().message().data()));
    absl::StatusOr<std::string> token = ReadSecret({options.token_file, ""}, "");
    if (!token.ok()) return token.status();
    HttpHeaders headers = {{"Content-Type", "application/json"}};
    if (!token->empty()) headers.emplace_back("Authorization", "Bearer " + *token);
    return Server(*std::move(url), std::move(headers));
  }

  HttpAnswer Put(std::string body) {
    return HttpClient(Limits()).Post({At("/v1/maintenance"), headers_, std::move(body)});
  }
  HttpAnswer List() { return HttpClient(Limits()).Get(At("/v1/maintenance"), headers_); }
  HttpAnswer Remove(const std::string& id) {
    return HttpClient(Limits()).Delete(At("/v1/maintenance/" + id), headers_);
  }

 private:
  Server(Url url, HttpHeaders headers) : url_(std::move(url)), headers_(std::move(headers)) {}

  static HttpLimits Limits() {
    HttpLimits limits;
    limits.body_bytes = kAnswerBytes;
    return limits;
  }
  Url At(std::string path) const {
    Url url = url_;
    url.path = std::move(path);
    return url;
  }

  const Url url_;
  const HttpHeaders headers_;
};

// Says what went wrong; the exit code for it.
int Explain(const HttpAnswer& answer) {
  if (!answer.status) return Fail(fmt::format("cannot reach the server: {}", answer.error));
  const Json body = Json::parse(answer.body, nullptr, false);
  const bool said = body.is_object() && body.contains("error") && body["error"].is_string();
  Fail(said ? body["error"].get<std::string>() : fmt::format("the server answered {}", StatusText(*answer.status)));
  return answer.status == 404 && said ? kExitNo : kExitUsage;
}

std::string Text(const Json& window, const char* field) {
  return window.is_object() && window.contains(field) && window[field].is_string() ? window[field].get<std::string>()
                                                                                   : "?";
}

void PrintRow(const Json& window) {
  fmt::print("{:<20} {:<24} {:<20}  {:<20}  {:<8}  {}\n", Text(window, "id"), Text(window, "tier"),
             Text(window, "from"), Text(window, "to"), Text(window, "state"), Text(window, "comment"));
}

int PrintWindow(const HttpAnswer& answer, Form form) {
  const Json window = Json::parse(answer.body, nullptr, false);
  if (!window.is_object()) return Explain(answer);
  if (form == Form::kJson) {
    fmt::print("{}", answer.body);
  } else {
    const bool every = Text(window, "tier") == kAllTiers;
    fmt::print("{}: {} under maintenance from {} to {}\n", Text(window, "id"),
               every ? "every tier" : Text(window, "tier"), Text(window, "from"), Text(window, "to"));
  }
  return kExitOk;
}

int PrintList(const HttpAnswer& answer, Form form) {
  const Json list = Json::parse(answer.body, nullptr, false);
  if (!list.is_object() || !list.contains("maintenance") || !list["maintenance"].is_array()) return Explain(answer);
  if (form == Form::kJson) {
    fmt::print("{}", answer.body);
    return kExitOk;
  }
  if (list["maintenance"].empty()) {
    fmt::print("no maintenance windows\n");
    return kExitOk;
  }
  PrintRow(
      {{"id", "ID"}, {"tier", "TIER"}, {"from", "FROM"}, {"to", "TO"}, {"state", "STATE"}, {"comment", "COMMENT"}});
  for (const Json& window : list["maintenance"]) PrintRow(window);
  return kExitOk;
}

// --for, where it is given.
absl::Status CheckLength(const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<absl::Duration> length = ParseDuration(text);
  if (!length.ok()) return absl::InvalidArgumentError(fmt::format("--for: {}", length.status().message().data()));
  if (*length > absl::ZeroDuration()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("--for: {}, wanted more than 0s, such as 30m", text));
}

int Add(const MaintenanceOptions& options) {
  if (options.id.empty() && options.tier.empty()) return Fail("wanted --tier NAME, or --tier \"*\" for every tier");
  if (options.id.empty() && options.to.empty() && options.length.empty()) return Fail("wanted --for or --to");
  if (const absl::Status sound = CheckLength(options.length); !sound.ok()) return Fail(sound.message().data());
  Json body = Json::object();
  const std::pair<const char*, const std::string&> fields[] = {
      {"id", options.id}, {"tier", options.tier},       {"from", options.from},
      {"to", options.to}, {"duration", options.length}, {"comment", options.comment}};
  for (const auto& [name, value] : fields) {
    if (!value.empty()) body[name] = value;
  }
  absl::StatusOr<Server> server = Server::Find(options);
  if (!server.ok()) return Fail(server.status().message().data());
  const HttpAnswer answer = server->Put(body.dump(-1, ' ', false, Json::error_handler_t::replace));
  const bool done = answer.status == 200 || answer.status == 201;
  return done ? PrintWindow(answer, options.form()) : Explain(answer);
}

int List(const MaintenanceOptions& options) {
  absl::StatusOr<Server> server = Server::Find(options);
  if (!server.ok()) return Fail(server.status().message().data());
  const HttpAnswer answer = server->List();
  return answer.status == 200 ? PrintList(answer, options.form()) : Explain(answer);
}

int Remove(const MaintenanceOptions& options) {
  const absl::Status sound = CheckMaintenanceId(options.id);
  if (!sound.ok()) return Fail(sound.message().data());
  absl::StatusOr<Server> server = Server::Find(options);
  if (!server.ok()) return Fail(server.status().message().data());
  const HttpAnswer answer = server->Remove(options.id);
  if (answer.status != 200) return Explain(answer);
  fmt::print("{}", options.json ? answer.body : fmt::format("{}: removed, what lies in it counts again\n", options.id));
  return kExitOk;
}

using OptionsPtr = std::shared_ptr<MaintenanceOptions>;

void AddCommonOptions(CLI::App* command, const OptionsPtr& options) {
  command->add_option("--server", options->server, "Where Firebreak listens")->capture_default_str();
  command->add_option("--token-file", options->token_file, "The file that holds the token (admin; read for list)");
  command->add_flag("--json", options->json, "Print what the server answered");
}

void AddAddCommand(CLI::App* parent, int& exit_code) {
  const auto options = std::make_shared<MaintenanceOptions>();
  CLI::App* command = parent->add_subcommand("add", "Add a window, now, to come or past; or change one by its --id");
  AddCommonOptions(command, options);
  command->add_option("--tier", options->tier, "The tier it is for; \"*\" for every tier");
  command->add_option("--from", options->from, "Its beginning, RFC 3339 or now (default: now)");
  CLI::Option* to = command->add_option("--to", options->to, "Its end, RFC 3339 or now");
  command->add_option("--for", options->length, "Its length instead: 30m, 1h30m; at most 31d")->excludes(to);
  command->add_option("--comment", options->comment, "Why; at most 200 characters");
  command->add_option("--id", options->id, "What to call it. If there is one of that name, what is given changes");
  command->footer(
      "Examples:\n"
      "  firebreak maintenance add --tier tier1_interactive --for 30m --comment \"new database\" --id deploy-42\n"
      "  firebreak maintenance add --id deploy-42 --to now        it was done sooner\n"
      "  firebreak maintenance add --tier \"*\" --from 2025-11-24T16:00:00Z --to 2025-11-24T17:00:00Z");
  command->callback([options, &exit_code] { exit_code = Add(*options); });
}

void AddListCommand(CLI::App* parent, int& exit_code) {
  const auto options = std::make_shared<MaintenanceOptions>();
  CLI::App* command = parent->add_subcommand("list", "Say which windows there are");
  AddCommonOptions(command, options);
  command->footer("Example:\n  firebreak maintenance list --server http://127.0.0.1:9710");
  command->callback([options, &exit_code] { exit_code = List(*options); });
}

void AddRemoveCommand(CLI::App* parent, int& exit_code) {
  const auto options = std::make_shared<MaintenanceOptions>();
  CLI::App* command = parent->add_subcommand("remove", "Remove a window: what lies in it counts again");
  AddCommonOptions(command, options);
  command->add_option("ID", options->id, "As list says it")->required();
  command->footer("Example:\n  firebreak maintenance remove deploy-42");
  command->callback([options, &exit_code] { exit_code = Remove(*options); });
}

}  // namespace

void AddMaintenanceCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "maintenance", "Announce that a tier will misbehave: nothing alerts, and what fails burns no budget");
  command->require_subcommand(1);
  AddAddCommand(command, exit_code);
  AddListCommand(command, exit_code);
  AddRemoveCommand(command, exit_code);
  command->footer(
      "Exit: 0 when it was done, 1 when there is no such window, 2 for bad usage or a server that cannot be asked.\n"
      "Example:\n  firebreak maintenance add --tier tier1_interactive --for 30m --comment \"new database\"");
}

}  // namespace firebreak
