#include "rules/testfile/parse.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/finding_list.h"
#include "rules/parse.h"
#include "rules/parse_tree.h"
#include "rules/quoted.h"
#include "rules/testfile/context.h"
#include "rules/testfile/promtool.h"
#include "rules/testfile/read_expectations.h"
#include "rules/testfile/read_series.h"
#include "rules/testfile/read_traffic.h"
#include "rules/yaml_node.h"
#include "rules/yaml_reader.h"

namespace firebreak {
namespace {

constexpr size_t kMostTests = 10000;

using RuleSetPtr = std::shared_ptr<const RuleSet>;

absl::Duration ShortestWindowOf(const Config& config) {
  absl::Duration shortest = absl::InfiniteDuration();
  for (const AlertPair& pair : config.pairs) shortest = std::min(shortest, pair.short_window);
  return shortest;
}

// What a file says for all its tests, and a test for itself.
struct Setting {
  RuleSetPtr rules;
  std::optional<Field> step;
};

class FileParser {
 public:
  FileParser(std::string_view file, const FileReader& read, const std::optional<PromtoolContext>& promtool)
      : file_(file), read_(read), promtool_(promtool), findings_(file), reader_(findings_) {}

  ParsedTestFile Parse(std::string_view text) {
    TestFile tests;
    tests.file = file_;
    if (const std::optional<std::vector<YamlNode>> documents = ReadYamlDocuments(text, findings_)) {
      ReadDocument(documents->front(), tests.tests);
      if (documents->size() > 1) {
        findings_.Add(FindingKind::kError, (*documents)[1].place, "a second document, wanted one to a file");
      }
    }
    ParsedTestFile parsed;
    if (!findings_.has_errors() && elsewhere_.empty()) parsed.tests = std::move(tests);
    parsed.findings = findings_.Take();
    parsed.findings.insert(parsed.findings.end(), elsewhere_.begin(), elsewhere_.end());
    return parsed;
  }

 private:
  // --- The file

  void ReadDocument(const YamlNode& root, std::vector<RuleTest>& tests) {
    if (HasKey(root, "rule_files")) return ReadPromtoolFile(root, promtool_, read_, reader_, tests);
    ReadFile(root, tests);
  }

  void ReadFile(const YamlNode& root, std::vector<RuleTest>& tests) {
    const Field file{root, "", root.place, root.place};
    Setting setting;
    std::optional<Field> list;
    std::vector<FieldRule> rules = SettingRules(file, setting);
    rules.push_back({"tests", [&](const Field& f) { list.emplace(f); }});
    reader_.ReadMap(file, rules);
    reader_.Require(file, "tests", "a list of tests");
    if (!list) return;
    std::set<std::string> names;
    reader_.ReadList(*list, [&](const Field& f) {
      if (tests.size() == kMostTests) return reader_.Fault(f, fmt::format("wanted at most {} tests", kMostTests));
      ReadTest(f, setting, names, tests);
    });
    const bool is_list = list->node.kind == YamlNode::Kind::kSequence;
    if (is_list && list->node.values.empty()) reader_.Fault(*list, "empty, wanted at least one test");
  }

  // The keys config, rules and step of a file or a test.
  std::vector<FieldRule> SettingRules(const Field& owner, Setting& setting) {
    return {
        {"config", [this, &owner, &setting](const Field& f) { ReadConfigPath(owner, f, setting.rules); }},
        {"rules", [this, &setting](const Field& f) { setting.rules = TakeConfig(ParseConfigTree(f.node, file_)); }},
        {"step", [&setting](const Field& f) { setting.step.emplace(f); }},
    };
  }

  void ReadConfigPath(const Field& owner, const Field& field, RuleSetPtr& out) {
    std::string path;
    reader_.ReadText(field, path);
    if (path.empty()) return;
    if (HasKey(owner.node, "rules")) return reader_.Fault(field, "beside rules, wanted one of them");
    const auto known = configs_.find(path);
    if (known != configs_.end()) {
      out = known->second;
      return;
    }
    const absl::StatusOr<NamedText> text = read_(path);
    if (!text.ok()) return reader_.Fault(field, std::string(text.status().message()));
    out = configs_[path] = TakeConfig(ParseConfig(text->text, text->name));
  }

  // nullptr when the configuration has faults, which are kept.
  RuleSetPtr TakeConfig(ParsedConfig parsed) {
    for (const Finding& finding : parsed.findings) {
      if (finding.kind != FindingKind::kError) continue;
      if (finding.file == file_) {
        findings_.Add(FindingKind::kError, {finding.line, finding.column}, finding.message);
      } else {
        elsewhere_.push_back(finding);
      }
    }
    if (!parsed.config) return nullptr;
    absl::StatusOr<RuleSetPtr> rules = RuleSet::Create(*std::move(parsed.config));
    return rules.ok() ? *std::move(rules) : nullptr;
  }

  // --- One test

  struct Parts {
    std::optional<Field> traffic;
    std::optional<Field> series;
    std::optional<Field> interval;
    std::optional<Field> recording;
    std::optional<Field> until;
    std::optional<Field> expect;
  };

