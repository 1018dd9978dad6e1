#include "api/lab/diff_report.h"

#include <algorithm>
#include <utility>

#include "api/lab/text_table.h"
#include "engine/alert_text.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;
using Kind = TimelineChange::Kind;

constexpr Kind kKinds[] = {Kind::kGained, Kind::kLost, Kind::kEarlier, Kind::kLater};

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kSame:
      return "same";
    case Kind::kGained:
      return "gained";
    case Kind::kLost:
      return "lost";
    case Kind::kEarlier:
      return "earlier";
    case Kind::kLater:
      break;
  }
  return "later";
}

const TimelineAlert& AlertOf(const TimelineChange& change) { return change.before ? *change.before : *change.after; }

std::string SubjectText(const TimelineAlert& alert) {
  if (alert.tier.empty()) return std::string(alert.labels.Get("alertname"));
  if (alert.slo.empty()) return fmt::format("{}/{}", alert.tier, alert.labels.Get("alertname"));
  std::string text = fmt::format("{}/{}/{}", alert.tier, alert.slo, alert.pair);
  if (!alert.endpoint.empty()) text += " " + alert.endpoint;
  return text;
}

std::string SpanText(const std::optional<TimelineAlert>& alert) {
  if (!alert) return "–";
  return fmt::format("{} to {}", TimeText(alert->fired), alert->resolved ? TimeText(*alert->resolved) : "the end");
}

// "2m earlier", "gained".
std::string KindText(const TimelineChange& change) {
  if (change.kind != Kind::kEarlier && change.kind != Kind::kLater) return std::string(KindName(change.kind));
  return fmt::format("{} {}", DurationText(absl::AbsDuration(change.after->fired - change.before->fired)),
                     KindName(change.kind));
}

int64_t CountOf(const DiffReport& report, Kind kind, std::string_view severity) {
  return std::count_if(report.changes.begin(), report.changes.end(), [&](const TimelineChange& change) {
    return change.kind == kind && AlertOf(change).labels.Get("severity") == severity;
  });
}

std::string Totals(const DiffReport& report, std::string_view severity) {
  std::vector<std::string> parts;
  for (const Kind kind : kKinds) parts.push_back(fmt::format("{} {}", CountOf(report, kind, severity), KindName(kind)));
  return fmt::format("{}s: {}, {} unchanged", severity, fmt::join(parts, ", "), CountOf(report, Kind::kSame, severity));
}

std::string ReadText(const DiffReport& report) {
  const ReplaySummary& summary = report.summary;
  std::string text = fmt::format("{} events", summary.events);
  if (summary.first_event)
    text += fmt::format(", {} to {}", TimeText(*summary.first_event), TimeText(*summary.last_event));
  const int64_t rejected = report.read.rejected + summary.rejected;
  if (rejected > 0) text += fmt::format("; {} lines rejected", rejected);
  return text;
}

std::string MarkdownCell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '`' || c == '<' || c == '\\') cell += '\\';
    cell += c;
  }
  return cell;
}

Json AlertJson(const std::optional<TimelineAlert>& alert) {
  if (!alert) return nullptr;
  return {{"fired", TimeText(alert->fired)}, {"resolved", alert->resolved ? Json(TimeText(*alert->resolved)) : Json()}};
}

Json ChangeJson(const TimelineChange& change) {
  Json json = {{"change", KindName(change.kind)}, {"labels", Json::object()}};
  for (const auto& [name, value] : AlertOf(change).labels) json["labels"][name] = value;
  json["old"] = AlertJson(change.before);
  json["new"] = AlertJson(change.after);
  return json;
}

}  // namespace

bool HasChanges(const DiffReport& report) {
  return std::any_of(report.changes.begin(), report.changes.end(),
                     [](const TimelineChange& change) { return change.kind != Kind::kSame; });
}

std::string DiffText(const DiffReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const TimelineChange& change : report.changes) {
    if (change.kind == Kind::kSame) continue;
    const TimelineAlert& alert = AlertOf(change);
    rows.push_back({KindText(change), std::string(alert.labels.Get("severity")), SubjectText(alert),
                    SpanText(change.before), "→", SpanText(change.after)});
  }
  std::string text = TextTable(rows, 6, "");
  text += rows.empty() ? "No alert changes.\n" : "";
  text += fmt::format("\n{} → {}: {}; {}.\n", report.old_path, report.new_path, Totals(report, "page"),
                      Totals(report, "ticket"));
  text += fmt::format("Read {}.\n", ReadText(report));
  for (const std::string& reason : report.read.reasons) text += fmt::format("  rejected: {}\n", reason);
  for (const std::string& note : report.read.notes) text += fmt::format("  note: {}\n", note);
  return text;
}

std::string DiffMarkdown(const DiffReport& report) {
  std::string text = fmt::format("### Alerts: {} → {}\n\n{}  \n{}\n\n", MarkdownCell(report.old_path),
                                 MarkdownCell(report.new_path), Totals(report, "page"), Totals(report, "ticket"));
  if (HasChanges(report)) {
    text += "| change | severity | alert | old | new |\n|---|---|---|---|---|\n";
    for (const TimelineChange& change : report.changes) {
      if (change.kind == Kind::kSame) continue;
      const TimelineAlert& alert = AlertOf(change);
      text += fmt::format("| {} | {} | {} | {} | {} |\n", KindText(change), alert.labels.Get("severity"),
                          MarkdownCell(SubjectText(alert)), SpanText(change.before), SpanText(change.after));
    }
  } else {
    text += "No alert changes.\n";
  }
  text += fmt::format("\nReplayed: {}.\n", ReadText(report));
  for (const std::string& note : report.read.notes) text += fmt::format("\nNote: {}\n", MarkdownCell(note));
  return text;
}

std::string DiffJson(const DiffReport& report) {
  const ReplaySummary& summary = report.summary;
  Json json = {{"old", report.old_path}, {"new", report.new_path}, {"changes", Json::array()}};
  for (const TimelineChange& change : report.changes) json["changes"].push_back(ChangeJson(change));
  for (const std::string_view severity : {"page", "ticket"}) {
    Json& totals = json["totals"][std::string(severity)];
    for (const Kind kind : kKinds) totals[std::string(KindName(kind))] = CountOf(report, kind, severity);
    totals["same"] = CountOf(report, Kind::kSame, severity);
  }
  json["read"] = {{"lines", report.read.lines},
                  {"events", summary.events},
                  {"rejected", report.read.rejected + summary.rejected},
                  {"rejections", report.read.reasons},
                  {"notes", report.read.notes},
                  {"first_event", summary.first_event ? Json(TimeText(*summary.first_event)) : Json()},
                  {"last_event", summary.last_event ? Json(TimeText(*summary.last_event)) : Json()}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace firebreak
