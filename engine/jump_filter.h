#ifndef FIREBREAK_ENGINE_JUMP_FILTER_H_
#define FIREBREAK_ENGINE_JUMP_FILTER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "rules/event.h"

namespace firebreak {

// Passes on the events of a recording, except those whose time is a mistake: an event more than 30 days after the
// newest one is held back with the next 100; unless at least half of them come from after that jump as well, it is
// rejected. The very first event is tried the same way, and rejected too when all of them (two or more) come from more
// than 30 days after it. Thread-compatible.
class JumpFilter {
 public:
  using TakeCallback = std::function<void(const Event&)>;
  // What is said of an event that is rejected: its line and why.
  using RejectCallback = std::function<void(int64_t line, std::string_view reason)>;

  JumpFilter(TakeCallback on_take, RejectCallback on_reject);
  ~JumpFilter();

  // Takes the next event of the recording, in the recording's order.
  void Offer(const Event& event, int64_t line);
  // Decides about what is still held back.
  void Finish();

 private:
  struct HeldEvent;

  bool IsJump(absl::Time time) const;
  bool IsConfirmed(const HeldEvent& suspect, const std::deque<HeldEvent>& witnesses) const;
  void Take(const Event& event);
  void Settle();

  const TakeCallback on_take_;
  const RejectCallback on_reject_;
  std::optional<absl::Time> newest_;
  std::deque<HeldEvent> held_;  // a jump and what came after it
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_JUMP_FILTER_H_
