// The hot path takes no memory: a program of its own, since it replaces operator new.

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "gtest/gtest.h"
#include "rules/classifier.h"

namespace {
std::atomic<int> allocations{0};
}  // namespace

void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace firebreak {
namespace {

TEST(ClassifierAllocationTest, ExactNamesAndVerdictsTakeNoMemory) {
  Config config;
  Tier tier;
  tier.endpoints = {"/userinfo-by-username/", "/search-video-with-a-long-name/"};
  config.tiers.push_back(tier);
  const absl::StatusOr<Classifier> classifier = Classifier::Create(config);
  ASSERT_TRUE(classifier.ok());
  std::string scratch;
  Event event;
  event.endpoint = "/search-video-with-a-long-name/?keyword=cats";
  event.status = 200;

  const int before = allocations;
  const EndpointPlace exact = classifier->Place("/userinfo-by-username/", scratch);
  const EndpointPlace with_query = classifier->Place(event.endpoint, scratch);
  const Verdict verdict = classifier->Judge(event, with_query.tier);
  const int after = allocations;

  EXPECT_EQ(after - before, 0);
  EXPECT_EQ(exact.endpoint, "/userinfo-by-username/");
  EXPECT_EQ(with_query.endpoint, "/search-video-with-a-long-name/");
  EXPECT_FALSE(verdict.bad);
}

}  // namespace
}  // namespace firebreak
