// The Pipeline against ReferenceModel on random traffic with outages, silences, bursts, late and early requests, missed
// ticks, maintenance, restarts and refused ingest: every transition must be equal. Runs 10,000 histories;
// RC_PARAMS="max_success=500000 max_size=20" runs more.

#include "engine/reference_model.h"

#include <cstdlib>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "engine/pipeline.h"
#include "engine/test_ledger.h"
#include "engine/testing.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace firebreak {
namespace {

constexpr absl::Duration kLatencyLimit = absl::Milliseconds(500);

// --- Random rules

template <typename T>
T OneOf(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

ModelTier AnyTier(std::string name, std::vector<std::string> endpoints) {
  ModelTier tier;
  tier.name = std::move(name);
  tier.endpoints = std::move(endpoints);
  tier.budget_per_million = OneOf<int64_t>({1'000, 10'000, 100'000});
  tier.has_latency = OneOf({false, true});
  tier.synthetic = OneOf({false, false, false, true});
  tier.by_endpoint = OneOf({false, false, true});
  tier.min_total = OneOf<int64_t>({0, 0, 0, 20});
  tier.min_bad = OneOf<int64_t>({0, 0, 5, 40});
  return tier;
}

// A full outage must be able to fire: burns stay below 10x.
ModelPair AnyPair(std::string name, int short_seconds, int long_seconds, bool page) {
  ModelPair pair;
  pair.name = std::move(name);
  pair.short_seconds = short_seconds;
  pair.long_seconds = long_seconds;
  pair.burn_tenths = OneOf<int64_t>({5, 20, 50, 99});
  pair.for_seconds = OneOf({0, 5, 10, 25});
  pair.keep_seconds = OneOf({0, 0, 10, 30});
  pair.page = page;
  return pair;
}

ModelRules AnyRules() {
  ModelRules rules;
  rules.tiers = {AnyTier("first", {"/a", "/b"}), AnyTier("second", {"/c"})};
  rules.pairs = {AnyPair("fast", OneOf({5, 10, 30}), OneOf({60, 95}), true),
                 AnyPair("slow", OneOf({20, 60}), OneOf({120, 3600, 7200}), OneOf({false, false, true}))};
  rules.hold_seconds = OneOf({0, 40, 60, 120});
  rules.lost_seconds = OneOf({20, 35});
  rules.delay_seconds = OneOf({0, 0, 5, 12});
  return rules;
}

Config ConfigOf(const ModelRules& rules) {
  Config config;
  config.service = "s";
  config.period = absl::Hours(3);  // small rings
  config.no_data_hold = absl::Seconds(rules.hold_seconds);
  config.source_lost_after = absl::Seconds(rules.lost_seconds);
  config.evaluation_delay = absl::Seconds(rules.delay_seconds);
  for (const ModelPair& pair : rules.pairs) {
    config.pairs.push_back({pair.name, absl::Seconds(pair.short_seconds), absl::Seconds(pair.long_seconds),
                            Decimal::FromParts(pair.burn_tenths, 1), absl::Seconds(pair.for_seconds),
                            absl::Seconds(pair.keep_seconds), pair.page ? Severity::kPage : Severity::kTicket});
  }
  for (const ModelTier& model : rules.tiers) {
    Tier tier;
    tier.name = model.name;
    tier.objective = Decimal::FromParts(1'000'000 - model.budget_per_million, 6);
    if (model.has_latency) tier.latency_limit = kLatencyLimit;
    tier.slo_source = model.synthetic ? Source::kSynthetic : Source::kRum;
    tier.alert_by = model.by_endpoint ? AlertBy::kEndpoint : AlertBy::kTier;
    tier.min_total = model.min_total;
    tier.min_bad = model.min_bad;
    for (const AlertPair& pair : config.pairs) tier.burn.push_back(pair.burn);
    tier.latency_burn = tier.burn;
    tier.endpoints = model.endpoints;
    config.tiers.push_back(std::move(tier));
  }
  config.classification.unknown_endpoint_tier = 1;
  return config;
}

// --- Random traffic

enum class Mood {
  kHealthy,
  kOutage,
  kPartial,
  kSlow,
  kTrickle,
  kSilence,
  kHeartbeats,
  kLate,
  kEarly,
  kStall,
  kMaintain,
  kRestart,
  kRefuse
};
constexpr int kMoods = 13;

// A stretch of time in which things go one way.
struct Phase {
  Mood mood = Mood::kHealthy;
  int ticks = 1;
  int seed = 0;
};

void showValue(const Phase& phase, std::ostream& out) {
  out << "mood " << static_cast<int>(phase.mood) << " for " << phase.ticks << " ticks, seed " << phase.seed << "\n";
}

rc::Gen<Phase> AnyPhase() {
  return rc::gen::construct<Phase>(rc::gen::map(rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, kMoods)),
                                                [](int mood) { return static_cast<Mood>(mood); }),
                                   rc::gen::resize(rc::kNominalSize, rc::gen::inRange(1, 16)),
                                   rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 1000)));
}

