#ifndef FIREBREAK_API_LAB_PAGE_H_
#define FIREBREAK_API_LAB_PAGE_H_

#include <string>
#include <string_view>

namespace firebreak {

// What differs between the pages that Firebreak writes.
struct PageParts {
  std::string title;        // plain text
  std::string data_json;    // what the script draws; may hold any text from anywhere
  std::string_view script;  // ours: runs once, with `page` (page.js) and `echarts` at hand
  std::string_view style;   // ours: beside theme.css and page.css
};

// A self-contained HTML page: ECharts, scripts, styles and data are in it, and it loads nothing, from anywhere.
//   (1) The data cannot become markup or script: it is inert JSON whose every '<', '>' and '&' is escaped, and a
//       Content-Security-Policy lets the browser run nothing but the scripts inlined here, by their SHA-256.
//   (2) Light or dark as the reader's system is, with a button to change it; made for phones too.
// The page's script builds elements with page.element(tag, {...}, text), which never takes markup.
// REQUIRES: data_json is JSON in UTF-8; script and style hold no "</".
std::string RenderPage(const PageParts& parts);

// Text as HTML, for elements and for quoted attributes.
std::string EscapeHtml(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_LAB_PAGE_H_
