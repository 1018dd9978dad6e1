#ifndef FIREBREAK_API_NOTIFY_RESOLVER_H_
#define FIREBREAK_API_NOTIFY_RESOLVER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firebreak {

// The numeric addresses of `host`, best first. Blocks for as long as it likes. Thread-safe.
using LookUp = std::function<absl::StatusOr<std::vector<std::string>>(const std::string& host)>;

// getaddrinfo(3), which may hang for minutes on a dead name server and cannot be interrupted.
absl::StatusOr<std::vector<std::string>> SystemLookUp(const std::string& host);

// Calls `look_up` on a thread of its own and waits for it until `deadline` (SteadyNow) at most, asking `cancelled` now
// and then. A look-up that hangs is left behind; at most 32 are, then Unavailable at once, so that threads stay
// bounded. A numeric address needs no look-up and no thread. DeadlineExceeded, Cancelled, or what `look_up` said.
// Thread-safe.
absl::StatusOr<std::vector<std::string>> Resolve(const std::string& host, const LookUp& look_up, absl::Time deadline,
                                                 const std::function<bool()>& cancelled);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_RESOLVER_H_
