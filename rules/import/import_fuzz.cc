// Any bytes as a file of OpenSLO or of Sloth: the importer answers, every finding has a place, and what it makes is a
// configuration.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/import/import.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckImported(const Imported& imported) {
  Check(imported.yaml.has_value() == !HasErrors(imported.findings));
  for (const Finding& finding : imported.findings) {
    Check(finding.line >= 1 && finding.column >= 1);
    Check(finding.message.find('\n') == std::string::npos);
  }
  if (imported.yaml.has_value()) Check(ParseConfig(*imported.yaml, "f").config.has_value());
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  firebreak::CheckImported(firebreak::ImportOpenSlo({{"f", text}}, {}));
  firebreak::CheckImported(firebreak::ImportSloth({{"f", text}}, {}));
  // Cut in two files, the way directories of documents come.
  firebreak::CheckImported(firebreak::ImportSloth({{"a", text.substr(0, size / 2)}, {"b", text.substr(size / 2)}}, {}));
  firebreak::EndpointBindings bindings;
  if (firebreak::AddBinding(text, bindings).ok()) firebreak::Check(!bindings.empty());
  return 0;
}
