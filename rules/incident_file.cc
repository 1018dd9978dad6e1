#include "rules/incident_file.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "rules/csv_table.h"
#include "rules/finding_list.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/yaml_node.h"
#include "rules/yaml_reader.h"

namespace firebreak {
namespace {

constexpr std::string_view kWantedTime = "a time such as 2026-01-05T10:00:00Z";
constexpr size_t kMaxIncidents = 10000;

// What one incident of the file says, before it is understood: a text and its place for each field that is there.
struct RawField {
  std::string name;                 // for messages: "incidents[0].begin", "begin"
  std::optional<std::string> text;  // absent when it could not be read, which was said
  Place place;
};
struct RawIncident {
  std::string path;  // before the name of a field that is missing: "incidents[0].", ""
  Place place;
  std::optional<RawField> begin;
  std::optional<RawField> end;
  std::optional<RawField> tier;
  std::optional<RawField> slo;
  std::optional<RawField> what;
};

struct FieldSpec {
  std::string_view name;
  std::optional<RawField> RawIncident::*field;
};
constexpr FieldSpec kFields[] = {{"begin", &RawIncident::begin},
                                 {"end", &RawIncident::end},
                                 {"tier", &RawIncident::tier},
                                 {"slo", &RawIncident::slo},
                                 {"what", &RawIncident::what}};

std::vector<std::string> FieldNames() {
  std::vector<std::string> names;
  for (const FieldSpec& spec : kFields) names.emplace_back(spec.name);
  return names;
}

std::optional<absl::Time> ParseTimeOfIncident(const std::string& text) {
  absl::Time time;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;  // not "infinite-past"
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  if (time < absl::UnixEpoch() || time >= absl::FromUnixSeconds(int64_t{253402300800}))
    return std::nullopt;  // year 10000
  return time;
}

// Turns raw incidents into incidents; what is wrong goes to the findings.
class IncidentChecker {
 public:
  IncidentChecker(const Config& config, FindingList& findings) : config_(config), findings_(findings) {}

  void Take(const RawIncident& raw) {
    const std::optional<absl::Time> begin = Time(raw, raw.begin, "begin");
    const std::optional<absl::Time> end = Time(raw, raw.end, "end");
    Incident incident;
    const bool has_tier = ReadTier(raw, incident.tier);
    const bool has_slo = ReadSlo(raw, incident);
    if (raw.what) incident.what = raw.what->text.value_or("");
    if (incident.what.find_first_of("\r\n") != std::string::npos)
      return Fault(*raw.what, "has a line break, wanted one line");
    if (begin && end && *end <= *begin) return Fault(*raw.end, "is not after begin");
    if (!begin || !end || !has_tier || !has_slo) return;
    incident.begin = *begin;
    incident.end = *end;
    incident.line = raw.place.line;
    Keep(raw, std::move(incident));
  }

  std::vector<Incident> Sorted() {
    std::stable_sort(incidents_.begin(), incidents_.end(),
                     [](const Incident& a, const Incident& b) { return a.begin < b.begin; });
    return std::move(incidents_);
  }

 private:
  void Fault(const RawField& field, std::string_view message) {
    findings_.Add(FindingKind::kError, field.place, fmt::format("{}: {} {}", field.name, Quoted(*field.text), message));
  }

  std::optional<absl::Time> Time(const RawIncident& raw, const std::optional<RawField>& field, std::string_view name) {
    if (!field) {
      findings_.Add(FindingKind::kError, raw.place,
                    fmt::format("{}{}: missing, wanted {}", raw.path, name, kWantedTime));
      return std::nullopt;
    }
    if (!field->text) return std::nullopt;
    const std::optional<absl::Time> time = ParseTimeOfIncident(*field->text);
    if (!time) Fault(*field, fmt::format("is no time, wanted {}", kWantedTime));
    return time;
  }

  bool ReadTier(const RawIncident& raw, std::string& out) {
    if (!raw.tier) {
      findings_.Add(FindingKind::kError, raw.place,
                    fmt::format("{}tier: missing, wanted a tier of the configuration, or * for all", raw.path));
      return false;
    }
    std::vector<std::string> names;
    for (const Tier& tier : config_.tiers) names.push_back(tier.name);
    if (!raw.tier->text) return false;
    out = *raw.tier->text;
    if (out == "*" || std::find(names.begin(), names.end(), out) != names.end()) return true;
    const std::string hint = DidYouMean(out, names);
    Fault(*raw.tier, "is no tier of the configuration" +
                         (hint.empty() ? fmt::format(", wanted {} or *", fmt::join(names, ", ")) : hint));
    return false;
  }

  bool ReadSlo(const RawIncident& raw, Incident& incident) {
    if (raw.slo && !raw.slo->text) return false;
    incident.slo = raw.slo ? *raw.slo->text : "availability";
    if (incident.slo == "availability") return true;
    if (incident.slo != "latency") {
      Fault(*raw.slo,
            "is no SLO, wanted availability or latency" + DidYouMean(incident.slo, {"availability", "latency"}));
      return false;
    }
    const bool promised = std::any_of(config_.tiers.begin(), config_.tiers.end(), [&](const Tier& tier) {
      return tier.latency_limit && incident.Concerns(tier.name, "latency");
    });
    // A tier that is none was reported already.
    if (!promised && IsTier(incident.tier)) Fault(*raw.slo, "is not promised by the tier: it has no p95_ms");
    return promised;
  }

  bool IsTier(const std::string& name) const {
    return name == "*" ||
           std::any_of(config_.tiers.begin(), config_.tiers.end(), [&](const Tier& tier) { return tier.name == name; });
  }

