#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/import/imported_slo.h"
#include "rules/quoted.h"
#include "rules/threshold.h"
#include "rules/yaml_text.h"

namespace firebreak {
namespace {

constexpr size_t kMostTiers = 100;
constexpr size_t kMostPairs = 16;
constexpr absl::Duration kFinestSlot = absl::Seconds(5);  // evaluation_interval, which an import leaves at its default

// A burn that is as good as off: above it are only windows of which more than 99.9 % fail. Every tier has every pair,
// and a burn that can never be exceeded is refused.
Decimal BurnOfTotalOutage(const Decimal& objective) {
  const Decimal allowed = objective.OneMinus();
  // 0.999 / allowed with as many digits after the point as a decimal has room for; allowed has at least one, which
  // leaves room for the three of 0.999.
  for (int scale = 6;; --scale) {
    unsigned __int128 digits = 999;
    for (int i = 3; i < allowed.scale() + scale; ++i) digits *= 10;
    digits /= static_cast<unsigned __int128>(allowed.digits());
    if (digits < 1'000'000'000'000'000'000) return Decimal::FromParts(static_cast<int64_t>(digits), scale);
  }
}

bool HaveSameShape(const ImportedPair& a, const ImportedPair& b) {
  return a.short_window == b.short_window && a.long_window == b.long_window && a.hold_for == b.hold_for &&
         a.severity == b.severity;
}

std::string WindowsOf(const ImportedPair& pair) {
  return fmt::format("{} and {}", DurationText(pair.short_window), DurationText(pair.long_window));
}

// `name` as the name of a pair: small letters, digits and _, a letter first.
std::string PairName(std::string_view name) {
  std::string made;
  for (const char c : name.substr(0, 40)) {
    const bool is_small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool is_capital = c >= 'A' && c <= 'Z';
    made += is_small ? c : is_capital ? static_cast<char>(c - 'A' + 'a') : '_';
  }
  const bool begins_well = !made.empty() && made.front() >= 'a' && made.front() <= 'z';
  return begins_well ? made : "pair_" + made;
}

// Makes one configuration out of many SLOs, each with its own pairs.
class Assembler {
 public:
  Assembler(const std::vector<ImportedSlo>& slos, const EndpointBindings& bindings)
      : slos_(slos), bindings_(bindings) {}

  std::string Write();

 private:
  void GatherPairs();
  void NamePairs();
  Decimal BurnFor(const ImportedSlo& slo, const ImportedPair& pair) const;
  Decimal BurnOfMadeUp(const ImportedSlo& slo, const ImportedPair& pair) const;
  void ComputeBurns();
  void CompareServices() const;
  void ComparePeriods() const;
  std::string TierName(const ImportedSlo& slo) const { return TierNameOf(slo, slos_); }

  std::string WriteTier(size_t slo) const;
  std::string WriteEndpoints(const ImportedSlo& slo) const;
  std::string WritePair(size_t pair) const;

