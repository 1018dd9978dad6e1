#include <memory>
#include <thread>
#include <utility>

#include "api/notify/alertmanager_payload.h"
#include "api/notify/dispatcher.h"
#include "api/notify/http_client.h"
#include "api/notify/retry.h"
#include "api/notify/webhook_payload.h"

namespace firebreak {
namespace {

// How long an Alertmanager would show the test alert if the resolve did not arrive.
constexpr absl::Duration kEndsBySelf = absl::Minutes(5);

OutgoingAlert MakeTestAlert(const DispatcherOptions& options, absl::Time now) {
  OutgoingAlert alert;
  alert.labels.Set("alertname", "FirebreakTest");
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
  if (destination.kind == Destination::Kind::kAlertmanager) {
    return client.Post(AlertmanagerRequest(*url, {alert}, now + kEndsBySelf));
  }
  return client.Post(WebhookRequest(*url, {destination.name, options.external_url, {alert}}, destination.secret, now));
}

TestResult TestDestination(const Destination& destination, const DispatcherOptions& options, absl::Time now) {
  OutgoingAlert alert = MakeTestAlert(options, now);
  HttpAnswer answer = PostAlert(destination, options, alert, now);
  if (Classify(answer) == Verdict::kDelivered) {
    alert.ends_at = alert.starts_at + absl::Milliseconds(1);
    answer = PostAlert(destination, options, alert, now);
  }
  return {destination.name, Classify(answer) == Verdict::kDelivered, DescribeAnswer(answer)};
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
