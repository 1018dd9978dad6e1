#include "rules/check_config.h"

#include <algorithm>
#include <initializer_list>
#include <map>

#include "fmt/format.h"
#include "rules/burn_paths.h"
#include "rules/destinations.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/threshold.h"
#include "rules/wording.h"

namespace firebreak {
namespace {

bool AllSound(const YamlReader& reader, std::initializer_list<std::string_view> paths) {
  return std::all_of(paths.begin(), paths.end(), [&](std::string_view path) { return reader.IsSound(path); });
}

bool IsMultipleOf(absl::Duration duration, absl::Duration unit) { return duration % unit == absl::ZeroDuration(); }

// The finest slots of the rings are as wide as the interval, and coarser ones of 30 s and 5 min must fit them.
void CheckInterval(const Config& config, YamlReader& reader) {
  const absl::Duration interval = config.evaluation_interval;
  const bool divides_30s = IsMultipleOf(interval, absl::Seconds(1)) && IsMultipleOf(absl::Seconds(30), interval);
  const bool divides_5m = IsMultipleOf(interval, absl::Seconds(30)) && IsMultipleOf(absl::Minutes(5), interval);
  if (divides_30s || divides_5m) return;
  reader.Fault("evaluation_interval",
               fmt::format("{}, wanted whole seconds that divide 30s, or a multiple of 30s that divides 5m",
                           DurationText(interval)));
}

// Windows end where evaluation stands, and that must be a border of slots.
void CheckDelay(const Config& config, YamlReader& reader) {
  if (!AllSound(reader, {"evaluation_delay", "evaluation_interval"})) return;
  if (IsMultipleOf(config.evaluation_delay, config.evaluation_interval)) return;
  reader.Fault("evaluation_delay",
               fmt::format("{} is not a multiple of evaluation_interval {}", DurationText(config.evaluation_delay),
                           DurationText(config.evaluation_interval)));
}

void CheckPeriod(const Config& config, YamlReader& reader) {
  if (!reader.IsSound("period") || IsMultipleOf(config.period, absl::Hours(1))) return;
  reader.Fault("period", fmt::format("{}, wanted whole hours", DurationText(config.period)));
}

// Before a held alert ends, the NoData alert that takes its place must be firing.
void CheckNoDataHold(const Config& config, YamlReader& reader) {
  if (!AllSound(reader, {"no_data_hold", "source_lost_after"})) return;
  if (config.no_data_hold == absl::ZeroDuration() || config.source_lost_after < config.no_data_hold) return;
  const std::string_view path = reader.Has("source_lost_after") ? "source_lost_after" : "no_data_hold";
  reader.FaultAt(path, "source_lost_after",
                 fmt::format("{} is not shorter than no_data_hold {}, wanted less, or no_data_hold: 0s",
                             DurationText(config.source_lost_after), DurationText(config.no_data_hold)));
}

void CheckWindowGrid(const Config& config, std::string_view path, absl::Duration window, YamlReader& reader) {
  if (!AllSound(reader, {path, "evaluation_interval"}) || IsMultipleOf(window, config.evaluation_interval)) return;
  reader.Fault(path, fmt::format("{} is not a multiple of evaluation_interval {}", DurationText(window),
                                 DurationText(config.evaluation_interval)));
}

void CheckPair(const Config& config, const AlertPair& pair, YamlReader& reader) {
  const std::string path = "alerts." + pair.name;
  const std::string short_path = path + ".short";
  const std::string long_path = path + ".long";
  const std::string for_path = path + ".for";
  CheckWindowGrid(config, short_path, pair.short_window, reader);
  CheckWindowGrid(config, long_path, pair.long_window, reader);
  if (AllSound(reader, {short_path, long_path}) && pair.short_window >= pair.long_window) {
    reader.FaultAt(reader.Has(short_path) ? short_path : long_path, short_path,
                   fmt::format("{} is not shorter than the long window {}", DurationText(pair.short_window),
                               DurationText(pair.long_window)));
  }
  if (AllSound(reader, {long_path, "period"}) && pair.long_window > config.period) {
    reader.FaultAt(
        reader.Has(long_path) ? std::string_view(long_path) : "period", long_path,
        fmt::format("{} is longer than the period {}", DurationText(pair.long_window), DurationText(config.period)));
  }
  if (AllSound(reader, {for_path, short_path}) && pair.hold_for > pair.short_window) {
    reader.Warn(reader.Has(for_path) ? for_path : short_path,
                fmt::format("for {} is longer than the short window {}: errors have left it before the alert fires",
                            DurationText(pair.hold_for), DurationText(pair.short_window)));
  }
}

// "1000" for 99.9 %: what burns at most when every request fails.
std::string LargestBurn(const Decimal& objective) { return fmt::format("{:.6g}", 1 / objective.OneMinus().ToDouble()); }

void CheckReachable(const Decimal& burn, const Decimal& objective, std::string_view path, std::string_view what,
                    YamlReader& reader) {
  if (!Threshold(burn, objective).CanNeverBeExceeded()) return;
  reader.Complain(path,
                  fmt::format("{}x can never fire for the {}: at {} % the largest possible burn is {}x, wanted less",
                              burn.ToString(), what, objective.ToPercentString(), LargestBurn(objective)));
}

void WarnAboutBlindLatency(const Tier& tier, size_t pair, std::string_view path, YamlReader& reader) {
  const Threshold threshold(tier.latency_burn[pair], LatencyObjective());
  if (threshold.CanNeverBeExceeded() || threshold.ToDouble() <= 0.5) return;
  reader.Warn(path, fmt::format("{}x means that {} % must be slower than p95_ms before this fires, wanted at most 10x",
                                tier.latency_burn[pair].ToString(), threshold.ToPercentString()));
}

void CheckBurns(const Config& config, const Tier& tier, YamlReader& reader) {
  const bool has_objective = tier.objective != Decimal();
  for (size_t i = 0; i < config.pairs.size(); ++i) {
    const AlertPair& pair = config.pairs[i];
    const std::string path = BurnPath(tier, pair, reader);
    if (reader.IsSound(path) && has_objective) {
      CheckReachable(tier.burn[i], tier.objective, path, fmt::format("availability of {}", Quoted(tier.name)), reader);
    }
    const std::string latency_path = LatencyBurnPath(tier, pair, reader);
    if (!tier.latency_limit.has_value() || !reader.IsSound(latency_path)) continue;
    CheckReachable(tier.latency_burn[i], LatencyObjective(), latency_path,
                   fmt::format("latency of {}", Quoted(tier.name)), reader);
    if (SetsLatencyBurn(tier, pair, reader)) WarnAboutBlindLatency(tier, i, latency_path, reader);
  }
}

void CheckTimeout(const Tier& tier, YamlReader& reader) {
  const std::string path = TierPath(tier) + ".timeout";
  if (!tier.timeout.has_value() || !tier.latency_limit.has_value() || *tier.timeout > *tier.latency_limit) return;
  reader.Fault(path, fmt::format("{} is not longer than p95_ms {}: what is slow would be a timeout already",
                                 DurationText(*tier.timeout), LatencyText(*tier.latency_limit)));
}

void CheckMaxEndpoints(const Tier& tier, YamlReader& reader) {
  const std::string path = TierPath(tier) + ".max_endpoints";
  const auto configured = std::count_if(tier.endpoints.begin(), tier.endpoints.end(),
                                        [](const std::string& endpoint) { return !endpoint.starts_with('~'); });
  if (!reader.IsSound(path) || configured <= tier.max_endpoints) return;
  reader.Fault(path, fmt::format("{} is fewer than the {} endpoints of the tier, wanted room for each",
                                 tier.max_endpoints, configured));
}

void CheckLimits(const ServerLimits& limits, YamlReader& reader) {
  const auto check_order = [&](std::string_view small, int64_t small_bytes, std::string_view large,
                               int64_t large_bytes) {
    const std::string small_path = fmt::format("server.limits.{}", small);
    const std::string large_path = fmt::format("server.limits.{}", large);
    if (!AllSound(reader, {small_path, large_path}) || small_bytes <= large_bytes) return;
    reader.FaultAt(reader.Has(small_path) ? small_path : large_path, small_path,
                   fmt::format("{} is more than {} {}", small_bytes, large, large_bytes));
  };
  check_order("uri_bytes", limits.uri_bytes, "header_bytes", limits.header_bytes);
  check_order("body_bytes", limits.body_bytes, "decoded_bytes", limits.decoded_bytes);
}

void CheckNames(const std::vector<DestinationEntry>& destinations, YamlReader& reader) {
  std::map<std::string, std::string> seen;  // name -> path
  for (const DestinationEntry& destination : destinations) {
    const std::string path = destination.path + ".name";
    const auto [first, is_new] = seen.emplace(destination.name, path);
    if (is_new) continue;
    reader.Fault(path, fmt::format("the name {} is taken ({}), wanted each to have its own", Quoted(destination.name),
                                   reader.LineOf(first->second)));
  }
}

// Alerts of either severity are always possible: NoData and guards make tickets of any tier.
void WarnAboutUnheard(const std::vector<DestinationEntry>& destinations, YamlReader& reader) {
  for (const Severity severity : {Severity::kPage, Severity::kTicket}) {
    const auto takes = [severity](const DestinationEntry& destination) {
      return destination.severities.test(static_cast<size_t>(severity));
    };
    if (destinations.empty() || std::any_of(destinations.begin(), destinations.end(), takes)) continue;
    reader.Warn("notify", fmt::format("{0}s go to nobody, wanted {0} in the severities of a destination",
                                      SeverityName(severity)));
  }
}

void CheckDestinations(const NotifyConfig& notify, YamlReader& reader) {
  const std::vector<DestinationEntry> destinations = AllDestinations(notify);
  CheckNames(destinations, reader);
  WarnAboutUnheard(destinations, reader);
}

}  // namespace

void CheckConfig(const Config& config, YamlReader& reader) {
  CheckPeriod(config, reader);
  CheckInterval(config, reader);
  CheckDelay(config, reader);
  CheckNoDataHold(config, reader);
  for (const AlertPair& pair : config.pairs) CheckPair(config, pair, reader);
  for (const Tier& tier : config.tiers) {
    CheckBurns(config, tier, reader);
    CheckTimeout(tier, reader);
    CheckMaxEndpoints(tier, reader);
  }
  CheckDestinations(config.notify, reader);
  CheckLimits(config.server.limits, reader);
}

}  // namespace firebreak