// --- Both, side by side

class Comparison {
 public:
  // Counts in `seen` what kinds of transitions there were.
  Comparison(const ModelRules& rules, std::map<std::string, int64_t>& seen)
      : rules_(MakeRules(ConfigOf(rules))), model_(rules), seen_(seen) {
    pipeline_.emplace(rules_, PipelineOptions(), kTestStart, log_);
  }

  void Live(const Phase& phase) {
    random_.seed(static_cast<unsigned>(phase.seed));
    if (phase.mood == Mood::kMaintain) ChangeMaintenance();
    if (phase.mood == Mood::kRestart) Restart();
    for (int i = 0; i < phase.ticks; ++i) {
      now_ += 5;
      Send(phase.mood);
      if (phase.mood != Mood::kStall || i + 1 == phase.ticks) Tick(phase.mood);
    }
  }

 private:
  int Random(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  // Down for no time, for a little, or for longer than anything is waited for; up again on the grid or off it.
  void Restart() {
    const int up = now_ + (Random(3) == 0 ? 0 : Random(2) == 0 ? Random(60) : Random(1200));
    pipeline_.emplace(rules_, PipelineOptions(), kTestStart + absl::Seconds(up), log_);
    pipeline_->SetMaintenance(maintenance_);
    ledger_.RestoreInto(*pipeline_);
    model_.Restart(now_, up);
    now_ = up / 5 * 5;
    ++seen_["restart"];
  }

  // Adds a window around now, in the past or to come, or removes one.
  void ChangeMaintenance() {
    if (!windows_.empty() && Random(3) == 0) {
      windows_.erase(windows_.begin() + Random(static_cast<int>(windows_.size())));
    } else {
      ModelMaintenance window;
      if (Random(3) > 0) window.tier = Random(2);
      window.from = (now_ / 30 + Random(8) - 5) * 30;
      window.to = window.from + 30 * (1 + Random(4));
      windows_.push_back(window);
    }
    MaintenanceList list;
    for (const ModelMaintenance& window : windows_) {
      const auto put =
          list.Put({"", window.tier ? rules_->config.tiers[*window.tier].name : std::string(kAllTiers),
                    kTestStart + absl::Seconds(window.from), kTestStart + absl::Seconds(window.to), "", kTestStart},
                   rules_->config, kTestStart);
      RC_ASSERT(put.ok());
    }
    model_.Maintain(windows_);
    maintenance_ = std::make_shared<const MaintenanceList>(list);
    pipeline_->SetMaintenance(maintenance_);
  }

  void Send(Mood mood) {
    Folder folder(rules_);
    if (mood == Mood::kHeartbeats) {
      const bool synthetic = Random(3) == 0;
      model_.Heartbeat(now_, synthetic);
      pipeline_->SignOfLife(synthetic ? Source::kSynthetic : Source::kRum, kTestStart + absl::Seconds(now_));
    }
    const int requests = mood == Mood::kSilence || mood == Mood::kHeartbeats ? 0
                         : mood == Mood::kTrickle                            ? Random(2)
                                                                             : 1 + Random(3);
    for (int i = 0; i < requests; ++i) Send(AnyRequest(mood), folder);
    const AdmittedBatch batch = pipeline_->Admit(folder.Take());
    ledger_.Add(batch.record);
    pipeline_->Apply(batch);
  }

  ModelRequest AnyRequest(Mood mood) {
    static constexpr struct {
      const char* endpoint;
      int tier;
    } kEndpoints[] = {{"/a", 0}, {"/b", 0}, {"/c", 1}, {"/unknown", 1}};
    const auto& place = kEndpoints[Random(4)];
    ModelRequest request;
    request.endpoint = place.endpoint;
    request.tier = place.tier;
    request.synthetic = Random(4) == 0;
    request.seconds = now_ - Random(5);
    if (mood == Mood::kLate) request.seconds = now_ - Random(250);
    if (mood == Mood::kEarly) request.seconds = now_ + Random(31);
    const int64_t count = mood == Mood::kTrickle ? 1 : 1 + Random(20);
    FillIn(mood, count, request);
    return request;
  }

  // Partial outages often lie exactly at a threshold: 5 %, 20 %, 50 % and the like.
  void FillIn(Mood mood, int64_t count, ModelRequest& request) {
    const bool fails = mood == Mood::kOutage || (mood != Mood::kHealthy && mood != Mood::kSlow && Random(2) == 0);
    if (mood == Mood::kPartial) {
      request.bad = count;
      request.good = count * (Random(3) == 0 ? 19 : Random(2) == 0 ? 4 : 1) + (Random(4) == 0 ? 1 : 0);
    } else if (mood == Mood::kSlow) {
      request.slow = count;
      request.fast = Random(2) == 0 ? count : Random(10);
    } else if (fails) {
      request.bad = count;
    } else {
      (Random(2) == 0 ? request.good : request.fast) = count;
    }
  }

  void Send(const ModelRequest& request, Folder& folder) {
    model_.Arrive(request);
    Event event = MakeEvent(kTestStart + absl::Seconds(request.seconds), request.endpoint, 200);
    event.source = request.synthetic ? Source::kSynthetic : Source::kRum;
    const auto add = [&](int status, std::optional<absl::Duration> latency, int64_t count) {
      event.status = status;
      event.latency = latency;
      event.count = count;
      if (count > 0) folder.Add(event);
    };
    add(200, std::nullopt, request.good);
    add(503, std::nullopt, request.bad);
    add(200, kLatencyLimit, request.fast);
    add(200, kLatencyLimit + absl::Nanoseconds(1), request.slow);
  }

  void Tick(Mood mood) {
    log_.Clear();
    const bool refuses = mood == Mood::kRefuse;
    ServiceHealth health;
    if (refuses) health.ingest = EngineObserver::Ingest::kRefusing;
    const absl::Time now = kTestStart + absl::Seconds(now_);
    pipeline_->Tick(now, health);
    ledger_.Save(now, pipeline_->TakeChanges());
    std::vector<std::string> found;
    for (const Transition& transition : log_.all()) {
      if (!transition.tier.empty()) found.push_back(ChangeOf(transition).ToString());
      ++seen_[KindOf(transition)];
    }
    std::vector<std::string> wanted;
    const auto ingest = refuses ? ReferenceModel::Ingest::kRefusing : ReferenceModel::Ingest::kOpen;
    for (const ModelChange& change : model_.Tick(now_, ingest)) wanted.push_back(change.ToString());
    RC_ASSERT(found == wanted);
  }

  static std::string KindOf(const Transition& t) {
    const std::string_view name = t.alert->labels.Get("alertname");
    return fmt::format("{}{}{}>{} {}", t.pair.empty() ? name : "", t.pair.empty() ? " " : "", AlertStatusName(t.from),
                       AlertStatusName(t.to), t.reason);
  }

  static ModelChange ChangeOf(const Transition& t) {
    return {static_cast<int>((t.at - kTestStart) / absl::Seconds(1)),
            t.pair.empty() ? t.tier + "/NoData" : fmt::format("{}/{}/{}/{}", t.tier, t.slo, t.pair, t.endpoint),
            std::string(t.alert->labels.Get("severity")),
            std::string(AlertStatusName(t.from)),
            std::string(AlertStatusName(t.to)),
            t.reason,
            t.short_window.bad,
            t.short_window.total,
            t.long_window.bad,
            t.long_window.total};
  }

  const std::shared_ptr<const RuleSet> rules_;
  ReferenceModel model_;
  TransitionLog log_;
  TestLedger ledger_{absl::Seconds(5)};
  std::optional<Pipeline> pipeline_;
  MaintenanceListPtr maintenance_ = std::make_shared<const MaintenanceList>();
  std::mt19937 random_;
  std::vector<ModelMaintenance> windows_;
  std::map<std::string, int64_t>& seen_;
  int now_ = 0;
};

TEST(ReferenceModelTest, EveryTransitionIsThatOfTheModel) {
  setenv("RC_PARAMS", "max_success=10000 max_size=12", /*overwrite=*/0);
  std::map<std::string, int64_t> seen;
  EXPECT_TRUE(rc::check([&] {
    Comparison comparison(AnyRules(), seen);
    for (const Phase& phase : *rc::gen::container<std::vector<Phase>>(AnyPhase())) comparison.Live(phase);
  }));
  // Histories in which little happens would show little.
  for (const char* kind :
       {"inactive>pending ", "inactive>firing ", "pending>firing ", "pending>inactive recovered",
        "pending>inactive no_data", "firing>resolved recovered", "firing>resolved no_data", "firing>resolved escalated",
        "pending>inactive maintenance", "firing>resolved maintenance", "NoData firing>resolved maintenance", "restart",
        "IngestRefused inactive>firing ", "IngestRefused firing>resolved recovered", "NoData inactive>firing ",
        "NoData firing>resolved recovered", "NoData firing>resolved escalated"}) {
    EXPECT_GE(seen[kind], 100) << kind;
  }
}

}  // namespace
}  // namespace firebreak
