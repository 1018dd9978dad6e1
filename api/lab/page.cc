#include "api/lab/page.h"

#include <initializer_list>

#include "api/http/hash_source.h"
#include "api/lab/page_files.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

std::string_view File(std::string_view name) {
  for (const EmbeddedFile& file : PageFiles()) {
    if (file.name == name) return file.bytes;
  }
  return "";
}

std::string Replaced(std::string_view text, std::initializer_list<std::pair<char, std::string_view>> escapes) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    std::string_view replacement(&c, 1);
    for (const auto& [from, to] : escapes) {
      if (c == from) replacement = to;
    }
    escaped += replacement;
  }
  return escaped;
}

// The same JSON, with nothing in it that an HTML parser looks for.
std::string InertJson(std::string_view json) {
  return Replaced(json, {{'<', "\\u003c"}, {'>', "\\u003e"}, {'&', "\\u0026"}});
}

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;)"
                                   R"( base-uri 'none'; form-action 'none'; script-src)";

}  // namespace

std::string EscapeHtml(std::string_view text) {
  return Replaced(text, {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}});
}

std::string RenderPage(const PageParts& parts) {
  const std::initializer_list<std::string_view> scripts = {File("echarts.min.js"), File("page.js"), parts.script};
  std::string html(kHead);
  for (std::string_view script : scripts) html += " " + HashSource(script);
  html += fmt::format("\">\n<title>{}</title>\n<style>\n{}{}{}</style>\n</head>\n<body>\n", EscapeHtml(parts.title),
                      File("theme.css"), File("page.css"), parts.style);
  html += "<noscript>This page draws with a script, which is part of it.</noscript>\n";
  html += fmt::format("<script type=\"application/json\" id=\"data\">{}</script>\n", InertJson(parts.data_json));
  for (std::string_view script : scripts) html += fmt::format("<script>{}</script>\n", script);
  return html + "</body>\n</html>\n";
}

}  // namespace firebreak
