#include <algorithm>

#include "fmt/format.h"
#include "rules/parse_sections.h"

namespace firebreak {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 366);

AlertPair NewPair(const std::string& name) {
  AlertPair pair;
  pair.name = name;
  pair.severity = Severity::kTicket;
  return pair;
}

bool IsPairName(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view kOthers = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.size() <= 64 && kLetters.find(name.front()) != std::string_view::npos &&
         name.find_first_not_of(kOthers) == std::string_view::npos;
}

// The fields of one pair, on top of what `pair` holds already.
void ReadPair(const Field& field, YamlReader& reader, AlertPair& pair) {
  const auto window = [&](absl::Duration& out) {
    return [&reader, &out](const Field& f) { reader.ReadDuration(f, absl::Seconds(1), kLongest, out); };
  };
  const auto hold = [&](absl::Duration& out) {
    return [&reader, &out](const Field& f) { reader.ReadDuration(f, absl::ZeroDuration(), absl::Hours(24), out); };
  };
  reader.ReadMap(field, {
                            {"short", window(pair.short_window)},
                            {"long", window(pair.long_window)},
                            {"burn", [&](const Field& f) { reader.ReadBurn(f, pair.burn); }},
                            {"for", hold(pair.hold_for)},
                            {"keep_firing_for", hold(pair.keep_firing_for)},
                            {"severity",
                             [&](const Field& f) {
                               size_t choice = static_cast<size_t>(pair.severity);
                               reader.ReadChoice(f, {"ticket", "page"}, choice);
                               pair.severity = static_cast<Severity>(choice);
                             }},
                        });
}

void AddPair(const std::string& name, const Field& field, YamlReader& reader, std::vector<AlertPair>& pairs) {
  if (!IsPairName(name)) {
    return reader.Fault(field, "wanted a name of small letters, digits and _, a letter first, at most 64 in all");
  }
  if (pairs.size() == kMaxPairs) return reader.Fault(field, fmt::format("wanted at most {} pairs", kMaxPairs));
  AlertPair& pair = pairs.emplace_back(NewPair(name));
  ReadPair(field, reader, pair);
  reader.Require(field, "short", "the shorter window, such as 5m");
  reader.Require(field, "long", "the longer window, such as 1h");
  reader.Require(field, "burn", "a burn rate above 0, such as 14.4");
}

}  // namespace

std::vector<AlertPair> DefaultPairs() {
  AlertPair fast;
  fast.name = "fast";
  fast.short_window = absl::Minutes(5);
  fast.long_window = absl::Hours(1);
  fast.burn = Decimal::FromParts(144, 1);
  fast.hold_for = absl::Minutes(2);
  fast.severity = Severity::kPage;
  AlertPair slow;
  slow.name = "slow";
  slow.short_window = absl::Minutes(30);
  slow.long_window = absl::Hours(6);
  slow.burn = Decimal::FromParts(6, 0);
  slow.hold_for = absl::Minutes(15);
  slow.severity = Severity::kTicket;
  return {fast, slow};
}

void ReadAlerts(const Field& field, YamlReader& reader, std::vector<AlertPair>& pairs) {
  const size_t num_defaults = pairs.size();
  reader.ReadNamedMap(field, [&](const std::string& name, const Field& child) {
    const auto end = pairs.begin() + static_cast<std::ptrdiff_t>(num_defaults);
    const auto found = std::find_if(pairs.begin(), end, [&](const AlertPair& pair) { return pair.name == name; });
    if (found == end) return AddPair(name, child, reader, pairs);
    if (child.node.kind == YamlNode::Kind::kNull) {
      return reader.Fault(child, "nothing, wanted a map; this pair is always there: leave it out to keep its defaults");
    }
    ReadPair(child, reader, *found);
  });
}

}  // namespace firebreak
