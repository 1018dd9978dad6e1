#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "rules/import/imported_slo.h"
#include "rules/parse.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/yaml_text.h"

namespace firebreak {
namespace {

Finding FaultOfMap(std::string message) { return {FindingKind::kError, "--map", 1, 1, std::move(message)}; }

// What there is instead of a name that binds nothing.
std::string NoSuchSlo(const std::string& name, const std::vector<ImportedSlo>& slos) {
  std::vector<std::string> names;
  std::vector<std::string> alike;
  for (const ImportedSlo& slo : slos) {
    names.push_back(TierNameOf(slo, slos));
    if (slo.name == name) alike.push_back(names.back());
  }
  if (alike.empty()) return fmt::format("no SLO {}{}", Quoted(name), DidYouMean(name, names));
  return fmt::format("{} SLOs are called {}, wanted one of {}", alike.size(), Quoted(name), fmt::join(alike, ", "));
}

// A binding of an SLO that no file has would go unnoticed otherwise.
void CheckBindings(const std::vector<ImportedSlo>& slos, const EndpointBindings& bindings, Findings& findings) {
  for (const auto& [name, endpoints] : bindings) {
    const bool bound = std::any_of(slos.begin(), slos.end(),
                                   [&name = name, &slos](const auto& slo) { return TierNameOf(slo, slos) == name; });
    if (!bound) findings.push_back(FaultOfMap(NoSuchSlo(name, slos)));
  }
}

void CheckGivenOnce(const std::vector<ImportedSlo>& slos) {
  std::set<std::string> names;
  for (const ImportedSlo& slo : slos) {
    if (!names.insert(TierNameOf(slo, slos)).second) slo.origin.Fault("given twice: " + TierNameOf(slo, slos));
  }
}

// What is wrong with the configuration that was made, as `check` would say it. Its endpoints are those of --map; of
// everything else a place in it would help nobody, since it is not written.
void CheckResult(const std::string& yaml, Findings& findings) {
  for (const Finding& finding : ParseConfig(yaml, "").findings) {
    if (finding.kind != FindingKind::kError) continue;
    const bool of_endpoints = finding.message.find(".endpoints") != std::string::npos;
    findings.push_back(of_endpoints ? FaultOfMap(finding.message)
                                    : Finding{FindingKind::kError, "(the configuration made of them)", finding.line,
                                              finding.column, finding.message});
  }
}

std::string Head(std::string_view tool, const std::vector<ImportSource>& sources, const Findings& findings) {
  std::string text = fmt::format("Made by `firebreak import` out of {} files:", tool);
  for (const ImportSource& source : sources) text += " " + source.file;
  text +=
      "\nWhat is bad is Firebreak's to say (classification.errors), and where alerts go (notify). Endpoints that no "
      "tier\n"
      "names count in the last one (classification.unknown_endpoint).\n";
  if (!findings.empty()) text += "What was ignored, changed, or needs binding:";
  for (const Finding& finding : findings) text += "\n- " + finding.ToString();
  return YamlComment(text) + "\n";
}

}  // namespace

absl::Status AddBinding(const std::string& text, EndpointBindings& bindings) {
  const size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0) {
    return absl::InvalidArgumentError(fmt::format("{}, wanted NAME=/endpoint,~^/pattern", Quoted(text)));
  }
  std::vector<std::string>& endpoints = bindings[text.substr(0, sign)];
  std::string endpoint;
  for (size_t i = sign + 1; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == ',') {
      if (endpoint.empty()) return absl::InvalidArgumentError(fmt::format("{}: an empty endpoint", Quoted(text)));
      endpoints.push_back(std::move(endpoint));
      endpoint.clear();
    } else {
      if (text.substr(i, 2) == "\\,") ++i;
      endpoint += text[i];
    }
  }
  return absl::OkStatus();
}

Imported FinishImport(std::string_view tool, ForeignFiles& files, const std::vector<ImportSource>& sources,
                      const std::vector<ImportedSlo>& slos, const EndpointBindings& bindings) {
  std::string yaml;
  if (!files.has_errors()) CheckGivenOnce(slos);
  if (!files.has_errors() && !slos.empty()) yaml = AssembleConfig(slos, bindings);
  Imported imported;
  imported.findings = files.Take();
  if (slos.empty() && !HasErrors(imported.findings) && !sources.empty()) {
    imported.findings.push_back({FindingKind::kError, sources.front().file, 1, 1, "no SLO in any file"});
  }
  if (!HasErrors(imported.findings)) CheckBindings(slos, bindings, imported.findings);
  if (!HasErrors(imported.findings)) CheckResult(yaml, imported.findings);
  if (!HasErrors(imported.findings)) imported.yaml = Head(tool, sources, imported.findings) + yaml;
  return imported;
}

}  // namespace firebreak
