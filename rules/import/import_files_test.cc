// Every file in testdata/import says in its last lines what is found in it; what is made of it stands in expected/.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/import/import.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::ElementsAreArray;
using ::testing::StartsWith;

using Importer = Imported (*)(const std::vector<ImportSource>&, const EndpointBindings&);

constexpr const char* kRoot = "testdata/import/";

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::filesystem::path> FilesIn(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot + folder)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_FALSE(paths.empty());
  return paths;
}

std::vector<std::string> WantedOf(const std::string& text) {
  constexpr std::string_view kPrefix = "# want: ";
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with(kPrefix)) lines.push_back(line.substr(kPrefix.size()));
  }
  return lines;
}

// "line:column: kind: message"
std::vector<std::string> TextsOf(const Findings& findings) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) texts.push_back(finding.ToString().substr(finding.file.size() + 1));
  return texts;
}

// A configuration without the comments at its head, which repeat the findings.
std::string BodyOf(const std::string& yaml) { return yaml.substr(yaml.find("\n\n") + 2); }

void CheckFile(const std::filesystem::path& path, Importer importer) {
  const std::string text = ReadFile(path);
  const Imported imported = importer({{path.filename().string(), text}}, {});
  EXPECT_THAT(TextsOf(imported.findings), ElementsAreArray(WantedOf(text)));
  const bool is_bad = path.filename().string().ends_with(".bad.yaml");
  EXPECT_EQ(imported.yaml.has_value(), !is_bad);
  if (!imported.yaml.has_value()) return;
  EXPECT_EQ(BodyOf(*imported.yaml), ReadFile(path.parent_path() / "expected" / path.filename()));
  EXPECT_THAT(*imported.yaml, StartsWith("# Made by `firebreak import` out of "));
  const ParsedConfig parsed = ParseConfig(*imported.yaml, "made.yaml");
  EXPECT_TRUE(parsed.config.has_value()) << "what is made is a configuration";
}

TEST(ImportFiles, OpenSloSaysAndMakesWhatIsWanted) {
  for (const auto& path : FilesIn("openslo")) {
    SCOPED_TRACE(path.string());
    CheckFile(path, ImportOpenSlo);
  }
}

TEST(ImportFiles, SlothSaysAndMakesWhatIsWanted) {
  for (const auto& path : FilesIn("sloth")) {
    SCOPED_TRACE(path.string());
    CheckFile(path, ImportSloth);
  }
}

}  // namespace
}  // namespace firebreak
