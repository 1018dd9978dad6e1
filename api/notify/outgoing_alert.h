#ifndef FIREBREAK_API_NOTIFY_OUTGOING_ALERT_H_
#define FIREBREAK_API_NOTIFY_OUTGOING_ALERT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "engine/alert_view.h"
#include "engine/clock.h"

namespace firebreak {

// One alert as it goes over the wire: times are wall times, in whole milliseconds (Alertmanager's API shows no more,
// and both kinds of destination must show the same).
struct OutgoingAlert {
  Labels labels;
  Labels annotations;
  absl::Time starts_at;
  std::optional<absl::Time> ends_at;  // when it resolved; absent while firing
  std::string generator_url;

  bool firing() const { return !ends_at.has_value(); }
};

// REQUIRES: `alert` is firing or resolved.
OutgoingAlert MakeOutgoing(const AlertView& alert, const Clock& clock, std::string_view external_url);

// RFC 3339 in UTC as Go writes it: no trailing zeros in the fraction, "Z" at the end.
std::string GoTime(absl::Time time);

// Text in double quotes as Go's %q: what Alertmanager's group keys are made of.
std::string GoQuote(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_OUTGOING_ALERT_H_
