#include "storage/traffic_store.h"

#include <algorithm>
#include <functional>

#include "absl/container/flat_hash_map.h"

namespace firebreak {
namespace {

constexpr int kMaxCauses = 32;

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// std::string_view looks up std::string; Abseil's own transparent hash wants absl::string_view.
struct NameHash {
  using is_transparent = void;
  size_t operator()(std::string_view name) const { return absl::Hash<std::string_view>()(name); }
};
using IndexByName = absl::flat_hash_map<std::string, int, NameHash, std::equal_to<>>;

// The counts of one endpoint from one source.
struct EndpointSeries {
  explicit EndpointSeries(const LadderShape& shape) : ladder(shape) {}

  RingLadder ladder;
  CumulativeCounts cumulative;
};

struct Endpoint {
  explicit Endpoint(std::string_view name) : name(name) {}

  std::string name;
  std::array<std::unique_ptr<EndpointSeries>, kSourceKinds> by_source;  // null before the first event
};

// The counts of one tier from one source.
struct TierSeries {
  explicit TierSeries(const LadderShape& shape) : ladder(shape) {}

  RingLadder ladder;
  absl::flat_hash_map<int, RingLadder> causes;  // by code; only `total` and `bad` are used, and are equal
  std::optional<int64_t> first_slot;
  std::optional<int64_t> last_slot;

  // Something was counted from finest slot `first` to `last`.
  void Saw(int64_t first, int64_t last) {
    first_slot = std::min(first_slot.value_or(first), first);
    last_slot = std::max(last_slot.value_or(last), last);
  }
};

struct Tier {
  std::string name;
  int max_endpoints = 0;
  std::vector<Endpoint> endpoints;
  IndexByName index;
  std::array<std::unique_ptr<TierSeries>, kSourceKinds> by_source;  // null before the first event

  absl::flat_hash_map<std::string, int> reserved;  // endpoints without a place of their own yet -> admitted deltas

