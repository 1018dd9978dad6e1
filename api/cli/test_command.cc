#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "CLI/CLI.hpp"
#include "api/cli/command.h"
#include "api/cli/config_file.h"
#include "api/cli/test_recording.h"
#include "api/lab/simulated_delivery.h"
#include "api/lab/test_report.h"
#include "engine/ruletest/run_test.h"
#include "fmt/format.h"
#include "rules/export/prometheus.h"
#include "rules/rule_set.h"
#include "rules/testfile/name_filter.h"
#include "rules/testfile/parse.h"

namespace firebreak {
namespace {

struct TestArguments {
  std::vector<std::string> files;
  std::string run;
  std::string junit;
  std::string config;
  bool json = false;
};

int Refuse(std::string_view message) {
  fmt::print(stderr, "firebreak test: {}\n", message);
  return kExitUsage;
}

// Where to point when a test cannot run: at what names its recording, else at the test.
Place PlaceOfTraffic(const RuleTest& test) {
  const auto* recorded = std::get_if<RecordedTraffic>(&test.traffic);
  return recorded == nullptr ? test.place : recorded->place;
}

// A path in a test file, which is relative to it.
std::string PathBeside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

// What promtool files are run by, if --config was given. Errors: as LoadConfig.
absl::StatusOr<std::optional<PromtoolContext>> ReadContext(const std::string& config_path) {
  if (config_path.empty()) return std::optional<PromtoolContext>();
  absl::StatusOr<Config> config = LoadConfig(config_path);
  if (!config.ok()) return config.status();
  const absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Create(*std::move(config));
  if (!rules.ok()) return rules.status();
  return std::optional(PromtoolContext{*rules, [rules = *rules](const std::string& metric) {
                                         PrometheusOptions options;
                                         options.metric = metric;
                                         return PrometheusRules(rules->config, options);
                                       }});
}

// Reads all files; prints every fault of every file. Absent when there was one.
std::optional<std::vector<TestFile>> ReadFiles(const std::vector<std::string>& files,
                                               const std::optional<PromtoolContext>& promtool) {
  std::vector<TestFile> all;
  bool sound = true;
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) {
      Refuse(std::string(text.status().message()));
      sound = false;
      continue;
    }
    const FileReader read = [&file](const std::string& path) -> absl::StatusOr<NamedText> {
      const std::string beside = PathBeside(file, path);
      absl::StatusOr<std::string> found = ReadRegularFile(beside);
      if (!found.ok()) return found.status();
      return NamedText{beside, *std::move(found)};
    };
    ParsedTestFile parsed = ParseTestFile(*text, file, read, promtool);
    for (const Finding& finding : parsed.findings) fmt::print(stderr, "{}\n", finding.ToString());
    sound = sound && parsed.tests.has_value();
    if (parsed.tests) all.push_back(*std::move(parsed.tests));
  }
  return sound ? std::optional(std::move(all)) : std::nullopt;
}

bool HasPromtoolTests(const std::vector<TestFile>& files) {
  return std::any_of(files.begin(), files.end(),
                     [](const TestFile& file) { return file.tests.front().exported != nullptr; });
}

absl::StatusOr<TestOutcome> RunOne(const std::string& file, const RuleTest& test) {
  const NotifyConfig& notify = test.rules->config.notify;
  if (const auto* recorded = std::get_if<RecordedTraffic>(&test.traffic)) {
    SimulatedDelivery delivery(notify, absl::UnixEpoch());
    return RunRecordedTest(test, PathBeside(file, recorded->path), delivery);
  }
  SimulatedDelivery delivery(notify, kRuleTestStart);
  return RunRuleTest(test, delivery);
}

// Runs tests and prints them as they end.
class Runner {
 public:
  explicit Runner(const TestArguments& arguments) : arguments_(arguments) {}

