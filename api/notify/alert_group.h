#ifndef FIREBREAK_API_NOTIFY_ALERT_GROUP_H_
#define FIREBREAK_API_NOTIFY_ALERT_GROUP_H_

#include <cstdint>
#include <vector>

#include "api/notify/outgoing_alert.h"

namespace firebreak {

// Several alerts told together, as people read them. Pure.

// What every alert has with the same value. `member` is &OutgoingAlert::labels or ::annotations. REQUIRES: not empty.
Labels Common(const std::vector<OutgoingAlert>& alerts, Labels OutgoingAlert::*member);

// The worst first: firing before resolved, pages before tickets before others, older before younger, then by labels.
std::vector<OutgoingAlert> WorstFirst(std::vector<OutgoingAlert> alerts);

int64_t CountFiring(const std::vector<OutgoingAlert>& alerts);

// Where to read on about an alert, as a link that is safe to send on: http(s), visible ASCII, at most 2,000 bytes; ""
// where there is none such.
std::string RunbookLink(const OutgoingAlert& alert);

// What one line says of an alert: its annotation `summary`, else its name. Never empty.
std::string SummaryOf(const OutgoingAlert& alert);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_ALERT_GROUP_H_