  const std::vector<ImportedSlo>& slos_;
  const EndpointBindings& bindings_;
  std::vector<ImportedPair> pairs_;         // of the configuration: fast, slow, others
  size_t num_found_ = 0;                    // of them, those that SLOs have come first; the others are made up
  std::vector<std::vector<Decimal>> burn_;  // by SLO and pair
};

void Assembler::GatherPairs() {
  for (const ImportedSlo& slo : slos_) {
    for (const ImportedPair& pair : slo.pairs) {
      const auto same = [&](const ImportedPair& other) { return HaveSameShape(pair, other); };
      if (std::none_of(pairs_.begin(), pairs_.end(), same)) pairs_.push_back(pair);
    }
  }
  std::stable_sort(pairs_.begin(), pairs_.end(), [](const ImportedPair& a, const ImportedPair& b) {
    return std::tie(a.long_window, a.short_window) < std::tie(b.long_window, b.short_window);
  });
  if (pairs_.size() > kMostPairs) {
    slos_.front().origin.Fault(
        fmt::format("{} different pairs of windows in all, wanted at most {}", pairs_.size(), kMostPairs));
  }
}

// fast and slow are always there, so they come first; what is missing of them is made up, and off for every tier.
void Assembler::NamePairs() {
  num_found_ = pairs_.size();
  if (pairs_.empty()) {
    pairs_.push_back(
        {"fast", absl::Minutes(5), absl::Hours(1), Decimal::FromParts(144, 1), absl::ZeroDuration(), Severity::kPage});
  }
  if (pairs_.size() == 1) {
    ImportedPair slow = pairs_.front();
    slow.severity = slow.severity == Severity::kPage ? Severity::kTicket : Severity::kPage;
    pairs_.push_back(slow);
  }
  pairs_[0].name = "fast";
  pairs_[1].name = "slow";
  std::set<std::string> taken = {"fast", "slow"};
  for (size_t i = 2; i < pairs_.size(); ++i) {
    const std::string name = PairName(pairs_[i].name);
    pairs_[i].name = name;
    for (int number = 2; !taken.insert(pairs_[i].name).second; ++number)
      pairs_[i].name = fmt::format("{}_{}", name, number);
  }
}

// The burn of one tier for one pair. Of several alike the lowest decides, since one of them is enough.
Decimal Assembler::BurnFor(const ImportedSlo& slo, const ImportedPair& pair) const {
  std::optional<Decimal> burn;
  for (const ImportedPair& own : slo.pairs) {
    if (HaveSameShape(own, pair) && (!burn || own.burn < *burn)) burn = own.burn;
  }
  const Decimal off = BurnOfTotalOutage(slo.objective);
  if (!burn) {
    slo.origin.Warn(fmt::format(
        "changed: it has no alert over {}, but the pair {} holds for every tier; burn_rate_{}: {} is as good as off",
        WindowsOf(pair), pair.name, pair.name, off.ToString()));
    return off;
  }
  if (!Threshold(*burn, slo.objective).CanNeverBeExceeded()) return *burn;
  slo.origin.Warn(fmt::format(
      "changed: a burn of {}x over {} can never be reached at {} %; burn_rate_{}: {} fires when more than 99.9 % fail",
      burn->ToString(), WindowsOf(pair), slo.objective.ToPercentString(), pair.name, off.ToString()));
  return off;
}

// The burn of a pair that no SLO has, but every configuration.
Decimal Assembler::BurnOfMadeUp(const ImportedSlo& slo, const ImportedPair& pair) const {
  const Decimal off = BurnOfTotalOutage(slo.objective);
  slo.origin.Warn(fmt::format(
      "changed: a configuration has at least two pairs; {} is made up, and burn_rate_{}: {} is as good as off",
      pair.name, pair.name, off.ToString()));
  return off;
}

void Assembler::ComputeBurns() {
  for (const ImportedSlo& slo : slos_) {
    std::vector<Decimal>& burns = burn_.emplace_back();
    for (size_t i = 0; i < pairs_.size(); ++i) {
      burns.push_back(i >= num_found_ ? BurnOfMadeUp(slo, pairs_[i]) : BurnFor(slo, pairs_[i]));
    }
  }
  for (size_t i = 0; i < pairs_.size(); ++i) pairs_[i].burn = burn_.front()[i];
}

void Assembler::CompareServices() const {
  for (const ImportedSlo& slo : slos_) {
    if (slo.service == slos_.front().service) continue;
    slo.origin.Warn(fmt::format("changed: service {}; one configuration has one service, and the first is {}",
                                Quoted(slo.service), Quoted(slos_.front().service)));
  }
}

void Assembler::ComparePeriods() const {
  for (const ImportedSlo& slo : slos_) {
    if (slo.period == slos_.front().period) continue;
    slo.origin.Warn(fmt::format("changed: a period of {}; one configuration has one period, and the first is {}",
                                DurationText(slo.period), DurationText(slos_.front().period)));
  }
}

// A tier must have endpoints: what is not bound yet gets one that nobody calls.
std::string Assembler::WriteEndpoints(const ImportedSlo& slo) const {
  const std::string tier = TierName(slo);
  const auto bound = bindings_.find(tier);
  if (bound != bindings_.end()) {
    std::string text = "    endpoints:\n";
    for (const std::string& endpoint : bound->second) text += fmt::format("      - {}\n", YamlText(endpoint));
    return text;
  }
  slo.origin.Warn(fmt::format("needs binding: no endpoints; --map '{}=/endpoint,~^/pattern' names them", tier));
  std::string name = "/unbound/" + tier;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '?' || c == '#'; }, '_');
  return fmt::format("    endpoints: [{}]  # to be replaced: nothing is counted here yet\n", YamlText(name));
}

