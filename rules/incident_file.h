#ifndef FIREBREAK_RULES_INCIDENT_FILE_H_
#define FIREBREAK_RULES_INCIDENT_FILE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "rules/config.h"
#include "rules/finding.h"

namespace firebreak {

// Something that went wrong and that people would want to have been paged for.
struct Incident {
  absl::Time begin;
  absl::Time end;    // > begin
  std::string tier;  // "*" = every one
  std::string slo;   // "availability", "latency"
  std::string what;
  int line = 0;  // in its file; 0 = not from one

  bool Concerns(std::string_view tier_name, std::string_view slo_name) const {
    return (tier == "*" || tier == tier_name) && slo == slo_name;
  }
};

struct ParsedIncidents {
  std::optional<std::vector<Incident>> incidents;  // by begin; set exactly when findings hold no error
  Findings findings;                               // in the order of the file
};

// Reads labelled incidents: YAML (a map with the list `incidents`), or CSV when `file` ends in ".csv" (a header line
// that names the columns in any order, quotes as in RFC 4180). Fields: begin, end (RFC 3339), tier (one of `config`, or
// *), what (may be left out), slo (availability, which is the default, or latency). Every fault at once, each with its
// place: unknown fields and misspelt tiers with a suggestion, an end before its begin, an incident given twice, more
// than 1 MiB. Pure.
ParsedIncidents ParseIncidents(std::string_view text, std::string_view file, const Config& config);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_INCIDENT_FILE_H_
