#include <memory>
#include <thread>
#include <utility>

#include "api/notify/dispatcher.h"
#include "api/notify/http_client.h"
#include "api/notify/renderer.h"
#include "api/notify/retry.h"
#include "rules/alertname.h"

namespace firebreak {
namespace {

// How long an Alertmanager would show the test alert if the resolve did not arrive.
constexpr absl::Duration kEndsBySelf = absl::Minutes(5);

OutgoingAlert MakeTestAlert(const DispatcherOptions& options, absl::Time now) {
  OutgoingAlert alert;
  alert.labels.Set("alertname", alertname::kTest);
  alert.labels.Set("service", options.service);
  alert.labels.Set("severity", "none");
  alert.annotations.Set("summary", "This is a test of Firebreak's notifications: nothing is wrong");
  alert.annotations.Set("description", "Sent by `firebreak notify-test`; it resolves at once.");
  alert.starts_at = absl::FromUnixMillis(absl::ToUnixMillis(now));
  alert.generator_url = options.external_url + "/v1/alerts?fingerprint=" + alert.labels.FingerprintHex();
  return alert;
}

HttpAnswer PostAlert(const Destination& destination, const DispatcherOptions& options, const OutgoingAlert& alert,
                     absl::Time now) {
  const absl::StatusOr<Url> url = ParseUrl(destination.url);
  if (!url.ok()) {
    HttpAnswer answer;
    answer.error = std::string(url.status().message());
    return answer;
  }
  HttpClient client(HttpLimits{.total = options.try_deadline});
  const Outgoing outgoing{.alerts = {alert}, .now = now, .firing_ends_at = now + kEndsBySelf};
  return client.Post(RequestFor(destination, *url, options, outgoing));
}

TestResult TestDestination(const Destination& destination, const DispatcherOptions& options, absl::Time now) {
  OutgoingAlert alert = MakeTestAlert(options, now);
  const Taken taken = TakenBy(destination.kind);
  HttpAnswer answer = PostAlert(destination, options, alert, now);
  if (Classify(answer, taken) == Verdict::kDelivered) {
    alert.ends_at = alert.starts_at + absl::Milliseconds(1);
    answer = PostAlert(destination, options, alert, now);
  }
  return {destination.name, Classify(answer, taken) == Verdict::kDelivered, DescribeAnswer(answer, taken)};
}

}  // namespace

std::vector<TestResult> SendTestAlert(const DispatcherOptions& options, absl::Time now) {
  std::vector<TestResult> results(options.destinations.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = TestDestination(options.destinations[i], options, now); });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace firebreak
