#include "rules/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/status/statusor.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/text_fault.h"
#include "rules/url.h"

namespace firebreak {
namespace {

constexpr size_t kMaxTextBytes = 2048;
constexpr size_t kMaxLabelBytes = 200;

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a plain value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      break;
  }
  return "a map";
}

// A key as part of a path: as it is where it may be a name, else so that it can be shown.
std::string PathPart(std::string_view key) { return LabelFault(key).empty() ? std::string(key) : Quoted(key); }

std::string Child(std::string_view parent, std::string_view key) {
  return parent.empty() ? PathPart(key) : fmt::format("{}.{}", parent, PathPart(key));
}

// The path around `path`: "a.b[0]" -> "a.b" -> "a" -> "".
std::string_view Parent(std::string_view path) {
  const size_t cut = path.find_last_of(".[");
  return cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
}

std::string_view MessageOf(const absl::Status& status) { return {status.message().data(), status.message().size()}; }

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct ByteUnit {
  std::string_view suffix;
  int64_t bytes;
};

constexpr ByteUnit kByteUnits[] = {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};

std::optional<int64_t> ParseBytes(std::string_view text) {
  int64_t unit = 1;
  for (const ByteUnit& candidate : kByteUnits) {
    if (!text.ends_with(candidate.suffix)) continue;
    text.remove_suffix(candidate.suffix.size());
    unit = candidate.bytes;
    break;
  }
  const std::optional<int64_t> count = ParseInteger(text);
  int64_t bytes = 0;
  if (!count.has_value() || __builtin_mul_overflow(*count, unit, &bytes)) return std::nullopt;
  return bytes;
}

std::string BytesText(int64_t bytes) {
  std::string text = fmt::format("{}", bytes);
  for (const ByteUnit& unit : kByteUnits) {
    if (bytes > 0 && bytes % unit.bytes == 0) text = fmt::format("{}{}", bytes / unit.bytes, unit.suffix);
  }
  return text;
}

// What is wrong with `text` as one line, or "". A quoted YAML text may hold any character by its escape.
std::string LineFault(std::string_view text, size_t most_bytes) {
  if (text.empty()) return "empty, wanted a text";
  if (text.size() > most_bytes) return fmt::format("wanted a text of at most {} bytes", most_bytes);
  const bool has_breaks = text.find_first_of("\t\r\n") != std::string_view::npos;
  if (has_breaks || FindTextFault(text).has_value()) return "wanted a text of one line without control characters";
  return "";
}

}  // namespace

std::string LabelFault(std::string_view text) { return LineFault(text, kMaxLabelBytes); }

Place YamlReader::PlaceOf(std::string_view path) const {
  for (;; path = Parent(path)) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    if (path.empty()) return root_;
  }
}

std::string YamlReader::LineOf(std::string_view path) const { return fmt::format("line {}", PlaceOf(path).line); }

void YamlReader::Fault(const Field& field, std::string_view message) {
  AddError(field.place, field.path.empty() ? std::string(message) : fmt::format("{}: {}", field.path, message));
  unsound_.insert(field.path);
}

void YamlReader::Fault(std::string_view path, std::string_view message) { FaultAt(path, path, message); }

void YamlReader::FaultAt(std::string_view elsewhere, std::string_view path, std::string_view message) {
  FaultHere(PlaceOf(elsewhere), path, message);
}

void YamlReader::FaultHere(Place place, std::string_view path, std::string_view message) {
  AddError(place, fmt::format("{}: {}", path, message));
  unsound_.emplace(path);
}

void YamlReader::AddError(Place place, std::string message) {
  ++num_faults_;
  findings_.Add(FindingKind::kError, place, std::move(message));
}

void YamlReader::Complain(std::string_view path, std::string_view message) {
  AddError(PlaceOf(path), fmt::format("{}: {}", path, message));
}

