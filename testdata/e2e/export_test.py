#!/usr/bin/env python3
"""`firebreak export` as other tools take it: promtool, amtool, and a Prometheus that scrapes us."""

import glob
import json
import os
import re
import shutil
import subprocess
import unittest
import urllib.request

import harness
import pager_sinks

ARTICLE = "testdata/parity/article_rules.yaml"
CONFIGS = "testdata/rules/good/*.yaml"
SHIPPED = ("rules/tiklive.yaml", "rules/tiklive-full.yaml")

# The article's tier 1 under the article's name, with its PromQL's idea of an error.
TIER_1 = """
service: tikliveapi
classification: {errors: non_2xx}
slo_tiers: {tier1: {availability: 0.999, burn_rate_fast: 14.4, burn_rate_slow: 6.0, endpoints: [/userid/]}}
"""
EVERYTHING = """
classification: {errors: [5xx, 429], client_errors: exclude}
slo_tiers:
  web: {availability: 0.99, p95_ms: 300, min_total: 5, min_bad: 2, endpoints: [/a]}
  each: {availability: 0.99, p95_ms: 300, alert_by: endpoint, slo_source: synthetic, endpoints: [/b]}
"""
BY_CLASS = "slo_tiers: {plain: {availability: 0.99, endpoints: [/c]}}\n"


def program(name):
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is needed on PATH (Debian: prometheus, prometheus-alertmanager)")
    return path


def export(config, *options):
    code, out, err = harness.run("export", "prometheus", "--config", config, *options)
    assert (code, err) == (0, ""), (code, err)
    return out


