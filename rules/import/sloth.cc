#include <array>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/import/burn_of_budget.h"
#include "rules/import/imported_slo.h"
#include "rules/quoted.h"
#include "rules/url.h"

namespace firebreak {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 366);
constexpr std::string_view kVendorQuery = "a vendor's query; what is counted is bound by --map";
constexpr std::string_view kLabels = "labels of one's own choice are not known";
constexpr std::string_view kPlugins = "plugins are Sloth's";

// A trigger of Sloth: spends so much of the budget in the long window, and the short one agrees.
struct Trigger {
  Decimal percent;
  absl::Duration short_window;
  absl::Duration long_window;
};

// spec of AlertWindows: by severity (page, ticket) the quick and the slow trigger.
struct AlertWindows {
  absl::Duration period = absl::Hours(24 * 30);
  std::array<Trigger, 2> page;
  std::array<Trigger, 2> ticket;
};

// What Sloth takes for 30 days: the SRE Workbook's.
AlertWindows DefaultWindows() {
  AlertWindows windows;
  windows.page = {Trigger{Decimal::FromParts(2, 0), absl::Minutes(5), absl::Hours(1)},
                  Trigger{Decimal::FromParts(5, 0), absl::Minutes(30), absl::Hours(6)}};
  windows.ticket = {Trigger{Decimal::FromParts(10, 0), absl::Hours(2), absl::Hours(24)},
                    Trigger{Decimal::FromParts(10, 0), absl::Hours(6), absl::Hours(72)}};
  return windows;
}

// The keys that the two forms of a service level write differently.
struct Spelling {
  std::string page_alert;
  std::string ticket_alert;
};

const Spelling kPlain = {"page_alert", "ticket_alert"};
const Spelling kKubernetes = {"pageAlert", "ticketAlert"};

class SlothImporter {
 public:
  explicit SlothImporter(ForeignFiles& files) : files_(files) {}

  std::vector<ImportedSlo> Read();

 private:
  void ReadWindows(ForeignDocument& document);
  void ReadWindowsSpec(const Field& field, YamlReader& reader, AlertWindows& windows);
  void ReadTriggers(const Field& field, YamlReader& reader, std::array<Trigger, 2>& triggers);
  void ReadTrigger(const Field& field, YamlReader& reader, Trigger& trigger);
  void CheckTrigger(const Origin& origin, const Trigger& trigger) const;

  void ReadLevel(const Field& field, YamlReader& reader, const Spelling& spelling);
  void ReadCustomResource(ForeignDocument& document);
  void ReadSlo(const Field& field, YamlReader& reader, const Spelling& spelling);
  void ReadObjective(const Field& field, YamlReader& reader, ImportedSlo& slo);
  void ReadSli(const Field& field, YamlReader& reader);
  void ReadAlerting(const Field& field, YamlReader& reader, const Spelling& spelling, ImportedSlo& slo);
  void ReadAlert(const Field& field, YamlReader& reader, bool& disabled);
  void ReadAnnotations(const Field& field, YamlReader& reader, ImportedSlo& slo);
  void AddPairs(const std::string& severity, const std::array<Trigger, 2>& triggers, ImportedSlo& slo);
  void AddPair(const std::string& name, const Trigger& trigger, Severity severity, ImportedSlo& slo);

  ForeignFiles& files_;
  AlertWindows windows_ = DefaultWindows();
  bool has_windows_ = false;  // else they are the default
  std::vector<ImportedSlo> slos_;
};

enum class Kind { kLevel, kCustomResource, kWindows, kOther };

Kind KindOf(const ForeignDocument& document) {
  if (document.Text("version") == "prometheus/v1") return Kind::kLevel;
  if (document.Text("apiVersion") != "sloth.slok.dev/v1") return Kind::kOther;
  if (document.Text("kind") == "AlertWindows") return Kind::kWindows;
  return document.Text("kind") == "PrometheusServiceLevel" ? Kind::kCustomResource : Kind::kOther;
}

