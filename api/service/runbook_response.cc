#include "api/service/runbook_response.h"

#include <string>
#include <string_view>

#include "api/http/hash_source.h"
#include "docs/runbooks/runbooks.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace firebreak {
namespace {

constexpr std::string_view kRunbooks = "/runbooks/";
constexpr std::string_view kTextExtension = ".md";

// A list of ours, and plain enough for that: who takes HTML at all is a browser.
bool TakesHtml(const HttpRequest& request) {
  return request.Header("accept").find("text/html") != std::string_view::npos;
}

HttpResponse Page(std::string_view html, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = html;
  response.headers = {
      {"Content-Security-Policy",
       fmt::format("default-src 'none'; style-src {}; img-src data:; base-uri 'none'; form-action 'none'; "
                   "frame-ancestors 'none'",
                   HashSource(RunbookStyle()))},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Vary", "Accept"},
  };
  return response;
}

HttpResponse Text(std::string body) {
  HttpResponse response;
  response.content_type = "text/markdown; charset=utf-8";
  response.body = std::move(body);
  response.headers = {{"X-Content-Type-Options", "nosniff"}, {"Vary", "Accept"}};
  return response;
}

std::string IndexText() {
  std::string text = "# Runbooks\n\n";
  for (std::string_view name : RunbookNames()) text += fmt::format("- [{0}](runbooks/{0}.md)\n", name);
  return text;
}

HttpResponse NotFound(const HttpRequest& request) {
  if (TakesHtml(request)) return Page(RunbookIndexPage(), 404);
  return HttpError(404, fmt::format("no such runbook; there are: {}", fmt::join(RunbookNames(), ", ")));
}

}  // namespace

HttpResponse RunbookResponse(const HttpRequest& request) {
  const std::string_view path = request.path;
  if (!path.starts_with(kRunbooks)) return TakesHtml(request) ? Page(RunbookIndexPage()) : Text(IndexText());
  std::string_view name = path.substr(kRunbooks.size());
  const bool as_text = name.ends_with(kTextExtension) || !TakesHtml(request);
  if (name.ends_with(kTextExtension)) name.remove_suffix(kTextExtension.size());
  if (const auto text = RunbookText(name); text && as_text) return Text(std::string(*text));
  if (const auto page = RunbookPage(name)) return Page(*page);
  return NotFound(request);
}

}  // namespace firebreak