def checked(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def indented_below(key, block):
    """The lines below `key:` that are further in than it, or ""."""
    found = re.search(rf"^( *){key}:.*\n((?:\1 +.*\n)*)", block + "\n", flags=re.MULTILINE)
    return found.group(2) if found else ""


def rules_of(text):
    """[(kind, name, expression, labels)] of a rule file as we and the article write it."""
    rules = []
    for block in re.split(r"^ *- (?=record:|alert:)", text, flags=re.MULTILINE)[1:]:
        kind, name = re.match(r"(record|alert): (\S+)", block).groups()
        expression = "".join(indented_below("expr", block).split())
        rules.append((kind, name, expression, dict(re.findall(r"(\w+): (\S+)", indented_below("labels", block)))))
    return rules


def inlined(rules):
    """The alerts with each recorded ratio replaced by what it is recorded from."""
    recorded = {f'{name}{{service="{of["service"]}",tier="{of["tier"]}",slo="{of["slo"]}"}}': expression
                for kind, name, expression, of in rules if kind == "record"}
    alerts = []
    for kind, _, expression, labels in rules:
        for selector, ratio in recorded.items():
            expression = expression.replace(selector, f"({ratio})")
        if kind == "alert":
            alerts.append((expression, labels["severity"], labels["service"]))
    return alerts


class ExportTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()

    def config(self, text, name="rules.yaml"):
        return harness.write(self.folder, name, text)

    def configs(self):
        written = [self.config(text, f"{i}.yaml") for i, text in enumerate((TIER_1, EVERYTHING, BY_CLASS))]
        found = glob.glob(CONFIGS)
        self.assertGreater(len(found), 3)
        return [*found, *SHIPPED, *written]

    def check_rules(self, text):
        path = harness.write(self.folder, "checked.yaml", text)
        code, said = checked(program("promtool"), "check", "rules", path)
        self.assertEqual(code, 0, said + text)
        return int(re.search(r"(\d+) rules found", said).group(1))

    def test_promtool_takes_the_rules_of_every_configuration(self):
        for config in self.configs():
            text = export(config)
            self.assertEqual(self.check_rules(text), len(rules_of(text)), config)

    def test_the_articles_rule_group_comes_out(self):
        text = export(self.config(TIER_1), "--metric", "tikliveapi_request_total")
        with open(ARTICLE, encoding="utf-8") as file:
            wanted = [(expression, labels["severity"], labels["service"]) for _, _, expression, labels in rules_of(file.read())]
        self.assertEqual(len(wanted), 2)
        self.assertEqual(inlined(rules_of(text)), wanted)
        self.assertEqual(re.findall(r" for: (\w+)", text), ["2m", "15m"])

    def test_amtool_takes_the_alertmanager_configuration(self):
        for config in self.configs():
            path = os.path.join(self.folder, "alertmanager.yml")
            self.assertEqual(export(config, "--alertmanager", "--output", path), "")
            code, said = checked(program("amtool"), "check-config", path)
            self.assertEqual(code, 0, said)
            self.assertIn("2 inhibit rules", said)
            self.assertIn("2 receivers", said)

    def test_alerts_go_to_the_receiver_of_their_severity(self):
        path = harness.write(self.folder, "am.yml", export(self.config(BY_CLASS), "--alertmanager"))
        for severity in ("page", "ticket"):
            code, said = checked(program("amtool"), "config", "routes", "test", f"--config.file={path}",
                                 f"--verify.receivers={severity}", "service=s", f"severity={severity}")
            self.assertEqual(code, 0, said)

    def test_a_page_is_inhibited_by_a_page_only(self):
        text = export(self.config(BY_CLASS + 'notify: {webhooks: [{url: "http://127.0.0.1:1/"}]}\n'), "--alertmanager")
        alertmanager, port = harness.start_alertmanager(self.folder, text)
        self.addCleanup(alertmanager.wait, 20)
        self.addCleanup(alertmanager.terminate)
        url = f"http://127.0.0.1:{port}/api/v2/alerts"
        severities = [(fast, slow) for fast in ("page", "ticket") for slow in ("page", "ticket")]
        alerts = [{"labels": {"alertname": "ErrorBudgetBurn", "service": "s", "tier": f"{fast}_{slow}", "slo": "availability",
                              "pair": pair, "severity": severity}}
                  for fast, slow in severities for pair, severity in (("fast", fast), ("slow", slow))]
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(alerts).encode(), {"Content-Type": "application/json"}))
        shown = harness.wait_for(lambda: len(found := json.load(urllib.request.urlopen(url))) == len(alerts) and found, 20,
                                 "Alertmanager has the alerts")
        inhibited = sorted(alert["labels"]["tier"] for alert in shown if alert["status"]["inhibitedBy"])
        self.assertEqual(inhibited, ["page_page", "page_ticket", "ticket_ticket"])

    def test_a_group_of_several_alerts_with_hostile_names_is_taken_by_pagerduty_and_slack(self):
        phone, team = pager_sinks.PagerDutySink(), pager_sinks.SlackSink()
        for sink in (phone, team):
            self.addCleanup(sink.close)
        key = self.config("key0123456789abcdef0123456789abc", "pd.key")
        notify = (f'notify:\n  pagerduty: [{{url: "{phone.url}", routing_key_file: {key}, severities: [page]}}]\n'
                  f'  slack: [{{url_file: {self.config(team.url, "slack.url")}, severities: [ticket]}}]\n')
        text = export(self.config(BY_CLASS + notify), "--alertmanager").replace("group_wait: 10s", "group_wait: 0s")
        alertmanager, port = harness.start_alertmanager(self.folder, text.replace("route:\n", "route:\n  group_wait: 0s\n"))
        self.addCleanup(alertmanager.wait, 20)
        self.addCleanup(alertmanager.terminate)
        alerts = [{"labels": {"alertname": "ErrorBudgetBurn", "service": "s", "tier": "t", "pair": pair, "severity": severity},
                   "annotations": {"summary": f"<!channel> burns & {pair}", "description": "</a>",
                                   "runbook_url": "http://127.0.0.1:1/runbooks/ErrorBudgetBurn"}}
                  for severity in ("page", "ticket") for pair in ("weekly", "daily")]
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps(alerts).encode(),
                                                      {"Content-Type": "application/json"}))
        harness.wait_for(lambda: phone.taken + phone.faults and team.taken + team.faults, 20, "both were told")
        self.assertEqual(phone.faults + team.faults, [])
        self.assertRegex(phone.taken[0]["payload"]["summary"], r"burns & \w+ \(2 alerts\)")
        self.assertIn("&lt;!channel&gt; burns &amp; weekly", team.taken[0]["attachments"][0]["text"])

    def test_prometheus_can_parse_every_query_of_the_dashboard(self):
        for config in self.configs():
            dashboard = json.loads(export(config, "--grafana"))
            queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
            self.assertGreater(len(queries), 2)
            rules = [f"  - record: q{i}\n    expr: {json.dumps(query.replace('$__rate_interval', '1m'))}\n"
                     for i, query in enumerate(queries)]
            self.assertEqual(self.check_rules("groups:\n- name: g\n  rules:\n" + "".join(rules)), len(queries))

    def test_every_counter_the_rules_read_is_in_metrics(self):
        for text in (EVERYTHING, BY_CLASS):
            config = self.config(text)
            with harness.Server("--config", config) as server:
                server.post_events([{"endpoint": path, "status": 200, "latency_ms": 5, "source": source}
                                    for path in ("/a", "/b", "/c") for source in ("rum", "synthetic")])
                samples = self.wait_for_samples(server)
            selectors = {selector for kind, _, expression, _ in rules_of(export(config)) if kind == "record"
                         for selector in re.findall(r"\((firebreak_\w+\{[^}]*\})\[", expression)}
            self.assertGreater(len(selectors), 1)
            for selector in selectors:
                self.assertTrue(any(self.matches(selector, sample) for sample in samples), selector)

    def wait_for_samples(self, server):
        def samples():
            lines = server.get("/metrics").body.decode().splitlines()
            return [line for line in lines if line.startswith("firebreak_requests_total")] and lines
        return harness.wait_for(samples, 20, "requests are counted")

    def matches(self, selector, sample):
        metric, matchers = re.match(r"(\w+)\{(.*)\}", selector).groups()
        if not sample.startswith(metric + "{"):
            return False
        labels = dict(re.findall(r'(\w+)="([^"]*)"', sample))
        for label, operator, value in re.findall(r'(\w+)(=~|!=|=)"([^"]*)"', matchers):
            equal = re.fullmatch(value, labels[label]) is not None if operator == "=~" else labels[label] == value
            if equal == (operator == "!="):
                return False
        return True

    def test_usage(self):
        config = self.config(BY_CLASS)
        self.assertIn("Example", harness.run("export", "prometheus", "--help")[1])
        self.assertEqual(harness.run("export")[0], 2)
        code, _, err = harness.run("export", "prometheus", "--config", config, "--metric", "a-b")
        self.assertEqual((code, "a-b" in err), (2, True))
        self.assertEqual(harness.run("export", "prometheus", "--config", config, "--grafana", "--alertmanager")[0], 2)
        self.assertEqual(harness.run("export", "prometheus", "--config", config, "-o", self.folder)[0], 2)
        code, _, err = harness.run("export", "prometheus", "--config", self.config("slo_tiers: 5\n", "bad.yaml"))
        self.assertEqual(code, 2)
        self.assertIn("bad.yaml:1:12: error: ", err)


if __name__ == "__main__":
    harness.main()
