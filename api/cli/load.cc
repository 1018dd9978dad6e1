#include "api/cli/load.h"

#include <utility>
#include <vector>

#include "api/cli/config_file.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

absl::Status AddToken(const SecretSource& source, const std::string& config_path, std::vector<std::string>& tokens) {
  if (source.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> token = ReadSecret(source, config_path);
  if (!token.ok()) return token.status();
  tokens.push_back(*std::move(token));
  return absl::OkStatus();
}

absl::Status AddDestinations(const NotifyConfig& notify, const std::string& config_path,
                             std::vector<Destination>& destinations) {
  for (const AlertmanagerTarget& target : notify.alertmanagers) {
    const std::string name = fmt::format("alertmanager-{}", destinations.size() + 1);
    destinations.push_back({Destination::Kind::kAlertmanager, name, target.url, ""});
  }
  for (const WebhookTarget& target : notify.webhooks) {
    absl::StatusOr<std::string> secret = ReadSecret(target.secret, config_path);
    if (!secret.ok()) return secret.status();
    destinations.push_back({Destination::Kind::kWebhook, target.name, target.url, *std::move(secret)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadedConfig> WithSecrets(Config config, const std::string& config_path) {
  LoadedConfig loaded;
  absl::Status status = AddToken(config.server.ingest_token, config_path, loaded.tokens.ingest);
  status.Update(AddToken(config.server.read_token, config_path, loaded.tokens.read));
  status.Update(AddToken(config.server.admin_token, config_path, loaded.tokens.admin));
  status.Update(AddDestinations(config.notify, config_path, loaded.destinations));
  if (!status.ok()) return status;
  loaded.config = std::move(config);
  return loaded;
}

absl::StatusOr<LoadedConfig> LoadEverything(const std::string& config_path) {
  absl::StatusOr<Config> config = LoadConfig(config_path);
  if (!config.ok()) return config.status();
  return WithSecrets(*std::move(config), config_path);
}

}  // namespace firebreak
