#ifndef FIREBREAK_API_SERVICE_ALERT_HISTORY_H_
#define FIREBREAK_API_SERVICE_ALERT_HISTORY_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_view.h"
#include "engine/transition.h"
#include "storage/mutex.h"

namespace firebreak {

// The alerts that fired since the process began, or fired when it did, for charts that mark them: the newest thousand.
// The engine forgets an alert fifteen minutes after it resolved; this does not. Thread-safe.
class AlertHistory {
 public:
  static constexpr size_t kMostEpisodes = 1000;

  explicit AlertHistory(absl::Time since) : since_(since) {}

  void OnTransition(const Transition& transition);
  // Takes in what fires already: alerts that outlived a restart.
  void Begin(const std::vector<AlertViewPtr>& alerts);

  // From when on nothing is missing but what did not fit.
  absl::Time since() const { return since_; }
  // The newest first; each as it was last seen, firing or resolved.
  std::vector<AlertViewPtr> Episodes() const;

 private:
  void Put(const AlertViewPtr& alert);

  const absl::Time since_;
  mutable Mutex mutex_;
  std::deque<AlertViewPtr> episodes_ FIREBREAK_GUARDED_BY(mutex_);  // in the order they began to fire
};

// GET /v1/history; docs/http-api.md is the reference.
std::string HistoryJson(const AlertHistory& history);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_ALERT_HISTORY_H_
