#include "api/notify/receiver_formats.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>

#include "api/notify/utf8.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using nlohmann::json;

constexpr size_t kNoLimit = std::string::npos;

// Gathers what is wrong with the members of objects, each named by its path.
class Checker {
 public:
  struct Member {
    std::string key;
    enum Need { kRequired, kOptional } need;
    std::function<void(const json&, const std::string& path)> check;
  };

  void Fault(const std::string& path, std::string_view what) { faults_.push_back(fmt::format("{}: {}", path, what)); }

  void Object(const json& value, const std::string& path, const std::vector<Member>& members) {
    if (!value.is_object()) return Fault(path, "no object");
    for (const Member& member : members) {
      const std::string member_path = path + "." + member.key;
      if (value.contains(member.key)) {
        member.check(value[member.key], member_path);
      } else if (member.need == Member::kRequired) {
        Fault(member_path, "missing");
      }
    }
    for (const auto& [key, unused] : value.items()) {
      const auto known = [&key = key](const Member& member) { return member.key == key; };
      if (std::none_of(members.begin(), members.end(), known)) Fault(path + "." + key, "unknown");
    }
  }

  void List(const json& value, const std::string& path, size_t least, size_t most,
            const std::function<void(const json&, const std::string&)>& check) {
    if (!value.is_array()) return Fault(path, "no array");
    if (value.size() < least || value.size() > most) Fault(path, fmt::format("{} items", value.size()));
    for (size_t i = 0; i < value.size(); ++i) check(value[i], fmt::format("{}[{}]", path, i));
  }

  void Text(const json& value, const std::string& path, size_t least, size_t most) {
    if (!value.is_string()) return Fault(path, "no string");
    const size_t length = Utf16Length(value.get_ref<const std::string&>());
    if (length < least || length > most) Fault(path, fmt::format("{} characters", length));
  }

  void OneOf(const json& value, const std::string& path, const std::vector<std::string>& wanted) {
    if (!value.is_string()) return Fault(path, "no string");
    if (std::find(wanted.begin(), wanted.end(), value) == wanted.end()) Fault(path, "not one of the documented values");
  }

  void Matches(const json& value, const std::string& path, const std::string& pattern) {
    Text(value, path, 1, kNoLimit);
    if (value.is_string() && !std::regex_match(value.get<std::string>(), std::regex(pattern))) {
      Fault(path, "does not match " + pattern);
    }
  }

  std::vector<std::string> Take() { return std::move(faults_); }

 private:
  std::vector<std::string> faults_;
};

using Member = Checker::Member;

Member Short(Checker& check, std::string key, Member::Need need, size_t least = 0, size_t most = kNoLimit) {
  return {std::move(key), need,
          [&check, least, most](const json& value, const std::string& path) { check.Text(value, path, least, most); }};
}

// ---- PagerDuty

void CheckPayload(Checker& check, const json& payload, const std::string& path) {
  check.Object(payload, path,
               {Short(check, "summary", Member::kRequired, 1, 1024),
                Short(check, "source", Member::kRequired, 1),
                {"severity", Member::kRequired,
                 [&](const json& v, const std::string& p) {
                   check.OneOf(v, p, {"critical", "error", "warning", "info"});
                 }},
                {"timestamp", Member::kOptional,
                 [&](const json& v, const std::string& p) {
                   check.Matches(v, p, R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d))");
                 }},
                Short(check, "component", Member::kOptional),
                Short(check, "group", Member::kOptional),
                Short(check, "class", Member::kOptional),
                {"custom_details", Member::kOptional, [&](const json& v, const std::string& p) {
                   if (!v.is_object()) check.Fault(p, "no object");
                 }}});
}

void CheckLink(Checker& check, const json& link, const std::string& path) {
  check.Object(link, path,
               {{"href", Member::kRequired,
                 [&](const json& v, const std::string& p) { check.Matches(v, p, "https?://[!-~]+"); }},
                Short(check, "text", Member::kOptional)});
}

void CheckEvent(Checker& check, const json& event) {
  const bool ends = event.is_object() && event.value("event_action", json()) != "trigger";
  check.Object(event, "event",
               {Short(check, "routing_key", Member::kRequired, 32, 32),
                {"event_action", Member::kRequired,
                 [&](const json& v, const std::string& p) {
                   check.OneOf(v, p, {"trigger", "acknowledge", "resolve"});
                 }},
                Short(check, "dedup_key", ends ? Member::kRequired : Member::kOptional, 1, 255),
                {"payload", ends ? Member::kOptional : Member::kRequired,
                 [&](const json& v, const std::string& p) { CheckPayload(check, v, p); }},
                {"links", Member::kOptional,
                 [&](const json& v, const std::string& p) {
                   check.List(v, p, 0, kNoLimit,
                              [&](const json& link, const std::string& at) { CheckLink(check, link, at); });
                 }},
                Short(check, "client", Member::kOptional),
                Short(check, "client_url", Member::kOptional)});
}

// ---- Slack

bool IsEntity(std::string_view text) {
  return text.starts_with("&amp;") || text.starts_with("&lt;") || text.starts_with("&gt;");
}