  int AddEndpoint(Endpoint endpoint);
  // The endpoint's place, made if there is none.
  Endpoint& PlaceOf(std::string_view endpoint);
  // Keeps a place for the endpoint if there is room; else it becomes kOtherEndpoint.
  void Reserve(std::string& endpoint);
  void Release(const std::string& endpoint);
};

int Tier::AddEndpoint(Endpoint endpoint) {
  const int place = static_cast<int>(endpoints.size());
  const auto [it, inserted] = index.try_emplace(endpoint.name, place);
  if (inserted) endpoints.push_back(std::move(endpoint));
  return it->second;
}

Endpoint& Tier::PlaceOf(std::string_view endpoint) {
  const auto known = index.find(endpoint);
  return endpoints[known != index.end() ? known->second : AddEndpoint(Endpoint(endpoint))];
}

void Tier::Reserve(std::string& endpoint) {
  if (endpoint == TrafficStore::kOtherEndpoint || index.contains(endpoint)) return;
  const auto known = reserved.find(endpoint);
  if (known != reserved.end()) {
    ++known->second;
    return;
  }
  const size_t taken = endpoints.size() - index.count(TrafficStore::kOtherEndpoint) + reserved.size();
  if (taken < static_cast<size_t>(std::max(max_endpoints, 0))) {
    reserved.emplace(endpoint, 1);
  } else {
    endpoint = TrafficStore::kOtherEndpoint;
  }
}

void Tier::Release(const std::string& endpoint) {
  const auto known = reserved.find(endpoint);
  if (known != reserved.end() && --known->second == 0) reserved.erase(known);
}

bool HasEvents(const Endpoint& endpoint) {
  return std::any_of(endpoint.by_source.begin(), endpoint.by_source.end(), [](const auto& s) { return s != nullptr; });
}

// The tier of a new configuration, with what `old` has counted.
Tier MakeTier(const TrafficStore::TierSpec& spec, Tier old) {
  Tier tier;
  tier.name = spec.name;
  tier.max_endpoints = spec.max_endpoints;
  tier.by_source = std::move(old.by_source);
  tier.reserved = std::move(old.reserved);
  for (Endpoint& endpoint : old.endpoints) {
    if (HasEvents(endpoint)) tier.AddEndpoint(std::move(endpoint));
  }
  for (const std::string& name : spec.endpoints) tier.AddEndpoint(Endpoint(name));
  return tier;
}

// Calls `visit` with the cumulative counts of every endpoint × source of a tier that has any.
template <typename Visit>
void ForEachCumulative(Tier& tier, Visit visit) {
  for (Endpoint& endpoint : tier.endpoints) {
    for (auto& series : endpoint.by_source) {
      if (series != nullptr) visit(series->cumulative);
    }
  }
}

void ResetHistogram(CumulativeCounts& cumulative, size_t buckets) {
  cumulative.latency_buckets.assign(buckets, 0);
  cumulative.latency_seconds = 0;
}

void Accumulate(const Delta& delta, CumulativeCounts& cumulative) {
  for (int i = 0; i < kStatusKinds; ++i) cumulative.by_status[i] += delta.by_status[i];
  for (const auto& [bucket, requests] : delta.latency_buckets) cumulative.latency_buckets[bucket] += requests;
  cumulative.latency_seconds += delta.latency_seconds;
  cumulative.retries += delta.counts.retries;
  cumulative.counts += delta.counts;
}

TrafficStore::ApplyResult ResultOf(RingLadder::AddResult result) {
  switch (result) {
    case RingLadder::AddResult::kLate:
      return TrafficStore::ApplyResult::kLate;
    case RingLadder::AddResult::kOverflow:
      return TrafficStore::ApplyResult::kOverflow;
    case RingLadder::AddResult::kCounted:
      break;
  }
  return TrafficStore::ApplyResult::kCounted;
}

size_t MemoryOf(const EndpointSeries& series) {
  return sizeof(series) + series.ladder.memory_bytes() + series.cumulative.latency_buckets.capacity() * sizeof(int64_t);
}

size_t MemoryOf(const TierSeries& series) {
  size_t bytes = sizeof(series) + series.ladder.memory_bytes();
  for (const auto& [code, ring] : series.causes) bytes += sizeof(code) + ring.memory_bytes();
  return bytes;
}

template <typename Series>
size_t MemoryOf(const std::array<std::unique_ptr<Series>, kSourceKinds>& by_source) {
  size_t bytes = 0;
  for (const auto& series : by_source) bytes += series == nullptr ? 0 : MemoryOf(*series);
  return bytes;
}

}  // namespace

struct TrafficStore::Rep {
  explicit Rep(Options o)
      : options(std::move(o)),
        cause_shape(options.shape.UpTo(options.longest_cause_window)),
        finest_seconds(options.shape.finest() / absl::Seconds(1)) {}

  TierSeries& SeriesOf(Tier& tier, int source);
  EndpointSeries& SeriesOf(Endpoint& endpoint, int source);
  std::optional<absl::Time> EndOf(std::optional<int64_t> slot) const;
  int64_t FirstSlotOf(const CountRow& row) const;
  int64_t LastSlotOf(const CountRow& row) const;
  void MoveHead(int64_t slot) { head = std::max(head.value_or(slot), slot); }
  void CountEndpoint(Tier& tier, const Delta& delta);
  void CountCauses(TierSeries& series, const Delta& delta);
  RingLadder& CauseRing(TierSeries& series, int code);
  bool HasForgottenAll(const RingLadder& cause) const;
  Counts SumInside(const RingLadder& ladder, absl::Time end, absl::Duration window, const TimeRanges& ranges) const;

