#!/usr/bin/env python3
"""serve --record: what a server lived through, killed and restarted, is what replay says of its recordings."""

import contextlib
import http.client
import json
import os
import re
import signal
import stat
import threading
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
        """No request, until nothing changes any more."""
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

    def load(self, server, stop, acknowledged):
        """Batches of one request, one after the other, until the server is gone; each that was answered 200 is noted."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while not stop.is_set():
                if server.post_events({"endpoint": "/pay", "status": 200}).status == 200:
                    acknowledged.append(1)

    @contextlib.contextmanager
    def under_load(self, server, acknowledged):
        stop = threading.Event()
        clients = [threading.Thread(target=self.load, args=(server, stop, acknowledged)) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            stop.set()
            for client in clients:
                client.join()

    def counted(self, server):
        text = server.get("/metrics").body.decode()
        return sum(int(n) for n in re.findall(r"^firebreak_requests_total\{.*\} (\d+)$", text, re.MULTILINE))

    @staticmethod
    def missing(notes):
        """How many batches of one request the notes say are in the ledger only, or lost their line in the cut."""
        text = "\n".join(notes)
        return (sum(int(n) for n in re.findall(r"though in the ledger: (\d+) batch", text)) +
                len(re.findall(r"has 0 of its 1 events", text)))

    def killed_under_load(self, seconds):
        """What a server acknowledged until it was killed at work, and what the next one counts."""
        acknowledged = []
        server = self.server("--data-dir", self.data)
        with server, self.under_load(server, acknowledged):
            harness.wait_for(lambda: len(acknowledged) > 20, 20, "the first answers")
            time.sleep(seconds)
            server.stop(signal.SIGKILL)
        with self.server("--data-dir", self.data) as server:
            return len(acknowledged), self.counted(server)

    def summary(self, *arguments):
        code, out, err = harness.run("replay", "--config", self.config, "--json", *arguments, self.recordings)
        self.assertEqual(code, 0, out + err)
        return json.loads(out.splitlines()[-1])["summary"]

    def test_what_a_kill_took_from_the_recording_is_said_to_the_batch(self):
        acknowledged = 0
        for seconds in (1.2, 1.45, 1.7):
            more, counted = self.killed_under_load(seconds)
            acknowledged += more
            summary = self.summary()
            self.assertEqual(summary["events"] + self.missing(summary["notes"]), counted, summary["notes"])
            self.assertLessEqual(acknowledged, counted)
            # No more than what four clients wait for, and what came in some hundredths of a second.
            self.assertLess(self.missing(summary["notes"]), counted / 10 + 20)

    def test_what_was_counted_without_a_recording_is_said(self):
        for record in (("--record", self.recordings), (), ("--record", self.recordings)):
            with harness.Server("--config", self.config, "--data-dir", self.data, *record) as server:
                for _ in range(7):
                    self.assertEqual(server.post_events({"endpoint": "/pay", "status": 200}).status, 200)
                time.sleep(2.1)  # evaluated at least once
        summary = self.summary()
        self.assertEqual((summary["events"], self.missing(summary["notes"])), (14, 7), summary["notes"])
        self.assertRegex(summary["notes"][0], r"zst:1: missing after the evaluation of .*: 7 batches and the evaluations")

    def test_a_recording_cut_by_a_power_cut_is_read_up_to_there_in_every_way(self):
        acknowledged, counted = self.killed_under_load(1.2)
        first = os.path.join(self.recordings, sorted(os.listdir(self.recordings))[0])
        os.truncate(first, os.path.getsize(first) * 2 // 3)
        summary = self.summary()
        self.assertLess(summary["events"], acknowledged)
        self.assertEqual(summary["events"] + self.missing(summary["notes"]), counted, summary["notes"])
        by_event_time = self.summary("--by-event-time")
        self.assertEqual(by_event_time["events"], summary["events"])
        self.assertRegex(by_event_time["notes"][0], r"zst:\d+: is cut off")
        code, out, err = harness.run("replay", "--config", self.config, "--into", os.path.join(self.folder, "made"),
                                     self.recordings)
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn(f"{summary['events']} events counted into", out)
        self.assertRegex(out, r"note: .*zst:\d+: is cut off behind this line")
        with harness.Server("--config", self.config) as server:
            code, _, err = harness.run("replay", "--to", f"http://127.0.0.1:{server.port}", "--speed", "1000",
                                       self.recordings)
            self.assertEqual(code, 0, err)
            self.assertIn("is cut off, used up to there", err)
            self.assertEqual(self.counted(server), summary["events"])

    def test_a_reload_is_said_and_not_followed(self):
        with self.server() as server:
            harness.write(self.folder, "rules.yaml", RULES.replace("p95_ms: 300", "p95_ms: 200"))
            self.assertEqual(server.request("POST", "/-/reload").status, 200)
        notes = self.summary()["notes"]
        self.assertRegex("\n".join(notes), r"zst:\d+: the server took over another configuration after "
                                           r"\d{4}-.*Z \(slo_tiers.web.p95_ms: 300 ms before, 200 ms after\); the replay "
                                           r"goes by its own")
        self.assertRegex("\n".join(notes), r"classified otherwise than here: slo_tiers.web.p95_ms: 300 ms then, 200 ms here")

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
