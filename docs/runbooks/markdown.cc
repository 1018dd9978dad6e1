#include "docs/runbooks/markdown.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace firebreak {
namespace {

using Lines = std::span<const std::string>;

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool IsBlank(std::string_view line) { return line.find_first_not_of(' ') == std::string_view::npos; }
size_t IndentOf(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// --- Within a line

// What stands between `open` and `close` where `text` begins with `open`; nullopt where it does not.
std::optional<std::string_view> Between(std::string_view text, std::string_view open, std::string_view close) {
  if (!text.starts_with(open)) return std::nullopt;
  const size_t end = text.find(close, open.size());
  if (end == text.npos) return std::nullopt;
  return text.substr(open.size(), end - open.size());
}

std::string_view PageOf(std::string_view target) {
  constexpr std::string_view kExtension = ".md";
  const bool is_page = target.find('/') == target.npos && target.ends_with(kExtension);
  return is_page ? target.substr(0, target.size() - kExtension.size()) : target;
}

// Not the star of "3 * 4".
std::optional<std::string_view> Emphasized(std::string_view text) {
  return text.starts_with("* ") || text.starts_with("**") ? std::nullopt : Between(text, "*", "*");
}

std::string InlineHtml(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    if (const auto code = Between(text, "`", "`")) {
      html += "<code>" + EscapedHtml(*code) + "</code>";
      text.remove_prefix(code->size() + 2);
    } else if (const auto bold = Between(text, "**", "**")) {
      html += "<strong>" + InlineHtml(*bold) + "</strong>";
      text.remove_prefix(bold->size() + 4);
    } else if (const auto stressed = Emphasized(text)) {
      html += "<em>" + InlineHtml(*stressed) + "</em>";
      text.remove_prefix(stressed->size() + 2);
    } else if (const auto words = Between(text, "[", "](")) {
      const std::string_view rest = text.substr(words->size() + 1);
      const std::string_view target = Between(rest, "](", ")").value_or("");
      html += "<a href=\"" + EscapedHtml(PageOf(target)) + "\">" + InlineHtml(*words) + "</a>";
      text.remove_prefix(words->size() + target.size() + 4);
    } else {
      html += EscapedHtml(text.substr(0, 1));
      text.remove_prefix(1);
    }
  }
  return html;
}

// --- Blocks. Each function takes its lines from the front of `lines`.

std::string BlocksHtml(Lines lines);

// The width of "- " or "12. " where the line begins a list's item, else 0.
size_t MarkerWidth(std::string_view line) {
  if (line.starts_with("- ")) return 2;
  const size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  return digits > 0 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

bool IsOrdered(std::string_view line) { return !line.starts_with("- "); }

bool BeginsBlock(std::string_view line) {
  return IsBlank(line) || line.starts_with("#") || line.starts_with("|") || MarkerWidth(line) > 0;
}

std::string TakeHeading(Lines& lines) {
  const std::string_view line = lines.front();
  lines = lines.subspan(1);
  const size_t level = std::min(line.find_first_not_of('#'), line.size());
  const std::string tag = "h" + std::to_string(level) + ">";
  return "<" + tag + InlineHtml(line.substr(std::min(level + 1, line.size()))) + "</" + tag + "\n";
}

std::string RowHtml(std::string_view row, std::string_view cell) {
  std::string html = "<tr>";
  row.remove_prefix(1);
  while (row.find('|') != row.npos) {
    const std::string_view text = row.substr(0, row.find('|'));
    row.remove_prefix(text.size() + 1);
    const size_t from = IndentOf(text);
    const size_t to = text.find_last_not_of(' ') + 1;
    html += "<" + std::string(cell) + ">" + InlineHtml(to > from ? text.substr(from, to - from) : "") + "</" +
            std::string(cell) + ">";
  }
  return html + "</tr>\n";
}

// The second row is the rule below the head.
std::string TakeTable(Lines& lines) {
  std::string html = "<div class=\"table\"><table>\n";
  for (size_t row = 0; !lines.empty() && lines.front().starts_with("|"); ++row, lines = lines.subspan(1)) {
    if (row != 1) html += RowHtml(lines.front(), row == 0 ? "th" : "td");
  }
  return html + "</table></div>\n";
}

constexpr size_t kCodeIndent = 4;

std::string TakeCode(Lines& lines) {
  std::string code;
  while (!lines.empty() && (IsBlank(lines.front()) || IndentOf(lines.front()) >= kCodeIndent)) {
    const std::string& line = lines.front();
    code += line.substr(std::min(kCodeIndent, line.size())) + "\n";
    lines = lines.subspan(1);
  }
  code.erase(code.find_last_not_of('\n') + 1);
  return "<pre><code>" + EscapedHtml(code) + "</code></pre>\n";
}

std::string TakeParagraph(Lines& lines) {
  std::string text = lines.front();
  lines = lines.subspan(1);
  while (!lines.empty() && !BeginsBlock(lines.front())) {
    text += " " + lines.front().substr(IndentOf(lines.front()));
    lines = lines.subspan(1);
  }
  return "<p>" + InlineHtml(text) + "</p>\n";
}

// The lines of an item, without its marker and the indent that goes with it.
std::vector<std::string> TakeItem(Lines& lines) {
  const size_t width = MarkerWidth(lines.front());
  std::vector<std::string> item = {lines.front().substr(width)};
  lines = lines.subspan(1);
  while (!lines.empty() && (IsBlank(lines.front()) || IndentOf(lines.front()) >= width)) {
    item.push_back(lines.front().substr(std::min(width, lines.front().size())));
    lines = lines.subspan(1);
  }
  while (IsBlank(item.back())) item.pop_back();
  return item;
}

std::string TakeList(Lines& lines) {
  const bool ordered = IsOrdered(lines.front());
  std::string html = ordered ? "<ol>\n" : "<ul>\n";
  while (!lines.empty() && MarkerWidth(lines.front()) > 0 && IsOrdered(lines.front()) == ordered) {
    html += "<li>" + BlocksHtml(TakeItem(lines)) + "</li>\n";
  }
  return html + (ordered ? "</ol>\n" : "</ul>\n");
}

std::string TakeBlock(Lines& lines) {
  const std::string_view line = lines.front();
  if (line.starts_with("#")) return TakeHeading(lines);
  if (line.starts_with("|")) return TakeTable(lines);
  if (IndentOf(line) >= kCodeIndent) return TakeCode(lines);
  if (MarkerWidth(line) > 0) return TakeList(lines);
  return TakeParagraph(lines);
}

std::string BlocksHtml(Lines lines) {
  std::string html;
  while (!lines.empty()) {
    if (IsBlank(lines.front())) {
      lines = lines.subspan(1);
    } else {
      html += TakeBlock(lines);
    }
  }
  return html;
}

}  // namespace

std::string EscapedHtml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string MarkdownLineHtml(std::string_view line) { return InlineHtml(line); }

std::string MarkdownHtml(std::string_view markdown) { return BlocksHtml(LinesOf(markdown)); }

MarkdownHead HeadOf(std::string_view markdown) {
  MarkdownHead head;
  head.title = Between(markdown, "# ", "\n").value_or("");
  const size_t bold = markdown.find("**");
  if (bold != markdown.npos) head.summary = Between(markdown.substr(bold), "**", "**").value_or("");
  std::replace(head.summary.begin(), head.summary.end(), '\n', ' ');
  return head;
}

}  // namespace firebreak
