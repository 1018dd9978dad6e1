#include <algorithm>

#include "fmt/format.h"
#include "rules/import/imported_slo.h"
#include "rules/import/openslo_object.h"
#include "rules/import/openslo_policies.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

constexpr std::string_view kVersion = "openslo/v1";

class OpenSloImporter {
 public:
  explicit OpenSloImporter(ForeignFiles& files) : files_(files) {}

  std::vector<ImportedSlo> Read();

 private:
  void ForEach(std::string_view kind, const std::function<void(const Field&, YamlReader&)>& read);
  static void SayWhatIsNotRead(ForeignDocument& document);
  void ReadSlo(const Field& field, YamlReader& reader);
  void ReadSpec(const Field& field, YamlReader& reader, ImportedSlo& slo);
  static void ReadTimeWindows(const Field& field, YamlReader& reader, ImportedSlo& slo);
  static void ReadTimeWindow(const Field& field, YamlReader& reader, ImportedSlo& slo);
  static void ReadMethod(const Field& field, YamlReader& reader);
  static void ReadObjectives(const Field& field, YamlReader& reader, ImportedSlo& slo);
  static void ReadObjective(const Field& field, YamlReader& reader, ImportedSlo& slo);
  static void ReadTarget(const Field& field, YamlReader& reader, std::string_view unit, ImportedSlo& slo);
  void ReadPolicies(const Field& field, YamlReader& reader, ImportedSlo& slo);
  void AddDefaultPairs();

  ForeignFiles& files_;
  OpenSloPolicies policies_;
  bool has_policies_ = false;
  std::vector<ImportedSlo> slos_;
};

std::vector<ImportedSlo> OpenSloImporter::Read() {
  for (const auto& document : files_.documents()) SayWhatIsNotRead(*document);
  ForEach("AlertCondition", [this](const Field& field, YamlReader& reader) { policies_.AddCondition(field, reader); });
  ForEach("AlertPolicy", [this](const Field& field, YamlReader& reader) { policies_.AddPolicy(field, reader); });
  ForEach("SLO", [this](const Field& field, YamlReader& reader) { ReadSlo(field, reader); });
  policies_.NoteUnused();
  if (!has_policies_) AddDefaultPairs();
  return std::move(slos_);
}

void OpenSloImporter::ForEach(std::string_view kind, const std::function<void(const Field&, YamlReader&)>& read) {
  for (const auto& document : files_.documents()) {
    if (document->Text("apiVersion") == kVersion && document->Text("kind") == kind) {
      read(document->field(), document->reader());
    }
  }
}

void OpenSloImporter::SayWhatIsNotRead(ForeignDocument& document) {
  static const std::vector<std::string> kKinds = {
      "SLO", "SLI", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource", "Service"};
  YamlReader& reader = document.reader();
  const std::string version = document.Text("apiVersion");
  const std::string kind = document.Text("kind");
  if (version != kVersion) {
    reader.Fault(document.field(), fmt::format("apiVersion {}, wanted {}", Quoted(version), kVersion));
  } else if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
    reader.Fault(document.field(), fmt::format("kind {}, wanted one of {}{}", Quoted(kind), fmt::join(kKinds, ", "),
                                               DidYouMean(kind, kKinds)));
  } else if (kind == "SLI" || kind == "DataSource" || kind == "Service" || kind == "AlertNotificationTarget") {
    ReadForeignMap(document.field(), reader,
                   {{"apiVersion", Known},
                    {"kind", Ignored(reader, fmt::format("a document of kind {}", kind))},
                    {"metadata", Known},
                    {"spec", Known}});
  }
}

void OpenSloImporter::ReadSlo(const Field& field, YamlReader& reader) {
  ImportedSlo slo;
  slo.origin = {&reader, "metadata.name"};
  slo.name = ReadOpenSloObject(field, reader, [&](const Field& f) { ReadSpec(f, reader, slo); });
  for (const ImportedPair& pair : slo.pairs) CheckWindows({&reader, "spec.alertPolicies"}, pair, slo.period);
  slos_.push_back(std::move(slo));
}

void OpenSloImporter::ReadSpec(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  const auto indicator = NeedsBinding(reader, "queries of a vendor's; what is counted is bound by --map");
  ReadForeignMap(field, reader,
                 {{"description", Ignored(reader, "tiers have none")},
                  {"service", [&](const Field& f) { reader.ReadLabel(f, slo.service); }},
                  {"indicator", indicator},
                  {"indicatorRef", indicator},
                  {"timeWindow", [&](const Field& f) { ReadTimeWindows(f, reader, slo); }},
                  {"budgetingMethod", [&](const Field& f) { ReadMethod(f, reader); }},
                  {"objectives", [&](const Field& f) { ReadObjectives(f, reader, slo); }},
                  {"alertPolicies", [&](const Field& f) { ReadPolicies(f, reader, slo); }}});
  reader.Require(field, "service", "the service");
  reader.Require(field, "objectives", "a list of one objective");
  if (!reader.Has(field.path + ".timeWindow")) reader.Warn(field.path, "changed: no timeWindow; 30d is written");
}

