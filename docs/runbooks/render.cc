// Usage: render page CSS NAME.md           prints a runbook as an HTML page
//        render index CSS FILE... -- FILE...   prints the page that lists them: about alerts, and about symptoms
//
// Pages load nothing and run nothing. What the server has to allow is the one <style>.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "docs/runbooks/markdown.h"

namespace firebreak {
namespace {

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Page(std::string_view title, std::string_view style, std::string_view body) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>";
  html += EscapedHtml(title);
  html += "</title>\n<style>";
  html += style;
  html += "</style>\n</head>\n<body>\n";
  html += body;
  return html + "</body>\n</html>\n";
}

// The server has a page at /runbooks/NAME, and the index at /runbooks.
std::string RunbookPage(const std::string& style, const std::string& markdown) {
  const std::string body =
      "<nav><a href=\"../runbooks\">All runbooks</a> <a href=\"../\">How it is now</a></nav>\n<main>\n" +
      MarkdownHtml(markdown) + "</main>\n";
  return Page(HeadOf(markdown).title, style, body);
}

std::string EntryOf(const std::string& path) {
  const MarkdownHead head = HeadOf(Bytes(path));
  const size_t begin = path.find_last_of('/') + 1;
  const std::string name = path.substr(begin, path.find_last_of('.') - begin);
  return "<dt><a href=\"runbooks/" + name + "\">" + MarkdownLineHtml(head.title) + "</a></dt>\n<dd>" +
         MarkdownLineHtml(head.summary) + "</dd>\n";
}

std::string IndexPage(const std::string& style, char** paths, char** end) {
  std::string body =
      "<nav><a href=\"./\">How it is now</a></nav>\n<main>\n<h1>Runbooks</h1>\n"
      "<p>In commands, <code>FIREBREAK</code> stands for the address of this server.</p>\n<h2>Alerts</h2>\n<dl>\n";
  for (; paths != end; ++paths) {
    const bool symptoms_follow = std::string_view(*paths) == "--";
    body += symptoms_follow ? "</dl>\n<h2>Symptoms</h2>\n<dl>\n" : EntryOf(*paths);
  }
  return Page("Runbooks", style, body + "</dl>\n</main>\n");
}

int Main(int argc, char** argv) {
  const std::string_view what = argc > 3 ? argv[1] : "";
  std::string html;
  if (what == "page") html = RunbookPage(Bytes(argv[2]), Bytes(argv[3]));
  if (what == "index") html = IndexPage(Bytes(argv[2]), argv + 3, argv + argc);
  if (html.empty()) {
    std::fprintf(stderr, "usage: render page CSS FILE | render index CSS FILE... -- FILE...\n");
    return 2;
  }
  std::fwrite(html.data(), 1, html.size(), stdout);
  return 0;
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) { return firebreak::Main(argc, argv); }
