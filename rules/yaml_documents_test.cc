#include <string>

#include "gtest/gtest.h"
#include "rules/finding_list.h"
#include "rules/yaml_node.h"

namespace firebreak {
namespace {

std::optional<std::vector<YamlNode>> Read(const std::string& text, Findings* faults = nullptr) {
  FindingList findings("f.yaml");
  std::optional<std::vector<YamlNode>> documents = ReadYamlDocuments(text, findings);
  if (faults != nullptr) *faults = findings.Take();
  return documents;
}

TEST(YamlDocumentsTest, EachDocumentIsATreeWithItsPlacesInTheFile) {
  const auto documents = Read("a: 1\n---\nb: 2\n---\n- c\n");
  ASSERT_TRUE(documents.has_value());
  ASSERT_EQ(documents->size(), 3u);
  EXPECT_EQ((*documents)[1].keys.front().text, "b");
  EXPECT_EQ((*documents)[1].values.front().place, (Place{3, 4}));
  EXPECT_EQ((*documents)[2].kind, YamlNode::Kind::kSequence);
}

TEST(YamlDocumentsTest, AFileThatBeginsWithAMarkerHasNoEmptyFirstDocument) {
  const auto documents = Read("# made by hand\n---\na: 1\n");
  ASSERT_TRUE(documents.has_value());
  EXPECT_EQ(documents->size(), 1u);
}

TEST(YamlDocumentsTest, AFaultInALaterDocumentHasItsPlace) {
  Findings faults;
  EXPECT_FALSE(Read("a: 1\n---\nb: &anchor 2\n", &faults).has_value());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].ToString(), "f.yaml:3:4: error: an anchor or alias, wanted the value itself");
}

TEST(YamlDocumentsTest, NothingIsAFault) {
  Findings faults;
  EXPECT_FALSE(Read("# only a comment\n", &faults).has_value());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].message, "the file is empty, wanted at least one document");
}

TEST(YamlDocumentsTest, TheLimitOfValuesIsForTheWholeFile) {
  std::string text;
  for (int i = 0; i < kMaxYamlNodes; ++i) text += "---\n1\n";
  EXPECT_TRUE(Read(text).has_value());
  EXPECT_FALSE(Read(text + "---\n1\n").has_value());
}

}  // namespace
}  // namespace firebreak
