#!/usr/bin/env python3
"""docs/deploy, file by file, by the tools they are for; then all of it at once: Firebreak, the real Alertmanager and
Prometheus, and sinks that are as strict as PagerDuty and Slack."""

import glob
import json
import os
import re
import shutil
import subprocess
import unittest
import urllib.parse
import urllib.request

import harness
import pager_sinks

DEPLOY = "docs/deploy"
FULL = "rules/tiklive-full.yaml"
PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
ROUTING_KEY = "key0123456789abcdef0123456789abc"

# Windows of seconds. `batch` has a fast pair that half of its requests failing does not reach: it makes tickets only.
RULES = """
service: shop
evaluation_interval: 1s
slo_tiers:
  checkout: {availability: 0.99, endpoints: [/pay/], alert_by: endpoint}
  batch: {availability: 0.99, burn_rate_fast: 90, endpoints: [/export/]}
alerts:
  fast: {short: 3s, long: 10s, for: 0s, severity: page}
  slow: {short: 5s, long: 15s, for: 0s, severity: ticket}
notify:
  resend_delay: 1s
  watchdog: true
  alertmanagers: [{url: "http://127.0.0.1:%d"}]
server: {tokens: {read_file: read.token}}
"""


def text_of(name):
    with open(os.path.join(DEPLOY, name), encoding="utf-8") as file:
        return file.read()


