#ifndef FIREBREAK_RULES_CLASSIFIER_H_
#define FIREBREAK_RULES_CLASSIFIER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rules/config.h"
#include "rules/event.h"
#include "rules/status_class.h"

namespace firebreak {

// The path of an endpoint as it was sent, without query and fragment, "/" if that is empty: nothing else of it decides
// where an event counts, whatever the configuration. Pure.
std::string_view EndpointPath(std::string_view endpoint);

// Where an endpoint belongs.
struct EndpointPlace {
  std::string_view endpoint;  // query stripped, normalized; the label `endpoint`
  size_t tier = 0;            // index in Config::tiers
  bool listed = false;        // by its name or a pattern; else this is the tier for unknown endpoints
};

// What one event counts as. docs/semantics.md, "What is bad".
struct Verdict {
  StatusClass status_class = StatusClass::k2xx;
  int cause_code = 0;   // status_class.h
  bool counted = true;  // false: a 4xx under client_errors: exclude (shown, but in no SLO total)
  bool bad = false;
  bool client_error = false;  // 4xx
  bool timed = false;         // enters the latency SLO: neither bad nor 4xx, and carries a latency
  bool slow = false;          // timed and above the tier's latency_limit
};

// Sorts events into tiers and verdicts by one configuration. Immutable; thread-safe.
//
// Lookup: strip the query, normalize, exact names, then `~` patterns in file order (one RE2::Set pass finds the
// candidates, the first in file order wins; anchored at both ends), then the tier for unknown endpoints.
class Classifier {
 public:
  // Errors: InvalidArgument for a pattern that RE2 refuses (ParseConfig has refused it before).
  static absl::StatusOr<Classifier> Create(const Config& config);

  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;
  ~Classifier();

  // `scratch` holds the normalized name where it differs from what was sent; the result points into it or `endpoint`.
  EndpointPlace Place(std::string_view endpoint, std::string& scratch) const;

  // REQUIRES: event.status or a non-empty event.outcome; tier is an index of the configuration.
  Verdict Judge(const Event& event, size_t tier) const;

 private:
  struct Rep;
  explicit Classifier(std::unique_ptr<const Rep> rep);
  std::unique_ptr<const Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_CLASSIFIER_H_