void YamlReader::Warn(std::string_view path, std::string_view message) {
  findings_.Add(FindingKind::kWarning, PlaceOf(path), fmt::format("{}: {}", path, message));
}

void YamlReader::Note(std::string_view path, std::string_view message) {
  findings_.Add(FindingKind::kNote, PlaceOf(path), fmt::format("{}: {}", path, message));
}

void YamlReader::ForEachEntry(const Field& field,
                              const std::function<void(const std::string& key, const Field&)>& visit) {
  if (field.node.kind != YamlNode::Kind::kMap) {
    Fault(field, fmt::format("{}, wanted a map", KindName(field.node)));
    return;
  }
  std::map<std::string_view, Place> seen;
  for (size_t i = 0; i < field.node.keys.size(); ++i) {
    const YamlNode& key = field.node.keys[i];
    const YamlNode& value = field.node.values[i];
    if (key.kind != YamlNode::Kind::kScalar) {
      Fault(Field{key, field.path, key.place, key.place}, fmt::format("{} as a key, wanted a name", KindName(key)));
      continue;
    }
    const std::string path = Child(field.path, key.text);
    const auto [first, is_new] = seen.emplace(key.text, key.place);
    if (!is_new) {
      Fault(Field{key, path, key.place, key.place}, fmt::format("given twice, first in line {}", first->second.line));
      continue;
    }
    const bool is_scalar = value.kind == YamlNode::Kind::kScalar;
    const Field child{value, path, is_scalar ? value.place : key.place, key.place};
    places_.emplace(path, child.place);
    visit(key.text, child);
  }
}

void YamlReader::ReadMap(const Field& field, const std::vector<FieldRule>& rules) {
  ForEachEntry(field, [&](const std::string& key, const Field& child) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const FieldRule& r) { return r.key == key; });
    if (rule != rules.end()) {
      rule->read(child);
      return;
    }
    ++num_faults_;
    if (findings_.is_full()) return;
    std::vector<std::string> known;
    for (const FieldRule& r : rules) known.push_back(r.key);
    const std::string hint = key == "<<" ? ": merge keys are not read" : DidYouMean(key, known);
    findings_.Add(FindingKind::kError, child.key_place,
                  fmt::format("{}{}unknown key {}{}", field.path, field.path.empty() ? "" : ": ", Quoted(key), hint));
  });
}

void YamlReader::ReadNamedMap(const Field& field,
                              const std::function<void(const std::string& name, const Field&)>& read) {
  ForEachEntry(field, read);
}

void YamlReader::ReadList(const Field& field, const std::function<void(const Field&)>& read) {
  if (field.node.kind != YamlNode::Kind::kSequence) {
    Fault(field, fmt::format("{}, wanted a list", KindName(field.node)));
    return;
  }
  int index = 0;
  for (const YamlNode& item : field.node.values) {
    const Field child{item, fmt::format("{}[{}]", field.path, index++), item.place, item.place};
    places_.emplace(child.path, child.place);
    read(child);
  }
}

void YamlReader::Require(const Field& map, std::string_view key, std::string_view wanted) {
  const std::string path = Child(map.path, key);
  if (map.node.kind != YamlNode::Kind::kMap || Has(path)) return;
  Fault(path, fmt::format("missing, wanted {}", wanted));
}

std::optional<std::string> YamlReader::Scalar(const Field& field, std::string_view wanted) {
  if (field.node.kind == YamlNode::Kind::kScalar) return field.node.text;
  Fault(field, fmt::format("{}, wanted {}", KindName(field.node), wanted));
  return std::nullopt;
}

void YamlReader::ReadText(const Field& field, std::string& out) {
  const std::optional<std::string> text = Scalar(field, "a text");
  if (!text.has_value()) return;
  if (const std::string fault = LineFault(*text, kMaxTextBytes); !fault.empty()) return Fault(field, fault);
  out = *text;
}

