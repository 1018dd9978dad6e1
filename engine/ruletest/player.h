#ifndef FIREBREAK_ENGINE_RULETEST_PLAYER_H_
#define FIREBREAK_ENGINE_RULETEST_PLAYER_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/recorded_replay.h"
#include "rules/event.h"
#include "rules/testfile/test_file.h"

namespace firebreak {

// A restart of the process: killed after the tick at `at`, up again `down` later.
struct PlannedRestart {
  absl::Duration at;
  absl::Duration down;
};

// Plays the traffic of a test, as it arrives. Times are since the start of the test. Thread-compatible.
class Player {
 public:
  // Takes an event, which may stand for any number of equal requests below 2^40; the views are valid during the call.
  struct Sink {
    std::function<void(const Event&)> event;
    std::function<void(Source source, absl::Time at)> sign_of_life;
  };

  virtual ~Player() = default;

  // Everything that arrives after the last call and up to `until`, in order. `until` must not go back.
  virtual void PlayUntil(absl::Duration until, const Sink& sink) = 0;
  // The same, and nobody takes it.
  void SkipUntil(absl::Duration until);

  // What was wrong with the traffic so far. Errors: InvalidArgument.
  virtual absl::Status fault() const { return absl::OkStatus(); }

  // When the last of it arrives.
  virtual absl::Duration end() const = 0;
  virtual std::vector<PlannedRestart> restarts() const { return {}; }
};

// `test` must outlive the player, which begins at `start`. REQUIRES: the traffic is not recorded.
std::unique_ptr<Player> MakePlayer(const RuleTest& test, absl::Time start);

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_RULETEST_PLAYER_H_
