#include "api/cli/load.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "api/cli/config_file.h"
#include "api/notify/url.h"
#include "fmt/format.h"
#include "rules/finding_list.h"

namespace firebreak {
namespace {

constexpr size_t kRoutingKeyLength = 32;  // PagerDuty refuses every other

// Reads the secrets that a configuration names, and gathers what is wrong with them. None is ever repeated in a fault.
class SecretReader {
 public:
  explicit SecretReader(const std::string& config_path) : config_path_(config_path), findings_(config_path) {}

  // "" after a fault, and where there is none. `wanted` says what it should be.
  std::string Read(const SecretSource& source, std::string_view wanted) {
    absl::StatusOr<std::string> secret = ReadSecret(source, config_path_);
    if (secret.ok()) return *std::move(secret);
    Fault(source, fmt::format("{}, wanted {}", std::string(secret.status().message()), wanted));
    return "";
  }

  std::string ReadRoutingKey(const SecretSource& source) {
    std::string key = Read(source, "a PagerDuty routing key");
    const bool visible = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (key.empty() || (visible && key.size() == kRoutingKeyLength)) return key;
    Fault(source, fmt::format("{}: no PagerDuty routing key, wanted the {} letters and digits of an Events API v2 "
                              "integration",
                              Where(source), kRoutingKeyLength));
    return "";
  }

  std::string ReadSlackUrl(const SecretSource& source) {
    std::string url = Read(source, "the URL of a Slack webhook");
    const absl::Status status = url.empty() ? absl::OkStatus() : ParseUrl(url).status();
    if (status.ok()) return url;
    Fault(source, fmt::format("{}: no URL of a Slack webhook: {}", Where(source), std::string(status.message())));
    return "";
  }

  std::vector<std::string> ReadTokens(const SecretSource& source) {
    std::string token = Read(source, "a token");
    return token.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(token)};
  }

  // What was wrong since; OK when nothing was.
  absl::Status TakeFaults() { return ErrorsOf(findings_.Take()); }

 private:
  static std::string Where(const SecretSource& source) {
    return source.env.empty() ? source.file : "environment variable " + source.env;
  }
  void Fault(const SecretSource& source, std::string_view message) {
    findings_.Add(FindingKind::kError, source.place, fmt::format("{}: {}", source.key, message));
  }

  const std::string config_path_;
  FindingList findings_;
};

std::vector<Destination> ReadDestinations(const NotifyConfig& notify, SecretReader& secrets) {
  using Kind = Destination::Kind;
  std::vector<Destination> destinations;
  for (const AlertmanagerTarget& target : notify.alertmanagers) {
    destinations.push_back({Kind::kAlertmanager, target.name, target.url, "", target.severities});
  }
  for (const WebhookTarget& target : notify.webhooks) {
    std::string secret = secrets.Read(target.secret, "a secret to sign with");
    destinations.push_back({Kind::kWebhook, target.name, target.url, std::move(secret), target.severities});
  }
  for (const PagerDutyTarget& target : notify.pagerduty) {
    std::string key = secrets.ReadRoutingKey(target.routing_key);
    destinations.push_back({Kind::kPagerDuty, target.name, target.url, std::move(key), target.severities});
  }
  for (const SlackTarget& target : notify.slack) {
    destinations.push_back({Kind::kSlack, target.name, secrets.ReadSlackUrl(target.url), "", target.severities});
  }
  return destinations;
}

}  // namespace

absl::StatusOr<LoadedConfig> WithSecrets(Config config, const std::string& config_path) {
  SecretReader secrets(config_path);
  LoadedConfig loaded;
  loaded.tokens.ingest = secrets.ReadTokens(config.server.ingest_token);
  loaded.tokens.read = secrets.ReadTokens(config.server.read_token);
  loaded.tokens.admin = secrets.ReadTokens(config.server.admin_token);
  loaded.destinations = ReadDestinations(config.notify, secrets);
  if (absl::Status faults = secrets.TakeFaults(); !faults.ok()) return faults;
  loaded.config = std::move(config);
  return loaded;
}

absl::StatusOr<LoadedConfig> LoadEverything(const std::string& config_path) {
  absl::StatusOr<Config> config = LoadConfig(config_path);
  if (!config.ok()) return config.status();
  return WithSecrets(*std::move(config), config_path);
}

}  // namespace firebreak