// Windows hold for every service level, wherever they stand, so they are read first.
std::vector<ImportedSlo> SlothImporter::Read() {
  for (const auto& document : files_.documents()) {
    if (KindOf(*document) == Kind::kWindows) ReadWindows(*document);
  }
  for (const auto& document : files_.documents()) {
    switch (KindOf(*document)) {
      case Kind::kLevel:
        ReadLevel(document->field(), document->reader(), kPlain);
        break;
      case Kind::kCustomResource:
        ReadCustomResource(*document);
        break;
      case Kind::kWindows:
        break;
      case Kind::kOther:
        document->reader().Fault(document->field(),
                                 "not a document of Sloth, wanted version: prometheus/v1, or apiVersion: "
                                 "sloth.slok.dev/v1 with kind: PrometheusServiceLevel or AlertWindows");
    }
  }
  return std::move(slos_);
}

void SlothImporter::ReadWindows(ForeignDocument& document) {
  YamlReader& reader = document.reader();
  AlertWindows windows;
  ReadForeignMap(document.field(), reader,
                 {{"apiVersion", Known},
                  {"kind", Known},
                  {"metadata", Ignored(reader, "of Kubernetes")},
                  {"spec", [&](const Field& f) { ReadWindowsSpec(f, reader, windows); }}});
  reader.Require(document.field(), "spec", "the windows");
  if (has_windows_) {
    return reader.Fault("kind", "a second document of AlertWindows, wanted one: a configuration has one period");
  }
  has_windows_ = true;
  windows_ = windows;
  for (const auto& [name, triggers] : {std::pair{"page", &windows.page}, std::pair{"ticket", &windows.ticket}}) {
    CheckTrigger({&reader, fmt::format("spec.{}.quick", name)}, (*triggers)[0]);
    CheckTrigger({&reader, fmt::format("spec.{}.slow", name)}, (*triggers)[1]);
  }
}

// What is missing or unsound by itself was found already.
void SlothImporter::CheckTrigger(const Origin& origin, const Trigger& trigger) const {
  const absl::Duration none = absl::ZeroDuration();
  if (trigger.short_window == none || trigger.long_window == none) return;
  const YamlReader& reader = *origin.reader;
  const bool has_period = reader.IsSound("spec.sloPeriod");
  CheckWindows(origin, {"", trigger.short_window, trigger.long_window, {}, {}, {}},
               has_period ? windows_.period : kLongest);
  const std::string percent = origin.path + ".errorBudgetPercent";
  if (!has_period || !reader.IsSound(percent) || !reader.IsSound(origin.path)) return;
  const Origin at_percent = {origin.reader, percent};
  const std::optional<BurnOfBudget> burn = BurnThatSpends(trigger.percent, windows_.period, trigger.long_window);
  if (!burn.has_value()) {
    at_percent.Fault(fmt::format("{} % is no share of the budget that an alert can go by", trigger.percent.ToString()));
  } else if (!burn->is_exact) {
    at_percent.Warn(fmt::format("changed: the burn has no end as a decimal, and is cut to {}x", burn->burn.ToString()));
  }
}

void SlothImporter::ReadWindowsSpec(const Field& field, YamlReader& reader, AlertWindows& windows) {
  ReadForeignMap(
      field, reader,
      {{"sloPeriod", [&](const Field& f) { reader.ReadDuration(f, absl::Hours(1), kLongest, windows.period); }},
       {"page", [&](const Field& f) { ReadTriggers(f, reader, windows.page); }},
       {"ticket", [&](const Field& f) { ReadTriggers(f, reader, windows.ticket); }}});
  reader.Require(field, "sloPeriod", "the period, such as 30d");
  reader.Require(field, "page", "the windows that page");
  reader.Require(field, "ticket", "the windows that open a ticket");
  if (windows.period % absl::Hours(1) != absl::ZeroDuration()) {
    reader.Fault(field.path + ".sloPeriod", fmt::format("{}, wanted whole hours", DurationText(windows.period)));
  }
}

