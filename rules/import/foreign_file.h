#ifndef FIREBREAK_RULES_IMPORT_FOREIGN_FILE_H_
#define FIREBREAK_RULES_IMPORT_FOREIGN_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rules/finding_list.h"
#include "rules/import/import.h"
#include "rules/yaml_node.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// One document of another tool's file. It stays where it is: fields point into it.
class ForeignDocument {
 public:
  ForeignDocument(YamlNode root, FindingList& findings) : root_(std::move(root)), reader_(findings, root_.place) {}
  ForeignDocument(const ForeignDocument&) = delete;
  ForeignDocument& operator=(const ForeignDocument&) = delete;

  Field field() const { return {root_, "", root_.place, root_.place}; }
  YamlReader& reader() { return reader_; }
  // The text of a key of the document itself, without a finding; "" when there is none.
  std::string Text(std::string_view key) const;

 private:
  YamlNode root_;
  YamlReader reader_;
};

// All documents of all files, and what is found in them. Thread-compatible.
class ForeignFiles {
 public:
  explicit ForeignFiles(const std::vector<ImportSource>& sources);

  const std::vector<std::unique_ptr<ForeignDocument>>& documents() const { return documents_; }
  bool has_errors() const;
  // File by file in the order of the sources. Leaves none.
  Findings Take();

 private:
  std::vector<std::unique_ptr<FindingList>> findings_;
  std::vector<std::unique_ptr<ForeignDocument>> documents_;
};

// A value of a file, for what is found about it later. One without a reader swallows what is said.
struct Origin {
  YamlReader* reader = nullptr;
  std::string path;

  void Fault(std::string_view message) const {
    if (reader != nullptr) reader->Fault(path, message);
  }
  void Warn(std::string_view message) const {
    if (reader != nullptr) reader->Warn(path, message);
  }
  void Note(std::string_view message) const {
    if (reader != nullptr) reader->Note(path, message);
  }
};

// Reads a map of which not every key is known: those without a rule are noted as ignored.
void ReadForeignMap(const Field& field, YamlReader& reader, const std::vector<FieldRule>& rules);

// Rules for keys that are known and not used. `why` follows "ignored: " and "needs binding: ".
std::function<void(const Field&)> Ignored(YamlReader& reader, std::string why);
std::function<void(const Field&)> NeedsBinding(YamlReader& reader, std::string why);

// A rule for a key that is read elsewhere.
void Known(const Field& field);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_IMPORT_FOREIGN_FILE_H_