  void Run(const std::string& file, const RuleTest& test) {
    const auto begun = std::chrono::steady_clock::now();
    absl::StatusOr<TestOutcome> outcome = RunOne(file, test);
    const absl::Duration took = absl::FromChrono(std::chrono::steady_clock::now() - begun);
    FinishedTest& finished = finished_.emplace_back(FinishedTest{file, test.name, test.place, {}, took, {}});
    if (outcome.ok()) {
      finished.outcome = *std::move(outcome);
    } else {
      SetError(PlaceOfTraffic(test), outcome.status(), finished);
    }
    if (!arguments_.json) fmt::print("{}", TestText(finished));
  }

  int Finish() const {
    fmt::print("{}", arguments_.json ? TestsJson(finished_) : TestSummaryText(finished_));
    if (!arguments_.junit.empty() && !WriteJUnit()) return kExitUsage;
    const auto any = [this](const auto& is_such) { return std::any_of(finished_.begin(), finished_.end(), is_such); };
    if (any([](const FinishedTest& test) { return test.error.has_value(); })) return kExitUsage;
    return any([](const FinishedTest& test) { return !test.passed(); }) ? kExitNo : kExitOk;
  }

 private:
  static void SetError(Place place, const absl::Status& status, FinishedTest& finished) {
    finished.outcome.expectations = 0;
    finished.error = TestError{place, std::string(status.message())};
    fmt::print(stderr, "{}:{}:{}: error: test \"{}\": {}\n", finished.file, place.line, place.column, finished.name,
               finished.error->message);
  }

  bool WriteJUnit() const {
    const std::string text = TestsJUnit(finished_);
    std::FILE* file = std::fopen(arguments_.junit.c_str(), "wb");
    const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (written && closed) return true;
    Refuse(fmt::format("--junit {}: {}", arguments_.junit, std::strerror(errno)));
    return false;
  }

  const TestArguments& arguments_;
  std::vector<FinishedTest> finished_;
};

int Test(const TestArguments& arguments) {
  std::optional<NameFilter> filter;
  if (!arguments.run.empty()) {
    absl::StatusOr<NameFilter> created = NameFilter::Create(arguments.run);
    if (!created.ok()) return Refuse(fmt::format("--run: {}", std::string(created.status().message())));
    filter = *std::move(created);
  }
  const absl::StatusOr<std::optional<PromtoolContext>> promtool = ReadContext(arguments.config);
  if (!promtool.ok()) return Refuse(std::string(promtool.status().message()));
  const std::optional<std::vector<TestFile>> files = ReadFiles(arguments.files, *promtool);
  if (!files) return kExitUsage;
  if (*promtool && !HasPromtoolTests(*files)) {
    return Refuse("--config goes with unit-test files of promtool: our own name their configuration");
  }
  Runner runner(arguments);
  bool any = false;
  for (const TestFile& file : *files) {
    for (const RuleTest& test : file.tests) {
      if (filter && !filter->Matches(test.name)) continue;
      any = true;
      runner.Run(file.file, test);
    }
  }
  if (!any) return Refuse(fmt::format("--run {}: no test has such a name", arguments.run));
  return runner.Finish();
}

}  // namespace

void AddTestCommand(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<TestArguments>();
  CLI::App* command =
      app.add_subcommand("test", "Run rule tests: traffic in a small language, and the alerts that must come of it");
  command->add_option("FILE", arguments->files, "Test files (YAML); docs/rule-lab.md describes them")->required();
  command->add_option("--run", arguments->run, "Only the tests whose name this RE2 matches");
  command->add_option("--junit", arguments->junit, "Write the results to this file as JUnit's XML, too");
  command->add_option("-c,--config", arguments->config,
                      "The configuration that the rule_files of a promtool file were exported from");
  command->add_flag("--json", arguments->json, "Print the results as one JSON object");
  command->footer(
      "Exit: 0 when all expectations hold, 1 when some do not, 2 for bad usage or unreadable input.\n"
      "Examples:\n"
      "  firebreak test tests/*.yaml\n"
      "  firebreak test --run 'outage|burn' --junit results.xml tests/tiers.yaml\n"
      "  firebreak test --config rules.yaml promtool_tests.yml     (rules by `firebreak export prometheus`)");
  command->callback([arguments, &exit_code] { exit_code = Test(*arguments); });
}

}  // namespace firebreak
