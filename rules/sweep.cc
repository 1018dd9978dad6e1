#include "rules/sweep.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/finding_list.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/text_fault.h"

namespace firebreak {
namespace {

constexpr size_t kMaxValues = 1000;
constexpr size_t kMaxSweepBytes = 64 << 10;
constexpr std::string_view kSpace = " \t\r\n";

struct SettingName {
  std::string_view name;
  SweepSetting setting;
};
constexpr SettingName kPairSettings[] = {{"short", SweepSetting::kShort},
                                         {"long", SweepSetting::kLong},
                                         {"burn", SweepSetting::kBurn},
                                         {"for", SweepSetting::kFor},
                                         {"keep_firing_for", SweepSetting::kKeepFiringFor}};
constexpr SettingName kGuards[] = {{"min_total", SweepSetting::kMinTotal}, {"min_bad", SweepSetting::kMinBad}};

// The kinds of value, and what of them is a whole number: ranges count in that.
enum class ValueKind { kDuration, kDecimal, kCount };

ValueKind KindOf(SweepSetting setting) {
  if (setting == SweepSetting::kBurn) return ValueKind::kDecimal;
  if (setting == SweepSetting::kMinTotal || setting == SweepSetting::kMinBad) return ValueKind::kCount;
  return ValueKind::kDuration;
}

std::string_view WantedOf(SweepSetting setting) {
  switch (KindOf(setting)) {
    case ValueKind::kDuration:
      return "a duration such as 5m";
    case ValueKind::kDecimal:
      return "a burn rate above 0 such as 14.4, at most 6 digits after the point";
    case ValueKind::kCount:
      break;
  }
  return "a whole number";
}

constexpr int kBurnScale = 6;
constexpr int64_t kLargestUnits = int64_t{1} << 50;

// The value in milliseconds, in millionths, or as it is; nullopt when it is none of that kind, or beyond all sense.
std::optional<int64_t> UnitsOf(std::string_view text, SweepSetting setting) {
  if (KindOf(setting) == ValueKind::kDuration) {
    const absl::StatusOr<absl::Duration> duration = ParseDuration(text);
    if (!duration.ok()) return std::nullopt;
    return *duration / absl::Milliseconds(1);
  }
  if (KindOf(setting) == ValueKind::kDecimal) {
    const absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
    if (!decimal.ok() || decimal->scale() > kBurnScale || decimal->digits() > kLargestUnits) return std::nullopt;
    int64_t units = decimal->digits();
    for (int scale = decimal->scale(); scale < kBurnScale; ++scale) {
      if (__builtin_mul_overflow(units, 10, &units)) return std::nullopt;
    }
    if (units > kLargestUnits) return std::nullopt;
    return units;
  }
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0 || count > kLargestUnits) {
    return std::nullopt;
  }
  return count;
}

SweepValue ValueOf(int64_t units, SweepSetting setting) {
  switch (KindOf(setting)) {
    case ValueKind::kDuration:
      return absl::Milliseconds(units);
    case ValueKind::kDecimal:
      return Decimal::FromParts(units, kBurnScale);
    case ValueKind::kCount:
      break;
  }
  return units;
}

std::vector<std::string> NamesOf(const Config& config) {
  std::vector<std::string> names;
  for (const AlertPair& pair : config.pairs) {
    for (const SettingName& setting : kPairSettings) names.push_back(fmt::format("{}.{}", pair.name, setting.name));
  }
  for (const SettingName& guard : kGuards) names.emplace_back(guard.name);
  return names;
}

// Reads one expression. Columns count from 1, in bytes.
class SweepParser {
 public:
  SweepParser(std::string_view text, const Config& config, FindingList& findings)
      : text_(text), config_(config), findings_(findings) {}

  std::vector<SweepAxis> Read() {
    std::vector<SweepAxis> axes;
    size_t begin = text_.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) Fault(0, "empty, wanted such as fast.burn=6..20/0.4");
    while (begin != std::string_view::npos) {
      const size_t end = std::min(text_.find_first_of(kSpace, begin), text_.size());
      if (std::optional<SweepAxis> axis = ReadAxis(begin, end)) axes.push_back(*std::move(axis));
      begin = text_.find_first_not_of(kSpace, end);
    }
    return axes;
  }

