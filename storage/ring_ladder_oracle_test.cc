// RingLadder against NaiveLadder on random histories: late, duplicate, reordered events, jumps of time, full counters.
// Runs 20,000 histories; RC_PARAMS="max_success=1000000 max_size=40" runs more.

#include <cstdlib>
#include <ostream>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "storage/naive_ladder.h"
#include "storage/ring_ladder.h"

namespace firebreak {
namespace {

LadderShape Shape(std::vector<LadderShape::Level> levels, absl::Duration slack) { return {std::move(levels), slack}; }

// Small ladders turn over often; the last ones are those of real configurations.
const std::vector<LadderShape>& Shapes() {
  constexpr auto s = absl::Seconds<int>;
  static const auto* shapes = new std::vector<LadderShape>{
      Shape({{s(1), s(8)}, {s(2), s(20)}, {s(8), s(64)}}, s(5)),
      Shape({{s(1), s(5)}}, s(0)),
      Shape({{s(1), s(4)}, {s(4), s(16)}}, s(0)),
      Shape({{s(5), s(10)}, {s(10), s(50)}}, s(13)),
      Shape({{s(2), s(6)}, {s(4), s(12)}}, s(60)),
      LadderShape::For(s(30), absl::Hours(13), absl::Minutes(5)),
      LadderShape::For(s(60), absl::Hours(7 * 24), absl::Minutes(1)),
      LadderShape::For(s(5), absl::Hours(30 * 24), s(330)),
  };
  return *shapes;
}

// Distances, in finest slots, at which something changes in a ladder: widths, spans, and where slots are forgotten.
std::vector<int64_t> Edges(const LadderShape& shape) {
  const int64_t slack = shape.slack / shape.finest();
  std::vector<int64_t> edges = {0, slack};
  for (const auto& level : shape.levels) {
    const int64_t width = level.width / shape.finest();
    const int64_t span = level.span / shape.finest();
    edges.insert(edges.end(), {width, span, span + slack, span + slack + width, span + slack + 2 * width});
  }
  return edges;
}

// A distance near one of the edges, as numbers that mean something for every ladder.
struct Distance {
  int edge;
  int64_t jitter;

  int64_t In(const std::vector<int64_t>& edges) const { return edges[edge % edges.size()] + jitter; }
};

enum class Kind { kAddNearHead, kAddAgain, kAddBehind, kAddAhead, kAdvance };

struct Step {
  Kind kind;
  Distance distance;
  Counts counts;
  Distance window;
  Distance end;
  std::vector<std::pair<Distance, Distance>> ranges;  // how long before the window's end each begins, and its length
};

void showValue(const Distance& distance, std::ostream& out) {
  out << "edge " << distance.edge << (distance.jitter < 0 ? "" : "+") << distance.jitter;
}

void showValue(const Step& step, std::ostream& out) {
  out << "kind " << static_cast<int>(step.kind) << " at ";
  showValue(step.distance, out);
  out << " total " << step.counts.total << " window ";
  showValue(step.window, out);
  out << " end ";
  showValue(step.end, out);
  for (const auto& [back, length] : step.ranges) {
    out << " range ";
    showValue(back, out);
    out << " for ";
    showValue(length, out);
  }
  out << "\n";
}

template <typename T>
rc::Gen<T> Between(T first, T last) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(first, last + 1));
}

rc::Gen<Distance> AnyDistance() {
  return rc::gen::construct<Distance>(Between(0, 40), rc::gen::weightedOneOf<int64_t>({
                                                          {4, Between<int64_t>(-3, 3)},
                                                          {1, Between<int64_t>(-70, 70)},
                                                      }));
}

rc::Gen<Counts> AnyCounts() {
  return rc::gen::map(rc::gen::container<std::vector<int64_t>>(6, Between<int64_t>(0, 4)),
                      [](const std::vector<int64_t>& n) {
                        Counts counts{.total = n[0], .client_errors = n[1], .retries = n[2]};
                        counts.bad = std::min(n[3], counts.total);
                        counts.timed = std::min(n[4], counts.total);
                        counts.slow = std::min(n[5], counts.timed);
                        return counts;
                      });
}

rc::Gen<Step> AnyStep() {
  return rc::gen::construct<Step>(rc::gen::weightedElement<Kind>({{6, Kind::kAddNearHead},
                                                                  {2, Kind::kAddAgain},
                                                                  {4, Kind::kAddBehind},
                                                                  {2, Kind::kAddAhead},
                                                                  {1, Kind::kAdvance}}),
                                  AnyDistance(), AnyCounts(), AnyDistance(), AnyDistance(),
                                  rc::gen::resize(4, rc::gen::container<std::vector<std::pair<Distance, Distance>>>(
                                                         rc::gen::pair(AnyDistance(), AnyDistance()))));
}