std::string Assembler::WriteTier(size_t slo) const {
  const ImportedSlo& own = slos_[slo];
  std::string text = fmt::format("  {}:\n    availability: {}\n", YamlText(TierName(own)), own.objective.ToString());
  for (size_t i = 0; i < pairs_.size(); ++i) {
    if (burn_[slo][i] == pairs_[i].burn) continue;
    text += fmt::format("    burn_rate_{}: {}\n", pairs_[i].name, burn_[slo][i].ToString());
  }
  if (!own.runbook_url.empty()) text += fmt::format("    runbook_url: {}\n", YamlText(own.runbook_url));
  return text + WriteEndpoints(own);
}

std::string Assembler::WritePair(size_t pair) const {
  const ImportedPair& own = pairs_[pair];
  return fmt::format("  {}: {{short: {}, long: {}, burn: {}, for: {}, severity: {}}}\n", own.name,
                     DurationText(own.short_window), DurationText(own.long_window), own.burn.ToString(),
                     DurationText(own.hold_for), SeverityName(own.severity));
}

std::string Assembler::Write() {
  if (slos_.size() > kMostTiers) {
    slos_.back().origin.Fault(
        fmt::format("{} SLOs in all, wanted at most {} in one configuration", slos_.size(), kMostTiers));
  }
  CompareServices();
  ComparePeriods();
  GatherPairs();
  NamePairs();
  ComputeBurns();
  std::string text = fmt::format("service: {}\nperiod: {}\nslo_tiers:\n", YamlText(slos_.front().service),
                                 DurationText(slos_.front().period));
  for (size_t i = 0; i < slos_.size(); ++i) text += WriteTier(i);
  text += "alerts:\n";
  for (size_t i = 0; i < pairs_.size(); ++i) text += WritePair(i);
  return text;
}

}  // namespace

void CheckWindows(const Origin& origin, const ImportedPair& pair, absl::Duration period) {
  for (const absl::Duration window : {pair.short_window, pair.long_window}) {
    if (window % kFinestSlot == absl::ZeroDuration()) continue;
    origin.Fault(
        fmt::format("a window of {}, wanted a multiple of {}", DurationText(window), DurationText(kFinestSlot)));
    return;
  }
  if (pair.short_window >= pair.long_window) {
    origin.Fault(fmt::format("the short window {} is not shorter than the long window {}",
                             DurationText(pair.short_window), DurationText(pair.long_window)));
  } else if (pair.long_window > period) {
    origin.Fault(fmt::format("the window {} is longer than the period {}", DurationText(pair.long_window),
                             DurationText(period)));
  }
}

std::string TierNameOf(const ImportedSlo& slo, const std::vector<ImportedSlo>& slos) {
  const auto alike = std::count_if(slos.begin(), slos.end(), [&](const auto& other) { return other.name == slo.name; });
  return alike == 1 ? slo.name : fmt::format("{}/{}", slo.service, slo.name);
}

std::string AssembleConfig(const std::vector<ImportedSlo>& slos, const EndpointBindings& bindings) {
  return Assembler(slos, bindings).Write();
}

}  // namespace firebreak
