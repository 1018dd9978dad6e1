#ifndef FIREBREAK_RULES_IMPORT_IMPORTED_SLO_H_
#define FIREBREAK_RULES_IMPORT_IMPORTED_SLO_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "rules/config.h"
#include "rules/import/foreign_file.h"
#include "rules/import/import.h"

namespace firebreak {

// What importers make of other tools' files, before it becomes one configuration.

// Two windows that alert together.
struct ImportedPair {
  std::string name;  // as it is called there
  absl::Duration short_window;
  absl::Duration long_window;
  Decimal burn;
  absl::Duration hold_for;
  Severity severity = Severity::kTicket;
};

struct ImportedSlo {
  Origin origin;
  std::string name;
  std::string service;
  Decimal objective;
  absl::Duration period = absl::Hours(24 * 30);
  std::string runbook_url;  // "" = none
  std::vector<ImportedPair> pairs;
};

// Adds a fault at `origin` unless a configuration of `period` may have these windows. The short one may be missing (0).
void CheckWindows(const Origin& origin, const ImportedPair& pair, absl::Duration period);

// What the tier of `slo`, one of `slos`, is called, and --map binds: its name, or service/name where that is not
// unique.
std::string TierNameOf(const ImportedSlo& slo, const std::vector<ImportedSlo>& slos);

// One configuration of all SLOs as YAML, without the comments at its head. Pairs hold for every tier of a
// configuration; where an SLO has another burn, or no such pair, its tier says so. What cannot be said is found at the
// origins. The text is no configuration if that adds an error. REQUIRES: slos is not empty.
std::string AssembleConfig(const std::vector<ImportedSlo>& slos, const EndpointBindings& bindings);

// The result of an import: findings, and the configuration with its comments when there is no error among them.
// `tool` is "Sloth", "OpenSLO".
Imported FinishImport(std::string_view tool, ForeignFiles& files, const std::vector<ImportSource>& sources,
                      const std::vector<ImportedSlo>& slos, const EndpointBindings& bindings);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_IMPORT_IMPORTED_SLO_H_
