#include "docs/runbooks/runbooks.h"

#include <string>

#include "docs/runbooks/pages.h"
#include "docs/runbooks/texts.h"

namespace firebreak {
namespace {

constexpr std::string_view kTextExtension = ".md";

std::string_view NameOf(const EmbeddedFile& text) {
  return text.name.substr(0, text.name.size() - kTextExtension.size());
}

std::string_view PageFile(std::string_view name) {
  for (const EmbeddedFile& file : RunbookPageFiles()) {
    if (file.name == name) return file.bytes;
  }
  return "";
}

}  // namespace

std::optional<std::string_view> RunbookText(std::string_view name) {
  for (const EmbeddedFile& file : RunbookTextFiles()) {
    if (NameOf(file) == name) return file.bytes;
  }
  return std::nullopt;
}

std::optional<std::string_view> RunbookPage(std::string_view name) {
  if (!RunbookText(name)) return std::nullopt;
  return PageFile(std::string(name) + ".html");
}

std::string_view RunbookIndexPage() { return PageFile("runbooks.html"); }
std::string_view RunbookStyle() { return PageFile("page.css"); }

std::vector<std::string_view> RunbookNames() {
  std::vector<std::string_view> names;
  for (const EmbeddedFile& file : RunbookTextFiles()) names.push_back(NameOf(file));
  return names;
}

}  // namespace firebreak
