// Any bytes as incidents or as a sweep: they are answered, and what is accepted is what the contracts promise.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/incident_file.h"
#include "rules/parse.h"
#include "rules/sweep.h"

namespace firebreak {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

const Config& TheConfig() {
  static const auto* config =
      new Config(*ParseConfig("slo_tiers:\n"
                              "  checkout: {availability: 0.999, p95_ms: 500, endpoints: [/a]}\n"
                              "  batch: {availability: 0.99, endpoints: [/b]}\n",
                              "c")
                      .config);
  return *config;
}

void CheckFindings(const Findings& findings) {
  for (const Finding& finding : findings) {
    Check(finding.line >= 1 && finding.column >= 1);
    Check(finding.message.find('\n') == std::string::npos);
  }
}

void CheckIncidents(std::string_view text, std::string_view file) {
  const ParsedIncidents parsed = ParseIncidents(text, file, TheConfig());
  Check(parsed.incidents.has_value() == !HasErrors(parsed.findings));
  CheckFindings(parsed.findings);
  if (!parsed.incidents) return;
  for (size_t i = 0; i < parsed.incidents->size(); ++i) {
    const Incident& incident = (*parsed.incidents)[i];
    Check(incident.begin < incident.end && incident.line >= 1);
    Check(i == 0 || (*parsed.incidents)[i - 1].begin <= incident.begin);
    Check(incident.Concerns("checkout", incident.slo) || incident.Concerns("batch", incident.slo));
  }
}

void CheckSweep(std::string_view text) {
  const ParsedSweep parsed = ParseSweep(text, TheConfig());
  Check(parsed.axes.has_value() == parsed.findings.empty());
  CheckFindings(parsed.findings);
  if (!parsed.axes) return;
  Check(!parsed.axes->empty());
  for (const SweepAxis& axis : *parsed.axes) {
    Check(!axis.values.empty() && axis.values.size() <= 1000);
    for (size_t i = 1; i < axis.values.size(); ++i) Check(axis.values[i - 1] < axis.values[i]);
  }
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'y':
      firebreak::CheckIncidents(text, "i.yaml");
      break;
    case 'c':
      firebreak::CheckIncidents(text, "i.csv");
      break;
    default:
      firebreak::CheckSweep(text);
  }
  return 0;
}
