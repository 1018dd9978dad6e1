#include "rules/import/import.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A service level of Sloth with these SLOs, all of 99.9 %.
ImportSource Sloth(const std::string& file, const std::string& service, const std::vector<std::string>& slos) {
  std::string text = "version: prometheus/v1\nservice: " + service + "\nslos:\n";
  for (const std::string& slo : slos) {
    text += "  - {name: " + slo + ", objective: 99.9, sli: {raw: {error_ratio_query: x}}}\n";
  }
  return {file, text};
}

EndpointBindings Bound(const std::vector<std::string>& texts) {
  EndpointBindings bindings;
  for (const std::string& text : texts) EXPECT_TRUE(AddBinding(text, bindings).ok()) << text;
  return bindings;
}

Config MustImport(const std::vector<ImportSource>& sources, const std::vector<std::string>& bindings) {
  const Imported imported = ImportSloth(sources, Bound(bindings));
  for (const Finding& finding : imported.findings) {
    EXPECT_NE(finding.kind, FindingKind::kError) << finding.ToString();
  }
  if (!imported.yaml.has_value()) return {};
  return ParseConfig(*imported.yaml, "made.yaml").config.value_or(Config());
}

std::vector<std::string> Faults(const Imported& imported) {
  std::vector<std::string> faults;
  for (const Finding& finding : imported.findings) {
    if (finding.kind == FindingKind::kError) faults.push_back(finding.ToString());
  }
  return faults;
}

TEST(ImportTest, BindingsGiveTiersTheirEndpoints) {
  const Config config = MustImport({Sloth("f.yaml", "shop", {"checkout", "search"})},
                                   {"checkout=/pay/,~^/v2/orders", "search=/find", "checkout=/cart"});
  ASSERT_EQ(config.tiers.size(), 2u);
  EXPECT_THAT(config.tiers[0].endpoints, ElementsAre("/pay/", "~^/v2/orders", "/cart"));
  EXPECT_THAT(config.tiers[1].endpoints, ElementsAre("/find"));
  EXPECT_EQ(config.service, "shop");
}

TEST(ImportTest, WhatIsUnboundIsFlaggedAndCountsNothing) {
  const Imported imported = ImportSloth({Sloth("f.yaml", "shop", {"checkout"})}, {});
  ASSERT_TRUE(imported.yaml.has_value());
  EXPECT_THAT(*imported.yaml,
              HasSubstr("    endpoints: [/unbound/checkout]  # to be replaced: nothing is counted here"));
  EXPECT_THAT(*imported.yaml, HasSubstr("# - f.yaml:4:12: warning: slos[0].name: needs binding: no endpoints; --map "
                                        "'checkout=/endpoint,~^/pattern' names them\n"));
  EXPECT_THAT(*ImportSloth({Sloth("f.yaml", "shop", {"checkout"})}, Bound({"checkout=/pay"})).yaml,
              Not(HasSubstr("no endpoints")));
}

TEST(ImportTest, ABindingOfNoSloIsAFault) {
  EXPECT_THAT(Faults(ImportSloth({Sloth("f.yaml", "shop", {"checkout"})}, Bound({"chekout=/pay"}))),
              ElementsAre("--map:1:1: error: no SLO \"chekout\", did you mean \"checkout\"?"));
}

TEST(ImportTest, ABindingThatNoConfigurationMayHaveIsAFault) {
  const std::vector<std::string> faults = Faults(
      ImportSloth({Sloth("f.yaml", "shop", {"checkout", "search"})}, Bound({"checkout=/pay", "search=/pay,~("})));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0], StartsWith("--map:1:1: error: slo_tiers.search.endpoints"));
  EXPECT_THAT(faults[0], HasSubstr("\"/pay\" is already in tier \"checkout\""));
  EXPECT_THAT(faults[1], StartsWith("--map:1:1: error: slo_tiers.search.endpoints"));
  EXPECT_THAT(faults[1], HasSubstr("not a valid RE2"));
}