  Options options;
  LadderShape cause_shape;
  int64_t finest_seconds;
  std::optional<int64_t> head;  // newest finest slot
  std::vector<Tier> tiers;
};

TierSeries& TrafficStore::Rep::SeriesOf(Tier& tier, int source) {
  auto& series = tier.by_source[source];
  if (series == nullptr) series = std::make_unique<TierSeries>(options.shape);
  return *series;
}

EndpointSeries& TrafficStore::Rep::SeriesOf(Endpoint& endpoint, int source) {
  auto& series = endpoint.by_source[source];
  if (series == nullptr) {
    series = std::make_unique<EndpointSeries>(options.shape);
    series->cumulative.latency_buckets.assign(options.latency_buckets, 0);
  }
  return *series;
}

std::optional<absl::Time> TrafficStore::Rep::EndOf(std::optional<int64_t> slot) const {
  if (!slot) return std::nullopt;
  return SlotEnd(*slot, options.shape.finest());
}

// The finest slots of a row: the one in which it begins, and the one in which it ends.
int64_t TrafficStore::Rep::FirstSlotOf(const CountRow& row) const {
  return FloorDiv(row.slot * row.width_seconds, finest_seconds);
}
int64_t TrafficStore::Rep::LastSlotOf(const CountRow& row) const {
  return FloorDiv((row.slot + 1) * row.width_seconds - 1, finest_seconds);
}

// The tier's ladder has the same head and counts all that an endpoint's does: where it has room, so has this one.
void TrafficStore::Rep::CountEndpoint(Tier& tier, const Delta& delta) {
  EndpointSeries& series = SeriesOf(tier.PlaceOf(delta.endpoint), delta.source);
  if (!tier.reserved.empty()) tier.reserved.erase(delta.endpoint);  // it has its place now
  series.ladder.AdvanceTo(*head);
  series.ladder.Add(delta.slot, delta.counts);
  Accumulate(delta, series.cumulative);
}

void TrafficStore::Rep::CountCauses(TierSeries& series, const Delta& delta) {
  for (const auto& [code, bad] : delta.bad_codes) {
    RingLadder& ring = CauseRing(series, code);
    ring.AdvanceTo(*head);
    // Too late for the causes' shorter history is fine: no window asks for it.
    ring.Add(delta.slot, Counts{.total = bad, .bad = bad});
  }
}

// The ring of a cause, or of kOtherCause when no more are told apart.
RingLadder& TrafficStore::Rep::CauseRing(TierSeries& series, int code) {
  auto& causes = series.causes;
  const auto known = causes.find(code);
  if (known != causes.end()) return known->second;
  const auto has_room = [&] { return causes.size() - causes.count(kOtherCause) < kMaxCauses; };
  if (!has_room()) absl::erase_if(causes, [this](const auto& cause) { return HasForgottenAll(cause.second); });
  return causes.try_emplace(has_room() ? code : kOtherCause, cause_shape).first->second;
}

// Whether no window that may be asked for holds anything: neither one that ends now nor one that ends a slack ago.
bool TrafficStore::Rep::HasForgottenAll(const RingLadder& cause) const {
  const absl::Time now = SlotEnd(*head, options.shape.finest());
  const absl::Duration longest = cause_shape.levels.back().span;
  const absl::Duration slack = absl::Floor(cause_shape.slack, cause_shape.finest());
  return cause.Sum(now, longest) == Counts() && cause.Sum(now - slack, longest) == Counts();
}

// A series that nothing touched lags behind the store's head, by which borders are moved in all of them alike.
Counts TrafficStore::Rep::SumInside(const RingLadder& ladder, absl::Time end, absl::Duration window,
                                    const TimeRanges& ranges) const {
  if (!head || ranges.empty()) return {};
  return ladder.SumInside(end, window, ranges, *head);
}

TrafficStore::TrafficStore(Options options, const std::vector<TierSpec>& tiers)
    : rep_(std::make_unique<Rep>(std::move(options))) {
  for (const TierSpec& spec : tiers) rep_->tiers.push_back(MakeTier(spec, Tier()));
}

TrafficStore::TrafficStore(TrafficStore&&) noexcept = default;
TrafficStore& TrafficStore::operator=(TrafficStore&&) noexcept = default;
TrafficStore::~TrafficStore() = default;

void TrafficStore::Reconfigure(const std::vector<TierSpec>& specs, int latency_buckets) {
  std::vector<Tier> tiers;
  for (const TierSpec& spec : specs) {
    const auto old =
        std::find_if(rep_->tiers.begin(), rep_->tiers.end(), [&](const Tier& tier) { return tier.name == spec.name; });
    tiers.push_back(MakeTier(spec, old == rep_->tiers.end() ? Tier() : std::move(*old)));
    ForEachCumulative(tiers.back(), [=](CumulativeCounts& cumulative) {
      if (cumulative.latency_buckets.size() != latency_buckets) ResetHistogram(cumulative, latency_buckets);
    });
  }
  rep_->tiers = std::move(tiers);
  rep_->options.latency_buckets = latency_buckets;
}

void TrafficStore::ResetHistograms() {
  for (Tier& tier : rep_->tiers) {
    ForEachCumulative(
        tier, [this](CumulativeCounts& cumulative) { ResetHistogram(cumulative, rep_->options.latency_buckets); });
  }
}

void TrafficStore::AdvanceTo(absl::Time now) { rep_->MoveHead(SlotOf(now, rep_->options.shape.finest())); }

void TrafficStore::InFlight::Add(const Delta& delta) {
  ++deltas_;
  counts_ += delta.counts;
  newest_slot_ = std::max(newest_slot_.value_or(delta.slot), delta.slot);
}

void TrafficStore::InFlight::Remove(const Delta& delta) {
  counts_ -= delta.counts;
  if (--deltas_ == 0) newest_slot_.reset();
}

TrafficStore::ApplyResult TrafficStore::Admit(Delta& delta, const InFlight& in_flight) {
  Tier& tier = rep_->tiers[delta.tier];
  TierSeries& series = rep_->SeriesOf(tier, delta.source);
  if (rep_->head) series.ladder.AdvanceTo(*rep_->head);
  const int64_t head = std::max(rep_->head.value_or(delta.slot), in_flight.newest_slot().value_or(delta.slot));
  const ApplyResult result = ResultOf(series.ladder.Judge(delta.slot, delta.counts + in_flight.counts(), head));
  if (result == ApplyResult::kCounted) tier.Reserve(delta.endpoint);
  return result;
}

void TrafficStore::Count(const Delta& delta) {
  Tier& tier = rep_->tiers[delta.tier];
  TierSeries& series = rep_->SeriesOf(tier, delta.source);
  rep_->MoveHead(delta.slot);
  series.ladder.AdvanceTo(*rep_->head);
  series.ladder.Add(delta.slot, delta.counts);
  series.Saw(delta.slot, delta.slot);
  rep_->CountEndpoint(tier, delta);
  rep_->CountCauses(series, delta);
}

TrafficStore::ApplyResult TrafficStore::CountTier(int tier, int source, int64_t slot, const Counts& counts) {
  TierSeries& series = rep_->SeriesOf(rep_->tiers[tier], source);
  if (rep_->head && *rep_->head > slot) series.ladder.AdvanceTo(*rep_->head);  // Add moves it to `slot`
  const ApplyResult result = ResultOf(series.ladder.Add(slot, counts));
  if (result != ApplyResult::kCounted) return result;
  rep_->MoveHead(slot);
  series.Saw(slot, slot);
  return result;
}

void TrafficStore::Abandon(int tier, const std::string& endpoint) { rep_->tiers[tier].Release(endpoint); }

TrafficStore::ApplyResult TrafficStore::Apply(Delta delta) {
  const ApplyResult result = Admit(delta, InFlight());
  if (result == ApplyResult::kCounted) Count(delta);
  return result;
}

TrafficStore::ApplyResult TrafficStore::RestoreTier(int tier, int source, const CountRow& row) {
  TierSeries& series = rep_->SeriesOf(rep_->tiers[tier], source);
  rep_->MoveHead(rep_->FirstSlotOf(row));
  series.Saw(rep_->FirstSlotOf(row), std::min(rep_->LastSlotOf(row), *rep_->head));
  return ResultOf(series.ladder.Restore(row, *rep_->head));
}

TrafficStore::ApplyResult TrafficStore::RestoreEndpoint(int tier, std::string_view endpoint, int source,
                                                        const CountRow& row) {
  EndpointSeries& series = rep_->SeriesOf(rep_->tiers[tier].PlaceOf(endpoint), source);
  rep_->MoveHead(rep_->FirstSlotOf(row));
  return ResultOf(series.ladder.Restore(row, *rep_->head));
}

TrafficStore::ApplyResult TrafficStore::RestoreCause(int tier, int source, int code, const CountRow& row) {
  TierSeries& series = rep_->SeriesOf(rep_->tiers[tier], source);
  rep_->MoveHead(rep_->FirstSlotOf(row));
  const CountRow bad{row.width_seconds, row.slot, {.total = row.counts.bad, .bad = row.counts.bad}};
  return ResultOf(rep_->CauseRing(series, code).Restore(bad, *rep_->head));
}

void TrafficStore::RestoreCumulative(int tier, std::string_view endpoint, int source, CumulativeCounts cumulative) {
  const size_t buckets = static_cast<size_t>(rep_->options.latency_buckets);
  const size_t given = cumulative.latency_buckets.size();
  if (given == 0 || given > buckets) ResetHistogram(cumulative, buckets);
  cumulative.latency_buckets.resize(buckets);
  rep_->SeriesOf(rep_->tiers[tier].PlaceOf(endpoint), source).cumulative = std::move(cumulative);
}

void TrafficStore::PlaceEndpoint(int tier, std::string_view endpoint) { rep_->tiers[tier].PlaceOf(endpoint); }

int TrafficStore::num_tiers() const { return static_cast<int>(rep_->tiers.size()); }

int TrafficStore::num_endpoints(int tier) const { return static_cast<int>(rep_->tiers[tier].endpoints.size()); }

std::string_view TrafficStore::endpoint_name(int tier, int endpoint) const {
  return rep_->tiers[tier].endpoints[endpoint].name;
}

Counts TrafficStore::TierSum(int tier, int source, absl::Time end, absl::Duration window) const {
  const auto& series = rep_->tiers[tier].by_source[source];
  return series == nullptr ? Counts() : series->ladder.Sum(end, window);
}

Counts TrafficStore::EndpointSum(int tier, int endpoint, int source, absl::Time end, absl::Duration window) const {
  const auto& series = rep_->tiers[tier].endpoints[endpoint].by_source[source];
  return series == nullptr ? Counts() : series->ladder.Sum(end, window);
}

Counts TrafficStore::TierSumInside(int tier, int source, absl::Time end, absl::Duration window,
                                   const TimeRanges& ranges) const {
  const auto& series = rep_->tiers[tier].by_source[source];
  return series == nullptr ? Counts() : rep_->SumInside(series->ladder, end, window, ranges);
}

Counts TrafficStore::EndpointSumInside(int tier, int endpoint, int source, absl::Time end, absl::Duration window,
                                       const TimeRanges& ranges) const {
  const auto& series = rep_->tiers[tier].endpoints[endpoint].by_source[source];
  return series == nullptr ? Counts() : rep_->SumInside(series->ladder, end, window, ranges);
}

std::vector<std::pair<int, int64_t>> TrafficStore::CauseSums(int tier, int source, absl::Time end,
                                                             absl::Duration window, const TimeRanges& without) const {
  std::vector<std::pair<int, int64_t>> sums;
  const auto& series = rep_->tiers[tier].by_source[source];
  if (series == nullptr) return sums;
  for (const auto& [code, ring] : series->causes) {
    const int64_t bad = ring.Sum(end, window).bad - rep_->SumInside(ring, end, window, without).bad;
    if (bad != 0) sums.emplace_back(code, bad);
  }
  return sums;
}

std::optional<absl::Time> TrafficStore::FirstEvent(int tier, int source) const {
  const auto& series = rep_->tiers[tier].by_source[source];
  return series == nullptr ? std::nullopt : rep_->EndOf(series->first_slot);
}

std::optional<absl::Time> TrafficStore::LastEvent(int tier, int source) const {
  const auto& series = rep_->tiers[tier].by_source[source];
  return series == nullptr ? std::nullopt : rep_->EndOf(series->last_slot);
}

const CumulativeCounts* TrafficStore::Cumulative(int tier, int endpoint, int source) const {
  const auto& series = rep_->tiers[tier].endpoints[endpoint].by_source[source];
  return series == nullptr ? nullptr : &series->cumulative;
}

size_t TrafficStore::memory_bytes() const {
  size_t bytes = sizeof(*this) + sizeof(Rep);
  for (const Tier& tier : rep_->tiers) {
    bytes += sizeof(tier) + MemoryOf(tier.by_source);
    for (const Endpoint& endpoint : tier.endpoints) {
      // The name is kept twice: here and as a key of the index.
      bytes += 2 * (sizeof(endpoint) + endpoint.name.capacity()) + MemoryOf(endpoint.by_source);
    }
  }
  return bytes;
}

}  // namespace firebreak
