#include "engine/reference_model.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

int FloorTo(int seconds, int unit) {
  const int rest = ((seconds % unit) + unit) % unit;
  return seconds - rest;
}

std::string SeverityOf(bool page) { return page ? "page" : "ticket"; }

}  // namespace

std::string ModelChange::ToString() const {
  return fmt::format("{}s {} {} {}>{} {} {}/{} {}/{}", seconds, alert, severity, from, to, reason, short_bad,
                     short_total, long_bad, long_total);
}

void ReferenceModel::Restart(int last_tick, int now) {
  const int down = now - last_tick;
  for (auto& [key, row] : rows_) {
    if (row.true_since && !row.fired) *row.true_since += down;
    if (row.last_false_since) *row.last_false_since += down;
    if (row.empty_since) *row.empty_since += down;
  }
  beats_.clear();
  missed_from_ = now;
}

std::vector<ModelChange> ReferenceModel::Tick(int now, Ingest ingest) {
  std::vector<ModelChange> changes;
  if (ingest == Ingest::kRefusing) missed_from_ = now;
  for (int tier = 0; tier < static_cast<int>(rules_.tiers.size()); ++tier) {
    for (const std::string& endpoint : Subjects(tier)) {
      for (const bool latency : {false, true}) {
        if (latency && !rules_.tiers[tier].has_latency) continue;
        for (const ModelPair& pair : rules_.pairs) TickAlert(tier, latency, pair, endpoint, now, ingest, changes);
      }
    }
    TickNoData(tier, now, ingest, changes);
  }
  maintenance_at_last_tick_ = maintenance_;
  return changes;
}

// "" stands for the tier itself.
std::vector<std::string> ReferenceModel::Subjects(int tier) const {
  if (!rules_.tiers[tier].by_endpoint) return {""};
  std::vector<std::string> subjects = rules_.tiers[tier].endpoints;
  for (const ModelRequest& request : requests_) {
    const bool known = std::count(subjects.begin(), subjects.end(), request.endpoint) > 0;
    if (request.tier == tier && !known) subjects.push_back(request.endpoint);
  }
  return subjects;
}

int ReferenceModel::SlotEnd(int seconds) const {
  return FloorTo(seconds + rules_.grid_seconds - 1, rules_.grid_seconds);
}

// Windows of up to an hour are exact; longer ones, of up to twelve, begin at a border of half a minute.
ReferenceModel::Sum ReferenceModel::Window(int tier, bool latency, const std::string& endpoint, int end, int seconds,
                                           const std::vector<ModelMaintenance>& maintenance) const {
  const int left = FloorTo(end - seconds, seconds <= 3600 ? rules_.grid_seconds : std::max(rules_.grid_seconds, 30));
  Sum sum;
  for (const ModelRequest& request : requests_) {
    if (request.tier != tier) continue;
    const int at = SlotEnd(request.seconds);
    if (at <= left || at > end) continue;
    if (request.synthetic != rules_.tiers[tier].synthetic) continue;
    if (!endpoint.empty() && request.endpoint != endpoint) continue;
    const bool excluded = std::any_of(maintenance.begin(), maintenance.end(), [&](const ModelMaintenance& window) {
      return window.tier.value_or(tier) == tier && window.from < at && at <= window.to;
    });
    if (excluded) continue;
    sum.bad += latency ? request.slow : request.bad;
    sum.total += request.fast + request.slow + (latency ? 0 : request.good + request.bad);
  }
  return sum;
}

bool ReferenceModel::UnderMaintenance(int tier, int end) const {
  return std::any_of(maintenance_.begin(), maintenance_.end(), [&](const ModelMaintenance& window) {
    return window.tier.value_or(tier) == tier && window.from <= end && end < window.to;
  });
}

bool ReferenceModel::JustMaintained(int tier, int end) const {
  return std::any_of(maintenance_.begin(), maintenance_.end(), [&](const ModelMaintenance& window) {
    return window.tier.value_or(tier) == tier && window.to <= end && end - window.to < rules_.lost_seconds;
  });
}

std::string ReferenceModel::KeyOf(const std::string& tier, bool latency, const std::string& pair,
                                  const std::string& endpoint) {
  return fmt::format("{}/{}/{}/{}", tier, latency ? "latency" : "availability", pair, endpoint);
}

