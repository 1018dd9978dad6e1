#include "api/lab/diff_report.h"

#include <algorithm>
#include <utility>

#include "api/lab/text_table.h"
#include "api/lab/visible_text.h"
#include "engine/alert_text.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;
using Kind = TimelineChange::Kind;

constexpr Kind kKinds[] = {Kind::kGained, Kind::kLost,    Kind::kEarlier,  Kind::kLater,
                           Kind::kLonger, Kind::kShorter, Kind::kUnchanged};

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kUnchanged:
      return "unchanged";
    case Kind::kGained:
      return "gained";
    case Kind::kLost:
      return "lost";
    case Kind::kEarlier:
      return "earlier";
    case Kind::kLater:
      return "later";
    case Kind::kLonger:
      return "longer";
    case Kind::kShorter:
      break;
  }
  return "shorter";
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

// By how much it changed; absent where that is no number: of one side only, or when one fires to the end.
std::optional<absl::Duration> AmountOf(const TimelineChange& change) {
  if (!change.before || !change.after) return std::nullopt;
  if (change.kind == Kind::kEarlier || change.kind == Kind::kLater) return change.after->fired - change.before->fired;
  if (!change.before->resolved || !change.after->resolved) return std::nullopt;
  return *change.after->resolved - *change.before->resolved;
}

// "2m earlier", "1h longer", "gained".
std::string KindText(const TimelineChange& change) {
  const std::optional<absl::Duration> amount = AmountOf(change);
  if (!amount) return std::string(KindName(change.kind));
  return fmt::format("{} {}", DurationText(absl::AbsDuration(*amount)), KindName(change.kind));
}

int64_t CountOf(const DiffReport& report, Kind kind, std::string_view severity) {
  return std::count_if(report.changes.begin(), report.changes.end(), [&](const TimelineChange& change) {
    return change.kind == kind && AlertOf(change).labels.Get("severity") == severity;
  });
}

std::string Totals(const DiffReport& report, std::string_view severity) {
  std::vector<std::string> parts;
  for (const Kind kind : kKinds) parts.push_back(fmt::format("{} {}", CountOf(report, kind, severity), KindName(kind)));
  return fmt::format("{}s: {}", severity, fmt::join(parts, ", "));
}

std::string ReadText(const DiffReport& report) {
  const ReplaySummary& summary = report.summary;
  std::string text = fmt::format("{} events", summary.events);
  if (summary.first_event)
    text += fmt::format(", {} to {}", TimeText(*summary.first_event), TimeText(*summary.last_event));
  const int64_t rejected = report.read.rejected + summary.rejected;
  if (rejected > 0) text += fmt::format("; {} lines rejected", rejected);
  if (summary.behind > 0) text += fmt::format("; {} counted after their evaluation (see --lateness)", summary.behind);
  if (summary.late > 0) text += fmt::format("; {} too late to count", summary.late);
  if (summary.overflow > 0) text += fmt::format("; {} lost to a full counter", summary.overflow);
  return text;
}

size_t LongestRun(std::string_view text, char of) {
  size_t longest = 0;
  size_t run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Anything from anywhere as a code span: nothing in it is markup, a link or a mention. Its fence is longer than any
// run of backticks in it.
std::string CodeSpan(std::string_view raw) {
  const std::string text = VisibleText(raw);
  const size_t run = LongestRun(text, '`');
  const std::string fence(run + 1, '`');
  const std::string_view space = run > 0 ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, space, text, space, fence);
}

// The same within a table, which takes even a code span apart at its bars.
std::string CodeCell(std::string_view raw) {
  std::string cell;
  for (const char c : CodeSpan(raw)) {
    if (c != '|') {
      cell += c;
    } else {
      cell += cell.back() == '\\' ? "\\u007c" : "\\|";
    }
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
                     [](const TimelineChange& change) { return change.kind != Kind::kUnchanged; });
}

std::string DiffText(const DiffReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const TimelineChange& change : report.changes) {
    if (change.kind == Kind::kUnchanged) continue;
    const TimelineAlert& alert = AlertOf(change);
    rows.push_back({KindText(change), std::string(alert.labels.Get("severity")), VisibleText(SubjectText(alert)),
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
  std::string text = fmt::format("### Alerts: {} → {}\n\n{}  \n{}\n\n", CodeSpan(report.old_path),
                                 CodeSpan(report.new_path), Totals(report, "page"), Totals(report, "ticket"));
  if (HasChanges(report)) {
    text += "| change | severity | alert | old | new |\n|---|---|---|---|---|\n";
    for (const TimelineChange& change : report.changes) {
      if (change.kind == Kind::kUnchanged) continue;
      const TimelineAlert& alert = AlertOf(change);
      text += fmt::format("| {} | {} | {} | {} | {} |\n", KindText(change), alert.labels.Get("severity"),
                          CodeCell(SubjectText(alert)), SpanText(change.before), SpanText(change.after));
    }
  } else {
    text += "No alert changes.\n";
  }
  text += fmt::format("\nReplayed: {}.\n", ReadText(report));
  for (const std::string& note : report.read.notes) text += fmt::format("\nNote: {}\n", CodeSpan(note));
  return text;
}

std::string DiffJson(const DiffReport& report) {
  const ReplaySummary& summary = report.summary;
  Json json = {{"old", report.old_path}, {"new", report.new_path}, {"changes", Json::array()}};
  for (const TimelineChange& change : report.changes) json["changes"].push_back(ChangeJson(change));
  for (const std::string_view severity : {"page", "ticket"}) {
    Json& totals = json["totals"][std::string(severity)];
    for (const Kind kind : kKinds) totals[std::string(KindName(kind))] = CountOf(report, kind, severity);
  }
  json["read"] = {{"lines", report.read.lines},
                  {"events", summary.events},
                  {"behind", summary.behind},
                  {"late", summary.late},
                  {"overflow", summary.overflow},
                  {"rejected", report.read.rejected + summary.rejected},
                  {"rejections", report.read.reasons},
                  {"notes", report.read.notes},
                  {"first_event", summary.first_event ? Json(TimeText(*summary.first_event)) : Json()},
                  {"last_event", summary.last_event ? Json(TimeText(*summary.last_event)) : Json()}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace firebreak
