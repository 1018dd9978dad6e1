#include "api/notify/renderer.h"

#include <algorithm>
#include <utility>

#include "api/notify/alertmanager_payload.h"
#include "api/notify/outgoing_alert.h"
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
  std::vector<OutgoingAlert> alerts;
  for (const Batch::Item& item : batch.items) {
    alerts.push_back(MakeOutgoing(*Freshest(item.alert, options), clock, options.external_url));
  }
  const absl::Time now = clock.ToWall(clock.Now());
  if (destination.kind == Destination::Kind::kAlertmanager) {
    const absl::Duration ahead = kResendsUntilEnd * std::max(options.evaluation_interval, options.resend_delay);
    return AlertmanagerRequest(url, alerts, now + ahead);
  }
  const WebhookMessage message{destination.name, options.external_url, std::move(alerts), batch.repetition};
  return WebhookRequest(url, message, destination.secret, now);
}

}  // namespace firebreak