TEST(ImportTest, SeveralFilesMakeOneConfiguration) {
  const Config config = MustImport({Sloth("a.yaml", "shop", {"checkout"}), Sloth("b.yaml", "shop", {"search"})}, {});
  EXPECT_EQ(config.tiers.size(), 2u);
}

TEST(ImportTest, EqualNamesOfTwoServicesAreToldApart) {
  const Config config =
      MustImport({Sloth("a.yaml", "shop", {"availability"}), Sloth("b.yaml", "depot", {"availability"})},
                 {"depot/availability=/stock"});
  ASSERT_EQ(config.tiers.size(), 2u);
  EXPECT_EQ(config.tiers[0].name, "shop/availability");
  EXPECT_EQ(config.tiers[1].name, "depot/availability");
  EXPECT_THAT(config.tiers[1].endpoints, ElementsAre("/stock"));
}

TEST(ImportTest, ABindingOfANameThatTwoServicesHaveIsAFault) {
  EXPECT_THAT(
      Faults(ImportSloth({Sloth("a.yaml", "shop", {"pay"}), Sloth("b.yaml", "depot", {"pay"})}, Bound({"pay=/p"}))),
      ElementsAre("--map:1:1: error: 2 SLOs are called \"pay\", wanted one of shop/pay, depot/pay"));
  // As long as the name is unique, it is the one.
  EXPECT_THAT(Faults(ImportSloth({Sloth("a.yaml", "shop", {"pay"})}, Bound({"shop/pay=/p"}))),
              ElementsAre(HasSubstr("--map:1:1: error: no SLO \"shop/pay\"")));
}

TEST(ImportTest, OneNameTwiceInAServiceIsAFault) {
  EXPECT_THAT(Faults(ImportSloth({Sloth("a.yaml", "shop", {"a", "a"})}, {})),
              ElementsAre(AllOf(StartsWith("a.yaml:5:"), HasSubstr("given twice: shop/a"))));
}

TEST(ImportTest, FaultsOfAllFilesComeAtOnce) {
  const std::vector<std::string> faults =
      Faults(ImportSloth({{"a.yaml", "version: prometheus/v9\n"}, {"b.yaml", "{"}}, {}));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0], HasSubstr("a.yaml:1:"));
  EXPECT_THAT(faults[1], HasSubstr("b.yaml:"));
}

TEST(ImportTest, NoSloIsAFault) {
  EXPECT_THAT(Faults(ImportSloth({{"a.yaml", "version: prometheus/v1\nservice: shop\nslos: []\n"}}, {})),
              ElementsAre("a.yaml:1:1: error: no SLO in any file"));
}

TEST(ImportTest, MoreSlosThanTiersIsAFault) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("s" + std::to_string(i));
  EXPECT_THAT(Faults(ImportSloth({Sloth("a.yaml", "shop", names)}, {})), IsEmpty());
  names.push_back("s100");
  EXPECT_THAT(Faults(ImportSloth({Sloth("a.yaml", "shop", names)}, {})),
              ElementsAre(HasSubstr("101 SLOs in all, wanted at most 100 in one configuration")));
}

TEST(AddBindingTest, SplitsAtCommasThatAreNotEscaped) {
  EXPECT_THAT(Bound({"a=/x,~^/y{1\\,2}"})["a"], ElementsAre("/x", "~^/y{1,2}"));
  EXPECT_THAT(Bound({"a=/x=y"})["a"], ElementsAre("/x=y"));
}

TEST(AddBindingTest, SaysWhatIsWanted) {
  EndpointBindings bindings;
  for (const char* text : {"", "a", "=/x"}) {
    EXPECT_THAT(std::string(AddBinding(text, bindings).message()), HasSubstr("wanted NAME=/endpoint,~^/pattern"))
        << text;
  }
  for (const char* text : {"a=", "a=/x,", "a=,/x"}) {
    EXPECT_THAT(std::string(AddBinding(text, bindings).message()), HasSubstr("an empty endpoint")) << text;
  }
}

}  // namespace
}  // namespace firebreak
