#ifndef FIREBREAK_API_NOTIFY_RETRY_H_
#define FIREBREAK_API_NOTIFY_RETRY_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "api/notify/http_client.h"

namespace firebreak {

// What becomes of a try. All of this file is pure.
enum class Verdict {
  kDelivered,
  kRetry,  // the receiver or the network may do better later
  kPark,   // it will not get better by itself: a person must look
};

// The answers by which a receiver says that it has taken what it was sent. Another 2xx is no success: a login page or a
// proxy answers 200 to anything.
enum class Taken {
  kWith2xx,
  kWith202,  // PagerDuty
  kWithOk,   // Slack: 200 with the body "ok"
};

// What says so is delivered. Network errors, 408, 425, 429 and 5xx are worth another try. Everything else is parked,
// redirects too: they are never followed, so the URL must be put right.
Verdict Classify(const HttpAnswer& answer, Taken taken = Taken::kWith2xx);

// Whether a receiver may have taken what it was sent although it is tried again: the answer did not arrive, or a
// gateway gave one in its place.
bool MayHaveBeenTaken(const HttpAnswer& answer);

// The key under which DestinationStats::sent counts a try:
// "ok", "retry", "parked", "timeout", "network", "cancelled".
std::string_view ResultName(const HttpAnswer& answer, Taken taken = Taken::kWith2xx);

// For DestinationStats::last_error and people: "503 Service Unavailable", "302 Found: redirects are not followed",
// "Connection refused", "200 OK, wanted 202 Accepted".
std::string DescribeAnswer(const HttpAnswer& answer, Taken taken = Taken::kWith2xx);

// How long to wait after `failures` tries in a row (>= 1): `first` * 1.5^(failures - 1), at most a minute, times a
// factor of 0.5 to 1 that `random` in [0, 1) picks.
absl::Duration Backoff(int failures, absl::Duration first, double random);

// What a Retry-After header asks for, as seconds or as an HTTP date read at wall time `now`; at most five minutes.
// Absent if there is none that can be read.
std::optional<absl::Duration> RetryAfter(std::string_view header, absl::Time now);

// How long to hold back everything for this destination: Retry-After, for 429 and 503 only.
std::optional<absl::Duration> HoldBack(const HttpAnswer& answer, absl::Time now);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_RETRY_H_