void YamlReader::ReadLabel(const Field& field, std::string& out) {
  const std::optional<std::string> text = Scalar(field, "a text");
  if (!text.has_value()) return;
  if (const std::string fault = LabelFault(*text); !fault.empty()) return Fault(field, fault);
  out = *text;
}

// An URL is never quoted: its path or query may be a secret.
void YamlReader::ReadUrl(const Field& field, std::string& out) {
  std::string text;
  ReadText(field, text);
  if (text.empty()) return;
  if (const std::string fault = UrlFault(text); !fault.empty()) return Fault(field, fault);
  out = text;
}

void YamlReader::ReadBool(const Field& field, bool& out) {
  const std::optional<std::string> text = Scalar(field, "true or false");
  if (!text.has_value()) return;
  if (*text != "true" && *text != "false") return Fault(field, fmt::format("{}, wanted true or false", Quoted(*text)));
  out = *text == "true";
}

void YamlReader::ReadInteger(const Field& field, int64_t least, int64_t most, int64_t& out) {
  const std::string wanted = fmt::format("a whole number from {} to {}", least, most);
  const std::optional<std::string> text = Scalar(field, wanted);
  if (!text.has_value()) return;
  const std::optional<int64_t> value = ParseInteger(*text);
  if (!value.has_value() || *value < least || *value > most) {
    return Fault(field, fmt::format("{}, wanted {}", Quoted(*text), wanted));
  }
  out = *value;
}

void YamlReader::ReadBytes(const Field& field, int64_t least, int64_t most, int64_t& out) {
  const std::string wanted =
      fmt::format("a size from {} to {}, in bytes or with KiB, MiB, GiB", BytesText(least), BytesText(most));
  const std::optional<std::string> text = Scalar(field, wanted);
  if (!text.has_value()) return;
  const std::optional<int64_t> value = ParseBytes(*text);
  if (!value.has_value() || *value < least || *value > most) {
    return Fault(field, fmt::format("{}, wanted {}", Quoted(*text), wanted));
  }
  out = *value;
}

void YamlReader::ReadDuration(const Field& field, absl::Duration least, absl::Duration most, absl::Duration& out) {
  const std::string wanted = fmt::format("a duration from {} to {}", DurationText(least), DurationText(most));
  const std::optional<std::string> text = Scalar(field, wanted);
  if (!text.has_value()) return;
  const absl::StatusOr<absl::Duration> duration = ParseDuration(*text);
  if (!duration.ok()) return Fault(field, MessageOf(duration.status()));
  if (*duration < least || *duration > most) return Fault(field, fmt::format("{}, wanted {}", *text, wanted));
  out = *duration;
}

void YamlReader::ReadDecimal(const Field& field, std::string_view wanted, Decimal& out) {
  const std::optional<std::string> text = Scalar(field, wanted);
  if (!text.has_value()) return;
  const absl::StatusOr<Decimal> decimal = Decimal::Parse(*text);
  if (!decimal.ok()) return Fault(field, fmt::format("{}, wanted {}", MessageOf(decimal.status()), wanted));
  out = *decimal;
}

void YamlReader::ReadBurn(const Field& field, Decimal& out) {
  constexpr std::string_view kWanted = "a burn rate above 0, such as 14.4";
  Decimal burn;
  ReadDecimal(field, kWanted, burn);
  if (!IsSound(field.path)) return;
  if (burn == Decimal()) return Fault(field, fmt::format("0, wanted {}", kWanted));
  out = burn;
}

void YamlReader::ReadChoice(const Field& field, const std::vector<std::string>& names, size_t& out) {
  const std::string wanted = fmt::format("{}", fmt::join(names, " or "));
  const std::optional<std::string> text = Scalar(field, wanted);
  if (!text.has_value()) return;
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found == names.end()) {
    return Fault(field, fmt::format("{}, wanted {}{}", Quoted(*text), wanted, DidYouMean(*text, names)));
  }
  out = static_cast<size_t>(found - names.begin());
}

}  // namespace firebreak
