#!/usr/bin/env python3
"""One binary pages without an Alertmanager: an outage and its end at sinks that check PagerDuty's and Slack's formats,
routed by severity; and secrets appear nowhere."""

import json
import os
import time
import unittest

import harness
import pager_sinks

ROUTING_KEY = "hushedkey0123456789abcdef0123456"

# Windows of seconds: an outage is seen at once and forgotten soon.
CONFIG = """
service: shop
evaluation_interval: 1s
slo_tiers:
  checkout: {availability: 0.99, endpoints: [/pay/]}
alerts:
  fast: {short: 3s, long: 10s, for: 0s, severity: page}
  slow: {short: 5s, long: 15s, for: 0s, severity: ticket}
notify:
  pagerduty: [{name: phone, routing_key_file: pd.key, url: "%s", severities: [page]}]
  slack:
    - {name: team, url_env: TEAM_URL}
    - {name: backlog, url_file: backlog.url, severities: [ticket]}
"""


class PagersTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.phone = pager_sinks.PagerDutySink()
        self.team = pager_sinks.SlackSink()
        self.backlog = pager_sinks.SlackSink("/services/T1/B1/hushed-backlog-token")
        for sink in (self.phone, self.team, self.backlog):
            self.addCleanup(sink.close)
        self.config = harness.write(self.folder, "rules.yaml", CONFIG % self.phone.url)
        harness.write(self.folder, "pd.key", ROUTING_KEY + "\n")
        harness.write(self.folder, "backlog.url", self.backlog.url + "\n")
        os.environ["TEAM_URL"] = self.team.url
        self.addCleanup(os.environ.pop, "TEAM_URL")

    def assert_hushed(self, *texts):
        for text in texts:
            self.assertNotIn("hushed", text)
            self.assertNotIn("/services/", text)

    def send_until(self, status, condition, seconds, what):
        """Requests of `status` until `condition`."""
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            event = {"endpoint": "/pay/", "status": status, "count": 100}
            self.assertEqual(self.server.post_events(event).status, 200)
            time.sleep(0.2)

    def test_an_outage_pages_both_and_opens_a_ticket_with_slack_only(self):
        with harness.Server("--config", self.config) as self.server:
            self.send_until(200, lambda: b"traffic" in self.server.get("/v1/slos").body, 10, "traffic is seen")
            self.send_until(503, lambda: self.phone.open and len(self.team.taken) >= 1 and self.backlog.taken, 20,
                            "the outage is told everywhere")
            self.assertEqual(self.phone.open, {(ROUTING_KEY, "shop/checkout/availability"): "critical"})
            self.send_until(200, lambda: not self.phone.open, 30, "the page ends")
            self.send_until(200, lambda: self.resolved(self.team) and self.resolved(self.backlog), 30, "all ends")
            shown = [self.server.get(path).body.decode() for path in
                     ("/", "/metrics", "/v1/alerts", "/v1/slos", "/v1/outbox", "/api/v1/alerts", "/api/v1/rules")]
            self.server.request("POST", "/-/reload")
        self.assert_hushed(self.server.errors(), self.server.output(), *shown)
        self.assertIn('destination="phone"', shown[1])
        self.check_what_came()

    def test_an_incident_that_is_open_when_the_server_is_killed_is_resolved_once(self):
        arguments = ("--config", self.config, "--data-dir", os.path.join(self.folder, "data"))
        with harness.Server(*arguments) as self.server:
            self.send_until(200, lambda: b"traffic" in self.server.get("/v1/slos").body, 10, "traffic is seen")
            self.send_until(503, self.everyone_was_told, 20, "the outage is told everywhere")
            before = self.firing()
            self.server.process.kill()
            self.server.process.wait()
        self.assertEqual(self.phone.open, {(ROUTING_KEY, "shop/checkout/availability"): "critical"})
        with harness.Server(*arguments) as self.server:
            self.assertEqual(self.firing(), before, "the same alerts, since the same time")
            self.send_until(200, lambda: not self.phone.open, 30, "the page ends")
            self.send_until(200, lambda: self.resolved(self.team) and self.resolved(self.backlog), 30, "all ends")
        # A kill may fall between a message and the note that it was sent: then it is told again, of the same incident.
        self.assertEqual({event["dedup_key"] for event in self.phone.taken}, {"shop/checkout/availability"})
        actions = [event["event_action"] for event in self.phone.taken]
        self.assertRegex(" ".join(actions), r"^(trigger ){1,2}resolve$")
        for sink in (self.team, self.backlog):
            self.assertEqual(len([header for header in sink.headers() if header.startswith("[RESOLVED]")]), 1)
            self.assertEqual(sink.faults, [])
        self.assertEqual(self.phone.faults, [])

    def everyone_was_told(self):
        outbox = self.server.get("/v1/outbox").json()["outbox"]
        told = {entry["destination"] for entry in outbox if entry["state"] == "delivered"}
        return told == {"phone", "team", "backlog"} and all(entry["state"] == "delivered" for entry in outbox)

    def firing(self):
        alerts = self.server.get("/v1/alerts?status=firing").json()["alerts"]
        return {alert["fingerprint"]: alert["firing_since"] for alert in alerts}

    def resolved(self, sink):
        return sink.taken and sink.headers()[-1].startswith("[RESOLVED]")

    def check_what_came(self):
        for sink in (self.phone, self.team, self.backlog):
            self.assertEqual(sink.faults, [])
        events = [(event["event_action"], event["payload"]["severity"]) for event in self.phone.taken]
        self.assertEqual(events, [("trigger", "critical"), ("resolve", "critical")])
        event = self.phone.taken[0]
        self.assertEqual(event["payload"]["component"], "checkout")
        self.assertEqual(event["payload"]["class"], "ErrorBudgetBurn")
        self.assertIn("/runbooks/ErrorBudgetBurn", event["links"][0]["href"])
        self.assertIn("/pay/ 100 %", event["payload"]["custom_details"]["annotations"]["causes"])
        severities = lambda sink: {word for message in sink.taken for word in ("page", "ticket")
                                   if f"severity: {word}" in json.dumps(message) or f"severity={word}" in json.dumps(message)}
        self.assertEqual(severities(self.team), {"page", "ticket"})
        self.assertEqual(severities(self.backlog), {"ticket"})

    def test_a_test_event_is_taken_by_both_and_ends_at_once(self):
        code, out, err = harness.run("notify-test", "--config", self.config)
        self.assertEqual(code, 0, out + err)
        self.assertRegex(out, r"phone +ok +202 Accepted")
        self.assertRegex(out, r"team +ok +200 OK")
        self.assertEqual([event["event_action"] for event in self.phone.taken], ["trigger", "resolve"])
        self.assertEqual([header.split()[0] for header in self.team.headers()], ["[FIRING:1]", "[RESOLVED]"])
        self.assertEqual(self.phone.faults + self.team.faults + self.backlog.faults, [])
        self.assert_hushed(out, err)

    def test_a_refusal_is_told_without_the_url(self):
        os.environ["TEAM_URL"] = self.team.url.replace("hushed-slack", "hushed-old")
        self.backlog.fail(429)
        self.phone.fail(200)
        code, out, err = harness.run("notify-test", "--config", self.config)
        self.assertEqual(code, 1, out + err)
        self.assertRegex(out, r"phone +FAILED 200 OK, wanted 202 Accepted")
        self.assertRegex(out, r"team +FAILED 404 Not Found")
        self.assertRegex(out, r"backlog +FAILED 429 Too Many Requests")
        self.assert_hushed(out, err)

    def place_of(self, text):
        """file:line:column of what the configuration says once."""
        [(line, column)] = [(number, line.index(text) + 1)
                            for number, line in enumerate(CONFIG.splitlines(), 1) if text in line]
        return f"{self.config}:{line}:{column}: error: "

    def test_secrets_that_cannot_be_read_are_named_by_key_and_line_all_at_once(self):
        os.remove(os.path.join(self.folder, "pd.key"))
        harness.write(self.folder, "backlog.url", " \n")
        del os.environ["TEAM_URL"]
        for command in ("notify-test", "serve"):
            code, _, err = harness.run(command, "--config", self.config)
            self.assertEqual(code, 2)
            for place, key, fault in (
                    ("pd.key", "notify.pagerduty[0].routing_key_file",
                     f"{self.folder}/pd.key: No such file or directory, wanted a PagerDuty routing key"),
                    ("TEAM_URL", "notify.slack[0].url_env",
                     "environment variable TEAM_URL is not set, wanted the URL of a Slack webhook"),
                    ("backlog.url", "notify.slack[1].url_file",
                     f"{self.folder}/backlog.url: the secret is empty, wanted the URL of a Slack webhook")):
                self.assertIn(f"{self.place_of(place)}{key}: {fault}", err)
        os.environ["TEAM_URL"] = self.team.url

    def test_a_secret_that_cannot_be_one_is_refused_and_not_shown(self):
        cases = [
            ("pd.key", "hushed-and-short", r"pd\.key: no PagerDuty routing key, wanted the 32 letters and digits"),
            ("pd.key", "hushed key with spaces 0123456789", r"pd\.key: no PagerDuty routing key"),
            ("backlog.url", "hooks.test/services/hushed", r"backlog\.url: no URL of a Slack webhook: .*http"),
            ("backlog.url", "https:///services/hushed", r"backlog\.url: no URL of a Slack webhook: the host is missing"),
            ("backlog.url", "", r"backlog\.url: the secret is empty"),
        ]
        good = {"pd.key": ROUTING_KEY, "backlog.url": self.backlog.url}
        for name, content, wanted in cases:
            harness.write(self.folder, name, content)
            for command in ("notify-test", "serve"):
                code, out, err = harness.run(command, "--config", self.config)
                self.assertEqual(code, 2, out + err)
                self.assertRegex(err, wanted)
                self.assertIn(self.place_of(name), err)
                self.assert_hushed(out, err)
            harness.write(self.folder, name, good[name])

    def test_check_says_who_gets_what(self):
        code, out, err = harness.run("check", self.config)
        self.assertEqual(code, 0, out + err)
        self.assertIn('pages go to "phone" (PagerDuty) and "team" (Slack); tickets go to "team" (Slack) and '
                      '"backlog" (Slack)', out)
        self.assert_hushed(out, err)