def checked(*command):
    program = shutil.which(command[0])
    if program is None:
        raise AssertionError(f"{command[0]} is not installed (./test does it by itself)")
    done = subprocess.run([program, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def replaced(text, *pairs):
    """The text with each pattern replaced, which has to be there."""
    for pattern, replacement in pairs:
        text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert count, pattern
    return text


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()

    def test_every_file_is_looked_at(self):
        names = {os.path.basename(path) for path in glob.glob(f"{DEPLOY}/*")} - {"BUILD.bazel"}
        self.assertEqual(names, {"README.md", "alertmanager.yml", "firebreak.rules.yml", "firebreak.service",
                                 "firebreak.yaml", "grafana-tikliveapi.json", "prometheus.yml"})

    def test_amtool_takes_the_alertmanager_configuration(self):
        code, said = checked("amtool", "check-config", f"{DEPLOY}/alertmanager.yml")
        self.assertEqual(code, 0, said)

    def test_severities_have_their_receivers(self):
        for receiver, labels in (("pagerduty-oncall", ("alertname=ErrorBudgetBurn", "severity=page", "pair=fast")),
                                 ("pagerduty-oncall", ("alertname=IngestRefused", "severity=page")),
                                 ("slack-tickets", ("alertname=ErrorBudgetBurn", "severity=ticket", "pair=slow")),
                                 ("slack-tickets", ("alertname=DeliveryParked", "severity=ticket")),
                                 ("slack-tickets", ("alertname=FirebreakTest", "severity=none")),
                                 ("dead-mans-switch", ("alertname=Watchdog", "severity=none"))):
            code, said = checked("amtool", "config", "routes", "test", f"--config.file={DEPLOY}/alertmanager.yml",
                                 f"--verify.receivers={receiver}", "service=s", *labels)
            self.assertEqual(code, 0, said)

    def test_the_dead_mans_switch_may_be_uncommented(self):
        text = replaced(text_of("alertmanager.yml"), (r"^    # ((webhook_configs:|  - url:|    send_resolved:).*)$", r"    \1"))
        code, said = checked("amtool", "check-config", harness.write(self.folder, "alertmanager.yml", text))
        self.assertEqual(code, 0, said)
        self.assertIn("switch.example.com/firebreak\n", text)

    def test_promtool_takes_the_prometheus_configuration_with_and_without_a_token(self):
        shutil.copy(f"{DEPLOY}/firebreak.rules.yml", self.folder)
        os.mkdir(os.path.join(self.folder, "secrets"))
        harness.write(os.path.join(self.folder, "secrets"), "firebreak-read.token", "t\n")
        for text in (text_of("prometheus.yml"), with_token(text_of("prometheus.yml"))):
            code, said = checked("promtool", "check", "config", harness.write(self.folder, "prometheus.yml", text))
            self.assertEqual(code, 0, said)
            self.assertIn("4 rules found", said)

    def test_what_prometheus_asks_for_is_in_metrics(self):
        with harness.Server("--config", FULL) as server:
            server.post_events({"endpoint": "/userid/", "status": 200})
            shown = {"up", *re.findall(r"^# TYPE (\w+)", server.get("/metrics").body.decode(), flags=re.MULTILINE)}
        queries = re.findall(r"expr: (.*)", text_of("firebreak.rules.yml"))
        queries += [target["expr"] for panel in json.loads(text_of("grafana-tikliveapi.json"))["panels"]
                    for target in panel.get("targets", [])]
        asked = set(re.findall(r"\b(?:firebreak_\w+|up)\b", " ".join(queries)))
        self.assertGreater(len(asked), 6)
        self.assertLessEqual(asked, shown)

    def test_the_dashboard_is_what_the_program_exports(self):
        code, out, err = harness.run("export", "prometheus", "--config", FULL, "--grafana")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, text_of("grafana-tikliveapi.json"), "firebreak export prometheus --grafana -c "
                         "rules/tiklive-full.yaml -o docs/deploy/grafana-tikliveapi.json writes it anew")

    def test_the_configuration_is_right(self):
        code, out, err = harness.run("check", "--strict", f"{DEPLOY}/firebreak.yaml")
        self.assertEqual(code, 0, out + err)
        self.assertIn("fast pages when more than 1.44 % of tier1_interactive fail over both 5m and 1h", out)

    def test_commands_of_the_readme_are_those_of_the_files(self):
        text = text_of("README.md")
        for name in ("alertmanager.yml", "firebreak.rules.yml", "firebreak.service", "firebreak.yaml", "prometheus.yml",
                     "grafana-tikliveapi.json"):
            self.assertIn(name, text)
        for target in re.findall(r"\]\(([^)#]+)", text):
            if not target.startswith("http"):
                self.assertTrue(os.path.exists(os.path.join(DEPLOY, target)) or target.startswith("../"), target)


def with_token(text):
    return replaced(text, (r"^    # (authorization:|  credentials_file: .*)$", r"    \1"))


class RoutingTest(unittest.TestCase):
    """The files as they are, but for PagerDuty's address, where the secrets lie, how long to wait, and the ports."""

    def setUp(self):
        self.folder = harness.temporary_folder()
        self.phone = pager_sinks.PagerDutySink()
        self.slack = pager_sinks.SlackSink()
        for sink in (self.phone, self.slack):
            self.addCleanup(sink.close)
        secrets = os.path.join(self.folder, "secrets")
        os.mkdir(secrets)
        harness.write(secrets, "pagerduty.key", ROUTING_KEY)
        harness.write(secrets, "slack.url", self.slack.url)
        harness.write(secrets, "firebreak-read.token", "hushed\n")
        harness.write(self.folder, "read.token", "hushed\n")
        config = replaced(text_of("alertmanager.yml"), (re.escape(PAGERDUTY_URL), self.phone.url),
                          (r"/etc/prometheus/secrets", secrets),
                          (r"group_wait: \d+s", "group_wait: 1s"), (r"group_interval: \d+m", "group_interval: 1s"))
        self.alertmanager, self.port = harness.start_alertmanager(self.folder, config)
        self.addCleanup(self.end, self.alertmanager)
        self.server = harness.Server("--config", harness.write(self.folder, "rules.yaml", RULES % self.port))
        self.addCleanup(self.server.stop)

    def end(self, process):
        process.terminate()
        process.wait(20)

    def send(self, **statuses):
        for endpoint, share in statuses.items():
            for status, count in ((503, share), (200, 100 - share)):
                if count:
                    self.server.post_events({"endpoint": f"/{endpoint}/", "status": status, "count": count})

    def send_until(self, condition, what, **bad_percent):
        harness.wait_for(lambda: self.send(**bad_percent) or condition(), 40, what)

    def alerts(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts", timeout=5) as answer:
            return json.load(answer)

    def is_inhibited(self, tier, pair):
        return any(alert["status"]["inhibitedBy"] for alert in self.alerts()
                   if (alert["labels"].get("tier"), alert["labels"].get("pair")) == (tier, pair))

    def slack_titles(self):
        return [attachment["title"] for message in list(self.slack.taken) for attachment in message["attachments"]]

    def start_prometheus(self):
        program = shutil.which("prometheus")
        self.assertIsNotNone(program, "prometheus is not installed (./test does it by itself)")
        port = harness.free_port()
        config = replaced(with_token(text_of("prometheus.yml")), ("127.0.0.1:9710", f"127.0.0.1:{self.server.port}"),
                          ("127.0.0.1:9093", f"127.0.0.1:{self.port}"), (r"_interval: 15s", "_interval: 1s"))
        harness.write(self.folder, "firebreak.rules.yml", replaced(text_of("firebreak.rules.yml"), (r"for: \d+m", "for: 1s")))
        process = subprocess.Popen(
            [program, f"--config.file={harness.write(self.folder, 'prometheus.yml', config)}",
             f"--storage.tsdb.path={self.folder}/prometheus", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, process)
        return port

    def value(self, port, query):
        try:
            url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(query)}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                result = json.load(answer)["data"]["result"]
        except OSError:  # it is starting
            return None
        return float(result[0]["value"][1]) if result else None

    def test_a_page_rings_the_phone_a_ticket_is_in_slack_and_both_end(self):
        def healthy():
            return b'"feed":"traffic"' in self.server.get("/v1/slos", Authorization="Bearer hushed").body
        self.send_until(healthy, "traffic is seen", pay=0, export=0)
        self.send_until(lambda: self.phone.open, "the page is at PagerDuty", pay=100, export=0)
        self.assertEqual(list(self.phone.open.values()), ["critical"])
        self.send_until(lambda: self.is_inhibited("checkout", "slow"), "fast silences slow", pay=100, export=0)
        self.assertEqual(self.slack.taken, [], "who was woken needs no ticket")
        self.send_until(self.slack_titles, "the other tier's ticket is in Slack", pay=100, export=50)
        self.assertEqual(self.slack_titles()[0], "FIRING: shop batch")
        self.send_until(lambda: not self.phone.open, "PagerDuty is told the end", pay=0, export=0)
        self.send_until(lambda: "RESOLVED: shop batch" in self.slack_titles(), "Slack is told the end", pay=0, export=0)
        self.assertEqual(self.phone.faults + self.slack.faults, [])
        self.check_page(next(event for event in self.phone.taken if event["event_action"] == "trigger"))
        actions = [event["event_action"] for event in self.phone.taken]
        self.assertEqual((actions[0], actions[-1]), ("trigger", "resolve"))
        self.assertEqual(len({event["dedup_key"] for event in self.phone.taken}), 1, "one incident of service and tier")
        self.assertFalse([title for title in self.slack_titles() if "Watchdog" in title or title == "FIRING: shop "])

    def check_page(self, event):
        payload = event["payload"]
        self.assertEqual(event["routing_key"], ROUTING_KEY)
        self.assertEqual((payload["severity"], payload["component"], payload["group"], payload["class"]),
                         ("critical", "checkout", "shop", "ErrorBudgetBurn"))
        self.assertIn("/pay/", payload["summary"] + json.dumps(payload["custom_details"]))
        self.assertIn("503 100 %", payload["custom_details"]["firing"])
        with urllib.request.urlopen(event["links"][0]["href"], timeout=5) as runbook:
            self.assertEqual(runbook.status, 200)

    def test_hostile_names_stay_text_in_slack(self):
        url = f"http://127.0.0.1:{self.port}/api/v2/alerts"
        alert = {"labels": {"alertname": "ErrorBudgetBurn", "service": "shop", "tier": "t", "severity": "ticket",
                            "endpoint": "<!channel>"},
                 "annotations": {"summary": "<!channel> burns & burns", "description": "</a> 1 > 0",
                                 "runbook_url": "http://127.0.0.1:1/runbooks/ErrorBudgetBurn"}}
        urllib.request.urlopen(urllib.request.Request(url, json.dumps([alert]).encode(), {"Content-Type": "application/json"}))
        harness.wait_for(lambda: self.slack.taken or self.slack.faults, 20, "Slack was told")
        self.assertEqual(self.slack.faults, [])
        self.assertIn("&lt;!channel&gt; burns &amp; burns", self.slack.taken[0]["attachments"][0]["text"])

    def test_prometheus_scrapes_with_a_token_and_pages_when_firebreak_is_gone(self):
        port = self.start_prometheus()
        harness.wait_for(lambda: self.value(port, 'up{job="firebreak"}') == 1, 30, "Prometheus scrapes")
        self.send(pay=0)
        harness.wait_for(lambda: self.value(port, 'sum(firebreak_requests_total{endpoint="/pay/"})') == 100, 30,
                         "what was counted is in Prometheus")
        self.assertEqual(self.phone.taken, [])
        self.server.process.kill()
        self.server.process.wait()
        harness.wait_for(lambda: self.phone.open, 40, "somebody is woken")
        event = next(event for event in self.phone.taken if event["payload"]["class"] == "FirebreakDown")
        self.assertEqual(event["payload"]["summary"], "Firebreak does not answer")


if __name__ == "__main__":
    harness.main()