void OpenSloImporter::ReadTimeWindows(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  bool is_first = true;
  reader.ReadList(field, [&](const Field& window) {
    if (is_first) ReadTimeWindow(window, reader, slo);
    if (!is_first) reader.Fault(window, "a second time window, wanted one");
    is_first = false;
  });
}

void OpenSloImporter::ReadTimeWindow(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  bool is_rolling = true;
  ReadForeignMap(field, reader,
                 {{"duration", [&](const Field& f) { ReadOpenSloPeriod(f, reader, slo.period); }},
                  {"isRolling", [&](const Field& f) { reader.ReadBool(f, is_rolling); }},
                  {"calendar", [&](const Field&) { is_rolling = false; }}});
  reader.Require(field, "duration", "the period, such as 30d");
  if (!is_rolling)
    reader.Warn(field.path, "changed: budgets are of a rolling period, and never begin anew with the calendar");
}

void OpenSloImporter::ReadMethod(const Field& field, YamlReader& reader) {
  const std::optional<std::string> method = reader.Scalar(field, "Occurrences");
  if (!method.has_value() || *method == "Occurrences") return;
  reader.Warn(field.path, fmt::format("changed: {}; Firebreak counts requests, as Occurrences does", Quoted(*method)));
}

void OpenSloImporter::ReadObjectives(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  bool is_first = true;
  reader.ReadList(field, [&](const Field& objective) {
    if (is_first) ReadObjective(objective, reader, slo);
    if (!is_first) reader.Warn(objective.path, "changed: a further objective is left out; a tier has one");
    is_first = false;
  });
  if (is_first && reader.IsSound(field.path)) reader.Fault(field, "no objective, wanted one");
}

void OpenSloImporter::ReadObjective(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  const std::string threshold = "a threshold of the vendor's unit; a latency limit is p95_ms";
  ReadForeignMap(field, reader,
                 {{"displayName", Ignored(reader, "an objective has no name")},
                  {"target", [&](const Field& f) { ReadTarget(f, reader, "", slo); }},
                  {"targetPercent", [&](const Field& f) { ReadTarget(f, reader, "%", slo); }},
                  {"op", NeedsBinding(reader, threshold)},
                  {"value", NeedsBinding(reader, threshold)},
                  {"timeSliceTarget", Ignored(reader, "requests are counted, not slices of time")},
                  {"timeSliceWindow", Ignored(reader, "requests are counted, not slices of time")}});
  const bool has_both = reader.Has(field.path + ".target") && reader.Has(field.path + ".targetPercent");
  if (has_both) return reader.Fault(field, "both target and targetPercent, wanted one");
  if (!reader.Has(field.path + ".targetPercent"))
    reader.Require(field, "target", "an objective such as 0.999, or targetPercent");
}

void OpenSloImporter::ReadTarget(const Field& field, YamlReader& reader, std::string_view unit, ImportedSlo& slo) {
  const std::string_view wanted =
      unit.empty() ? "an objective above 0 and below 1" : "a percentage above 0 and below 100";
  const std::optional<std::string> text = reader.Scalar(field, wanted);
  if (!text.has_value()) return;
  const absl::StatusOr<Decimal> target = Decimal::Parse(fmt::format("{}{}", *text, unit));
  const bool is_sound =
      target.ok() && Decimal() < *target && *target < Decimal::FromParts(1, 0) && !text->ends_with('%');
  if (!is_sound) return reader.Fault(field, fmt::format("{}, wanted {}", Quoted(*text), wanted));
  slo.objective = *target;
}

void OpenSloImporter::ReadPolicies(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  if (field.node.kind == YamlNode::Kind::kNull) return;
  reader.ReadList(field, [&](const Field& entry) {
    has_policies_ = true;
    if (std::optional<ImportedPair> pair = policies_.ReadEntry(entry, reader)) slo.pairs.push_back(*std::move(pair));
  });
}

// Files without any alert policy leave it to their reader how to alert.
void OpenSloImporter::AddDefaultPairs() {
  const ImportedPair fast = {"fast",           absl::Minutes(5), absl::Hours(1), Decimal::FromParts(144, 1),
                             absl::Minutes(2), Severity::kPage};
  const ImportedPair slow = {
      "slow", absl::Minutes(30), absl::Hours(6), Decimal::FromParts(6, 0), absl::Minutes(15), Severity::kTicket};
  for (ImportedSlo& slo : slos_) {
    slo.pairs = {fast, slow};
    slo.origin.Warn("changed: no alert policies; Firebreak's own pairs alert");
    for (const ImportedPair& pair : slo.pairs) CheckWindows(slo.origin, pair, slo.period);
  }
}

}  // namespace

Imported ImportOpenSlo(const std::vector<ImportSource>& sources, const EndpointBindings& bindings) {
  ForeignFiles files(sources);
  const std::vector<ImportedSlo> slos = OpenSloImporter(files).Read();
  return FinishImport("OpenSLO", files, sources, slos, bindings);
}

}  // namespace firebreak
