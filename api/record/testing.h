#ifndef FIREBREAK_API_RECORD_TESTING_H_
#define FIREBREAK_API_RECORD_TESTING_H_

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/codec/gzip.h"
#include "api/record/recording_directory.h"
#include "gtest/gtest.h"
#include "rules/parse.h"
#include "rules/rule_set.h"

namespace firebreak {

// What the tests of api/record share.

inline const absl::Time kRecordTestStart = absl::FromUnixSeconds(1764000000);  // 2025-11-24T16:00:00Z

// One tier, `web`, that alerts at once.
inline std::shared_ptr<const RuleSet> RecordTestRules(std::string_view more = "") {
  const std::string yaml =
      "slo_tiers:\n  web: {availability: 0.99, endpoints: [/pay]}\nalerts: {fast: {for: 0s}, slow: {for: 0s}}\n" +
      std::string(more);
  ParsedConfig parsed = ParseConfig(yaml, "test.yaml");
  EXPECT_TRUE(parsed.config) << (parsed.findings.empty() ? "" : parsed.findings[0].ToString());
  return *RuleSet::Create(*std::move(parsed.config));
}

// An empty place in the test's folder, with the test's name.
inline std::string FreshPath() {
  const char* base = std::getenv("TEST_TMPDIR");
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = std::string(base == nullptr ? "/tmp" : base) + "/" + test->name();
  std::filesystem::remove_all(path);
  return path;
}

// Every line of every recording in `folder`, and how the last file ended.
struct RecordedText {
  std::vector<std::string> lines;
  absl::Status status;
};
inline RecordedText ReadRecordings(const std::string& folder) {
  RecordedText text;
  const auto files = ListRecordings(folder);
  EXPECT_TRUE(files.ok()) << files.status();
  for (const RecordingFile& file : *files) {
    const absl::StatusOr<std::unique_ptr<LineReader>> reader = LineReader::Open(folder + "/" + file.name);
    if (!reader.ok()) continue;  // deleted since
    std::string_view line;
    bool truncated = false;
    while ((*reader)->Next(line, truncated)) text.lines.emplace_back(line);
    text.status = (*reader)->status();
  }
  return text;
}

}  // namespace firebreak

#endif  // FIREBREAK_API_RECORD_TESTING_H_
