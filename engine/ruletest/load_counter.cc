#include "engine/ruletest/load_counter.h"

namespace firebreak {
namespace {

using Int128 = __int128;

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

int64_t ShareOf(int64_t count, const Decimal& share) {
  return static_cast<int64_t>(static_cast<Int128>(count) * share.digits() / PowerOfTen(share.scale()));
}

template <typename T>
int64_t SumOf(const Mix<T>& mix) {
  int64_t sum = 0;
  for (const Weighted<T>& part : mix) sum += part.weight;
  return sum;
}

// Calls take(value, how many of `count`) for each part of the mix.
template <typename T, typename Take>
void Split(int64_t count, const Mix<T>& mix, Take take) {
  int64_t weights = SumOf(mix);
  for (const Weighted<T>& part : mix) {
    const int64_t taken = weights == 0 ? 0 : static_cast<int64_t>(static_cast<Int128>(count) * part.weight / weights);
    take(part.value, taken);
    count -= taken;
    weights -= part.weight;
  }
}

enum class Arrival { kInTime, kLate };

// Calls take(answer, latency, arrival, how many) for each kind of `count` answers of `mix`, in the order of
// LoadCounter::kinds.
template <typename Take>
void SplitAnswers(int64_t count, const Mix<Answer>& mix, const TrafficLoad& load, Take take) {
  Split(count, mix, [&](const Answer& answer, int64_t answered) {
    Split(answered, load.latencies, [&](const std::optional<absl::Duration>& latency, int64_t requests) {
      const int64_t late = ShareOf(requests, load.late);
      take(answer, latency, Arrival::kInTime, requests - late);
      take(answer, latency, Arrival::kLate, late);
    });
  });
}

}  // namespace

LoadCounter::LoadCounter(const TrafficLoad& load) : load_(&load) {
  const auto add = [this](const Answer& answer, std::optional<absl::Duration> latency, Arrival arrival, int64_t) {
    kinds_.push_back({answer, latency, arrival == Arrival::kLate});
  };
  SplitAnswers(0, load_->failures, *load_, add);
  SplitAnswers(0, load_->successes, *load_, add);
}

int64_t LoadCounter::Requests(absl::Duration elapsed) const {
  const Int128 digits = static_cast<Int128>(load_->rate.digits()) * absl::ToInt64Seconds(elapsed);
  return static_cast<int64_t>(digits / PowerOfTen(load_->rate.scale()) / absl::ToInt64Seconds(load_->per));
}

void LoadCounter::Count(absl::Duration elapsed, std::vector<int64_t>& counts) const {
  counts.clear();
  const auto add = [&counts](const Answer&, const std::optional<absl::Duration>&, Arrival, int64_t count) {
    counts.push_back(count);
  };
  const int64_t requests = Requests(elapsed);
  const int64_t failed = ShareOf(requests, load_->errors);
  SplitAnswers(failed, load_->failures, *load_, add);
  SplitAnswers(requests - failed, load_->successes, *load_, add);
}

}  // namespace firebreak
