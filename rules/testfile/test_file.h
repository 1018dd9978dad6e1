#ifndef FIREBREAK_RULES_TESTFILE_TEST_FILE_H_
#define FIREBREAK_RULES_TESTFILE_TEST_FILE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "rules/alertname.h"
#include "rules/config.h"
#include "rules/decimal.h"
#include "rules/event.h"
#include "rules/place.h"
#include "rules/rule_set.h"

namespace firebreak {

// Rule tests as plain values: a configuration, traffic, and what must come of it. parse.h makes them out of YAML and
// guarantees every invariant named here; docs/rule-lab.md, "Test", is the reference of the language.

// An instant as a test writes it: an offset from the test's start, or (recordings only) an absolute time.
struct TestTime {
  std::optional<absl::Duration> offset;
  absl::Time time;  // where there is no offset

  absl::Time From(absl::Time start) const { return offset ? start + *offset : time; }
};

// --- Traffic

// One of several ways a request may go. Weights are shares of their sum; at least one is above 0.
template <typename T>
struct Weighted {
  T value;
  int64_t weight = 1;
};
template <typename T>
using Mix = std::vector<Weighted<T>>;

// How a request is answered: with a status, or with an outcome that decides by itself.
struct Answer {
  std::optional<int> status;
  std::string outcome;  // "ok", "timeout", "shape_mismatch", "failed"; "" with a status
};

// Requests of one endpoint, spread evenly over their segment. Whole numbers: what a share or a rate leaves over is
// carried, never lost (engine/lab/test_traffic.h).
struct TrafficLoad {
  Place place;
  std::string endpoint;
  Source source = Source::kRum;
  Decimal rate;           // requests …
  absl::Duration per;     // … in so long; > 0
  Decimal errors;         // the share that fails, at most 1
  Mix<Answer> failures;   // how those fail
  Mix<Answer> successes;  // how the others are answered
  Mix<std::optional<absl::Duration>> latencies;
  Decimal late;            // the share that arrives later than it is dated, at most 1 …
  absl::Duration late_by;  // … by so much
};

// A stretch of the story; the next begins where it ends.
struct TrafficSegment {
  enum class Kind { kTraffic, kRestart };
  Kind kind = Kind::kTraffic;
  absl::Duration duration;  // of a restart: how long the process is down
  std::vector<TrafficLoad> loads;
  std::optional<absl::Duration> heartbeat;  // signs of life in this interval
  Source heartbeat_source = Source::kRum;
};

// A counter as Prometheus would have scraped it: what one sample adds to the one before it are requests that arrive at
// the later one, dated just after the earlier. The first sample of all adds nothing.
struct CounterSeries {
  // What it counts of a tier: requests answered in one way; or all, or the bad ones, of an SLO.
  enum class Counts { kAnswers, kSloRequests, kSloBadRequests };
  Place place;
  std::string name;  // of the metric
  Counts counts = Counts::kAnswers;
  std::string slo;       // "availability", "latency"; "" for kAnswers
  size_t tier = 0;       // index in Config::tiers
  std::string endpoint;  // of that tier
  Source source = Source::kRum;
  Answer answer;                                // kAnswers
  std::vector<std::optional<int64_t>> samples;  // absent: no sample then
};

struct SegmentTraffic {
  std::vector<TrafficSegment> segments;
};
struct SeriesTraffic {
  absl::Duration interval;  // between samples, the first at the start; a multiple of evaluation_interval
  std::vector<CounterSeries> series;
};
struct RecordedTraffic {
  Place place;       // of the path
  std::string path;  // as written: relative to the test file
  std::string format = "auto";
  absl::Duration lateness = absl::Minutes(5);
};
using TestTraffic = std::variant<SegmentTraffic, SeriesTraffic, RecordedTraffic>;

// --- Expectations

// Which alerts are meant. Parts at the end may be missing: a whole tier, one SLO of it, or everything.
struct AlertPath {
  std::string tier;
  std::string slo;  // "availability", "latency"; "NoData" has no pair
  std::string pair;
  std::string endpoint;  // with alert_by: endpoint

