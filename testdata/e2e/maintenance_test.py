#!/usr/bin/env python3
"""Maintenance and budgets as an operator meets them: an outage that fires, announced afterwards on the command line."""

import datetime
import json
import os
import unittest

import harness

ONE_TIER = """
slo_tiers:
  all:
    availability: 0.99
    endpoints: ["~.*"]
alerts:
  fast: {for: 0s}
  slow: {for: 0s}
"""


def ago(**how_long):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**how_long)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


class MaintenanceTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.config = harness.write(self.folder, "rules.yaml", ONE_TIER)

    def maintenance(self, server, *arguments, code=0):
        actual, out, err = harness.run("maintenance", arguments[0], "--server", f"http://127.0.0.1:{server.port}",
                                       *arguments[1:])
        self.assertEqual(actual, code, out + err)
        return out if code == 0 else err

    def alerts(self, server, status):
        return server.get(f"/v1/alerts?status={status}").json()["alerts"]

    def budget(self, server):
        return server.get("/v1/budgets").json()["tiers"][0]["budgets"][0]

    def check_what_is_no_window(self, server):
        then = ago(hours=1)
        for arguments, fault in ((("--for", "0s"), "--for: 0s, wanted more than 0s, such as 30m"),
                                 (("--for=-5m",), '--for: "-5m" is not a duration such as'),
                                 (("--to", then), "to: not after from, wanted a later time"),
                                 (("--from", then, "--to", then), "to: not after from")):
            self.assertIn(fault, self.maintenance(server, "add", "--tier", "all", *arguments, code=2))
        for body, fault in (('{"tier": "all", "duration": "0s"}', "duration: 0s, wanted more than 0s, such as 30m"),
                            ('{"tier": "*", "tier": "all", "duration": "1h"}', 'body: "tier" is there twice')):
            answer = server.request("POST", "/v1/maintenance", body)
            self.assertEqual(answer.status, 400)
            self.assertIn(fault, answer.json()["error"])
        self.assertEqual(self.maintenance(server, "list"), "no maintenance windows\n")

    def test_an_outage_that_was_maintenance(self):
        with harness.Server("--config", self.config) as server:
            server.post_events({"endpoint": "/x", "status": 503, "count": 100})
            harness.wait_for(lambda: len(self.alerts(server, "firing")) == 2, 20, "both pairs fire")
            budget = self.budget(server)
            self.assertEqual((budget["bad"], budget["total"], budget["consumed"]), (100, 100, 100.0))
            self.assertEqual(budget["projections"][0]["exhausted_in_hours"], 0)

            self.assertRegex(self.maintenance(server, "add", "--id", "deploy", "--tier", "*", "--for", "1h",
                                              "--from", ago(days=31), code=2), "more than the period")
            self.check_what_is_no_window(server)
            said = self.maintenance(server, "add", "--id", "deploy", "--tier", "all", "--for", "1h")
            self.assertRegex(said, "^deploy: all under maintenance from ")
            resolved = harness.wait_for(lambda: self.alerts(server, "resolved"), 20, "the alerts end")
            self.assertEqual({alert["reason"] for alert in resolved}, {"maintenance"})
            self.assertIn("is under maintenance until", resolved[0]["annotations"]["summary"])
            self.assertEqual(self.alerts(server, "firing"), [])

            # It began after the errors: they count until its beginning is moved.
            refused = self.maintenance(server, "add", "--id", "deploy", "--from", ago(days=32), code=2)
            self.assertIn("more than 31d after from", refused)
            self.maintenance(server, "add", "--id", "deploy", "--from", ago(minutes=10))
            listed = json.loads(self.maintenance(server, "list", "--json"))["maintenance"]
            self.assertEqual([(window["id"], window["state"]) for window in listed], [("deploy", "active")])
            budget = harness.wait_for(
                lambda: (lambda now: now["excluded"]["total"] == 100 and now)(self.budget(server)), 20, "nothing counts")
            self.assertEqual((budget["bad"], budget["total"], budget["remaining"]), (0, 0, 1.0))
            metrics = server.get("/metrics").body.decode()
            self.assertIn('firebreak_requests_total{endpoint="/x",tier="all",status_class="5xx",source="rum"} 100', metrics)
            self.assertIn('firebreak_excluded_requests{tier="all",slo="availability",window="period"} 100', metrics)
            self.assertIn('firebreak_maintenance_active{tier="all"} 1', metrics)

            self.assertRegex(self.maintenance(server, "list"), r"(?s)^ID .*\ndeploy +all .* active ")
            self.maintenance(server, "remove", "deploy")
            self.assertEqual(self.maintenance(server, "list"), "no maintenance windows\n")
            harness.wait_for(lambda: len(self.alerts(server, "firing")) == 2, 20, "they count again, and fire again")
            self.assertIn("no maintenance window", self.maintenance(server, "remove", "deploy", code=1))

    def test_only_an_administrator_announces(self):
        for name in ("admin", "read"):
            harness.write(self.folder, name, name * 8)
        config = harness.write(self.folder, "tokens.yaml", ONE_TIER +
                               "server: {tokens: {admin_file: admin, read_file: read}}\n")
        with harness.Server("--config", config) as server:
            add = ("add", "--tier", "*", "--for", "1h")
            self.maintenance(server, *add, code=2)
            self.maintenance(server, *add, "--token-file", os.path.join(self.folder, "read"), code=2)
            self.maintenance(server, *add, "--token-file", os.path.join(self.folder, "admin"))
            self.assertRegex(self.maintenance(server, "list", "--token-file", os.path.join(self.folder, "read")), "active")


if __name__ == "__main__":
    harness.main()
