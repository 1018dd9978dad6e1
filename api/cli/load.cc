#include "api/cli/load.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "api/cli/config_file.h"
#include "api/notify/url.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kRoutingKeyLength = 32;  // PagerDuty refuses every other

absl::Status AddToken(const SecretSource& source, const std::string& config_path, std::vector<std::string>& tokens) {
  if (source.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> token = ReadSecret(source, config_path);
  if (!token.ok()) return token.status();
  tokens.push_back(*std::move(token));
  return absl::OkStatus();
}

// The fault of a secret, told by where it was read: the secret itself is never repeated.
absl::Status SecretFault(const SecretSource& source, std::string_view fault) {
  const std::string where = source.env.empty() ? source.file : "environment variable " + source.env;
  return absl::InvalidArgumentError(fmt::format("{}: {}", where, fault));
}

absl::StatusOr<std::string> ReadRoutingKey(const SecretSource& source, const std::string& config_path) {
  absl::StatusOr<std::string> key = ReadSecret(source, config_path);
  if (!key.ok()) return key;
  const bool visible = std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (visible && key->size() == kRoutingKeyLength) return key;
  return SecretFault(source, fmt::format("no PagerDuty routing key, wanted the {} letters and digits of an Events API "
                                         "v2 integration",
                                         kRoutingKeyLength));
}

absl::StatusOr<std::string> ReadSecretUrl(const SecretSource& source, const std::string& config_path) {
  absl::StatusOr<std::string> url = ReadSecret(source, config_path);
  if (!url.ok()) return url;
  if (const absl::Status status = ParseUrl(*url).status(); !status.ok()) {
    return SecretFault(source, fmt::format("no URL of a Slack webhook: {}", std::string(status.message())));
  }
  return url;
}

absl::Status AddDestinations(const NotifyConfig& notify, const std::string& config_path,
                             std::vector<Destination>& destinations) {
  using Kind = Destination::Kind;
  for (const AlertmanagerTarget& target : notify.alertmanagers) {
    destinations.push_back({Kind::kAlertmanager, target.name, target.url, "", target.severities});
  }
  for (const WebhookTarget& target : notify.webhooks) {
    absl::StatusOr<std::string> secret = ReadSecret(target.secret, config_path);
    if (!secret.ok()) return secret.status();
    destinations.push_back({Kind::kWebhook, target.name, target.url, *std::move(secret), target.severities});
  }
  for (const PagerDutyTarget& target : notify.pagerduty) {
    absl::StatusOr<std::string> key = ReadRoutingKey(target.routing_key, config_path);
    if (!key.ok()) return key.status();
    destinations.push_back({Kind::kPagerDuty, target.name, target.url, *std::move(key), target.severities});
  }
  for (const SlackTarget& target : notify.slack) {
    absl::StatusOr<std::string> url = ReadSecretUrl(target.url, config_path);
    if (!url.ok()) return url.status();
    destinations.push_back({Kind::kSlack, target.name, *std::move(url), "", target.severities});
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
