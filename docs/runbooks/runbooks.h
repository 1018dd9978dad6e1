#ifndef FIREBREAK_DOCS_RUNBOOKS_RUNBOOKS_H_
#define FIREBREAK_DOCS_RUNBOOKS_RUNBOOKS_H_

#include <optional>
#include <string_view>
#include <vector>

namespace firebreak {

// The pages of docs/runbooks, compiled in: `/runbooks/<alertname>` serves them. One for each alert that exists.

// The page (Markdown) for an alert, or nullopt.
std::optional<std::string_view> RunbookText(std::string_view alertname);

// The names that have a page, in alphabetical order.
std::vector<std::string_view> RunbookNames();

}  // namespace firebreak

#endif  // FIREBREAK_DOCS_RUNBOOKS_RUNBOOKS_H_
