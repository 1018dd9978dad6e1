#include "engine/labels.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(LabelsTest, AreSortedAndUnique) {
  Labels labels{{"tier", "t"}, {"alertname", "A"}};
  labels.Set("tier", "u");
  labels.Set("pair", "fast");
  ASSERT_EQ(labels.pairs().size(), 3u);
  EXPECT_EQ(labels.pairs()[0].first, "alertname");
  EXPECT_EQ(labels.pairs()[1].first, "pair");
  EXPECT_EQ(labels.Get("tier"), "u");
  EXPECT_EQ(labels.Get("absent"), "");
}

TEST(LabelsTest, AnEmptyValueIsNoLabel) {
  Labels labels{{"a", "1"}, {"b", ""}};
  labels.Set("a", "");
  EXPECT_TRUE(labels.empty());
}

// The empty set's fingerprint is FNV-1a's offset basis; the others were computed by an independent script from the
// definition in prometheus/common (and agree with what Alertmanager shows: api/notify's test against the real one).
TEST(LabelsTest, FingerprintIsPrometheusFnv1a) {
  EXPECT_EQ(Labels().FingerprintHex(), "cbf29ce484222325");
  EXPECT_EQ((Labels{{"alertname", "Watchdog"}}).FingerprintHex(), "003b0a0f7d3fa569");
  EXPECT_EQ((Labels{{"tier", "t1"}, {"alertname", "ErrorBudgetBurn"}}).FingerprintHex(), "e68c4fcd091d554b");
}

}  // namespace
}  // namespace firebreak
