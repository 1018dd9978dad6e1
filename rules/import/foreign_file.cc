#include "rules/import/foreign_file.h"

#include <algorithm>

#include "fmt/format.h"
#include "rules/suggestion.h"

namespace firebreak {

std::string ForeignDocument::Text(std::string_view key) const {
  if (root_.kind != YamlNode::Kind::kMap) return "";
  for (size_t i = 0; i < root_.keys.size(); ++i) {
    if (root_.keys[i].text == key) return root_.values[i].text;
  }
  return "";
}

ForeignFiles::ForeignFiles(const std::vector<ImportSource>& sources) {
  for (const ImportSource& source : sources) {
    FindingList& findings = *findings_.emplace_back(std::make_unique<FindingList>(source.file));
    std::optional<std::vector<YamlNode>> documents = ReadYamlDocuments(source.text, findings);
    if (!documents.has_value()) continue;
    for (YamlNode& root : *documents) {
      if (root.kind == YamlNode::Kind::kNull) continue;  // between two markers
      documents_.push_back(std::make_unique<ForeignDocument>(std::move(root), findings));
    }
  }
}

bool ForeignFiles::has_errors() const {
  return std::any_of(findings_.begin(), findings_.end(),
                     [](const std::unique_ptr<FindingList>& findings) { return findings->has_errors(); });
}

Findings ForeignFiles::Take() {
  Findings all;
  for (const std::unique_ptr<FindingList>& findings : findings_) {
    Findings found = findings->Take();
    all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  return all;
}

void ReadForeignMap(const Field& field, YamlReader& reader, const std::vector<FieldRule>& rules) {
  std::vector<std::string> known;
  for (const FieldRule& rule : rules) known.push_back(rule.key);
  reader.ReadNamedMap(field, [&](const std::string& key, const Field& child) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const FieldRule& r) { return r.key == key; });
    if (rule != rules.end()) return rule->read(child);
    const std::string hint = DidYouMean(key, known);
    const std::string message = "ignored: an unknown key" + hint;
    // What was meant to say something is more than a thing left aside.
    hint.empty() ? reader.Note(child.path, message) : reader.Warn(child.path, message);
  });
}

std::function<void(const Field&)> Ignored(YamlReader& reader, std::string why) {
  return [&reader, why = std::move(why)](const Field& field) { reader.Note(field.path, "ignored: " + why); };
}

std::function<void(const Field&)> NeedsBinding(YamlReader& reader, std::string why) {
  return [&reader, why = std::move(why)](const Field& field) { reader.Warn(field.path, "needs binding: " + why); };
}

void Known(const Field&) {}

}  // namespace firebreak