  void ReadTest(const Field& field, const Setting& of_file, std::set<std::string>& names, std::vector<RuleTest>& out) {
    RuleTest test;
    test.place = field.place;
    Setting setting;
    Parts parts;
    const auto part = [](std::optional<Field>& kept) { return [&kept](const Field& f) { kept.emplace(f); }; };
    std::vector<FieldRule> rules = SettingRules(field, setting);
    const std::vector<FieldRule> own = {{"name", [&](const Field& f) { ReadName(f, names, test.name); }},
                                        {"traffic", part(parts.traffic)},
                                        {"input_series", part(parts.series)},
                                        {"interval", part(parts.interval)},
                                        {"recording", part(parts.recording)},
                                        {"until", part(parts.until)},
                                        {"expect", part(parts.expect)}};
    rules.insert(rules.end(), own.begin(), own.end());
    reader_.ReadMap(field, rules);
    if (field.node.kind != YamlNode::Kind::kMap) return;
    reader_.Require(field, "name", "what the test shows");
    reader_.Require(field, "expect", "a list of what must come of it");
    const bool has_own = HasKey(field.node, "config") || HasKey(field.node, "rules");
    test.rules = has_own ? setting.rules : of_file.rules;
    if (test.rules == nullptr) return NoRules(field, has_own);
    if (!ReadStep(setting.step ? setting.step : of_file.step, *test.rules, test.step)) return;
    ReadStory(field, parts, test);
    out.push_back(std::move(test));
  }

  // Faults of a configuration were reported; that there is none was not.
  void NoRules(const Field& field, bool has_own) {
    if (has_own || reader_.Has("config") || reader_.Has("rules")) return;
    reader_.Fault(field, "names no configuration, wanted config: FILE or rules: in the test or at the top of the file");
  }

  void ReadName(const Field& field, std::set<std::string>& names, std::string& out) {
    reader_.ReadText(field, out);
    if (!out.empty() && !names.insert(out).second) reader_.Fault(field, fmt::format("{} is given twice", Quoted(out)));
  }

  bool ReadStep(const std::optional<Field>& field, const RuleSet& rules, absl::Duration& out) {
    const absl::Duration grid = rules.config.evaluation_interval;
    out = grid;
    if (!field) return true;
    absl::Duration step;
    reader_.ReadDuration(*field, grid, ShortestWindowOf(rules.config), step);
    if (step == absl::ZeroDuration()) return false;
    if (step % grid != absl::ZeroDuration()) {
      reader_.Fault(*field, fmt::format("{}, wanted a multiple of evaluation_interval ({})", DurationText(step),
                                        DurationText(grid)));
      return false;
    }
    out = step;
    return true;
  }

  void ReadStory(const Field& field, const Parts& parts, RuleTest& test) {
    TestContext context{reader_, *test.rules, test.step, false, {}, {}, {}};
    if (!ReadTraffic(field, parts, context, test)) return;
    if (parts.until) ReadUntil(*parts.until, context, test.until);
    if (parts.expect) ReadExpectations(*parts.expect, context, test.expectations);
  }

  bool ReadTraffic(const Field& field, const Parts& parts, TestContext& context, RuleTest& test) {
    const std::string kind = ChooseKey(field, {"traffic", "input_series", "recording"}, reader_);
    if (parts.interval && kind != "input_series") {
      reader_.Fault(*parts.interval, "goes with input_series");
    }
    if (kind == "traffic") ReadSegments(*parts.traffic, context, test.traffic.emplace<SegmentTraffic>());
    if (kind == "recording") ReadRecordedTraffic(*parts.recording, context, test.traffic.emplace<RecordedTraffic>());
    if (kind == "input_series") {
      SeriesTraffic& series = test.traffic.emplace<SeriesTraffic>();
      ReadInterval(parts.interval, context, series.interval);
      ReadSeries(*parts.series, kRequestsSeries, SeriesLabels::kAsKnown, context, series);
    }
    return !kind.empty();
  }

  void ReadInterval(const std::optional<Field>& field, const TestContext& context, absl::Duration& out) {
    out = absl::Minutes(1);
    if (field) reader_.ReadDuration(*field, absl::Seconds(1), absl::Hours(24), out);
    const absl::Duration grid = context.config().evaluation_interval;
    if (out % grid == absl::ZeroDuration()) return;
    const std::string message =
        fmt::format("{}, wanted a multiple of evaluation_interval ({})", DurationText(out), DurationText(grid));
    field ? reader_.Fault(*field, message) : reader_.Fault("interval", message);
  }

  void ReadUntil(const Field& field, const TestContext& context, std::optional<absl::Duration>& out) {
    if (context.recorded) return reader_.Fault(field, "a recording ends where it ends");
    absl::Duration until;
    reader_.ReadDuration(field, context.step, kLongestTest, until);
    if (until > absl::ZeroDuration()) out = until;
  }

  const std::string file_;
  const FileReader& read_;
  const std::optional<PromtoolContext>& promtool_;
  FindingList findings_;
  YamlReader reader_;
  Findings elsewhere_;                         // of configurations in other files
  std::map<std::string, RuleSetPtr> configs_;  // by path; nullptr with faults
};

}  // namespace

ParsedTestFile ParseTestFile(std::string_view text, std::string_view file, const FileReader& read,
                             const std::optional<PromtoolContext>& promtool) {
  return FileParser(file, read, promtool).Parse(text);
}

}  // namespace firebreak