void SlothImporter::ReadTriggers(const Field& field, YamlReader& reader, std::array<Trigger, 2>& triggers) {
  ReadForeignMap(field, reader,
                 {{"quick", [&](const Field& f) { ReadTrigger(f, reader, triggers[0]); }},
                  {"slow", [&](const Field& f) { ReadTrigger(f, reader, triggers[1]); }}});
  reader.Require(field, "quick", "the quick windows");
  reader.Require(field, "slow", "the slow windows");
}

void SlothImporter::ReadTrigger(const Field& field, YamlReader& reader, Trigger& trigger) {
  const auto window = [&reader](absl::Duration& out) {
    return [&reader, &out](const Field& f) { reader.ReadDuration(f, absl::Seconds(1), kLongest, out); };
  };
  ReadForeignMap(
      field, reader,
      {{"errorBudgetPercent",
        [&](const Field& f) { reader.ReadDecimal(f, "a percentage of the budget such as 2", trigger.percent); }},
       {"shortWindow", window(trigger.short_window)},
       {"longWindow", window(trigger.long_window)}});
  reader.Require(field, "errorBudgetPercent", "a percentage of the budget such as 2");
  reader.Require(field, "shortWindow", "the shorter window");
  reader.Require(field, "longWindow", "the longer window");
}

void SlothImporter::ReadLevel(const Field& field, YamlReader& reader, const Spelling& spelling) {
  std::string service;
  const size_t first = slos_.size();
  const auto read_slo = [&](const Field& slo) { ReadSlo(slo, reader, spelling); };
  ReadForeignMap(field, reader,
                 {{"version", Known},
                  {"service", [&](const Field& f) { reader.ReadLabel(f, service); }},
                  {"labels", Ignored(reader, std::string(kLabels))},
                  {"sloPlugins", Ignored(reader, std::string(kPlugins))},
                  {"slo_plugins", Ignored(reader, std::string(kPlugins))},
                  {"slos", [&](const Field& f) { reader.ReadList(f, read_slo); }}});
  reader.Require(field, "service", "the service");
  reader.Require(field, "slos", "a list of SLOs");
  for (size_t i = first; i < slos_.size(); ++i) slos_[i].service = service;
}

void SlothImporter::ReadCustomResource(ForeignDocument& document) {
  YamlReader& reader = document.reader();
  ReadForeignMap(document.field(), reader,
                 {{"apiVersion", Known},
                  {"kind", Known},
                  {"metadata", Ignored(reader, "of Kubernetes")},
                  {"spec", [&](const Field& f) { ReadLevel(f, reader, kKubernetes); }}});
  reader.Require(document.field(), "spec", "the service level");
}

void SlothImporter::ReadSlo(const Field& field, YamlReader& reader, const Spelling& spelling) {
  ImportedSlo slo;
  slo.origin = {&reader, field.path + ".name"};
  slo.period = windows_.period;
  ReadForeignMap(field, reader,
                 {{"name", [&](const Field& f) { reader.ReadLabel(f, slo.name); }},
                  {"objective", [&](const Field& f) { ReadObjective(f, reader, slo); }},
                  {"description", Ignored(reader, "tiers have none")},
                  {"labels", Ignored(reader, std::string(kLabels))},
                  {"plugins", Ignored(reader, std::string(kPlugins))},
                  {"sli", [&](const Field& f) { ReadSli(f, reader); }},
                  {"alerting", [&](const Field& f) { ReadAlerting(f, reader, spelling, slo); }}});
  reader.Require(field, "name", "the name of the SLO");
  reader.Require(field, "objective", "a percentage such as 99.9");
  reader.Require(field, "sli", "what is counted");
  if (!reader.Has(field.path + ".alerting")) {
    AddPairs("page", windows_.page, slo);
    AddPairs("ticket", windows_.ticket, slo);
  }
  slos_.push_back(std::move(slo));
}

