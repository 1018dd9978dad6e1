#ifndef FIREBREAK_RULES_IMPORT_OPENSLO_OBJECT_H_
#define FIREBREAK_RULES_IMPORT_OPENSLO_OBJECT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// What all kinds of OpenSLO have in common.

// Reads an object (apiVersion, kind, metadata, spec), a document of its own or within another. Returns its name; ""
// after a fault.
std::string ReadOpenSloObject(const Field& field, YamlReader& reader,
                              const std::function<void(const Field&)>& read_spec);

// The name in an entry {key: name}, or in one that is a plain name; nullopt for an object that is written out.
std::optional<std::string> ReadOpenSloReference(const Field& field, YamlReader& reader, std::string_view key);

// A duration-shorthand: a whole number and one of m h d w, or M Q Y, which are calendar units and differ from m.
// Each reads a use of it: a window or a delay takes no calendar unit; a period does, with a warning.
void ReadOpenSloWindow(const Field& field, YamlReader& reader, absl::Duration& out);
void ReadOpenSloDelay(const Field& field, YamlReader& reader, absl::Duration& out);
void ReadOpenSloPeriod(const Field& field, YamlReader& reader, absl::Duration& out);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_IMPORT_OPENSLO_OBJECT_H_
