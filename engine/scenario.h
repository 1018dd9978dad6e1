#ifndef FIREBREAK_ENGINE_SCENARIO_H_
#define FIREBREAK_ENGINE_SCENARIO_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/no_data_rule.h"
#include "engine/slo.h"
#include "rules/event.h"
#include "rules/rule_set.h"

namespace firebreak {

// A Scenario is a story of traffic and what must come of it, read from a .scenario file. The language is described in
// testdata/scenarios/README.md. All times count from the start of the story. Tests only.
struct Scenario {
  // Equal requests that arrive together.
  struct Arrival {
    absl::Duration at;     // when they arrive …
    absl::Duration dated;  // … and what they are dated
    std::string endpoint;
    Source source = Source::kRum;
    int status = 200;
    std::string_view outcome;  // static storage
    std::optional<absl::Duration> latency;
    int64_t count = 0;
  };
  struct Heartbeat {
    absl::Duration at;
    Source source = Source::kRum;
  };
  struct Reload {
    absl::Duration at;
    std::shared_ptr<const RuleSet> rules;
  };
  // The process is killed after the tick at `at` and starts again `down` later.
  struct Restart {
    absl::Duration at;
    absl::Duration down;
  };
  // A maintenance window that is added (or put in the place of the one with its id), or removed.
  struct Maintenance {
    int line = 0;
    absl::Duration at;
    std::string id;
    std::string tier;  // "" = the window is removed
    absl::Duration from;
    absl::Duration to;
  };

  // Which alert is meant: a burn alert, or NoData where `pair` is empty.
  struct Subject {
    std::string tier;
    Slo slo = Slo::kAvailability;
    std::string pair;
    std::string endpoint;
  };
  // The alert as it is shown after the tick at `at`.
  struct AlertExpectation {
    int line = 0;
    absl::Duration at;
    Subject subject;
    std::string status;  // "inactive": not shown at all
    std::optional<absl::Duration> since;
    std::optional<absl::Duration> fired;
    std::string severity;  // "" = any
    std::string reason;    // "" = any
  };
  struct WindowExpectation {
    int line = 0;
    absl::Duration at;
    Subject subject;
    bool is_long = false;
    std::optional<int64_t> bad;
    std::optional<int64_t> total;
    std::optional<int64_t> excluded;  // total under maintenance
  };
  struct FeedExpectation {
    int line = 0;
    absl::Duration at;
    std::string tier;
    FeedState feed = FeedState::kTraffic;
  };
  // All transitions of the run whose subject begins with `prefix`, in order, as Describe (testing.h) says them.
  struct TransitionsExpectation {
    int line = 0;
    std::string prefix;
    std::vector<std::string> texts;
  };

  std::shared_ptr<const RuleSet> rules;
  absl::Duration step;  // between ticks
  absl::Duration end;   // of the last tick
  std::vector<Arrival> arrivals;
  std::vector<Heartbeat> heartbeats;
  std::vector<Reload> reloads;
  std::vector<Restart> restarts;
  std::vector<Maintenance> maintenance;
  std::vector<AlertExpectation> alerts;
  std::vector<WindowExpectation> windows;
  std::vector<FeedExpectation> feeds;
  std::vector<TransitionsExpectation> transitions;
};

// Reads a scenario. Errors: InvalidArgument "file:line: what is wrong, what was wanted"; whatever is misspelt is an
// error, never an expectation that silently holds. A scenario that expects nothing is one, too.
absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file);

// Runs it through the real Pipeline. Returns what did not hold, one text each: "file:line: …".
std::vector<std::string> RunScenario(const Scenario& scenario, std::string_view file);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_SCENARIO_H_
