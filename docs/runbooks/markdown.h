#ifndef FIREBREAK_DOCS_RUNBOOKS_MARKDOWN_H_
#define FIREBREAK_DOCS_RUNBOOKS_MARKDOWN_H_

#include <string>
#include <string_view>

namespace firebreak {

// The Markdown that our runbooks are written in, as HTML: headings, paragraphs, lists within lists, tables, indented
// code; `code`, **bold**, *stressed* and [links](to). A link to `NAME.md` leads to `NAME`, where the server has that
// page. Everything else is text, and escaped. Pure.
std::string MarkdownHtml(std::string_view markdown);

// What the page is about: the text of its first heading, and its first bold words. As written, not HTML.
struct MarkdownHead {
  std::string title;
  std::string summary;
};
MarkdownHead HeadOf(std::string_view markdown);

// The HTML of what stands within one line.
std::string MarkdownLineHtml(std::string_view line);

std::string EscapedHtml(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_DOCS_RUNBOOKS_MARKDOWN_H_
