#include "api/notify/slack_payload.h"

#include <algorithm>
#include <utility>

#include "api/notify/alert_group.h"
#include "api/notify/alert_json.h"
#include "api/notify/utf8.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

// Slack's limits, of escaped text.
constexpr size_t kMaxHeader = 150;
constexpr size_t kMaxSection = 3000;
constexpr size_t kMaxFields = 10;
constexpr size_t kMaxField = 2000;
// Our own: a message of some 12,000 characters is refused or cut, and nobody reads so far.
constexpr size_t kMaxShown = 10;
constexpr size_t kMaxShownText = 9000;
constexpr size_t kMaxFallback = 1000;
constexpr size_t kMaxContext = 500;

// How a rune is written in every kind of text object.
std::string_view Escaped(std::string_view rune) {
  switch (rune[0]) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
  }
  return rune;
}

// Text that ParseUrl took, as the target of a link: `|` would end it.
std::string LinkTarget(std::string_view url) {
  std::string out;
  for (size_t i = 0; i < url.size(); ++i) {
    const char c = url[i];
    if (c == '<' || c == '>' || c == '|') {
      out += fmt::format("%{:02X}", c);
    } else {
      out += Escaped(url.substr(i, 1));
    }
  }
  return out;
}

Json PlainText(std::string text) { return {{"type", "plain_text"}, {"text", std::move(text)}, {"emoji", false}}; }

// `verbatim`: Slack must not look for names and URLs in it.
Json Mrkdwn(std::string text) { return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}}; }

Json Context(Json elements) { return {{"type", "context"}, {"elements", std::move(elements)}}; }

std::string_view Label(const OutgoingAlert& alert, std::string_view name) { return alert.labels.Get(name); }

// "[FIRING:2] page ErrorBudgetBurn shop/checkout"
std::string Title(const std::vector<OutgoingAlert>& alerts) {
  const int64_t firing = CountFiring(alerts);
  std::string title = firing > 0 ? fmt::format("[FIRING:{}]", firing) : "[RESOLVED]";
  for (const std::string_view name : {"severity", "alertname"}) {
    if (!Label(alerts[0], name).empty()) title += fmt::format(" {}", Label(alerts[0], name));
  }
  const std::string_view service = Label(alerts[0], "service");
  const std::string_view tier = Label(alerts[0], "tier");
  if (!service.empty()) title += fmt::format(" {}", service);
  if (!tier.empty()) title += fmt::format("/{}", tier);
  return OneLine(title);
}

// What all alerts have in common, but for what the title says.
Json Fields(const Labels& common) {
  Json fields = Json::array();
  for (const auto& [name, value] : common) {
    if (name == "alertname" || fields.size() == kMaxFields) continue;
    fields.push_back(Mrkdwn(SlackText(fmt::format("{}: {}", OneLine(name), OneLine(value)), kMaxField)));
  }
  return fields;
}

// "page fast /pay/: firing since 2025-11-24T16:00:00Z"
std::string WhichAndWhen(const OutgoingAlert& alert, const Labels& common) {
  std::string text;
  for (const auto& [name, value] : alert.labels) {
    if (common.Get(name).empty()) text += fmt::format("{}={} ", name, value);
  }
  text += alert.firing() ? fmt::format("firing since {}", GoTime(alert.starts_at))
                         : fmt::format("resolved {}, fired {}", GoTime(*alert.ends_at), GoTime(alert.starts_at));
  return OneLine(text);
}

std::string Words(const OutgoingAlert& alert) {
  std::string words = OneLine(SummaryOf(alert));
  for (const std::string_view name : {"description", "causes"}) {
    if (const std::string_view text = alert.annotations.Get(name); !text.empty()) words += fmt::format("\n{}", text);
  }
  return words;
}

void AddAlert(const OutgoingAlert& alert, const Labels& common, size_t most, Json& blocks) {
  blocks.push_back({{"type", "section"}, {"text", Mrkdwn(SlackText(Words(alert), most))}});
  Json elements = Json::array();
  elements.push_back(Mrkdwn(SlackText(WhichAndWhen(alert, common), kMaxContext)));
  if (const std::string runbook = RunbookLink(alert); !runbook.empty()) {
    elements.push_back(Mrkdwn(fmt::format("<{}|Runbook>", LinkTarget(runbook))));
  }
  blocks.push_back(Context(std::move(elements)));
}

Json Blocks(const std::vector<OutgoingAlert>& alerts) {
  Json blocks = Json::array();
  blocks.push_back({{"type", "header"}, {"text", PlainText(SlackText(Title(alerts), kMaxHeader))}});
  const Labels common = Common(alerts, &OutgoingAlert::labels);
  if (Json fields = Fields(common); !fields.empty()) {
    blocks.push_back({{"type", "section"}, {"fields", std::move(fields)}});
  }
  const size_t shown = std::min(alerts.size(), kMaxShown);
  for (size_t i = 0; i < shown; ++i) AddAlert(alerts[i], common, std::min(kMaxSection, kMaxShownText / shown), blocks);
  if (shown < alerts.size()) {
    blocks.push_back(Context(Json::array({Mrkdwn(fmt::format("and {} more", alerts.size() - shown))})));
  }
  return blocks;
}

}  // namespace

std::string SlackText(std::string_view text, size_t most) { return Clip(text, most, Escaped); }

std::string SlackBody(const std::vector<OutgoingAlert>& alerts) {
  const std::vector<OutgoingAlert> sorted = WorstFirst(alerts);
  const std::string fallback = fmt::format("{}: {}", Title(sorted), OneLine(SummaryOf(sorted[0])));
  return DumpJson({
      {"text", SlackText(fallback, kMaxFallback)},
      {"blocks", Blocks(sorted)},
      {"unfurl_links", false},
      {"unfurl_media", false},
  });
}

HttpPost SlackRequest(const Url& url, const std::vector<OutgoingAlert>& alerts) {
  HttpPost request;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "firebreak"}};
  request.body = SlackBody(alerts);
  return request;
}

}  // namespace firebreak
