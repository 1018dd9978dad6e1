#!/usr/bin/env python3
"""serve --record: what a server lived through, killed and restarted, is what replay says of its recordings."""

import json
import os
import re
import signal
import stat
import time
import unittest

import harness

RULES = """
evaluation_interval: 1s
period: 1d
source_lost_after: 3s
no_data_hold: 4s
slo_tiers:
  web:
    availability: 0.99
    p95_ms: 300
    endpoints: [/pay]
  jobs:
    availability: 0.95
    alert_by: endpoint
    endpoints: ["~^/job/.*"]
alerts:
  fast: {short: 5s, long: 20s, burn: 5, for: 1s}
  slow: {short: 10s, long: 1m, burn: 2, for: 0s}
"""


class RecordTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.config = harness.write(self.folder, "rules.yaml", RULES)
        self.recordings = os.path.join(self.folder, "recordings")
        self.data = os.path.join(self.folder, "data")

    def server(self, *more):
        return harness.Server("--config", self.config, "--record", self.recordings, *more)

    def replayed(self, *arguments, config=None, code=0):
        actual, out, err = harness.run("replay", "--config", config or self.config, *arguments, self.recordings)
        self.assertEqual(actual, code, out + err)
        return self.transitions(out), out

    @staticmethod
    def transitions(text):
        return re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  \S.* → .*", text)

    def live(self, *servers):
        return [line for server in servers for line in self.transitions(server.errors())]

    def send(self, server, seconds, status, **more):
        """Requests of every kind, ten times a second, for a while."""
        for i in range(10 * seconds):
            now = time.time()
            events = [{"endpoint": "/pay", "status": status, "latency_ms": 12.5, **more},
                      {"endpoint": "/pay", "status": status, "ts": int(1000 * (now - 2)) + 0.25},  # late
                      {"endpoint": f"/job/{i % 3}", "status": status if i % 3 == 0 else 200, "count": 2},
                      {"endpoint": "/pay", "status": 200, "ts": int(1000 * (now + 1))},  # ahead
                      {"endpoint": "/pay", "status": 200, "ts": int(1000 * (now - 40 * 86400))}]  # beyond everything
            answer = server.post_events("\n".join(map(json.dumps, events)))
            self.assertEqual((answer.status, answer.json()["late"]), (200, 1), answer.body)
            time.sleep(0.1)

    def settle(self, server):
        """No request, until nothing changes any more, and as long as it takes to write a second of recording."""
        harness.wait_for(lambda: server.request("POST", "/v1/heartbeat", b"").status == 200, 5, "a heartbeat")
        before = None
        while before != (before := self.live(server)):
            time.sleep(3)

    def test_every_transition_is_the_same_across_a_kill_and_a_restart(self):
        first = self.server("--data-dir", self.data)
        with first:
            self.send(first, 3, 200)
            self.send(first, 4, 503)
            self.settle(first)
            first.stop(signal.SIGKILL)
        second = self.server("--data-dir", self.data)
        with second:
            self.send(second, 2, 503)
            self.send(second, 2, 200, latency_ms=900)
            self.settle(second)
        live = self.live(first, second)
        replayed, out = self.replayed()
        self.assertEqual(replayed, live)
        self.assertGreater(len(live), 10, live)
        for part in ("web/availability/fast", "web/latency/", "jobs/availability/slow /job/0", "NoData"):
            self.assertIn(part, "\n".join(live))
        self.assertRegex(out, "note: .* is cut off")
        self.assertRegex(out, "note: the session .* has no end")

    def test_files_are_for_their_owner_and_made_to_measure(self):
        with self.server("--record-file-age", "1s") as server:
            self.send(server, 3, 200)
        self.assertEqual(server.exit_code, 0)
        names = sorted(os.listdir(self.recordings))
        self.assertGreater(len(names), 2, names)
        for name in names:
            self.assertRegex(name, r"^firebreak-\d{8}T\d{6}\.\d{3}Z\.ndjson\.zst$")
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.recordings, name)).st_mode), 0o600)
        _, out = self.replayed()
        self.assertIn("150 events, 0 rejected, 30 late", out)
        self.assertNotIn("note:", out)
        _, out = self.replayed("--by-event-time")
        self.assertIn("events", out)

    def test_what_is_dropped_is_counted(self):
        with self.server() as server:
            self.send(server, 2, 200)
            metrics = server.get("/metrics").body.decode()
        self.assertIn("firebreak_record_events_total 100\n", metrics)
        self.assertIn("firebreak_record_dropped_events_total 0\n", metrics)

    def test_a_replay_reads_while_the_server_writes(self):
        with self.server("--data-dir", self.data) as server:
            self.send(server, 2, 503)
            harness.wait_for(lambda: self.replayed()[0], 10, "the first alert in the recording")
            # The ledger as well.
            code, out, err = harness.run("replay", "--config", self.minute_rules(), "--data-dir", self.data)
            self.assertEqual(code, 0, err)
            self.assertIn("note: the ledger holds", out)
            self.assertEqual(server.get("/-/ready").status, 200)

    def minute_rules(self):
        """As the rules, with windows that fit a ledger's 30 s counts."""
        return harness.write(self.folder, "minutes.yaml", RULES.replace("short: 5s, long: 20s", "short: 30s, long: 5m")
                             .replace("short: 10s", "short: 30s"))

    def test_a_server_begins_with_what_was_backfilled(self):
        now = int(time.time())
        log = harness.write(self.folder, "log.ndjson", "".join(
            json.dumps({"ts": 1000 * (now - 3600 + second), "endpoint": "/pay", "status": 503 if second < 60 else 200})
            + "\n" for second in range(0, 3500)))
        code, _, err = harness.run("replay", "--config", self.config, "--into", self.data, log)
        self.assertEqual(code, 0, err)
        with harness.Server("--config", self.config, "--data-dir", self.data) as server:
            metrics = server.get("/metrics").body.decode()
            self.assertIn('{endpoint="/pay",tier="web",status_class="5xx",source="rum"} 60', metrics)
            self.assertIn('{endpoint="/pay",tier="web",status_class="2xx",source="rum"} 3440', metrics)
        code, out, err = harness.run("replay", "--config", self.minute_rules(), "--data-dir", self.data)
        self.assertEqual(code, 0, err)
        self.assertIn("60 of 3500 bad", out)

    def test_a_folder_that_cannot_be_used_is_named(self):
        for arguments, named in ((("--record", self.config), "is no folder"),
                                 (("--record", self.recordings, "--record-file-bytes", "1KiB"), "--record-file-bytes"),
                                 (("--record", self.recordings, "--record-max-bytes", "1MiB"), "--record-max-bytes"),
                                 (("--record", self.recordings, "--record-file-age", "x"), "--record-file-age")):
            code, _, err = harness.run("serve", "--config", self.config, "--listen", "127.0.0.1:0", *arguments)
            self.assertEqual(code, 2)
            self.assertIn(named, err)
        with self.server():
            code, _, err = harness.run("serve", "--config", self.config, "--listen", "127.0.0.1:0",
                                       "--record", self.recordings)
            self.assertEqual((code, "another process records into it" in err), (2, True), err)


if __name__ == "__main__":
    harness.main()