Counts Scale(const Counts& counts, int64_t factor) {
  return {counts.total * factor, counts.bad * factor,  counts.client_errors * factor,
          counts.timed * factor, counts.slow * factor, counts.retries * factor};
}

// One history, told to both ladders.
class Comparison {
 public:
  Comparison(const LadderShape& shape, int64_t start, int64_t scale)
      : shape_(shape), edges_(Edges(shape)), scale_(scale), last_slot_(start), ladder_(shape), naive_(shape) {}

  void Do(const Step& step) {
    const int64_t head = naive_.head().value_or(last_slot_);
    const int64_t distance = step.distance.In(edges_);
    switch (step.kind) {
      case Kind::kAddNearHead:
        return Add(head + step.distance.jitter % 3, step.counts);
      case Kind::kAddAgain:
        return Add(last_slot_, step.counts);
      case Kind::kAddBehind:
        return Add(head - distance, step.counts);
      case Kind::kAddAhead:
        return Add(head + distance, step.counts);
      case Kind::kAdvance:
        ladder_.AdvanceTo(head + distance);
        naive_.AdvanceTo(head + distance);
        return;
    }
  }

  // The window both at an end that the contract allows, where forgetting must not show, and at any end; and what of
  // the first lies in ranges.
  void CompareSums(const Step& step, const Distance& window_distance, const Distance& end_distance) const {
    if (!naive_.head()) return;
    const int64_t longest = shape_.levels.back().span / shape_.finest();
    const absl::Duration window = std::clamp<int64_t>(window_distance.In(edges_), 1, longest) * shape_.finest();
    const int64_t slack = shape_.slack / shape_.finest();
    const int64_t back = end_distance.In(edges_);
    const absl::Time recent = SlotEnd(*naive_.head() - std::min(back, slack), shape_.finest());
    const absl::Time any = SlotEnd(*naive_.head() - back, shape_.finest());
    const Counts sum = naive_.Sum(recent, window);
    RC_ASSERT(ladder_.Sum(recent, window) == sum);
    const TimeRanges ranges = RangesOf(step, recent);
    const Counts inside = ladder_.SumInside(recent, window, ranges, *naive_.head());
    RC_ASSERT(inside == naive_.SumInside(recent, window, ranges, *naive_.head()));
    RC_ASSERT(IsSound(inside));
    RC_ASSERT(IsSound(sum - inside));
    RC_ASSERT(ladder_.Sum(any, window) == naive_.SumOfHeld(any, window));
  }

 private:
  void Add(int64_t slot, const Counts& counts) {
    const Counts scaled = Scale(counts, scale_);
    RC_ASSERT(ladder_.Add(slot, scaled) == naive_.Add(slot, scaled));
    last_slot_ = slot;
  }

  static bool IsSound(const Counts& counts) {
    return 0 <= counts.bad && counts.bad <= counts.total && 0 <= counts.slow && counts.slow <= counts.timed &&
           counts.timed <= counts.total && 0 <= counts.client_errors && 0 <= counts.retries;
  }

  // Borders lie on the finest grid or off it.
  TimeRanges RangesOf(const Step& step, absl::Time end) const {
    std::vector<TimeRange> ranges;
    for (const auto& [back, length] : step.ranges) {
      const absl::Duration off_the_grid = (length.edge % 2) * absl::Milliseconds(300);
      const absl::Time begin = end - back.In(edges_) * shape_.finest() + off_the_grid;
      ranges.push_back({begin, begin + std::max<int64_t>(length.In(edges_), 1) * shape_.finest() - off_the_grid / 2});
    }
    return UnionOf(std::move(ranges));
  }

  const LadderShape& shape_;
  const std::vector<int64_t> edges_;
  const int64_t scale_;
  int64_t last_slot_;
  RingLadder ladder_;
  NaiveLadder naive_;
};

TEST(RingLadderOracleTest, AgreesWithTheNaiveLadderOnRandomHistories) {
  setenv("RC_PARAMS", "max_success=20000 max_size=40", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    const int shape = *Between<int>(0, Shapes().size() - 1).as("shape");
    // Around the epoch, and today.
    const int64_t start = *rc::gen::oneOf(Between<int64_t>(-20, 20), Between<int64_t>(352'800'000, 352'801'000));
    // Large counts fill counters and make running sums wrap.
    const int64_t scale = *rc::gen::weightedElement<int64_t>({{3, 1}, {1, int64_t{1} << 37}});
    Comparison comparison(Shapes()[shape], start, scale);
    for (const Step& step : *rc::gen::container<std::vector<Step>>(AnyStep())) {
      comparison.Do(step);
      comparison.CompareSums(step, step.window, step.end);
      comparison.CompareSums(step, step.end, step.window);
    }
  }));
}

}  // namespace
}  // namespace firebreak
