// The classifier against a slow one that reads docs/semantics.md line by line.

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "re2/re2.h"
#include "rules/classifier.h"

namespace firebreak {
namespace {

// Few letters, so that names and patterns meet often.
const std::vector<std::string> kNames = {"/a", "/b", "/a/1", "/a/b", "/b/22", "/", "/a/1/b"};
const std::vector<std::string> kPatterns = {"/a", "/a.*", "/[ab]/[0-9]+", "^/b.*$", ".*/b", "/a|/b", ".*", "/x"};
const std::vector<std::string> kSuffixes = {"", "?", "?q=/b", "#f", "#f?g", "?a#b"};

// Some of `from`.
std::vector<std::string> SomeOf(const std::vector<std::string>& from) {
  std::vector<std::string> some;
  for (const std::string& text : from) {
    if (*rc::gen::arbitrary<bool>()) some.push_back(text);
  }
  return some;
}

Config ArbitraryConfig() {
  Config config;
  config.tiers.resize(3);
  for (const std::string& name : SomeOf(kNames))
    config.tiers[*rc::gen::inRange<size_t>(0, 3)].endpoints.push_back(name);
  for (const std::string& pattern : SomeOf(kPatterns)) {
    config.tiers[*rc::gen::inRange<size_t>(0, 3)].endpoints.push_back("~" + pattern);
  }
  config.classification.unknown_endpoint_tier = *rc::gen::inRange<size_t>(0, 3);
  if (*rc::gen::arbitrary<bool>()) config.classification.normalize.push_back({"[0-9]+", "1"});
  if (*rc::gen::arbitrary<bool>()) config.classification.normalize.push_back({"^/a/", "/b/"});
  return config;
}

std::string NaiveName(const Config& config, const std::string& sent) {
  std::string name = sent.substr(0, sent.find_first_of("?#"));
  if (name.empty()) name = "/";
  for (const Normalization& entry : config.classification.normalize) {
    if (RE2::GlobalReplace(&name, entry.match, entry.as) > 0) break;
  }
  return name;
}

size_t NaiveTier(const Config& config, const std::string& name) {
  for (size_t tier = 0; tier < config.tiers.size(); ++tier) {
    for (const std::string& endpoint : config.tiers[tier].endpoints) {
      if (endpoint == name) return tier;
    }
  }
  for (size_t tier = 0; tier < config.tiers.size(); ++tier) {
    for (const std::string& endpoint : config.tiers[tier].endpoints) {
      if (endpoint.starts_with('~') && RE2::FullMatch(name, endpoint.substr(1))) return tier;
    }
  }
  return config.classification.unknown_endpoint_tier;
}

TEST(ClassifierProperty, PlacesAsTheNaiveLookupDoes) {
  EXPECT_TRUE(rc::check("Place", [] {
    const Config config = ArbitraryConfig();
    const absl::StatusOr<Classifier> classifier = Classifier::Create(config);
    RC_ASSERT(classifier.ok());
    std::string scratch;
    for (const std::string& name : kNames) {
      for (const std::string& suffix : kSuffixes) {
        const std::string sent = name + suffix;
        const EndpointPlace place = classifier->Place(sent, scratch);
        const std::string want = NaiveName(config, sent);
        RC_ASSERT(std::string(place.endpoint) == want);
        RC_ASSERT(place.tier == NaiveTier(config, want));
      }
    }
  }));
}

}  // namespace
}  // namespace firebreak
