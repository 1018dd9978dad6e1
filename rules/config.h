#ifndef FIREBREAK_RULES_CONFIG_H_
#define FIREBREAK_RULES_CONFIG_H_

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "rules/decimal.h"
#include "rules/event.h"
#include "rules/place.h"
#include "rules/status_class.h"

namespace firebreak {

// The configuration as plain values, defaults filled in. parse.h makes it out of YAML and guarantees every invariant
// named here; docs/configuration.md is its reference. Immutable once parsed.

enum class Severity : uint8_t { kTicket, kPage };  // ordered: a page outranks a ticket
std::string_view SeverityName(Severity severity);  // "ticket", "page"

// Which alerts a destination is told: a bit for each Severity. Never empty; all of them unless the file says otherwise.
using SeveritySet = std::bitset<2>;
inline constexpr SeveritySet kAllSeverities{0b11};

enum class AlertBy : uint8_t { kTier, kEndpoint };

// A pair of windows that must both burn: alerts.<name>.
struct AlertPair {
  std::string name;             // "fast", "slow", …: the label `pair`
  absl::Duration short_window;  // < long_window; both multiples of Config::evaluation_interval
  absl::Duration long_window;   // <= Config::period
  Decimal burn;                 // default for tiers that set none
  absl::Duration hold_for;      // `for`
  absl::Duration keep_firing_for;
  Severity severity = Severity::kPage;
};

// One slo_tiers.<name>.
struct Tier {
  std::string name;
  Decimal objective;                            // availability, in (0, 1)
  std::optional<absl::Duration> latency_limit;  // p95_ms: at most 5 % slower; absent = no latency SLO
  std::optional<absl::Duration> timeout;        // > latency_limit
  Source slo_source = Source::kRum;
  AlertBy alert_by = AlertBy::kTier;
  int64_t min_total = 0;  // guards, counted over the pair's long window
  int64_t min_bad = 0;
  int max_endpoints = 1000;
  std::string runbook_url;             // "" = Config::runbook_url
  std::vector<Decimal> burn;           // by pair, parallel to Config::pairs
  std::vector<Decimal> latency_burn;   // by pair; unused without latency_limit
  std::vector<std::string> endpoints;  // as written; a leading "~" marks an RE2
};

// The latency objective behind p95_ms: 95 % are at most latency_limit.
Decimal LatencyObjective();

// classification.errors.
struct ErrorRule {
  bool non_2xx = false;  // everything but 2xx, as the article's PromQL
  // else these classes (by default 5xx, timeout, shape_mismatch, failed) …
  std::bitset<kNumStatusClasses> classes{0b1111'0000};
  std::vector<int> codes;  // … and these HTTP statuses, sorted
};

enum class ClientErrors : uint8_t { kCount, kExclude };

// classification.normalize[i]: every match of `match` in the endpoint becomes `as`. First matching entry wins.
struct Normalization {
  std::string match;  // RE2
  std::string as;
};

struct Classification {
  ErrorRule errors;
  ClientErrors client_errors = ClientErrors::kCount;
  size_t unknown_endpoint_tier = 0;  // index in Config::tiers
  std::vector<Normalization> normalize;
};

// Where a secret is read from: exactly one is set, or neither (no secret). Files are relative to the configuration.
struct SecretSource {
  std::string file;
  std::string env;
  std::string key = {};  // which key says so: "notify.slack[0].url_file"; "" = none of a configuration
  Place place = {};      // of its value

  bool empty() const { return file.empty() && env.empty(); }
};

// Where alerts go. The names are unique over all of them; by default "alertmanager-1", "webhook-1", "pagerduty-1" …
struct AlertmanagerTarget {
  std::string name;  // always the default
  std::string url;   // http(s)://host[:port][/prefix]
  SeveritySet severities = kAllSeverities;
};

struct WebhookTarget {
  std::string name;
  std::string url;
  SecretSource secret;  // signs the body
  SeveritySet severities = kAllSeverities;
};

// PagerDuty's public address for events of version 2; accounts of the EU service region have another.
inline constexpr std::string_view kPagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";

struct PagerDutyTarget {
  std::string name;
  std::string url{kPagerDutyUrl};
  SecretSource routing_key;  // never empty
  SeveritySet severities = kAllSeverities;
};

struct SlackTarget {
  std::string name;
  SecretSource url;  // of the incoming webhook: whoever has it may post; never empty
  SeveritySet severities = kAllSeverities;
};

struct NotifyConfig {
  absl::Duration resend_delay = absl::Minutes(1);
  absl::Duration repeat_interval = absl::Hours(4);
  bool watchdog = false;
  std::vector<AlertmanagerTarget> alertmanagers;
  std::vector<WebhookTarget> webhooks;
  std::vector<PagerDutyTarget> pagerduty;
  std::vector<SlackTarget> slack;
};

// server.limits: RELIABILITY limits, all with safe defaults.
struct ServerLimits {
  int64_t header_bytes = 16 << 10;
  int64_t header_fields = 64;
  int64_t uri_bytes = 2 << 10;
  int64_t body_bytes = 8 << 20;          // POST /v1/events
  int64_t control_body_bytes = 1 << 20;  // everything else
  int64_t decoded_bytes = 32 << 20;      // a body after gunzip
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);
  absl::Duration idle_timeout = absl::Seconds(60);
  int64_t connections = 10000;
};

struct ServerConfig {
  SecretSource ingest_token;
  SecretSource read_token;
  SecretSource admin_token;
  ServerLimits limits;
};

struct Config {
  std::string service = "default";
  absl::Duration period = absl::Hours(24 * 30);
  absl::Duration evaluation_interval = absl::Seconds(5);
  absl::Duration evaluation_delay;
  absl::Duration allowed_lateness = absl::Minutes(5);
  absl::Duration no_data_hold = absl::Minutes(15);
  absl::Duration source_lost_after = absl::Minutes(5);  // < no_data_hold unless that is 0
  std::string external_url;                             // "" = http://<listen>
  std::string runbook_url;                              // "" = <external_url>/runbooks/<alertname>
  std::vector<Tier> tiers;                              // in file order; never empty
  std::vector<AlertPair> pairs;                         // fast, slow, then others in file order
  Classification classification;
  NotifyConfig notify;
  ServerConfig server;

  // The longest window of any pair.
  absl::Duration LongestWindow() const;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_CONFIG_H_
