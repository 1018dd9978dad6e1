#ifndef FIREBREAK_RULES_IMPORT_IMPORT_H_
#define FIREBREAK_RULES_IMPORT_IMPORT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "rules/finding.h"

namespace firebreak {

// A file of another tool, read already.
struct ImportSource {
  std::string file;  // for findings
  std::string text;  // YAML, one document or several
};

// Which endpoints an SLO is about: its name -> names and `~` patterns. Other tools say it in a vendor's query language.
using EndpointBindings = std::map<std::string, std::vector<std::string>>;

// Reads "checkout=/pay/,~^/v2/orders" into `bindings`, where the name may stand already. A comma of a pattern is
// written
// "\,". Errors: InvalidArgument that says what was wanted.
absl::Status AddBinding(const std::string& text, EndpointBindings& bindings);

struct Imported {
  // A configuration that ParseConfig accepts; set exactly when findings hold no error. Its first lines, comments,
  // repeat the findings.
  std::optional<std::string> yaml;
  // Errors: what cannot be read. Warnings: what needs binding, or says something else here. Notes: what was ignored.
  Findings findings;
};

// Make one configuration out of all files together. Every fault of every file is reported at once. Pure.

// Documents `apiVersion: openslo/v1`. Each SLO becomes a tier; each alert policy a pair, whose conditions are its
// windows.
Imported ImportOpenSlo(const std::vector<ImportSource>& sources, const EndpointBindings& bindings);

// Documents `version: prometheus/v1`, and `apiVersion: sloth.slok.dev/v1` of the kinds PrometheusServiceLevel and
// AlertWindows. Each SLO becomes a tier; page and ticket windows become pairs, by default those of Sloth for 30 days.
Imported ImportSloth(const std::vector<ImportSource>& sources, const EndpointBindings& bindings);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_IMPORT_IMPORT_H_