  void Keep(const RawIncident& raw, Incident incident) {
    const auto [first, is_new] =
        lines_.emplace(std::tuple(incident.begin, incident.end, incident.tier, incident.slo), incident.line);
    if (!is_new) {
      return findings_.Add(FindingKind::kError, raw.place,
                           fmt::format("the same incident is given in line {} already", first->second));
    }
    incidents_.push_back(std::move(incident));
  }

  const Config& config_;
  FindingList& findings_;
  std::vector<Incident> incidents_;
  std::map<std::tuple<absl::Time, absl::Time, std::string, std::string>, int> lines_;
};

void ReadYamlIncidents(std::string_view text, FindingList& findings, IncidentChecker& checker) {
  const std::optional<YamlNode> root = ReadYaml(text, findings);
  if (!root) return;
  YamlReader reader(findings);
  const Field file{*root, "", root->place, root->place};
  const auto read_incident = [&](const Field& item) {
    RawIncident raw;
    raw.path = item.path + ".";
    raw.place = item.place;
    std::vector<FieldRule> rules;
    for (const FieldSpec& spec : kFields) {
      rules.push_back({std::string(spec.name), [&reader, &raw, &spec](const Field& field) {
                         std::string value;
                         reader.ReadText(field, value);
                         raw.*spec.field = RawField{field.path, std::nullopt, field.place};
                         if (reader.IsSound(field.path)) (raw.*spec.field)->text = value;
                       }});
    }
    reader.ReadMap(item, rules);
    if (reader.IsSound(item.path)) checker.Take(raw);
  };
  reader.ReadMap(file, {{"incidents", [&](const Field& list) { reader.ReadList(list, read_incident); }}});
  reader.Require(file, "incidents", "a list of incidents");
}

// The field that each column stands for.
using Columns = std::vector<const FieldSpec*>;

// nullopt after a fault.
std::optional<Columns> ReadHeader(const CsvRow& header, FindingList& findings) {
  Columns columns;
  bool is_sound = true;
  const auto fault = [&](Place place, std::string message) {
    is_sound = false;
    findings.Add(FindingKind::kError, place, std::move(message));
  };
  for (const CsvCell& cell : header) {
    const auto* spec = std::find_if(std::begin(kFields), std::end(kFields),
                                    [&](const FieldSpec& candidate) { return candidate.name == cell.text; });
    const bool is_known = spec != std::end(kFields);
    if (!is_known) {
      const std::string hint = DidYouMean(cell.text, FieldNames());
      fault(cell.place, fmt::format("unknown column {}{}", Quoted(cell.text),
                                    hint.empty() ? ", wanted begin, end, tier, what, slo" : hint));
    } else if (std::find(columns.begin(), columns.end(), spec) != columns.end()) {
      fault(cell.place, fmt::format("the column {} is given twice", spec->name));
    }
    columns.push_back(is_known ? spec : nullptr);
  }
  for (const FieldSpec& spec : {kFields[0], kFields[1], kFields[2]}) {
    const bool there = std::any_of(columns.begin(), columns.end(),
                                   [&](const FieldSpec* column) { return column && column->name == spec.name; });
    if (!there) {
      fault(header.front().place,
            fmt::format("no column {}, wanted a first line such as begin,end,tier,what", spec.name));
    }
  }
  if (!is_sound) return std::nullopt;
  return columns;
}

void ReadCsvIncidents(std::string_view text, FindingList& findings, IncidentChecker& checker) {
  const std::optional<std::vector<CsvRow>> rows = ReadCsv(text, findings);
  if (!rows) return;
  if (rows->empty()) return findings.Add(FindingKind::kError, {}, "no lines, wanted a first line begin,end,tier,what");
  const std::optional<Columns> columns = ReadHeader(rows->front(), findings);
  if (!columns) return;
  for (auto row = rows->begin() + 1; row != rows->end(); ++row) {
    if (row->size() != columns->size()) {
      findings.Add(FindingKind::kError, row->front().place,
                   fmt::format("{} values, wanted {} as in the first line", row->size(), columns->size()));
      continue;
    }
    RawIncident raw;
    raw.place = row->front().place;
    for (size_t i = 0; i < columns->size(); ++i) {
      const CsvCell& cell = (*row)[i];
      if (!cell.text.empty())
        raw.*(*columns)[i]->field = RawField{std::string((*columns)[i]->name), cell.text, cell.place};
    }
    checker.Take(raw);
  }
}

bool IsCsv(std::string_view file) {
  if (file.size() < 4) return false;
  std::string ending(file.substr(file.size() - 4));
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".csv";
}

}  // namespace

ParsedIncidents ParseIncidents(std::string_view text, std::string_view file, const Config& config) {
  FindingList findings(file);
  IncidentChecker checker(config, findings);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    findings.Add(FindingKind::kError, {}, "the file is empty, wanted incidents");
  } else if (IsCsv(file)) {
    ReadCsvIncidents(text, findings, checker);
  } else {
    ReadYamlIncidents(text, findings, checker);
  }
  std::vector<Incident> incidents = checker.Sorted();
  if (!findings.has_errors() && incidents.size() > kMaxIncidents) {
    findings.Add(FindingKind::kError, {},
                 fmt::format("{} incidents, wanted at most {}", incidents.size(), kMaxIncidents));
  }
  ParsedIncidents parsed;
  if (!findings.has_errors()) parsed.incidents = std::move(incidents);
  parsed.findings = findings.Take();
  return parsed;
}

}  // namespace firebreak
