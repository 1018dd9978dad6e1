#include "api/service/maintenance_handler.h"

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/codec/maintenance_json.h"
#include "engine/journal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "rules/parse.h"

namespace firebreak {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class NoSink : public TransitionSink {
 public:
  void OnTransition(const Transition&) override {}
};

std::shared_ptr<const RuleSet> Rules() {
  ParsedConfig parsed = ParseConfig("slo_tiers:\n  checkout: {availability: 0.999, endpoints: [/pay/]}\n", "test.yaml");
  return *RuleSet::Create(*std::move(parsed.config));
}

// A handler in front of a real engine whose clock stands still.
class MaintenanceHandlerTest : public ::testing::Test {
 protected:
  MaintenanceHandler& handler() {
    if (!handler_) handler_ = std::make_unique<MaintenanceHandler>(engine_, clock_, persist_);
    return *handler_;
  }
  HttpResponse Put(std::string body) {
    HttpRequest request;
    request.body = std::move(body);
    return Answer([&](HttpResponder respond) { handler().Put(request, std::move(respond)); });
  }
  HttpResponse Remove(const std::string& id) {
    HttpRequest request;
    request.path = "/v1/maintenance/" + id;
    return Answer([&](HttpResponder respond) { handler().Remove(request, std::move(respond)); });
  }
  // What the engine has before there is a handler.
  void StartWith(MaintenanceList list) {
    std::promise<void> taken;
    engine_.SetMaintenance(std::make_shared<const MaintenanceList>(std::move(list)),
                           [&](const absl::Status&) { taken.set_value(); });
    taken.get_future().get();
  }
  std::vector<std::string> IdsInForce() const {
    std::vector<std::string> ids;
    for (const MaintenanceWindow& window : engine_.snapshot()->maintenance->windows()) ids.push_back(window.id);
    return ids;
  }
  // Writes down what is persisted, and answers `status`.
  void PersistWith(absl::Status status) {
    persist_ = [this, status](const DocumentRecord& record, const std::function<void(absl::Status)>& done) {
      EXPECT_EQ(record.kind, kMaintenanceKind);
      for (const Document& document : record.documents) persisted_.emplace_back(document.key, !document.body.empty());
      done(status);
    };
  }

  NoSink sink_;
  MemoryJournal journal_{sink_};
  SimulatedClock clock_{absl::FromUnixSeconds(1764000000)};
  EngineThread engine_{Rules(), {}, clock_, journal_};
  MaintenanceHandler::Persist persist_;
  std::unique_ptr<MaintenanceHandler> handler_;
  std::vector<std::pair<std::string, bool>> persisted_;  // id and whether it has a text

 private:
  template <typename Ask>
  static HttpResponse Answer(Ask ask) {
    auto answer = std::make_shared<std::promise<HttpResponse>>();
    ask([answer](HttpResponse response) { answer->set_value(std::move(response)); });
    return answer->get_future().get();
  }
};

TEST_F(MaintenanceHandlerTest, AWindowIsInForceWhenItIsAnswered) {
  const HttpResponse answer = Put(R"({"tier": "checkout", "duration": "30m", "comment": "deploy"})");
  EXPECT_EQ(answer.status, 201);
  const json window = json::parse(answer.body);
  EXPECT_EQ(window["id"], "20251124T160000Z");
  EXPECT_EQ(window["to"], "2025-11-24T16:30:00Z");
  EXPECT_THAT(IdsInForce(), ElementsAre("20251124T160000Z"));
  const json list = json::parse(handler().List().body);
  ASSERT_EQ(list["maintenance"].size(), 1u);
  EXPECT_EQ(list["maintenance"][0]["state"], "active");
}

TEST_F(MaintenanceHandlerTest, TheSameIdChangesItAndARemovedOneIsGone) {
  EXPECT_EQ(Put(R"({"id": "a", "tier": "*", "duration": "30m"})").status, 201);
  EXPECT_EQ(Put(R"({"id": "a", "duration": "1h"})").status, 200);
  EXPECT_EQ(engine_.snapshot()->maintenance->Find("a")->to, clock_.Now() + absl::Hours(1));
  EXPECT_EQ(Remove("a").status, 200);
  EXPECT_THAT(IdsInForce(), IsEmpty());
  EXPECT_EQ(Remove("a").status, 404);
}

TEST_F(MaintenanceHandlerTest, FaultsAreTheClientsAndChangeNothing) {
  const std::vector<std::pair<const char*, const char*>> kRows = {
      {"{", "wanted an object"},
      {R"({"tier": "chekout", "duration": "30m"})", "none, wanted one of checkout"},
      {R"({"tier": "*", "to": "2025-11-24T15:00:00Z"})", "to: not after from"},
      {R"({"tier": "*", "duration": "32d"})", "more than 31d after from"},
  };
  for (const auto& [body, error] : kRows) {
    const HttpResponse answer = Put(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(json::parse(answer.body)["error"].get<std::string>(), HasSubstr(error));
  }
  EXPECT_THAT(IdsInForce(), IsEmpty());
}

TEST_F(MaintenanceHandlerTest, AFullListIs422) {
  std::vector<MaintenanceWindow> windows;
  for (int i = 1; i < 1000; ++i) {
    windows.push_back({std::to_string(i), "*", clock_.Now(), clock_.Now() + absl::Hours(1), "", clock_.Now()});
  }
  StartWith(MaintenanceList(std::move(windows)));
  EXPECT_EQ(Put(R"({"tier": "*", "duration": "30m"})").status, 201);
  EXPECT_EQ(Put(R"({"tier": "*", "duration": "30m"})").status, 422);
}

TEST_F(MaintenanceHandlerTest, EveryChangeIsPersistedOnce) {
  PersistWith(absl::OkStatus());
  Put(R"({"id": "a", "tier": "*", "duration": "30m"})");
  Put(R"({"id": "a", "tier": "*", "duration": "1h"})");
  Put(R"({"id": "a", "tier": "*", "duration": "1h"})");  // changes nothing
  Put("{");
  Remove("a");
  EXPECT_THAT(persisted_, ElementsAre(Pair("a", true), Pair("a", true), Pair("a", false)));
}

TEST_F(MaintenanceHandlerTest, WhatIsNotOnDiskYetIsInForceAndAnswered503) {
  PersistWith(absl::ResourceExhaustedError("the disk is full"));
  const HttpResponse answer = Put(R"({"id": "a", "tier": "*", "duration": "30m"})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.headers, ElementsAre(Pair("Retry-After", "5")));
  EXPECT_THAT(answer.body, HasSubstr("in force, but not on disk yet: the disk is full"));
  EXPECT_THAT(IdsInForce(), ElementsAre("a"));
}

TEST_F(MaintenanceHandlerTest, AnEngineThatHasStoppedTakesNothing) {
  handler();
  engine_.Stop();
  EXPECT_EQ(Put(R"({"tier": "*", "duration": "30m"})").status, 503);
}

TEST_F(MaintenanceHandlerTest, ItGoesOnFromWhatTheEngineHas) {
  StartWith(MaintenanceList({{"a", "*", clock_.Now(), clock_.Now() + absl::Hours(1), "", clock_.Now()}}));
  EXPECT_EQ(Remove("a").status, 200);
}

}  // namespace
}  // namespace firebreak
