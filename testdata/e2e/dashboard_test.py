#!/usr/bin/env python3
"""The dashboard as people meet it: the real binary, real Chromium driven by Playwright (dashboard.mjs has each scenario)."""

import json
import os
import shutil
import subprocess
import threading
import time
import unittest

import harness

RULES = """
service: shop
slo_tiers:
  web:
    availability: 0.99
    p95_ms: 400
    endpoints: [/pay]
"""

HOSTILE = ["</script><script>window.hacked=1</script>", "<img src=x onerror=\"window.hacked=1\">", "/p/\u202egnp.exe",
           "{{7*7}}${7*7}", "/a'\"`--><svg onload=window.hacked=1>", "__proto__", "constructor", "javascript:window.hacked=1"]


def program(name):
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"no {name}: ./test installs it")
    return found


def environment():
    profile = harness.temporary_folder()
    return {**os.environ, "CHROMIUM": program("chromium"), "HOME": profile, "XDG_CONFIG_HOME": profile,
            "PLAYWRIGHT": os.path.dirname(os.path.realpath(os.environ["PLAYWRIGHT"]))
            if os.path.isfile(os.environ["PLAYWRIGHT"]) else os.environ["PLAYWRIGHT"]}


def script():
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "dashboard.mjs")


class DashboardTest(unittest.TestCase):
    def look(self, scenario, address, argument=""):
        """Runs a scenario in a browser of its own."""
        done = subprocess.run([program("node"), script(), scenario, address, argument], env=environment(), timeout=280,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def serve(self, *arguments, rules=RULES):
        config = harness.write(harness.temporary_folder(), "rules.yaml", rules)
        server = harness.Server("--config", config, *arguments)
        self.addCleanup(server.stop)
        return server

    @staticmethod
    def address(server):
        return f"http://127.0.0.1:{server.port}"

    def demo(self, speed):
        server = harness.Server("--demo", "--speed", str(speed))
        self.addCleanup(server.stop)
        harness.wait_for(lambda: server.get("/-/ready").status == 200, 60, "the demo is ready")
        return server

    def evaluated(self, server, condition):
        """Waits until an evaluation shows what was sent."""
        harness.wait_for(lambda: condition(server.get("/v1/slos").json()["tiers"][0]), 30, "an evaluation shows it")

    def post(self, server, events):
        answer = server.post_events("\n".join(map(json.dumps, events)), **{"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.json()["accepted"], len(events), answer.body)

    def test_an_incident_appears_fires_and_resolves(self):
        self.look("incident", self.address(self.demo(200)))

    def test_names_of_endpoints_are_text(self):
        server = self.serve()
        self.post(server, [{"endpoint": name, "status": 503, "latency_ms": 900} for name in HOSTILE])
        self.evaluated(server, lambda tier: tier["last_event"])
        self.look("hostile", self.address(server))

    def test_an_empty_store_is_a_clear_state(self):
        self.look("calm", self.address(self.serve()), json.dumps([
            "No events yet", "no data yet", "No requests yet: the budget is whole", "No alert is firing",
            "in memory only", "names nobody to tell"]))

    def test_a_store_of_one_event_is_a_clear_state(self):
        server = self.serve()
        self.post(server, [{"endpoint": "/pay", "status": 503}])
        self.evaluated(server, lambda tier: tier["slos"][0]["budget"]["total"] == 1)
        self.look("calm", self.address(server), json.dumps(["/pay", "used up", "−9,900 %"]))

    def test_a_year_old_store_is_a_clear_state(self):
        folder = harness.temporary_folder()
        data = os.path.join(folder, "data")
        then = int((time.time() - 365 * 86400) * 1000)
        events = [{"ts": then + i * 60000, "endpoint": "/pay", "status": 503 if i % 3 == 0 else 200, "latency_ms": 120} for i in range(100)]
        recording = harness.write(folder, "old.ndjson", "\n".join(map(json.dumps, events)) + "\n")
        rules = RULES + "period: 366d\n"
        config = harness.write(folder, "rules.yaml", rules)
        code, _, errors = harness.run("replay", "--config", config, "--into", data, recording)
        self.assertEqual(code, 0, errors)
        self.look("calm", self.address(self.serve("--data-dir", data, rules=rules)), json.dumps(["feed idle", "used up", "writes"]))

    def test_a_thousand_endpoints_stay_usable(self):
        server = self.serve(rules=RULES.replace("p95_ms: 400", "max_endpoints: 1001"))
        self.post(server, [{"endpoint": f"/e/{i}", "status": 200, "count": 1000 + i} for i in range(1000)])
        self.post(server, [{"endpoint": f"/e/{i}", "status": 503, "count": 1 + i} for i in range(1000)])
        self.evaluated(server, lambda tier: tier["slos"][0]["budget"]["bad"] > 500000)
        self.look("thousand", self.address(server))

    def test_keyboard_and_screen_reader_find_their_way(self):
        server = self.serve()
        self.post(server, [{"endpoint": "/pay", "status": 200, "latency_ms": 20}])
        self.evaluated(server, lambda tier: tier["last_event"])
        self.look("keyboard", self.address(server))

    def test_a_read_token_is_asked_for(self):
        folder = harness.temporary_folder()
        harness.write(folder, "read.key", "s3cret-of-the-readers\n")
        rules = RULES + f"server: {{tokens: {{read_file: {folder}/read.key}}}}\n"
        server = self.serve(rules=rules)
        self.assertEqual(server.get("/v1/state").status, 401)
        self.assertEqual(server.get("/", Accept="text/plain").status, 401)
        self.look("token", self.address(server), "s3cret-of-the-readers")

    def test_polling_and_a_server_that_is_gone_are_shown(self):
        folder = harness.temporary_folder()
        config = harness.write(folder, "rules.yaml", RULES)
        gone = os.path.join(folder, "gone")
        servers = [harness.Server("--config", config)]
        port = servers[0].port

        def obey():
            harness.wait_for(lambda: os.path.exists(gone), 120, "the browser wants the server gone")
            servers[0].stop()
            harness.wait_for(lambda: not os.path.exists(gone), 120, "the browser wants the server back")
            servers.append(harness.Server("--config", config, port=port))

        keeper = threading.Thread(target=obey)
        keeper.start()
        try:
            self.look("connection", self.address(servers[0]), gone)
        finally:
            keeper.join()
            servers[-1].stop()

    def test_an_evaluation_that_stands_still_is_shown(self):
        self.look("stale", self.address(self.serve()))

    def test_the_first_paint_comes_within_a_second(self):
        server = self.serve()
        self.look("paint", self.address(server))

    def test_every_page_has_its_picture(self):
        folder = os.environ.get("PICTURES") or os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR") or harness.temporary_folder()
        self.look("pictures", self.address(self.demo(60)), folder)

    def test_programs_get_text_and_browsers_the_page(self):
        server = self.serve()
        self.assertTrue(server.get("/").body.startswith(b"Firebreak, service shop"))
        page = server.get("/", Accept="text/html,*/*;q=0.8")
        self.assertTrue(page.body.startswith(b"<!doctype html>"))
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        again = server.get("/", **{"Accept": "text/html", "If-None-Match": page.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))


if __name__ == "__main__":
    harness.main()