// "<https://host/path|words>", not "<!channel>", "<@U1>" or "<#C1>".
bool IsPlainLink(std::string_view link) {
  const size_t bar = link.find('|');
  const std::string_view target = link.substr(0, bar);
  return bar != std::string_view::npos && link.find('|', bar + 1) == std::string_view::npos && bar + 1 < link.size() &&
         (target.starts_with("http://") || target.starts_with("https://")) &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Every "&" begins one of the three entities; every "<" … ">" is a link of http(s) with words of its own.
void CheckMarkup(Checker& check, std::string_view text, const std::string& path) {
  for (size_t i = 0; (i = text.find_first_of("&<>", i)) != std::string_view::npos; ++i) {
    if (text[i] == '&' && IsEntity(text.substr(i))) continue;
    const size_t end = text.find('>', i);
    const bool link = text[i] == '<' && end != std::string_view::npos && IsPlainLink(text.substr(i + 1, end - i - 1));
    if (!link) return check.Fault(path, fmt::format("not escaped: {}", text.substr(i, 20)));
    i = end;
  }
}

enum class TextKind { kPlain, kMarkdown, kEither };

void CheckText(Checker& check, const json& text, const std::string& path, TextKind kind, size_t most) {
  std::vector<std::string> types;
  if (kind != TextKind::kMarkdown) types.push_back("plain_text");
  if (kind != TextKind::kPlain) types.push_back("mrkdwn");
  const bool plain = text.is_object() && text.value("type", json()) == "plain_text";
  check.Object(text, path,
               {{"type", Member::kRequired, [&](const json& v, const std::string& p) { check.OneOf(v, p, types); }},
                {"text", Member::kRequired,
                 [&](const json& v, const std::string& p) {
                   check.Text(v, p, 1, most);
                   if (v.is_string()) CheckMarkup(check, v.get_ref<const std::string&>(), p);
                 }},
                {plain ? "emoji" : "verbatim", Member::kOptional, [&](const json& v, const std::string& p) {
                   if (!v.is_boolean()) check.Fault(p, "no boolean");
                 }}});
  // Not a rule of the format: without it Slack looks for names and URLs in what callers wrote.
  if (!plain && text.is_object() && text.value("verbatim", json()) != true) check.Fault(path, "not verbatim");
}

void CheckBlock(Checker& check, const json& block, const std::string& path) {
  if (!block.is_object() || !block.contains("type")) return check.Fault(path, "no block");
  const json& type = block["type"];
  const Member kType = {"type", Member::kRequired, [](const json&, const std::string&) {}};
  const Member kId = Short(check, "block_id", Member::kOptional, 1, 255);
  const auto text = [&](TextKind kind, size_t most) {
    return [&check, kind, most](const json& v, const std::string& p) { CheckText(check, v, p, kind, most); };
  };
  const auto list = [&](size_t most, size_t most_text) {
    return [&check, most, most_text](const json& v, const std::string& p) {
      check.List(v, p, 1, most, [&](const json& item, const std::string& at) {
        CheckText(check, item, at, TextKind::kEither, most_text);
      });
    };
  };
  if (type == "header") {
    check.Object(block, path, {kType, kId, {"text", Member::kRequired, text(TextKind::kPlain, 150)}});
  } else if (type == "section") {
    if (!block.contains("text") && !block.contains("fields")) check.Fault(path, "neither text nor fields");
    check.Object(block, path,
                 {kType,
                  kId,
                  {"text", Member::kOptional, text(TextKind::kEither, 3000)},
                  {"fields", Member::kOptional, list(10, 2000)}});
  } else if (type == "context") {
    check.Object(block, path, {kType, kId, {"elements", Member::kRequired, list(10, 3000)}});
  } else if (type == "divider") {
    check.Object(block, path, {kType, kId});
  } else {
    check.Fault(path, "not one of the documented types");
  }
}

void CheckMessage(Checker& check, const json& message) {
  const auto boolean = [&](const json& v, const std::string& p) {
    if (!v.is_boolean()) check.Fault(p, "no boolean");
  };
  check.Object(message, "message",
               {{"text", Member::kRequired,
                 [&](const json& v, const std::string& p) {
                   check.Text(v, p, 1, 40000);
                   if (v.is_string()) CheckMarkup(check, v.get_ref<const std::string&>(), p);
                 }},
                {"blocks", Member::kRequired,
                 [&](const json& v, const std::string& p) {
                   check.List(v, p, 1, 50, [&](const json& b, const std::string& at) { CheckBlock(check, b, at); });
                 }},
                {"unfurl_links", Member::kOptional, boolean},
                {"unfurl_media", Member::kOptional, boolean}});
}

std::vector<std::string> Faults(std::string_view body, void (*check_all)(Checker&, const json&)) {
  Checker check;
  const json parsed = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return {"no JSON of UTF-8"};
  check_all(check, parsed);
  return check.Take();
}

}  // namespace

std::vector<std::string> PagerDutyFaults(std::string_view body) {
  std::vector<std::string> faults = Faults(body, CheckEvent);
  if (body.size() > 512'000) faults.push_back(fmt::format("a body of {} bytes", body.size()));
  return faults;
}

std::vector<std::string> SlackFaults(std::string_view body) { return Faults(body, CheckMessage); }

}  // namespace firebreak
