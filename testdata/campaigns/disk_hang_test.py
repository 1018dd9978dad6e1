#!/usr/bin/env python3
"""The disk hangs and answers again: ingest is refused and says so, a page goes out without waiting for the disk, and
afterwards every acknowledged event is there once.

    ROUNDS=20 FIREBREAK=path/to/firebreak HANGING_DISK=path/to/libhanging_disk.so testdata/campaigns/disk_hang_test.py

The disk is hanging_disk.cc, preloaded: writes and syncs below the data directory wait while a flag file is there.
"""

import os
import re
import signal
import sys
import threading
import unittest

for folder in ("testdata/e2e", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e")):
    sys.path.insert(0, folder)
import harness  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "1"))

# `pends` is pending for a while: long enough that the disk hangs before it fires.
CONFIG = """
evaluation_interval: 1s
slo_tiers:
  quiet: {{availability: 0.99, endpoints: [/quiet]}}
  pends: {{availability: 0.99, endpoints: [/pends]}}
alerts:
  fast: {{short: 2m, long: 4m, burn: 2, for: 5s}}
  slow: {{short: 2m, long: 4m, burn: 50, for: 0s}}
notify:
  webhooks: [{{name: log, url: "{url}"}}]
"""


def hanging_disk():
    path = os.environ.get("HANGING_DISK", "")
    if not os.path.exists(path):
        raise SystemExit("no preloadable disk: set HANGING_DISK to what hanging_disk.cc compiles to, or run under Bazel")
    return os.path.abspath(path)


class DiskHangTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.data = os.path.join(self.folder, "data")
        self.flag = os.path.join(self.folder, "hang")
        self.env = {"LD_PRELOAD": hanging_disk(), "HANG_WHILE": self.flag, "HANG_BELOW": self.data}
        self.sink = harness.Sink()
        self.config = harness.write(self.folder, "rules.yaml", CONFIG.format(url=self.sink.url))
        self.lock = threading.Lock()
        self.acknowledged = 0
        self.batches = 0

    def start(self):
        server = harness.Server("--config", self.config, "--data-dir", self.data, env=self.env)
        self.addCleanup(server.stop)
        self.addCleanup(self.thaw)  # first, should a test fail
        harness.wait_for(lambda: server.get("/-/ready").status == 200, 30, "ready")
        return server

    def hang(self):
        harness.write(self.folder, "hang", "")

    def thaw(self):
        if os.path.exists(self.flag):
            os.remove(self.flag)

    def post(self, server, endpoint, status=200, count=1):
        with self.lock:
            self.batches += 1
            key = str(self.batches)
        answer = server.post_events({"endpoint": endpoint, "status": status, "count": count}, **{"Idempotency-Key": key})
        if answer.status == 200:
            with self.lock:
                self.acknowledged += count
        return answer

    def told(self, alertname, since, **labels):
        """Whether the sink was told, in what it got from number `since` on, that such an alert fires."""
        wanted = {"alertname": alertname, **labels}
        return any(alert["status"] == "firing" and wanted.items() <= alert["labels"].items()
                   for body in self.sink.bodies()[since:] for alert in body["alerts"])

    def refusing(self, server):
        return "\nfirebreak_ledger_refusing 1\n" in server.get("/metrics").body.decode()

    def counted(self, server):
        text = server.get("/metrics").body.decode()
        return sum(int(n) for n in re.findall(r"^firebreak_requests_total\{.*\} (\d+)$", text, re.MULTILINE))

    def test_hangs_and_answers_again(self):
        server = self.start()
        for number in range(ROUNDS):
            self.one_round(server, number)
        server.stop(signal.SIGKILL)
        server = self.start()
        self.assertEqual(self.counted(server), self.acknowledged)
        server.stop()
        code, out, err = harness.run("verify", "--data-dir", self.data)
        self.assertEqual(code, 0, out + err)

    def one_round(self, server, number):
        before = len(self.sink.bodies())
        self.assertEqual(self.post(server, "/pends", 503, 100).status, 200)
        self.hang()
        waits = threading.Thread(target=self.post, args=(server, "/quiet", 200, 7))
        waits.start()
        harness.wait_for(lambda: self.refusing(server), 10, "a commit that takes over 2 s counts as refused")
        harness.wait_for(lambda: self.told("IngestRefused", before), 10, "IngestRefused reaches the receiver")
        if number == 0:  # afterwards it fires already
            harness.wait_for(lambda: self.told("ErrorBudgetBurn", before, tier="pends", pair="fast"), 15,
                             "the page goes out")
        refused = self.post(server, "/quiet")
        self.assertEqual(refused.status, 503)
        self.assertIn("Retry-After", refused.headers)
        self.assertEqual(server.get("/-/healthy").status, 200)
        self.assertIn("sent before it could be stored", server.errors())
        self.assertIn("has not answered for", server.errors())
        self.assertTrue(waits.is_alive(), "what waits for the disk was answered without it")
        self.thaw()
        waits.join()
        harness.wait_for(lambda: self.post(server, "/quiet").status == 200, 30, "ingest is taken again")
        self.assertEqual(self.counted(server), self.acknowledged)

    def test_a_hung_disk_does_not_keep_the_process(self):
        server = self.start()
        self.assertEqual(self.post(server, "/quiet", 200, 7).status, 200)
        self.hang()
        harness.wait_for(lambda: self.refusing(server), 10, "a commit that takes over 2 s counts as refused")
        server.stop()
        self.assertEqual(server.exit_code, 0, server.errors())
        self.thaw()
        self.assertEqual(self.counted(self.start()), 7)


if __name__ == "__main__":
    harness.main()
