// What sorting one event costs: `bazel run -c opt //rules:classifier_benchmark`.

#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "rules/classifier.h"

namespace firebreak {
namespace {

Config Articles() {
  Config config;
  const std::vector<std::vector<std::string>> kTiers = {
      {"/userid/", "/userinfo-by-username/", "/userinfo-by-id/", "/post-detail/", "/download-video/",
       "/download-music/"},
      {"/search-video/", "/search-user/", "/search-challenge/", "/user-posts/", "/post-comments/"},
      {"/user-followers/", "/user-following/", "/challenge-posts/", "/music-posts/", "~/v2/users/[0-9]+"},
  };
  for (const std::vector<std::string>& endpoints : kTiers) {
    Tier tier;
    tier.latency_limit = absl::Milliseconds(1200);
    tier.timeout = absl::Seconds(10);
    tier.endpoints = endpoints;
    config.tiers.push_back(tier);
  }
  config.classification.errors.classes.set(static_cast<size_t>(StatusClass::k5xx));
  return config;
}

void PlaceOne(benchmark::State& state, const Config& config, std::string_view endpoint) {
  const absl::StatusOr<Classifier> classifier = Classifier::Create(config);
  std::string scratch;
  for (auto _ : state) benchmark::DoNotOptimize(classifier->Place(endpoint, scratch));
  state.SetItemsProcessed(state.iterations());
}

void BM_PlaceExact(benchmark::State& state) { PlaceOne(state, Articles(), "/userinfo-by-username/"); }
BENCHMARK(BM_PlaceExact);

void BM_PlaceWithQuery(benchmark::State& state) {
  PlaceOne(state, Articles(), "/userinfo-by-username/?username=tiktok");
}
BENCHMARK(BM_PlaceWithQuery);

void BM_PlaceByPattern(benchmark::State& state) { PlaceOne(state, Articles(), "/v2/users/107955"); }
BENCHMARK(BM_PlaceByPattern);

void BM_PlaceByOneOfManyPatterns(benchmark::State& state) {
  Config config = Articles();
  for (int i = 0; i < state.range(0); ++i) {
    config.tiers[1].endpoints.push_back("~/service" + std::to_string(i) + "/[^/]+/.*");
  }
  PlaceOne(state, config, "/service3/users/107955");
}
BENCHMARK(BM_PlaceByOneOfManyPatterns)->Arg(10)->Arg(100)->Arg(900);

void BM_PlaceNormalized(benchmark::State& state) {
  Config config = Articles();
  config.classification.normalize = {{"^/users/[0-9]+/", "/users/{id}/"}};
  PlaceOne(state, config, "/users/107955/posts");
}
BENCHMARK(BM_PlaceNormalized);

void BM_Judge(benchmark::State& state) {
  const absl::StatusOr<Classifier> classifier = Classifier::Create(Articles());
  Event event;
  event.endpoint = "/userid/";
  event.status = 200;
  event.latency = absl::Milliseconds(312);
  for (auto _ : state) benchmark::DoNotOptimize(classifier->Judge(event, 0));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Judge);

}  // namespace
}  // namespace firebreak
