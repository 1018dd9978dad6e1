#include "rules/import/openslo_object.h"

#include <charconv>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/import/foreign_file.h"
#include "rules/quoted.h"

namespace firebreak {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 366);
constexpr int64_t kMostUnits = 1'000'000;

struct Unit {
  char letter;
  absl::Duration length;
  std::string_view calendar;  // what it is called where its length changes; else ""
};

constexpr Unit kUnits[] = {
    {'m', absl::Minutes(1), ""},
    {'h', absl::Hours(1), ""},
    {'d', absl::Hours(24), ""},
    {'w', absl::Hours(24 * 7), ""},
    {'M', absl::Hours(24 * 30), "months"},
    {'Q', absl::Hours(24 * 90), "quarters"},
    {'Y', absl::Hours(24 * 365), "years"},
};

struct Shorthand {
  int64_t count = 0;
  const Unit* unit = nullptr;
  absl::Duration length() const { return count * unit->length; }
};

std::optional<Shorthand> ParseShorthand(std::string_view text) {
  Shorthand parsed;
  for (const Unit& unit : kUnits) {
    if (text.ends_with(unit.letter)) parsed.unit = &unit;
  }
  if (parsed.unit == nullptr) return std::nullopt;
  text.remove_suffix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed.count);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || parsed.count < 0 || parsed.count > kMostUnits) return std::nullopt;
  return parsed;
}

// Reads a shorthand whose length is in [least, most].
std::optional<Shorthand> ReadShorthand(const Field& field, YamlReader& reader, absl::Duration least,
                                       absl::Duration most) {
  const std::string wanted =
      fmt::format("a number and m, h, d or w, from {} to {}", DurationText(least), DurationText(most));
  const std::optional<std::string> text = reader.Scalar(field, wanted);
  if (!text.has_value()) return std::nullopt;
  const std::optional<Shorthand> parsed = ParseShorthand(*text);
  if (!parsed.has_value() || parsed->length() < least || parsed->length() > most) {
    const bool is_months = parsed.has_value() && parsed->unit->letter == 'M';
    reader.Fault(field,
                 fmt::format("{}{}, wanted {}", Quoted(*text), is_months ? " is months (m is minutes)" : "", wanted));
    return std::nullopt;
  }
  return parsed;
}

void ReadFixed(const Field& field, YamlReader& reader, absl::Duration least, absl::Duration most, absl::Duration& out) {
  const std::optional<Shorthand> parsed = ReadShorthand(field, reader, least, most);
  if (!parsed.has_value()) return;
  if (!parsed->unit->calendar.empty()) {
    return reader.Fault(field, fmt::format("{}{} is {} {}, wanted m, h, d or w (m is minutes)", parsed->count,
                                           parsed->unit->letter, parsed->count, parsed->unit->calendar));
  }
  out = parsed->length();
}

}  // namespace

std::string ReadOpenSloObject(const Field& field, YamlReader& reader,
                              const std::function<void(const Field&)>& read_spec) {
  std::string name;
  const auto read_metadata = [&](const Field& metadata) {
    ReadForeignMap(metadata, reader,
                   {{"name", [&](const Field& f) { reader.ReadLabel(f, name); }},
                    {"displayName", Ignored(reader, "the name is what is shown")},
                    {"labels", Ignored(reader, "labels of one's own choice are not known")},
                    {"annotations", Ignored(reader, "annotations are Firebreak's own")}});
    reader.Require(metadata, "name", "a name");
  };
  ReadForeignMap(field, reader,
                 {{"apiVersion", Known}, {"kind", Known}, {"metadata", read_metadata}, {"spec", read_spec}});
  reader.Require(field, "metadata", "a name");
  reader.Require(field, "spec", "what it says");
  return name;
}

std::optional<std::string> ReadOpenSloReference(const Field& field, YamlReader& reader, std::string_view key) {
  if (field.node.kind == YamlNode::Kind::kScalar) return field.node.text;
  if (field.node.kind != YamlNode::Kind::kMap) return std::nullopt;
  for (const YamlNode& name : field.node.keys) {
    if (name.text != key) continue;
    std::string referred;
    ReadForeignMap(field, reader, {{std::string(key), [&](const Field& f) { reader.ReadLabel(f, referred); }}});
    return referred;
  }
  return std::nullopt;
}

void ReadOpenSloWindow(const Field& field, YamlReader& reader, absl::Duration& out) {
  ReadFixed(field, reader, absl::Minutes(1), kLongest, out);
}

void ReadOpenSloDelay(const Field& field, YamlReader& reader, absl::Duration& out) {
  ReadFixed(field, reader, absl::ZeroDuration(), absl::Hours(24), out);
}

void ReadOpenSloPeriod(const Field& field, YamlReader& reader, absl::Duration& out) {
  const std::optional<Shorthand> parsed = ReadShorthand(field, reader, absl::Hours(1), kLongest);
  if (!parsed.has_value()) return;
  if (parsed->length() % absl::Hours(1) != absl::ZeroDuration()) {
    return reader.Fault(field, fmt::format("{}, wanted whole hours", DurationText(parsed->length())));
  }
  if (!parsed->unit->calendar.empty()) {
    reader.Warn(field.path, fmt::format("changed: {} have no one length; {} is written", parsed->unit->calendar,
                                        DurationText(parsed->length())));
  }
  out = parsed->length();
}

}  // namespace firebreak
