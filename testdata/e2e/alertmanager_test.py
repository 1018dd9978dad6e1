#!/usr/bin/env python3
"""The real Alertmanager shows our alert within 10 s of an outage at demo speed, then resolves it; what it sends to a
webhook and what we send to one agree field by field."""

import json
import time
import urllib.request
import unittest

import harness

CONFIG = """
service: shop
slo_tiers:
  checkout:
    availability: 0.999
    endpoints: [/pay/, /cart/]
notify:
  resend_delay: 1s
  alertmanagers: [{url: "http://127.0.0.1:%d"}]
  webhooks: [{name: sink, url: "%s/hook"}]
"""

ALERTMANAGER = """
route:
  receiver: sink
  group_by: [service, tier, alertname]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: sink
    webhook_configs: [{url: "%s/alertmanager", send_resolved: true}]
"""


def shown(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/alerts", timeout=5) as response:
        return json.load(response)


def quiet_recording(folder):
    """An hour of little traffic without an error."""
    lines = [json.dumps({"ts": 1764000000000 + 10000 * i, "endpoint": "/cart/", "status": 200, "count": 5})
             for i in range(360)]
    return harness.write(folder, "quiet.ndjson", "\n".join(lines) + "\n")


def same_group(body):
    """What must agree of a webhook body: everything but the receiver and who sent it. Alertmanager's generatorURL is the
    one we gave it; a firing alert's words may be of two moments, so the words are compared by their names."""
    body = {key: value for key, value in body.items() if key not in ("receiver", "externalURL", "commonAnnotations")}
    body["alerts"] = [{**alert, "annotations": sorted(alert["annotations"])} for alert in body["alerts"]]
    return body


class AlertmanagerTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.theirs = harness.Sink()
        self.ours = harness.Sink()
        self.addCleanup(self.theirs.__exit__)
        self.addCleanup(self.ours.__exit__)
        self.alertmanager, self.port = harness.start_alertmanager(self.folder, ALERTMANAGER % self.theirs.url)
        self.addCleanup(self.end_alertmanager)
        config = harness.write(self.folder, "rules.yaml", CONFIG % (self.port, self.ours.url))
        self.server = harness.Server("--config", config, "--demo", quiet_recording(self.folder), "--speed", "60")
        self.addCleanup(self.server.stop)

    def end_alertmanager(self):
        self.alertmanager.terminate()
        self.alertmanager.wait(20)

    def send(self, status, seconds):
        """Live requests for `seconds` of real time: at 60 times the speed, half a minute of traffic every half second."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = self.server.post_events({"endpoint": "/pay/", "status": status, "count": 200})
            self.assertEqual(answer.status, 200)
            time.sleep(0.25)

    def page(self):
        for alert in shown(self.port):
            labels = alert["labels"]
            if labels["alertname"] == "ErrorBudgetBurn" and labels["severity"] == "page":
                return alert
        return None

    def bodies(self, sink, status):
        return [body for body in sink.bodies()
                if body["status"] == status and body["groupLabels"]["alertname"] == "ErrorBudgetBurn"]

    def test_an_outage_pages_through_the_real_alertmanager_and_resolves(self):
        begun = time.monotonic()
        self.send(503, 4)
        alert = harness.wait_for(self.page, 10, "Alertmanager shows the page")
        self.assertLess(time.monotonic() - begun, 10, "within 10 s of the outage's begin")
        self.assertEqual(alert["labels"], {"alertname": "ErrorBudgetBurn", "service": "shop", "tier": "checkout",
                                           "slo": "availability", "pair": "fast", "severity": "page"})
        self.assertEqual(alert["status"]["state"], "active")
        for annotation in ("summary", "description", "causes", "runbook_url"):
            self.assertIn(annotation, alert["annotations"])
        self.assertIn("/pay/ 100 %", alert["annotations"]["causes"])
        self.assertIn("status 503 100 %", alert["annotations"]["causes"])
        runbook = alert["annotations"]["runbook_url"]
        self.assertEqual(urllib.request.urlopen(runbook, timeout=5).status, 200)

        harness.wait_for(lambda: self.bodies(self.theirs, "firing"), 10, "Alertmanager's webhook fires")
        harness.wait_for(lambda: self.bodies(self.ours, "firing"), 10, "our webhook fires")
        self.compare("firing")

        self.send(200, 8)
        harness.wait_for(lambda: self.page() is None, 15, "Alertmanager shows the page no longer")
        harness.wait_for(lambda: self.page_resolved(self.theirs), 15, "Alertmanager's webhook resolves the page")
        harness.wait_for(lambda: self.page_resolved(self.ours), 15, "our webhook resolves the page")
        self.assertEqual(self.resolved_page(self.theirs), self.resolved_page(self.ours))

    def compare(self, status):
        """Our body and theirs of the group, when both held the same alerts."""
        def agreeing():
            ours = [same_group(body) for body in self.bodies(self.ours, status)]
            theirs = [same_group(body) for body in self.bodies(self.theirs, status)]
            return any(body in theirs for body in ours)
        try:
            harness.wait_for(agreeing, 10, "the bodies agree")
        except AssertionError:
            self.assertEqual(same_group(self.bodies(self.ours, status)[-1]),
                             same_group(self.bodies(self.theirs, status)[-1]))
            raise

    def resolved_page(self, sink):
        for body in sink.bodies():
            for alert in body["alerts"]:
                if alert["status"] == "resolved" and alert["labels"].get("pair") == "fast":
                    return {key: alert[key] for key in ("status", "labels", "startsAt", "endsAt", "generatorURL",
                                                        "fingerprint")}
        return None

    def page_resolved(self, sink):
        return self.resolved_page(sink) is not None


if __name__ == "__main__":
    harness.main()
