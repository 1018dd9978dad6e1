#include "engine/jump_filter.h"

#include <algorithm>
#include <string>
#include <utility>

namespace firebreak {
namespace {

constexpr absl::Duration kLongestJump = absl::Hours(24 * 30);
constexpr size_t kWitnesses = 100;

}  // namespace

// An event that outlives the line it was read from.
struct JumpFilter::HeldEvent {
  HeldEvent(const Event& from, int64_t from_line)
      : event(from), line(from_line), endpoint(from.endpoint), outcome(from.outcome), region(from.region) {}

  // The event, its views on this object's own text.
  Event View() const {
    Event view = event;
    view.endpoint = endpoint;
    view.outcome = outcome;
    view.region = region;
    return view;
  }

  Event event;
  int64_t line;
  std::string endpoint;
  std::string outcome;
  std::string region;
};

JumpFilter::JumpFilter(TakeCallback on_take, RejectCallback on_reject)
    : on_take_(std::move(on_take)), on_reject_(std::move(on_reject)) {}

JumpFilter::~JumpFilter() = default;

bool JumpFilter::IsJump(absl::Time time) const { return !newest_ || time > *newest_ + kLongestJump; }

void JumpFilter::Take(const Event& event) {
  newest_ = std::max(newest_.value_or(event.time), event.time);
  on_take_(event);
}

void JumpFilter::Offer(const Event& event, int64_t line) {
  if (held_.empty() && !IsJump(event.time)) {
    Take(event);
    return;
  }
  held_.emplace_back(event, line);
  if (held_.size() > kWitnesses) Settle();
}

bool JumpFilter::IsConfirmed(const HeldEvent& suspect, const std::deque<HeldEvent>& witnesses) const {
  const absl::Time time = suspect.event.time;
  const auto count = [&](auto agrees) { return std::count_if(witnesses.begin(), witnesses.end(), agrees); };
  const auto confirming = count([&](const HeldEvent& w) { return w.event.time >= time - kLongestJump; });
  if (confirming * 2 < static_cast<int64_t>(witnesses.size())) return false;
  if (newest_) return !witnesses.empty();
  // Nothing came before the very first event: it is also tried for being far too old.
  const auto much_later = count([&](const HeldEvent& w) { return w.event.time > time + kLongestJump; });
  return witnesses.size() < 2 || much_later < static_cast<int64_t>(witnesses.size());
}

// Decides about the first held event by those after it, and offers these again.
void JumpFilter::Settle() {
  std::deque<HeldEvent> held = std::exchange(held_, {});
  const HeldEvent suspect = std::move(held.front());
  held.pop_front();
  if (!IsConfirmed(suspect, held)) {
    on_reject_(suspect.line, "time: more than 30 days away from the lines around it");
  } else {
    Take(suspect.View());
  }
  for (const HeldEvent& rest : held) Offer(rest.View(), rest.line);
}

void JumpFilter::Finish() {
  while (!held_.empty()) Settle();
}

}  // namespace firebreak
