#ifndef FIREBREAK_RULES_YAML_READER_H_
#define FIREBREAK_RULES_YAML_READER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "rules/decimal.h"
#include "rules/finding_list.h"
#include "rules/yaml_node.h"

namespace firebreak {

// One value of the file and its name there.
struct Field {
  const YamlNode& node;
  std::string path;  // "alerts.fast.short", "notify.webhooks[0].url"
  Place place;       // of the value where it is a scalar, else of its key
  Place key_place;   // of its key; of the item itself in a list
};

// A key of a map and what reads its value.
struct FieldRule {
  std::string key;
  std::function<void(const Field&)> read;
};

// Reads typed values out of a YAML tree. Whatever is wrong becomes a finding and marks its path as unsound, so that
// later checks, which compare values with each other, leave it alone instead of reporting its consequences.
// A reader that finds a fault leaves its output as it was. Thread-compatible.
class YamlReader {
 public:
  // `root` is where the document stands: what is missing in it is reported there.
  explicit YamlReader(FindingList& findings, Place root = {}) : findings_(findings), root_(root) {}

  // Adds "path: message" at the field, and makes the path unsound.
  void Fault(const Field& field, std::string_view message);
  // The same at the place of `path`, or of the nearest of its parents that the file has.
  void Fault(std::string_view path, std::string_view message);
  // The same at the place of `elsewhere`: for a default that something else in the file makes wrong.
  void FaultAt(std::string_view elsewhere, std::string_view path, std::string_view message);
  // Adds "path: message" at `place`, a part of the value that has no path of its own.
  void FaultHere(Place place, std::string_view path, std::string_view message);
  // How many faults there were so far.
  size_t num_faults() const { return num_faults_; }
  // Adds "path: message" as an error and leaves the path sound: for one of several faults that share a value.
  void Complain(std::string_view path, std::string_view message);
  void Warn(std::string_view path, std::string_view message);
  void Note(std::string_view path, std::string_view message);

  // Whether the file has `path`.
  bool Has(std::string_view path) const { return places_.contains(path); }
  // Whether nothing was wrong at `path` itself. What the file does not have is sound: a default.
  bool IsSound(std::string_view path) const { return !unsound_.contains(path); }
  // "line 7", for messages that point to another place.
  std::string LineOf(std::string_view path) const;

  // Maps: every key is read by its rule; a key given twice, or without a rule, is a fault.
  void ReadMap(const Field& field, const std::vector<FieldRule>& rules);
  // A map whose keys are names: `read` is called for each, in file order, twice-given ones refused.
  void ReadNamedMap(const Field& field, const std::function<void(const std::string& name, const Field&)>& read);
  // Lists: `read` is called for each item.
  void ReadList(const Field& field, const std::function<void(const Field&)>& read);
  // Reports `path`.`key` as missing unless the file has it. `wanted` says what it should hold.
  void Require(const Field& map, std::string_view key, std::string_view wanted);

  // Scalars. Each checks its range (both ends included) and says what was wanted.
  void ReadText(const Field& field, std::string& out);   // not empty, one line, at most 2 KiB
  void ReadLabel(const Field& field, std::string& out);  // LabelFault
  void ReadUrl(const Field& field, std::string& out);    // http(s), url.h
  void ReadBool(const Field& field, bool& out);
  void ReadInteger(const Field& field, int64_t least, int64_t most, int64_t& out);
  void ReadBytes(const Field& field, int64_t least, int64_t most, int64_t& out);  // "8MiB"
  void ReadDuration(const Field& field, absl::Duration least, absl::Duration most, absl::Duration& out);
  void ReadDecimal(const Field& field, std::string_view wanted, Decimal& out);
  void ReadBurn(const Field& field, Decimal& out);  // above 0
  // The index of the name that was given.
  void ReadChoice(const Field& field, const std::vector<std::string>& names, size_t& out);

  // The text of a scalar, or nullopt after a fault that says what was wanted.
  std::optional<std::string> Scalar(const Field& field, std::string_view wanted);

 private:
  void ForEachEntry(const Field& field, const std::function<void(const std::string& key, const Field&)>& visit);
  Place PlaceOf(std::string_view path) const;

  void AddError(Place place, std::string message);

  FindingList& findings_;
  Place root_;
  size_t num_faults_ = 0;
  std::map<std::string, Place, std::less<>> places_;
  std::set<std::string, std::less<>> unsound_;
};

// What is wrong with `text` as the value of a label, or "": not empty, one line, at most 200 bytes.
std::string LabelFault(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_YAML_READER_H_
