#include "docs/runbooks/runbooks.h"

#include "docs/runbooks/embedded.h"

namespace firebreak {
namespace {

constexpr std::string_view kExtension = ".md";

std::string_view AlertName(const EmbeddedFile& file) {
  return file.name.substr(0, file.name.size() - kExtension.size());
}

}  // namespace

std::optional<std::string_view> RunbookText(std::string_view alertname) {
  for (const EmbeddedFile& file : RunbookFiles()) {
    if (AlertName(file) == alertname) return file.bytes;
  }
  return std::nullopt;
}

std::vector<std::string_view> RunbookNames() {
  std::vector<std::string_view> names;
  for (const EmbeddedFile& file : RunbookFiles()) names.push_back(AlertName(file));
  return names;
}

}  // namespace firebreak