 private:
  void Fault(size_t at, std::string message) {
    findings_.Add(FindingKind::kError, {1, static_cast<int>(at) + 1}, std::move(message));
  }

  std::optional<SweepAxis> ReadAxis(size_t begin, size_t end) {
    const std::string_view whole = text_.substr(begin, end - begin);
    const size_t equals = whole.find('=');
    if (equals == std::string_view::npos) {
      Fault(begin, fmt::format("{} without =, wanted such as fast.burn=6..20/0.4", Quoted(whole)));
      return std::nullopt;
    }
    SweepAxis axis;
    if (!ReadName(begin, whole.substr(0, equals), axis)) return std::nullopt;
    std::set<int64_t> units;
    size_t at = begin + equals + 1;
    while (true) {
      const size_t comma = std::min(text_.find(',', at), end);
      ReadItem(at, text_.substr(at, comma - at), axis.setting, units);
      if (comma >= end) break;
      at = comma + 1;
    }
    if (units.size() > kMaxValues) {
      Fault(begin, fmt::format("{} values, wanted at most {}", units.size(), kMaxValues));
    }
    for (const int64_t value : units) axis.values.push_back(ValueOf(value, axis.setting));
    return axis;
  }

  bool ReadName(size_t at, std::string_view name, SweepAxis& axis) {
    if (!seen_.insert(std::string(name)).second) {
      Fault(at, fmt::format("{} is given twice", name));
      return false;
    }
    for (const SettingName& guard : kGuards) {
      if (guard.name != name) continue;
      axis.setting = guard.setting;
      return true;
    }
    for (size_t pair = 0; pair < config_.pairs.size(); ++pair) {
      for (const SettingName& setting : kPairSettings) {
        if (name != fmt::format("{}.{}", config_.pairs[pair].name, setting.name)) continue;
        axis.setting = setting.setting;
        axis.pair = pair;
        return true;
      }
    }
    const std::string hint = DidYouMean(name, NamesOf(config_));
    Fault(at, fmt::format("unknown setting {}{}", Quoted(name),
                          hint.empty() ? ", wanted PAIR.short, .long, .burn, .for or .keep_firing_for of a pair of the "
                                         "configuration, min_total or min_bad"
                                       : hint));
    return false;
  }

  std::optional<int64_t> ReadUnits(size_t at, std::string_view text, SweepSetting setting) {
    const std::optional<int64_t> units = UnitsOf(text, setting);
    if (!units) Fault(at, fmt::format("{}, wanted {}", Quoted(text), WantedOf(setting)));
    return units;
  }

  // One value, or FROM..TO/STEP.
  void ReadItem(size_t at, std::string_view item, SweepSetting setting, std::set<int64_t>& units) {
    const size_t dots = item.find("..");
    if (dots == std::string_view::npos) {
      if (const std::optional<int64_t> value = ReadUnits(at, item, setting)) Keep(at, *value, setting, units);
      return;
    }
    const size_t slash = item.find('/', dots);
    if (slash == std::string_view::npos) {
      return Fault(at, fmt::format("{} without a step, wanted FROM..TO/STEP", Quoted(item)));
    }
    const std::optional<int64_t> from = ReadUnits(at, item.substr(0, dots), setting);
    const std::optional<int64_t> to = ReadUnits(at + dots + 2, item.substr(dots + 2, slash - dots - 2), setting);
    const std::optional<int64_t> step = ReadUnits(at + slash + 1, item.substr(slash + 1), setting);
    if (!from || !to || !step) return;
    if (*step <= 0) return Fault(at + slash + 1, "a step of 0, wanted more");
    if (*to < *from) return Fault(at, fmt::format("{} ends before it begins", Quoted(item)));
    if ((*to - *from) / *step >= static_cast<int64_t>(kMaxValues)) {
      return Fault(at, fmt::format("{} has more than {} values", Quoted(item), kMaxValues));
    }
    for (int64_t value = *from; value <= *to; value += *step) {
      if (!Keep(at, value, setting, units)) return;
    }
  }