class SinksTest(unittest.TestCase):
    """The sinks are strict themselves."""

    def test_what_the_services_refuse_is_refused(self):
        event = {"routing_key": "k" * 32, "event_action": "trigger",
                 "payload": {"summary": "s", "source": "x", "severity": "critical"}}
        pager_sinks.check_event(event)
        for change in ({"routing_key": "k" * 31}, {"event_action": "fire"}, {"dedup_key": "k" * 256}, {"payload": {}},
                       {"extra": 1}, {"links": [{"text": "no href"}]}, {"event_action": "resolve"}):
            with self.assertRaises(pager_sinks.Fault, msg=str(change)):
                pager_sinks.check_event({**event, **change})
        words = {"type": "mrkdwn", "text": "a &lt;b&gt; <https://h/|c>", "verbatim": True}
        message = {"text": "t", "blocks": [{"type": "section", "text": words}]}
        pager_sinks.check_message(message)
        for broken in ("<!channel>", "<@U1>", "a & b", "a > b", "", "x" * 3001, "<javascript:x|y>"):
            with self.assertRaises(pager_sinks.Fault, msg=broken):
                pager_sinks.check_message({**message, "blocks": [{"type": "section", "text": {**words, "text": broken}}]})
        attachment = {"fallback": "f", "title": "t", "title_link": "http://h/r", "text": "a &lt;b", "color": "danger"}
        pager_sinks.check_attachments({"attachments": [attachment], "username": "u"})
        for change in ({"text": "<!channel>"}, {"color": "red"}, {"title_link": "nowhere"}, {"fallback": None}, {"extra": 1}):
            with self.assertRaises(pager_sinks.Fault, msg=str(change)):
                pager_sinks.check_attachments({"attachments": [{**attachment, **change}]})
        for change in ({"blocks": []}, {"blocks": message["blocks"] * 51}, {"text": ""}, {"channel": "c"},
                       {"blocks": [{"type": "table"}]}, {"blocks": [{"type": "header", "text": words}]}):
            with self.assertRaises(pager_sinks.Fault, msg=str(change)[:60]):
                pager_sinks.check_message({**message, **change})


if __name__ == "__main__":
    harness.main()
