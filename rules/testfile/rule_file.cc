#include "rules/testfile/rule_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/finding_list.h"
#include "rules/quoted.h"
#include "rules/yaml_node.h"

namespace firebreak {
namespace {

struct TextLine {
  int number = 0;
  std::string_view text;
};

// The lines that mean something.
std::vector<TextLine> LinesOf(std::string_view text) {
  std::vector<TextLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const size_t length = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin != std::string_view::npos && line[begin] != '#') lines.push_back({number, line});
  }
  return lines;
}

absl::Status At(const NamedText& file, Place place, std::string_view message) {
  return absl::InvalidArgumentError(fmt::format("{}:{}:{}: {}", file.name, place.line, place.column, message));
}

absl::Status CheckIsExported(const NamedText& file, std::string_view exported) {
  constexpr std::string_view kCure = "export it anew with `firebreak export prometheus`";
  const std::vector<TextLine> found = LinesOf(file.text);
  const std::vector<TextLine> wanted = LinesOf(exported);
  for (size_t i = 0; i < std::max(found.size(), wanted.size()); ++i) {
    if (i >= found.size()) {
      return At(file, {found.empty() ? 1 : found.back().number, 1},
                fmt::format("ends too early, wanted {} next: {}", Quoted(wanted[i].text), kCure));
    }
    const bool same = i < wanted.size() && found[i].text == wanted[i].text;
    if (same) continue;
    return At(file, {found[i].number, 1},
              fmt::format("is not what this configuration exports, wanted {}: {}",
                          i < wanted.size() ? Quoted(wanted[i].text) : std::string("the end"), kCure));
  }
  return absl::OkStatus();
}

const YamlNode* Child(const YamlNode& map, std::string_view key) {
  for (size_t i = 0; i < map.keys.size(); ++i) {
    if (map.keys[i].text == key) return &map.values[i];
  }
  return nullptr;
}

// Labels or annotations. Errors: a template.
absl::Status ReadTexts(const NamedText& file, const YamlNode* map, std::string_view what, NamedTexts& out) {
  if (map == nullptr) return absl::OkStatus();
  for (size_t i = 0; i < map->keys.size(); ++i) {
    const YamlNode& value = i < map->values.size() ? map->values[i] : map->keys[i];
    if (value.text.find("{{") != std::string::npos) {
      return At(file, value.place, fmt::format("{} {}: templates are not supported", what, Quoted(map->keys[i].text)));
    }
    out[map->keys[i].text] = value.text;
  }
  return absl::OkStatus();
}

absl::Status ReadRule(const NamedText& file, const YamlNode& rule, std::vector<PromtoolAlert>& alerts) {
  const YamlNode* name = Child(rule, "alert");
  if (name == nullptr) return absl::OkStatus();
  PromtoolAlert alert;
  if (absl::Status status = ReadTexts(file, Child(rule, "labels"), "label", alert.labels); !status.ok()) return status;
  if (absl::Status status = ReadTexts(file, Child(rule, "annotations"), "annotation", alert.annotations);
      !status.ok()) {
    return status;
  }
  alert.labels["alertname"] = name->text;
  alerts.push_back(std::move(alert));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PromtoolAlert>> ReadRuleFile(const NamedText& file, std::string_view exported) {
  FindingList findings(file.name);
  const std::optional<YamlNode> root = ReadYaml(file.text, findings);
  if (!root) return absl::InvalidArgumentError(findings.Take().front().ToString());
  std::vector<PromtoolAlert> alerts;
  const YamlNode* groups = Child(*root, "groups");
  for (const YamlNode& group : groups == nullptr ? std::vector<YamlNode>() : groups->values) {
    const YamlNode* rules = Child(group, "rules");
    for (const YamlNode& rule : rules == nullptr ? std::vector<YamlNode>() : rules->values) {
      if (absl::Status status = ReadRule(file, rule, alerts); !status.ok()) return status;
    }
  }
  if (absl::Status status = CheckIsExported(file, exported); !status.ok()) return status;
  return alerts;
}

}  // namespace firebreak