void SlothImporter::ReadObjective(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  const std::optional<std::string> text = reader.Scalar(field, "a percentage such as 99.9");
  if (!text.has_value()) return;
  const absl::StatusOr<Decimal> objective = Decimal::Parse(*text + "%");
  const bool sound = objective.ok() && Decimal() < *objective && *objective < Decimal::FromParts(1, 0);
  if (!sound) return reader.Fault(field, fmt::format("{}, wanted a percentage above 0 and below 100", Quoted(*text)));
  slo.objective = *objective;
}

void SlothImporter::ReadSli(const Field& field, YamlReader& reader) {
  const auto queries = NeedsBinding(reader, std::string(kVendorQuery));
  ReadForeignMap(field, reader, {{"events", queries}, {"raw", queries}, {"plugin", queries}});
}

void SlothImporter::ReadAlerting(const Field& field, YamlReader& reader, const Spelling& spelling, ImportedSlo& slo) {
  bool no_page = false;
  bool no_ticket = false;
  ReadForeignMap(field, reader,
                 {{"name", Ignored(reader, "Firebreak's alert is ErrorBudgetBurn")},
                  {"labels", Ignored(reader, std::string(kLabels))},
                  {"annotations", [&](const Field& f) { ReadAnnotations(f, reader, slo); }},
                  {spelling.page_alert, [&](const Field& f) { ReadAlert(f, reader, no_page); }},
                  {spelling.ticket_alert, [&](const Field& f) { ReadAlert(f, reader, no_ticket); }}});
  if (!no_page) AddPairs("page", windows_.page, slo);
  if (!no_ticket) AddPairs("ticket", windows_.ticket, slo);
}

void SlothImporter::ReadAlert(const Field& field, YamlReader& reader, bool& disabled) {
  if (field.node.kind == YamlNode::Kind::kNull) return;
  ReadForeignMap(field, reader,
                 {{"disable", [&](const Field& f) { reader.ReadBool(f, disabled); }},
                  {"labels", Ignored(reader, "Firebreak's label severity is page or ticket, and notify goes by it")},
                  {"annotations", Ignored(reader, "an alert has annotations of its own")}});
}

void SlothImporter::ReadAnnotations(const Field& field, YamlReader& reader, ImportedSlo& slo) {
  reader.ReadNamedMap(field, [&](const std::string& key, const Field& value) {
    const bool is_url = value.node.kind == YamlNode::Kind::kScalar && UrlFault(value.node.text).empty();
    if (is_url && (key == "runbook" || key == "runbook_url")) {
      slo.runbook_url = value.node.text;
    } else {
      reader.Note(value.path, "ignored: annotations are Firebreak's own, but for runbook and runbook_url");
    }
  });
}

void SlothImporter::AddPairs(const std::string& severity, const std::array<Trigger, 2>& triggers, ImportedSlo& slo) {
  const Severity as_ours = severity == "page" ? Severity::kPage : Severity::kTicket;
  AddPair(severity + "_quick", triggers[0], as_ours, slo);
  AddPair(severity + "_slow", triggers[1], as_ours, slo);
}

// Windows that are wrong were found where they stand; those of the defaults are right.
void SlothImporter::AddPair(const std::string& name, const Trigger& trigger, Severity severity, ImportedSlo& slo) {
  if (trigger.long_window == absl::ZeroDuration() || trigger.long_window % absl::Seconds(1) != absl::ZeroDuration()) {
    return;
  }
  const std::optional<BurnOfBudget> burn = BurnThatSpends(trigger.percent, windows_.period, trigger.long_window);
  if (!burn.has_value()) return;
  slo.pairs.push_back({name, trigger.short_window, trigger.long_window, burn->burn, absl::ZeroDuration(), severity});
}

}  // namespace

Imported ImportSloth(const std::vector<ImportSource>& sources, const EndpointBindings& bindings) {
  ForeignFiles files(sources);
  const std::vector<ImportedSlo> slos = SlothImporter(files).Read();
  return FinishImport("Sloth", files, sources, slos, bindings);
}

}  // namespace firebreak
