#!/usr/bin/env python3
"""The server as its operator meets it: tokens, reload, heartbeat, the sample consumer, Prometheus' API, a clean end."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

import harness

TIERS = """
slo_tiers:
  api:
    availability: 0.99
    endpoints: [/a]
"""

# Everything fires at once, so that a test need not wait for windows.
HASTY = """
evaluation_interval: 1s
alerts:
  fast: {for: 0s}
  slow: {for: 0s}
"""


def consumer_script():
    for folder in ("docs/clients", "../../docs/clients"):
        path = os.path.join(folder, "webhook_consumer.py")
        if os.path.exists(path):
            return path
    raise AssertionError("docs/clients/webhook_consumer.py is not among the test's data")


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()

    def serve(self, config, *arguments, **options):
        self.config = harness.write(self.folder, "rules.yaml", config)
        server = harness.Server("--config", self.config, *arguments, **options)
        self.addCleanup(server.stop)
        return server

    def fails_to_serve(self, config, *arguments):
        path = harness.write(self.folder, "rules.yaml", config)
        code, out, err = harness.run("serve", "--config", path, *arguments)
        self.assertEqual(code, 2, err)
        self.assertEqual(out, "")
        return err

    def test_stops_cleanly_on_sigterm_and_sigint(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            server = self.serve(TIERS)
            server.post_events({"endpoint": "/a", "status": 200})
            begun = time.monotonic()
            server.stop(how)
            self.assertEqual(server.exit_code, 0)
            self.assertLess(time.monotonic() - begun, 5)

    def test_ready_healthy_and_the_first_page(self):
        server = self.serve(TIERS)
        self.assertEqual(server.get("/-/ready").status, 200)
        self.assertEqual(server.get("/-/healthy").status, 200)
        self.assertIn(b"api", server.get("/").body)
        self.assertEqual(server.get("/v1/slos").json()["tiers"][0]["tier"], "api")
        for name in ("ErrorBudgetBurn", "LatencyBudgetBurn", "NoData", "Watchdog"):
            page = server.get(f"/runbooks/{name}")
            self.assertEqual(page.status, 200)
            self.assertIn(name.encode(), page.body)

    def test_tokens_open_their_own_scope_only(self):
        for scope in ("ingest", "read", "admin"):
            harness.write(self.folder, f"{scope}.token", f"{scope}-secret\n")
        server = self.serve(TIERS + "server: {tokens: {ingest_file: ingest.token, read_file: read.token, admin_env: ADMIN}}",
                            env={"ADMIN": "admin-secret"})
        event = {"endpoint": "/a", "status": 200}

        def bearer(name):
            return {"Authorization": f"Bearer {name}-secret"}

        self.assertEqual(server.post_events(event).status, 401)
        self.assertEqual(server.post_events(event, **bearer("wrong")).status, 401)
        self.assertEqual(server.post_events(event, **bearer("read")).status, 403)
        self.assertEqual(server.post_events(event, **bearer("ingest")).status, 200)
        self.assertEqual(server.post_events(event, **bearer("admin")).status, 200)
        self.assertEqual(server.get("/v1/slos", **bearer("ingest")).status, 403)
        self.assertEqual(server.get("/v1/slos", **bearer("read")).status, 200)
        self.assertEqual(server.request("POST", "/-/reload", headers=bearer("read")).status, 403)
        self.assertEqual(server.request("POST", "/-/reload", headers=bearer("admin")).status, 200)
        self.assertEqual(server.get("/-/healthy").status, 200)
        shown = server.get("/metrics", **bearer("read")).body.decode() + server.errors()
        for scope in ("ingest", "read", "admin"):
            self.assertNotIn(f"{scope}-secret", shown)

    def test_an_open_address_needs_a_token(self):
        self.assertIn("--allow-open-bind", self.fails_to_serve(TIERS, "--listen", "0.0.0.0:0"))

    def test_faults_at_start_are_named(self):
        self.assertIn("rules.yaml:3:", self.fails_to_serve("slo_tiers:\n  api:\n    availability: 2\n    endpoints: [/a]\n"))
        missing = self.fails_to_serve(TIERS + "server: {tokens: {read_file: nowhere.token}}")
        self.assertIn("nowhere.token", missing)
        self.assertIn("ABSENT", self.fails_to_serve(TIERS + "server: {tokens: {read_env: ABSENT}}"))
        code, _, err = harness.run("serve", "--config", os.path.join(self.folder, "absent.yaml"))
        self.assertEqual(code, 2)
        self.assertIn("absent.yaml: No such file", err)
        code, _, err = harness.run("serve")
        self.assertEqual((code, "--config" in err), (2, True))
        for listen in ("nonsense", "127.0.0.1:99999", "127.0.0.1:", ":80"):
            code, _, err = harness.run("serve", "--config", self.config_path(), "--listen", listen)
            self.assertEqual((code, "ADDRESS:PORT" in err), (2, True), listen)

    def config_path(self):
        return harness.write(self.folder, "good.yaml", TIERS)

    def test_an_address_in_use_is_said(self):
        server = self.serve(TIERS)
        self.assertIn("in use", self.fails_to_serve(TIERS, "--listen", f"127.0.0.1:{server.port}"))

    def test_reload_takes_all_or_nothing(self):
        server = self.serve(TIERS)
        harness.write(self.folder, "rules.yaml", TIERS.replace("0.99", "1.5"))
        refused = server.request("POST", "/-/reload")
        self.assertEqual(refused.status, 422)
        self.assertIn("availability", refused.json()["error"])
        self.assertIn("firebreak_config_last_reload_successful 0", server.get("/metrics").body.decode())
        self.assertEqual(server.get("/v1/slos").json()["tiers"][0]["slos"][0]["objective"], 0.99)

        harness.write(self.folder, "rules.yaml", TIERS.replace("0.99", "0.95"))
        server.process.send_signal(signal.SIGHUP)
        harness.wait_for(lambda: server.get("/v1/slos").json()["tiers"][0]["slos"][0]["objective"] == 0.95, 10, "SIGHUP")
        self.assertIn("firebreak_config_last_reload_successful 1", server.get("/metrics").body.decode())

        harness.write(self.folder, "rules.yaml", TIERS + "evaluation_interval: 10s\n")
        fixed = server.request("POST", "/-/reload")
        self.assertEqual(fixed.status, 422)
        self.assertIn("restart", fixed.json()["error"])

    def test_a_reload_that_removes_a_tier_resolves_its_alerts(self):
        other = "  other:\n    availability: 0.99\n    endpoints: [/o]\n"
        server = self.serve(TIERS + other + HASTY)
        server.post_events({"endpoint": "/o", "status": 503, "count": 50})
        firing = lambda: server.get("/v1/alerts?status=firing").json()["alerts"]
        harness.wait_for(lambda: len(firing()) == 2, 10, "both pairs fire")
        harness.write(self.folder, "rules.yaml", TIERS + HASTY)
        self.assertEqual(server.request("POST", "/-/reload").status, 200)
        harness.wait_for(lambda: not firing(), 5, "the alerts of the removed tier are gone")
        self.assertIn("removed", server.errors())
        shown = server.get("/v1/alerts?status=resolved").json()["alerts"]
        self.assertEqual([alert["reason"] for alert in shown], ["removed", "removed"])
        for alert in shown:
            self.assertIn("removed from the configuration", alert["annotations"]["summary"])

    def test_heartbeat(self):
        server = self.serve(TIERS + HASTY + "source_lost_after: 3s\n")
        lost = lambda: "NoData" in server.get("/v1/alerts?status=firing").body.decode()
        harness.wait_for(lost, 15, "a feed that never came is lost")
        self.assertEqual(server.request("POST", "/v1/heartbeat").status, 200)
        harness.wait_for(lambda: not lost(), 5, "a heartbeat is a sign of life")
        self.assertEqual(server.request("POST", "/v1/heartbeat", body='{"source": "synthetic"}').status, 200)
        for body in ('{"source": "x"}', "nonsense", "{}", '{"sourec": "rum"}', '{"source": "rum", "endpoint": "/a"}'):
            self.assertEqual(server.request("POST", "/v1/heartbeat", body=body).status, 400, body)

    def test_prometheus_api_and_alerts(self):
        server = self.serve(TIERS + HASTY)
        server.post_events({"endpoint": "/a", "status": 503, "count": 50})
        alerts = harness.wait_for(lambda: server.get("/api/v1/alerts").json()["data"]["alerts"], 10, "alerts fire")
        self.assertEqual({alert["state"] for alert in alerts}, {"firing"})
        self.assertEqual(alerts[0]["labels"]["alertname"], "ErrorBudgetBurn")
        group = server.get("/api/v1/rules").json()["data"]["groups"][0]
        self.assertEqual(group["name"], "api")
        states = {(rule["name"], rule["labels"].get("pair")): rule["state"] for rule in group["rules"]}
        self.assertEqual(states, {("ErrorBudgetBurn", "fast"): "firing", ("ErrorBudgetBurn", "slow"): "firing",
                                  ("NoData", None): "inactive"})
        shown = server.get("/v1/alerts").json()["alerts"][0]
        found = server.get(f"/v1/alerts?fingerprint={shown['fingerprint']}").json()["alerts"]
        self.assertEqual([alert["fingerprint"] for alert in found], [shown["fingerprint"]])
        self.assertEqual(server.get("/v1/alerts?fingerprint=0").json()["alerts"], [])

    def test_metrics_are_accepted_by_promtool(self):
        server = self.serve(TIERS + HASTY)
        server.post_events({"endpoint": "/a", "status": 503, "latency_ms": 12.5})
        harness.wait_for(lambda: b"firebreak_burn_rate" in server.get("/metrics").body, 10, "an evaluation")
        checked = subprocess.run(["promtool", "check", "metrics"], input=server.get("/metrics").body,
                                 capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))


class ConsumerTest(unittest.TestCase):
    """docs/clients/webhook_consumer.py against the real server."""

    def setUp(self):
        self.folder = harness.temporary_folder()
        harness.write(self.folder, "hook.key", "a secret of ours\n")

    def start_consumer(self, key_file):
        consumer = subprocess.Popen(
            [sys.executable, consumer_script(), "--port", "0", "--secret-file", os.path.join(self.folder, key_file)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.end, consumer)
        return consumer, consumer.stdout.readline().split()[-1]

    @staticmethod
    def end(consumer):
        consumer.terminate()
        consumer.communicate(timeout=10)

    def config(self, url):
        webhook = f'notify: {{webhooks: [{{name: oncall, url: "{url}", secret_file: hook.key}}]}}\n'
        return harness.write(self.folder, "rules.yaml", TIERS + HASTY + webhook)

    def test_checks_the_signature_and_prints_the_alerts(self):
        consumer, url = self.start_consumer("hook.key")
        server = harness.Server("--config", self.config(url))
        self.addCleanup(server.stop)
        server.post_events({"endpoint": "/a", "status": 503, "count": 50})
        printed = ""
        while "ErrorBudgetBurn" not in printed:
            line = consumer.stdout.readline()
            self.assertTrue(line, printed)
            printed += line
        metrics = harness.wait_for(
            lambda: 'firebreak_notifications_total{destination="oncall",result="ok"}' in
            server.get("/metrics").body.decode(), 10, "the delivery is counted")
        self.assertTrue(metrics)

    def test_a_wrong_secret_is_refused_and_parked(self):
        harness.write(self.folder, "other.key", "another secret\n")
        _, url = self.start_consumer("other.key")
        server = harness.Server("--config", self.config(url))
        self.addCleanup(server.stop)
        server.post_events({"endpoint": "/a", "status": 503, "count": 50})
        parked = lambda: 'firebreak_notifications_parked{destination="oncall"} 0' not in server.get("/metrics").body.decode()
        harness.wait_for(parked, 15, "the refused alert is parked and shown")
        self.assertNotIn("a secret of ours", server.errors())

    def test_notify_test_says_what_each_destination_answered(self):
        _, url = self.start_consumer("hook.key")
        code, out, err = harness.run("notify-test", "--config", self.config(url))
        self.assertEqual(code, 0, out + err)
        self.assertRegex(out, r"oncall +ok +200")
        code, out, err = harness.run("notify-test", "--config", self.config(f"http://127.0.0.1:{harness.free_port()}/"))
        self.assertEqual(code, 1)
        self.assertRegex(out, r"oncall +FAILED .*refused")
        code, _, err = harness.run("notify-test", "--config", harness.write(self.folder, "none.yaml", TIERS))
        self.assertEqual(code, 2)
        self.assertIn("notify", err)


if __name__ == "__main__":
    harness.main()
