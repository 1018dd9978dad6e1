#include "engine/maintenance.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/text_fault.h"

namespace firebreak {
namespace {

constexpr size_t kMaxIdCharacters = 64;

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

absl::Status CheckTier(std::string_view name, const Config& config) {
  std::string known;
  for (const Tier& tier : config.tiers) {
    if (tier.name == name) return absl::OkStatus();
    known += fmt::format("{}, ", tier.name);
  }
  if (name == kAllTiers) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("tier: {} is none, wanted one of {}or \"*\" for every tier", Quoted(name), known));
}

absl::Status CheckTimes(absl::Time from, absl::Time to, absl::Duration period, absl::Time now) {
  if (from >= to) return absl::InvalidArgumentError("to: not after from, wanted a later time");
  if (from - now > MaintenanceList::kFurthest) {
    return absl::InvalidArgumentError(
        fmt::format("from: more than {} ahead, wanted an earlier time", DurationText(MaintenanceList::kFurthest)));
  }
  if (to - from > MaintenanceList::kLongest + absl::Seconds(1)) {
    return absl::InvalidArgumentError(
        fmt::format("to: more than {} after from, wanted a shorter window", DurationText(MaintenanceList::kLongest)));
  }
  if (to <= now - period) {
    return absl::InvalidArgumentError(
        fmt::format("to: more than the period ({}) ago, nothing is counted there any more", DurationText(period)));
  }
  return absl::OkStatus();
}

absl::Status CheckComment(std::string_view comment) {
  const bool one_line = comment.find_first_of("\t\r\n") == std::string_view::npos;
  if (FindTextFault(comment) || !one_line) {
    return absl::InvalidArgumentError("comment: has control characters or is not UTF-8, wanted one line of text");
  }
  size_t characters = 0;
  for (std::string_view rest = comment; !rest.empty(); rest.remove_prefix(Utf8CharacterLength(rest))) ++characters;
  if (characters <= MaintenanceList::kMaxCommentCharacters) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("comment: {} characters, wanted at most {}", characters, MaintenanceList::kMaxCommentCharacters));
}

TimeRanges::const_iterator FirstEndingAfter(const TimeRanges& ranges, absl::Time instant) {
  return std::partition_point(ranges.begin(), ranges.end(),
                              [&](const TimeRange& range) { return range.end <= instant; });
}

bool IsBefore(const MaintenanceWindow& a, const MaintenanceWindow& b) {
  return std::tie(a.from, a.id) < std::tie(b.from, b.id);
}

}  // namespace

absl::Status CheckMaintenanceId(std::string_view id) {
  const bool sound = !id.empty() && id.size() <= kMaxIdCharacters && std::all_of(id.begin(), id.end(), IsIdCharacter);
  if (sound) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("id: {}, wanted 1 to {} letters, digits, \".\", \"_\" and \"-\"", Quoted(id), kMaxIdCharacters));
}

bool MaintenanceWindow::Covers(std::string_view tier_name) const { return tier == tier_name || tier == kAllTiers; }

MaintenanceList::MaintenanceList(std::vector<MaintenanceWindow> windows) : windows_(std::move(windows)) {
  std::sort(windows_.begin(), windows_.end(), IsBefore);
}

const MaintenanceWindow* MaintenanceList::Find(std::string_view id) const {
  const auto found =
      std::find_if(windows_.begin(), windows_.end(), [&](const MaintenanceWindow& window) { return window.id == id; });
  return found == windows_.end() ? nullptr : &*found;
}

std::string MaintenanceList::NewId(absl::Time created_at) const {
  const std::string first = absl::FormatTime("%Y%m%dT%H%M%SZ", created_at, absl::UTCTimeZone());
  std::set<std::string_view> taken;
  for (const MaintenanceWindow& window : windows_) taken.insert(window.id);
  std::string id = first;
  for (int n = 2; taken.contains(id); ++n) id = fmt::format("{}-{}", first, n);
  return id;
}

absl::StatusOr<MaintenanceWindow> MaintenanceList::Put(MaintenanceWindow window, const Config& config, absl::Time now) {
  absl::Status status = CheckTier(window.tier, config);
  status.Update(CheckTimes(window.from, window.to, config.period, now));
  status.Update(CheckComment(window.comment));
  if (!window.id.empty()) status.Update(CheckMaintenanceId(window.id));
  if (!status.ok()) return status;
  DropOld(config.period, now);
  const MaintenanceWindow* old = Find(window.id);
  if (old == nullptr && windows_.size() >= kMaxWindows) {
    return absl::ResourceExhaustedError(
        fmt::format("there are {} maintenance windows already, wanted some removed first", kMaxWindows));
  }
  if (window.id.empty()) window.id = NewId(window.created_at);
  if (old != nullptr) {
    window.created_at = old->created_at;
    windows_.erase(windows_.begin() + (old - windows_.data()));
  }
  windows_.insert(std::upper_bound(windows_.begin(), windows_.end(), window, IsBefore), window);
  return window;
}

absl::Status MaintenanceList::Remove(std::string_view id) {
  const MaintenanceWindow* window = Find(id);
  if (window == nullptr) {
    return absl::NotFoundError(fmt::format("there is no maintenance window called {}", Quoted(id)));
  }
  windows_.erase(windows_.begin() + (window - windows_.data()));
  return absl::OkStatus();
}

void MaintenanceList::DropOld(absl::Duration period, absl::Time now) {
  std::erase_if(windows_, [&](const MaintenanceWindow& window) { return window.to < now - period - absl::Hours(24); });
}

TimeRanges MaintenanceList::Of(std::string_view tier) const {
  std::vector<TimeRange> ranges;
  for (const MaintenanceWindow& window : windows_) {
    if (window.Covers(tier)) ranges.push_back({window.from, window.to});
  }
  return UnionOf(std::move(ranges));
}

std::optional<absl::Time> MaintenanceUntil(const TimeRanges& ranges, absl::Time instant) {
  const auto next = FirstEndingAfter(ranges, instant);
  if (next == ranges.end() || next->begin > instant) return std::nullopt;
  return next->end;
}

std::optional<absl::Time> MaintenanceEndedAt(const TimeRanges& ranges, absl::Time instant) {
  const auto next = FirstEndingAfter(ranges, instant);
  if (next == ranges.begin() || MaintenanceUntil(ranges, instant)) return std::nullopt;
  return std::prev(next)->end;
}

}  // namespace firebreak