void ReferenceModel::TickAlert(int tier, bool latency, const ModelPair& pair, const std::string& endpoint, int now,
                               Ingest ingest, std::vector<ModelChange>& changes) {
  const ModelTier& t = rules_.tiers[tier];
  const int end = FloorTo(now - rules_.delay_seconds, rules_.grid_seconds);
  const Sum s = Window(tier, latency, endpoint, end, pair.short_seconds, maintenance_);
  const Sum l = Window(tier, latency, endpoint, end, pair.long_seconds, maintenance_);
  const int64_t budget = latency ? 50'000 : t.budget_per_million;
  const auto burns = [&](const Sum& w) { return w.bad * 10'000'000 > w.total * budget * pair.burn_tenths; };
  const bool page = pair.page && l.total >= t.min_total && l.bad >= t.min_bad;

  const std::string key = KeyOf(t.name, latency, pair.name, endpoint);
  Row& row = rows_[key];
  const auto say = [&](bool as_page, const char* from, const char* to, const char* reason) {
    changes.push_back({now, key, SeverityOf(as_page), from, to, reason, s.bad, s.total, l.bad, l.total});
  };

  const bool fires = row.fired.has_value();
  const bool waits = row.true_since.has_value() && !fires;
  const bool true_now = s.total > 0 && burns(s) && burns(l);
  const Sum long_without_the_change =
      Window(tier, latency, endpoint, end, pair.long_seconds, maintenance_at_last_tick_);
  const bool true_without_the_change =
      burns(long_without_the_change) &&
      (!burns(l) || burns(Window(tier, latency, endpoint, end, pair.short_seconds, maintenance_at_last_tick_)));
  const bool emptied = s.total == 0 && Window(tier, latency, endpoint, end, pair.short_seconds).total > 0;
  if (UnderMaintenance(tier, end) || (!true_now && (emptied || true_without_the_change))) {
    if (waits) say(pair.page, "pending", "inactive", "maintenance");
    if (fires) say(row.fires_as_page, "firing", "resolved", "maintenance");
    if (waits || fires) no_data_[tier].announced |= no_data_[tier].silent.erase(endpoint) > 0;
    row = Row();
    return;
  }
  if (ingest == Ingest::kRefusing && !true_now) return;
  if (s.total == 0) {
    if (waits) say(pair.page, "pending", "inactive", "no_data"), row = Row();
    if (!fires) return;
    row.empty_since = row.empty_since.value_or(now);
    row.last_false_since = row.last_false_since.value_or(now);
    if (now - *row.empty_since < rules_.hold_seconds || now - *row.last_false_since < pair.keep_seconds) return;
    say(row.fires_as_page, "firing", "resolved", "no_data");
    row = Row();
    return;
  }
  row.empty_since.reset();
  if (!burns(s) || !burns(l)) {
    if (waits) say(pair.page, "pending", "inactive", "recovered"), row = Row();
    if (!fires) return;
    row.last_false_since = row.last_false_since.value_or(now);
    if (now - *row.last_false_since < pair.keep_seconds) return;
    say(row.fires_as_page, "firing", "resolved", "recovered");
    row = Row();
    return;
  }
  row.last_false_since.reset();
  row.true_since = row.true_since.value_or(now);
  if (!fires && now - *row.true_since < pair.for_seconds) {
    if (!waits) say(pair.page, "inactive", "pending", "");
    return;
  }
  if (fires && (row.fires_as_page || !page)) return;
  if (fires) say(false, "firing", "resolved", "escalated");
  say(page, waits ? "pending" : "inactive", "firing", "");
  row.fired = now;
  row.fires_as_page = page;
}

bool ReferenceModel::Alive(bool synthetic, int now, std::optional<int> missed_from) const {
  int last = missed_from.value_or(std::numeric_limits<int>::min() / 2);
  for (const ModelRequest& request : requests_) {
    const int at = SlotEnd(request.seconds);
    if (request.synthetic == synthetic && at <= now) last = std::max(last, at);
  }
  for (const Beat& beat : beats_) {
    if (beat.synthetic == synthetic && beat.seconds <= now) last = std::max(last, beat.seconds);
  }
  return now - last < rules_.lost_seconds;
}

bool ReferenceModel::IsHeld(int tier, const ModelPair& pair, const std::string& endpoint, bool latency, int now) const {
  const auto found = rows_.find(KeyOf(rules_.tiers[tier].name, latency, pair.name, endpoint));
  if (found == rows_.end() || !found->second.empty_since) return false;
  const int end = FloorTo(now - rules_.delay_seconds, rules_.grid_seconds);
  return now - *found->second.empty_since >= rules_.lost_seconds &&
         Window(tier, false, endpoint, end, pair.short_seconds).total == 0;
}

void ReferenceModel::TickNoData(int tier, int now, Ingest ingest, std::vector<ModelChange>& changes) {
  const ModelTier& t = rules_.tiers[tier];
  int shortest = rules_.pairs[0].short_seconds;
  for (const ModelPair& pair : rules_.pairs) shortest = std::min(shortest, pair.short_seconds);
  const int end = FloorTo(now - rules_.delay_seconds, rules_.grid_seconds);
  const bool traffic = Window(tier, false, "", end, shortest).total > 0;
  NoData& state = no_data_[tier];
  // A feed that was missed before is not back only because we are.
  const std::optional<int> missed_from = state.fired ? std::nullopt : std::optional<int>(missed_from_);
  const bool lost = !traffic && !Alive(t.synthetic, now, missed_from) && (state.fired || !JustMaintained(tier, end));
  const auto say = [&](bool as_page, const char* from, const char* to, const char* reason) {
    changes.push_back({now, t.name + "/NoData", SeverityOf(as_page), from, to, reason});
  };
  if (UnderMaintenance(tier, end)) {
    if (state.fired) say(state.page, "firing", "resolved", "maintenance");
    state = NoData();
    return;
  }
  if (ingest == Ingest::kRefusing) return;
  const bool announced = std::exchange(state.announced, false);
  bool held = false;
  bool page = false;
  for (const std::string& endpoint : Subjects(tier)) {
    for (const bool latency : {false, true}) {
      for (const ModelPair& pair : rules_.pairs) {
        if (!IsHeld(tier, pair, endpoint, latency, now)) continue;
        held = true;
        state.silent.insert(endpoint);
        page = page || rows_[KeyOf(t.name, latency, pair.name, endpoint)].fires_as_page;
      }
    }
  }

  if (announced && state.silent.empty()) {
    if (state.fired) say(state.page, "firing", "resolved", "maintenance");
    state = NoData();
    return;
  }

  std::set<std::string> still_silent;
  for (const std::string& endpoint : state.silent) {
    if (Window(tier, false, endpoint, end, shortest).total == 0) still_silent.insert(endpoint);
  }
  state.silent = still_silent;

  if (!held && !lost) {
    if (!state.fired || !state.silent.empty()) return;
    say(state.page, "firing", "resolved", "recovered");
    state = NoData();
    return;
  }
  if (state.fired && (state.page || !page)) return;
  if (state.fired) say(false, "firing", "resolved", "escalated");
  say(page, "inactive", "firing", "");
  state.fired = now;
  state.page = page;
}

}  // namespace firebreak
