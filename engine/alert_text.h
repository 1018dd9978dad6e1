#ifndef FIREBREAK_ENGINE_ALERT_TEXT_H_
#define FIREBREAK_ENGINE_ALERT_TEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/budget.h"
#include "engine/burn_rule.h"
#include "engine/labels.h"
#include "engine/transition.h"

namespace firebreak {

// The words of an alert: what a person reads who was just woken. Pure; numbers are rounded here and nowhere else.

// A name and how many bad requests fall to it.
using Tally = std::pair<std::string, int64_t>;

// Everything the annotations of a burn alert say.
struct BurnFacts {
  AlertStatus status = AlertStatus::kFiring;
  WindowReading short_window;
  WindowReading long_window;
  BudgetView budget;
  std::optional<absl::Time> maintenance_until;  // while the tier is under maintenance
  std::string reason;                           // AlertView::reason, once it has ended
  absl::Time active_since;
  std::string guard;             // BurnRule::GuardText
  std::vector<Tally> endpoints;  // bad requests of the long window by endpoint, any order
  std::vector<Tally> codes;      // … by status code
  std::string runbook_url;
};

// Annotations: summary, description, causes, runbook_url.
Labels BurnAnnotations(const BurnRule& rule, absl::Duration period, const BurnFacts& facts);

// The summary of an alert that was taken away, by its labels; reason: "removed" (its rule is gone from the
// configuration) or "merged" (one alert speaks for all destinations).
std::string RemovalSummary(const Labels& labels, std::string_view reason);

// "3 of 400 (0.75 %, burn 7.5x)", or "no data".
std::string WindowText(const WindowReading& reading);
// "0.75 %", three significant digits, never rounded to 0 or 100 unless it is.
std::string ShareText(double share);
// "14.4x", three significant digits.
std::string BurnText(double burn);
// "41 hours", "12 minutes", "5.2 days"; "exhausted" for zero, "never" for none.
std::string TimeLeftText(std::optional<absl::Duration> time_left);
// The three largest with their shares: "/userid/ 62 %, /post-detail/ 20 %, /x/ 9 %"; "" for none.
std::string TopThree(std::vector<Tally> tallies);
// RFC 3339 in UTC, whole seconds where they are whole.
std::string TimeText(absl::Time time);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_ALERT_TEXT_H_