  // "tier1/availability/fast", "tier1/availability/fast[/pay]", "tier1/NoData".
  std::string ToString() const;
  // Whether the path names one alert: nothing at its end is missing.
  bool IsComplete() const { return !pair.empty() || slo == kNoData; }
  // Whether `other` is what this path means, or lies in it.
  bool Covers(const AlertPath& other) const;
  // What `other` has beyond this path: "availability/fast". REQUIRES: Covers(other).
  std::string Rest(const AlertPath& other) const;

  static constexpr std::string_view kNoData = alertname::kNoData;
  static constexpr std::string_view kOtherEndpoint = "__other__";  // all beyond max_endpoints
  friend bool operator==(const AlertPath&, const AlertPath&) = default;
};

// What a number must be. Without a sign, equal at the precision it is written with: 14.4 is from 14.35 to below 14.45.
struct Comparison {
  enum class Sign { kIs, kLess, kAtMost, kMore, kAtLeast };
  Sign sign = Sign::kIs;
  Decimal value;
  int decimals = 0;          // of `value` as it is written: "90.0%" is 0.900
  std::string text;          // as written
  bool is_negative = false;  // below 0 by `value`: of a budget; 1 + value is a Decimal then
};

// "pending", "firing", "resolved", "inactive", as one alert step or state is told.
struct AlertWords {
  std::string state;
  std::string severity;  // "" = any
  std::string reason;    // "" = any
};

// An alert as it is shown after the evaluation at a time. "inactive": not shown at all.
struct AlertExpectation {
  Place place;
  TestTime at;
  AlertPath alert;  // complete
  AlertWords words;
  std::optional<TestTime> since;  // pending since
  std::optional<TestTime> fired;
};

struct WindowExpectation {
  enum class Length { kShort, kLong };
  Place place;
  TestTime at;
  AlertPath alert;  // complete, no NoData, no endpoint
  Length length = Length::kShort;
  std::optional<Comparison> bad;
  std::optional<Comparison> total;
  std::optional<Comparison> burn;
};

struct BudgetExpectation {
  Place place;
  TestTime at;
  AlertPath slo;    // tier and SLO
  Comparison left;  // a share
};

// One line of a list: what happened, when, to which alert.
struct ListedEvent {
  Place place;
  std::string text;  // as written
  TestTime at;
  AlertPath alert;  // complete
  AlertWords words;
  bool is_repeat = false;  // of a notification
};

// Every step of the alerts that `alerts` covers, in order.
struct TimelineExpectation {
  Place place;
  AlertPath alerts;
  std::vector<ListedEvent> is;
};

// Everything that one destination is told, in order: the whole test, or at one time only.
struct NotificationsExpectation {
  enum class Repeats { kLeftOut, kListed };
  Place place;
  std::string destination;
  std::optional<TestTime> at;
  Repeats repeats = Repeats::kLeftOut;
  std::vector<ListedEvent> is;
};

// Labels or annotations as a promtool file writes them: by name.
using NamedTexts = std::map<std::string, std::string>;
struct PromtoolAlert {
  NamedTexts labels;  // alertname included
  NamedTexts annotations;

  friend auto operator<=>(const PromtoolAlert&, const PromtoolAlert&) = default;
};

// All alerts of a name that fire at a time, and no others: alert_rule_test of promtool.
struct PromtoolExpectation {
  Place place;
  TestTime at;  // the last evaluation up to eval_time
  std::string alertname;
  std::vector<PromtoolAlert> alerts;  // sorted
};

using Expectation = std::variant<AlertExpectation, WindowExpectation, BudgetExpectation, TimelineExpectation,
                                 NotificationsExpectation, PromtoolExpectation>;

// --- Tests

struct RuleTest {
  std::string name;
  Place place;
  std::shared_ptr<const RuleSet> rules;
  absl::Duration step;                  // between evaluations: a multiple of evaluation_interval
  std::optional<absl::Duration> until;  // goes on to there at least
  TestTraffic traffic;
  std::vector<Expectation> expectations;  // never empty; in the order of the file
  // Of a promtool file: the alerts of its rule files, whose annotations are those that are compared.
  std::shared_ptr<const std::vector<PromtoolAlert>> exported;
};

struct TestFile {
  std::string file;
  std::vector<RuleTest> tests;  // never empty
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_TEST_FILE_H_
