#include "api/notify/renderer.h"

#include <algorithm>
#include <utility>

#include "api/notify/alertmanager_payload.h"
#include "api/notify/pagerduty_payload.h"
#include "api/notify/slack_payload.h"
#include "api/notify/webhook_payload.h"

namespace firebreak {
namespace {

// A firing alert that we stop resending ends by itself after four resends, as Prometheus has it.
constexpr int kResendsUntilEnd = 4;

AlertViewPtr Freshest(const AlertViewPtr& alert, const DispatcherOptions& options) {
  if (alert->status != AlertStatus::kFiring || !options.latest) return alert;
  AlertViewPtr latest = options.latest(alert->labels.Fingerprint());
  const bool same_episode = latest != nullptr && latest->status == AlertStatus::kFiring &&
                            latest->firing_since == alert->firing_since && latest->labels == alert->labels;
  return same_episode ? latest : alert;
}

}  // namespace

HttpPost Render(const Destination& destination, const Url& url, const DispatcherOptions& options, const Clock& clock,
                const Batch& batch) {
  Outgoing outgoing;
  for (const Batch::Item& item : batch.items) {
    outgoing.alerts.push_back(MakeOutgoing(*Freshest(item.alert, options), clock, options.external_url));
  }
  outgoing.now = clock.ToWall(clock.Now());
  outgoing.firing_ends_at =
      outgoing.now + kResendsUntilEnd * std::max(options.evaluation_interval, options.resend_delay);
  outgoing.repetition = batch.repetition;
  return RequestFor(destination, url, options, std::move(outgoing));
}

HttpPost RequestFor(const Destination& destination, const Url& url, const DispatcherOptions& options,
                    Outgoing outgoing) {
  switch (destination.kind) {
    case Destination::Kind::kAlertmanager:
      return AlertmanagerRequest(url, outgoing.alerts, outgoing.firing_ends_at);
    case Destination::Kind::kWebhook:
      break;
    case Destination::Kind::kPagerDuty:
      return PagerDutyRequest(url, {destination.secret, options.external_url, std::move(outgoing.alerts)});
    case Destination::Kind::kSlack:
      return SlackRequest(url, outgoing.alerts);
  }
  const WebhookMessage message{destination.name, options.external_url, std::move(outgoing.alerts), outgoing.repetition};
  return WebhookRequest(url, message, destination.secret, outgoing.now);
}

Taken TakenBy(Destination::Kind kind) {
  switch (kind) {
    case Destination::Kind::kAlertmanager:
    case Destination::Kind::kWebhook:
      return Taken::kWith2xx;
    case Destination::Kind::kPagerDuty:
      return Taken::kWith202;
    case Destination::Kind::kSlack:
      return Taken::kWithOk;
  }
  return Taken::kWith2xx;
}

}  // namespace firebreak
