#!/usr/bin/env python3
"""Whoever is woken finds the page: every alert's runbook is there, in a browser on a phone too, and what it says to type
is taken by our own program."""

import glob
import json
import os
import re
import unittest
import urllib.request

import browser
import harness

ALERTNAMES = "rules/alertname.h"
TEXTS = "docs/runbooks/*.md"
FULL = "rules/tiklive-full.yaml"
QUICK = """
source_lost_after: 1s
slo_tiers:
  plain: {availability: 0.99, endpoints: [/a]}
  search: {availability: 0.99, endpoints: [/b], runbook_url: /runbooks/SearchDegraded}
notify: {watchdog: true, resend_delay: 1s, webhooks: [{url: "%s/"}]}
"""
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def alertnames():
    """Of every alert in the code: //third_party:layers_test refuses one that is not written there."""
    with open(ALERTNAMES, encoding="utf-8") as file:
        text = file.read()
    constants = dict(re.findall(r'(k\w+) = "(\w+)";', text))
    listed = re.search(r"kAll = \{([^}]*)\}", text).group(1)
    return [constants[name] for name in re.findall(r"\w+", listed)]


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.status, answer.headers, answer.read().decode()


class RunbooksTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()

    def serve(self, text, *arguments):
        server = harness.Server("--config", harness.write(self.folder, "rules.yaml", text), *arguments)
        self.addCleanup(server.stop)
        return server

    def test_the_default_runbook_of_every_alert_is_there(self):
        names = alertnames()
        self.assertIn("NoData", names)
        self.assertGreaterEqual(len(names), 6)
        sink = harness.Sink()
        self.addCleanup(sink.__exit__)
        server = self.serve(QUICK % sink.url)

        def annotated():
            """runbook_url by (alertname, tier) of what was delivered."""
            found = {(alert["labels"]["alertname"], alert["labels"].get("tier")): alert["annotations"]["runbook_url"]
                     for body in sink.bodies() for alert in body["alerts"]}
            return {("NoData", "plain"), ("NoData", "search")} <= set(found) and found
        found = harness.wait_for(annotated, 20, "the silence is told")
        base = f"http://127.0.0.1:{server.port}/runbooks/"
        self.assertEqual(found["NoData", "plain"], base + "NoData")
        self.assertEqual(found["NoData", "search"], base + "SearchDegraded")
        server.post_events({"endpoint": "/a", "status": 200})  # the Watchdog is told while events arrive
        harness.wait_for(lambda: ("Watchdog", None) in annotated(), 20, "the Watchdog is told")
        self.assertEqual(annotated()["Watchdog", None], base + "Watchdog")
        for url in [base + name for name in names] + list(found.values()):
            for headers, kind in (({}, "text/markdown"), (BROWSER, "text/html")):
                status, answered, body = get(url, **headers)
                self.assertEqual((status, answered.get_content_type()), (200, kind), url)
                self.assertGreater(len(body), 500)

    def test_the_shipped_configuration_leads_to_pages_that_are_there(self):
        with open(FULL, encoding="utf-8") as file:
            chosen = re.findall(r"^ *runbook_url: (\S+)", file.read(), flags=re.MULTILINE)
        self.assertEqual(chosen, ["/runbooks/SearchDegraded"])
        server = harness.Server("--config", FULL)
        self.addCleanup(server.stop)
        for path in chosen:
            self.assertEqual(server.get(path).status, 200)

    def test_a_page_is_open_where_everything_else_wants_a_token(self):
        harness.write(self.folder, "read.token", "secret\n")
        server = self.serve("slo_tiers: {a: {availability: 0.9, burn_rate_fast: 5, endpoints: [/a]}}\n"
                            "server: {tokens: {read_file: read.token}}\n")
        self.assertEqual(server.get("/v1/slos").status, 401)
        for path in ("/runbooks", "/runbooks/NoData"):
            self.assertEqual(server.get(path, **BROWSER).status, 200)

    def test_browsers_show_every_page_without_a_complaint_and_a_phone_scrolls_one_way_only(self):
        server = self.serve("slo_tiers: {a: {availability: 0.9, burn_rate_fast: 5, endpoints: [/a]}}\n")
        with browser.Browser() as page:
            page.resize(360, 740, mobile=True)
            base = f"http://127.0.0.1:{server.port}"
            names = [re.sub(r".*/|\.md$", "", path) for path in glob.glob(TEXTS)]
            self.assertGreater(len(names), 12)
            for path in ["/runbooks", *(f"/runbooks/{name}" for name in names)]:
                url = base + path
                page.call("Page.navigate", url=url)
                harness.wait_for(lambda: page.evaluate("location.href") == url and
                                 page.evaluate("document.readyState") == "complete", 20, path)
                self.assertTrue(page.evaluate("document.querySelector('h1').textContent.length > 3"), path)
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 360, path)
                self.assertEqual(page.evaluate("getComputedStyle(document.querySelector('nav')).display"), "flex",
                                 f"{path}: its style is in force")
            self.assertEqual(page.problems, [])
            self.assertEqual([url for url in page.requests if not url.startswith((base, "data:"))], [])

    def commands(self):
        for path in glob.glob(TEXTS):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for command in re.findall(r"`(firebreak [^`]+)`", text):
                yield os.path.basename(path), command

    def test_commands_are_those_of_the_program(self):
        commands = list(self.commands())
        self.assertGreater(len(commands), 8)
        for page, command in commands:
            words = command.split()[1:]
            parts = [word for word in words[:2] if re.fullmatch(r"[a-z][a-z-]*", word)]
            code, out, err = harness.run(*parts, "--help")
            self.assertEqual(code, 0, f"{page}: {command}: {err}")
            for option in [word for word in words if word.startswith("--")]:
                self.assertIn(option, out, f"{page}: {command}")

    def test_configuration_that_a_page_proposes_is_right(self):
        proposed = 0
        for path in glob.glob(TEXTS):
            with open(path, encoding="utf-8") as file:
                blocks = re.findall(r"^    slo_tiers:\n(?:      .*\n)+", file.read(), flags=re.MULTILINE)
            for block in blocks:
                proposed += 1
                code, out, err = harness.run("check", harness.write(self.folder, "proposed.yaml", block))
                self.assertEqual(code, 0, path + out + err)
                self.assertIn("more than 5 % of download_urls fail", out)
        self.assertEqual(proposed, 1)


if __name__ == "__main__":
    harness.main()
