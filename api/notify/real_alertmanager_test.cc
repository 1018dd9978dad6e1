// Against the real Alertmanager: Debian's package prometheus-alertmanager must be installed.

#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "api/notify/dispatcher.h"
#include "api/notify/fake_receiver.h"
#include "engine/clock.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::json;

constexpr char kBinary[] = "/usr/bin/prometheus-alertmanager";

// An Alertmanager of our own that sends what it is told on to a webhook.
class RealAlertmanager {
 public:
  explicit RealAlertmanager(const std::string& webhook_url) : folder_(NewFolder()) {
    std::ofstream(folder_ + "/alertmanager.yml") << fmt::format(R"(
route:
  receiver: sink
  group_by: [service, tier, alertname]
  group_wait: 300ms
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: sink
    webhook_configs:
      - url: {}
        send_resolved: true
)",
                                                                webhook_url);
  }
  ~RealAlertmanager() { Kill(); }

  // A port that was free may be taken by the time it is bound: then another is tried.
  bool Start() {
    for (int tries = 0; tries < 5; ++tries) {
      port_ = DeadPort();
      Launch();
      if (Eventually([this] { return Ready() || Ended(); }, absl::Seconds(20)) && Ready()) return true;
      Kill();
    }
    return false;
  }

  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // What it shows, by fingerprint.
  std::map<std::string, Json> Alerts() const {
    std::map<std::string, Json> alerts;
    const auto answer = httplib::Client("127.0.0.1", port_).Get("/api/v2/alerts");
    if (!answer || answer->status != 200) return alerts;
    for (const Json& alert : Json::parse(answer->body)) alerts[alert["fingerprint"]] = alert;
    return alerts;
  }

 private:
  static std::string NewFolder() {
    std::string folder = std::string(std::getenv("TEST_TMPDIR")) + "/alertmanager-XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    return folder;
  }
  bool Ready() const {
    const auto answer = httplib::Client("127.0.0.1", port_).Get("/-/ready");
    return answer && answer->status == 200;
  }
  bool Ended() {
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0;
  }
  void Kill() {
    if (pid_ > 0 && kill(pid_, SIGKILL) == 0) waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  void Launch() {
    const std::string arguments[] = {
        kBinary, "--config.file=" + folder_ + "/alertmanager.yml", "--storage.path=" + folder_ + "/alertmanager",
        "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--cluster.listen-address="};
    const std::string log = folder_ + "/alertmanager.log";
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(kBinary, arguments[0].c_str(), arguments[1].c_str(), arguments[2].c_str(), arguments[3].c_str(),
          arguments[4].c_str(), nullptr);
    _exit(127);
  }

  const std::string folder_;
  int port_ = 0;
  pid_t pid_ = -1;
};

class RealAlertmanagerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(access(kBinary, X_OK), 0) << kBinary << " is missing: install the package prometheus-alertmanager";
    alertmanager_ = std::make_unique<RealAlertmanager>(its_sink_.Url("/its"));
    ASSERT_TRUE(alertmanager_->Start());
    options_.destinations = {{Destination::Kind::kAlertmanager, "am", alertmanager_->Url(), ""},
                             {Destination::Kind::kWebhook, "ours", our_sink_.Url("/ours"), ""}};
    options_.service = "shop";
    options_.external_url = "http://firebreak.test";
    options_.first_backoff = absl::Milliseconds(20);
  }

  // One alert of a group whose names need quoting.
  AlertView Alert(const std::string& pair) const {
    AlertView view;
    view.labels = {
        {"alertname", "ErrorBudgetBurn"}, {"service", "shop \"é\"\n"}, {"tier", "tier1\\a\u00a0"}, {"pair", pair}};
    view.annotations = {{"summary", "<burning> & \"fast\" " + pair}, {"runbook_url", "http://r/"}};
    view.status = AlertStatus::kFiring;
    view.firing_since = start_;
    return view;
  }

  void Fire(AlertView view) { Tell(std::move(view), AlertStatus::kPending); }
  void Resolve(AlertView view) {
    view.status = AlertStatus::kResolved;
    view.resolved_at = start_ + absl::Milliseconds(30120);
    Tell(std::move(view), AlertStatus::kFiring);
  }
  void Tell(AlertView view, AlertStatus from) {
    Transition transition;
    transition.from = from;
    transition.to = view.status;
    transition.alert = std::make_shared<const AlertView>(std::move(view));
    dispatcher_->OnTransition(transition);
  }

  // The first body from the `begin`th on whose alerts are in these states, all but what must differ.
  static Json BodyWith(const FakeReceiver& sink, const std::vector<std::string>& states) {
    Json found;
    EXPECT_TRUE(Eventually([&] {
      for (const ReceivedRequest& request : sink.received()) {
        Json body = Json::parse(request.body);
        std::vector<std::string> has;
        for (const Json& alert : body["alerts"]) has.push_back(alert["status"]);
        if (has == states) found = std::move(body);
      }
      return !found.is_null();
    })) << "no body with these states";
    for (const char* field : {"receiver", "externalURL"}) found.erase(field);
    return found;
  }

  const RealClock clock_;
  // Not a whole second, so that fractions are compared too.
  const absl::Time start_ =
      absl::FromUnixMillis(absl::ToUnixMillis(clock_.Now()) / 1000 * 1000 + 250) - absl::Minutes(1);
  FakeReceiver its_sink_, our_sink_;
  std::unique_ptr<RealAlertmanager> alertmanager_;
  DispatcherOptions options_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_F(RealAlertmanagerTest, ShowsOurAlertAndThenItsEnd) {
  dispatcher_ = Dispatcher::Start(options_, clock_);
  const AlertView view = Alert("fast");
  const std::string fingerprint = view.labels.FingerprintHex();
  Fire(view);
  ASSERT_TRUE(Eventually([&] { return alertmanager_->Alerts().count(fingerprint) == 1; }));
  const Json shown = alertmanager_->Alerts()[fingerprint];
  EXPECT_EQ(shown["annotations"]["summary"], "<burning> & \"fast\" fast");
  EXPECT_EQ(shown["labels"]["tier"], "tier1\\a\u00a0");
  EXPECT_EQ(shown["status"]["state"], "active");
  EXPECT_EQ(shown["generatorURL"], "http://firebreak.test/v1/alerts?fingerprint=" + fingerprint);

  Resolve(view);
  EXPECT_TRUE(Eventually([&] { return alertmanager_->Alerts().count(fingerprint) == 0; }));
}

TEST_F(RealAlertmanagerTest, SendsTheSameWebhookAsWeDo) {
  // Both alerts are there before our first POST succeeds, as its group_wait has it.
  our_sink_.AnswerWith(FakeAnswer{.status = 500});
  dispatcher_ = Dispatcher::Start(options_, clock_);
  Fire(Alert("slow"));
  Fire(Alert("fast"));
  our_sink_.AnswerWith(FakeAnswer{.status = 200});
  EXPECT_EQ(BodyWith(our_sink_, {"firing", "firing"}), BodyWith(its_sink_, {"firing", "firing"}));

  Resolve(Alert("fast"));
  EXPECT_EQ(BodyWith(our_sink_, {"resolved", "firing"}), BodyWith(its_sink_, {"resolved", "firing"}));

  Resolve(Alert("slow"));
  EXPECT_EQ(BodyWith(our_sink_, {"resolved"}), BodyWith(its_sink_, {"resolved"}));
}

TEST_F(RealAlertmanagerTest, TakesTheGoodAlertsBesideABadOne) {
  dispatcher_ = Dispatcher::Start(options_, clock_);
  AlertView bad = Alert("bad");
  bad.labels.Set("no-label-name", "x");
  Fire(Alert("a"));
  Fire(bad);
  Fire(Alert("b"));
  ASSERT_TRUE(Eventually([&] { return dispatcher_->Stats()[0].queued == 0 && dispatcher_->Stats()[0].parked == 1; }));
  const auto alerts = alertmanager_->Alerts();
  EXPECT_EQ(alerts.count(Alert("a").labels.FingerprintHex()), 1);
  EXPECT_EQ(alerts.count(Alert("b").labels.FingerprintHex()), 1);
  EXPECT_EQ(alerts.size(), 2);
}

TEST_F(RealAlertmanagerTest, TakesTheTestAlertAndTheWatchdog) {
  for (const TestResult& result : SendTestAlert(options_, clock_.Now())) {
    EXPECT_TRUE(result.ok);
    EXPECT_EQ(result.answer, "200 OK");
  }
  options_.watchdog = true;
  dispatcher_ = Dispatcher::Start(options_, clock_);
  const Labels watchdog = {{"alertname", "Watchdog"}, {"service", "shop"}, {"severity", "none"}};
  EXPECT_TRUE(Eventually([&] { return alertmanager_->Alerts().count(watchdog.FingerprintHex()) == 1; }));
}

}  // namespace
}  // namespace firebreak
