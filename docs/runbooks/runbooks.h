#ifndef FIREBREAK_DOCS_RUNBOOKS_RUNBOOKS_H_
#define FIREBREAK_DOCS_RUNBOOKS_RUNBOOKS_H_

#include <optional>
#include <string_view>
#include <vector>

namespace firebreak {

// The pages of docs/runbooks, compiled in: one for each alert that exists, and some about symptoms. As they are written
// (Markdown), and as HTML pages that load nothing and run nothing; their only <style> holds RunbookStyle().

// nullopt when there is no such runbook.
std::optional<std::string_view> RunbookText(std::string_view name);
std::optional<std::string_view> RunbookPage(std::string_view name);

// The page that leads to all of them.
std::string_view RunbookIndexPage();

std::string_view RunbookStyle();

// All names: alerts, then symptoms, each in alphabetical order.
std::vector<std::string_view> RunbookNames();

}  // namespace firebreak

#endif  // FIREBREAK_DOCS_RUNBOOKS_RUNBOOKS_H_