  bool Keep(size_t at, int64_t value, SweepSetting setting, std::set<int64_t>& units) {
    const std::string fault = FaultOf(ValueOf(value, setting), setting);
    if (fault.empty()) {
      units.insert(value);
    } else {
      Fault(at, fault);
    }
    return fault.empty();
  }

  std::string FaultOf(const SweepValue& value, SweepSetting setting) const {
    if (setting == SweepSetting::kBurn && std::get<Decimal>(value) == Decimal()) return "0, wanted a burn rate above 0";
    const bool is_window = setting == SweepSetting::kShort || setting == SweepSetting::kLong;
    if (KindOf(setting) != ValueKind::kDuration) return "";
    const absl::Duration duration = std::get<absl::Duration>(value);
    const absl::Duration grid = config_.evaluation_interval;
    if (is_window && (duration <= absl::ZeroDuration() || absl::Floor(duration, grid) != duration)) {
      return fmt::format("a window of {}, wanted a multiple of {}", DurationText(duration), DurationText(grid));
    }
    if (is_window && duration > config_.period) {
      return fmt::format("a window of {}, wanted at most the period {}", DurationText(duration),
                         DurationText(config_.period));
    }
    if (!is_window && duration > absl::Hours(24)) return fmt::format("{}, wanted at most 1d", DurationText(duration));
    return "";
  }

  const std::string_view text_;
  const Config& config_;
  FindingList& findings_;
  std::set<std::string> seen_;
};

// "name=a,b,c" of the durations that fit the grid, ascending, each once.
std::string DurationAxis(std::string_view name, std::set<absl::Duration> values, absl::Duration grid,
                         absl::Duration most) {
  std::vector<std::string> texts;
  for (const absl::Duration value : values) {
    if (value <= most && absl::Floor(value, grid) == value) texts.push_back(DurationText(value));
  }
  return fmt::format("{}={}", name, fmt::join(texts, ","));
}

std::string BurnAxis(std::string_view name, const Decimal& current) {
  std::vector<Decimal> burns;
  for (const int burn : {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30})
    burns.push_back(Decimal::FromParts(burn, 0));
  if (std::find(burns.begin(), burns.end(), current) == burns.end()) burns.push_back(current);
  std::sort(burns.begin(), burns.end());
  std::string text = fmt::format("{}=", name);
  for (size_t i = 0; i < burns.size(); ++i) text += (i == 0 ? "" : ",") + burns[i].ToString();
  return text;
}

}  // namespace

ParsedSweep ParseSweep(std::string_view text, const Config& config) {
  FindingList findings("--sweep");
  ParsedSweep parsed;
  if (text.size() > kMaxSweepBytes) {
    findings.Add(FindingKind::kError, {}, fmt::format("longer than {} bytes", kMaxSweepBytes));
  } else if (const std::optional<TextFault> fault = FindTextFault(text)) {
    findings.Add(FindingKind::kError, fault->place, fault->message);
  } else {
    std::vector<SweepAxis> axes = SweepParser(text, config, findings).Read();
    if (!findings.has_errors()) parsed.axes = std::move(axes);
  }
  parsed.findings = findings.Take();
  return parsed;
}

std::string DefaultSweep(const Config& config, Severity severity) {
  const absl::Duration grid = config.evaluation_interval;
  std::string text;
  for (const AlertPair& pair : config.pairs) {
    if (pair.severity < severity) continue;
    const auto name = [&](std::string_view setting) { return fmt::format("{}.{}", pair.name, setting); };
    const absl::Duration s = pair.short_window;
    const absl::Duration l = pair.long_window;
    text += BurnAxis(name("burn"), pair.burn) + " ";
    text += DurationAxis(name("short"), {s, 2 * s}, grid, config.period) + " ";
    text += DurationAxis(name("long"), {l / 2, l, 2 * l}, grid, config.period) + " ";
    text += DurationAxis(name("for"), {absl::ZeroDuration(), absl::Minutes(1), pair.hold_for}, absl::Milliseconds(1),
                         absl::Hours(24)) +
            " ";
  }
  return text + "min_bad=0,5";
}

}  // namespace firebreak
