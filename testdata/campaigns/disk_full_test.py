#!/usr/bin/env python3
"""The disk fills up and is freed again, on a tmpfs of a few MiB: ingest is refused and says so, evaluation and paging
go on, and afterwards every acknowledged event is there once.

    ROUNDS=50 FIREBREAK=path/to/firebreak testdata/campaigns/disk_full_test.py     # the long form

Runs in a mount namespace of its own (unshare), so that the tmpfs ends with it.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

for folder in ("testdata/e2e", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e")):
    sys.path.insert(0, folder)
import harness  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "1"))
DISK = "6m"

# Each round has a tier of its own whose alert is pending for a while: long enough that the disk can fill up before it
# fires.
CONFIG = """
evaluation_interval: 1s
slo_tiers:
  quiet: {{availability: 0.99, endpoints: ["~^/quiet/.*"], max_endpoints: 100000}}
{tiers}
alerts:
  fast: {{short: 2m, long: 4m, burn: 2, for: 12s}}
  slow: {{short: 2m, long: 4m, burn: 50, for: 0s}}
notify:
  webhooks: [{{name: log, url: "{url}"}}]
"""


class DiskFullTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.disk = os.path.join(self.folder, "disk")
        self.data = os.path.join(self.disk, "data")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)
        self.sink = harness.Sink()
        self.addCleanup(self.sink.__exit__)
        self.heard = 0
        tiers = "\n".join(f"  pends{n}: {{availability: 0.99, endpoints: [/pends/{n}]}}" for n in range(ROUNDS))
        self.config = harness.write(self.folder, "rules.yaml", CONFIG.format(tiers=tiers, url=self.sink.url))
        self.acknowledged = 0
        self.batches = 0

    def start(self):
        server = harness.Server("--config", self.config, "--data-dir", self.data)
        self.addCleanup(server.stop)
        harness.wait_for(lambda: server.get("/-/ready").status == 200, 30, "ready")
        return server

    def post(self, server, endpoint, status=200, count=1):
        self.batches += 1
        answer = server.post_events({"endpoint": endpoint, "status": status, "count": count},
                                    **{"Idempotency-Key": str(self.batches)})
        if answer.status == 200:
            self.acknowledged += count
        return answer

    def fill(self):
        """Takes what is left of the disk."""
        with open(os.path.join(self.disk, "junk"), "wb", buffering=0) as junk:
            try:
                while True:
                    junk.write(b"x" * 4096)
            except OSError:
                pass

    def free(self):
        os.remove(os.path.join(self.disk, "junk"))

    def told(self, status, alertname, **labels):
        """Whether the sink was told, since forget_what_was_told, that such an alert fires or is resolved."""
        wanted = {"alertname": alertname, **labels}
        return any(alert["status"] == status and wanted.items() <= alert["labels"].items()
                   for body in self.sink.bodies()[self.heard:] for alert in body["alerts"])

    def forget_what_was_told(self):
        self.heard = len(self.sink.requests)

    def counted(self, server):
        text = server.get("/metrics").body.decode()
        return sum(int(n) for n in re.findall(r"^firebreak_requests_total\{.*\} (\d+)$", text, re.MULTILINE))

    def test_full_and_free_again(self):
        server = self.start()
        for number in range(ROUNDS):
            self.one_round(server, number)
        server.stop()
        self.assertEqual(server.exit_code, 0, server.errors())
        server = self.start()
        self.assertEqual(self.counted(server), self.acknowledged)

    def one_round(self, server, number):
        page = {"alertname": "ErrorBudgetBurn", "tier": f"pends{number}", "pair": "fast"}
        if number > 0:  # it ends a minute after the last refusal
            harness.wait_for(lambda: self.told("resolved", "IngestRefused"), 90, "the last round's IngestRefused ends")
        self.forget_what_was_told()
        self.assertEqual(self.post(server, f"/pends/{number}", 503, 100).status, 200)
        self.fill()
        refused = harness.wait_for(lambda: self.refusal(server, number), 60, "ingest is refused")
        self.assertIn("Retry-After", refused.headers)
        self.assertIn("error", refused.json())
        self.assertFalse(self.told("firing", **page), "the disk is full before the page is decided")
        harness.wait_for(lambda: self.told("firing", "IngestRefused"), 15, "IngestRefused reaches the receiver")
        harness.wait_for(lambda: self.told("firing", **page), 30, "the page goes out")
        self.assertEqual(server.get("/-/healthy").status, 200)
        self.assertEqual(self.counted(server), self.acknowledged, "memory shows what the disk does not have")
        self.free()
        harness.wait_for(lambda: self.post(server, f"/quiet/again/{number}").status == 200, 30, "ingest is taken again")
        self.assertEqual(self.counted(server), self.acknowledged)

    def refusal(self, server, number):
        """Posts to new endpoints, which take room on the disk, until one is refused."""
        for i in range(200):
            answer = self.post(server, f"/quiet/{number}/{time.monotonic_ns()}/{i}")
            if answer.status != 200:
                self.assertIn(answer.status, (503, 507))
                return answer
        return None

    def test_a_full_disk_at_start_is_said(self):
        self.fill()
        code, out, err = harness.run("serve", "--listen", "127.0.0.1:0", "--config", self.config, "--data-dir", self.data)
        self.assertEqual((code, out), (2, ""), err)
        self.assertIn(self.data, err)
        self.assertIn("full", err)

    def test_a_full_disk_at_a_restart_overwrites_nothing(self):
        server = self.start()
        self.post(server, "/quiet/few", 200, 7)
        server.stop(signal.SIGKILL)
        os.path.exists(os.path.join(self.data, "reserve")) and os.remove(os.path.join(self.data, "reserve"))
        self.fill()
        code, _, err = harness.run("serve", "--listen", "127.0.0.1:0", "--config", self.config, "--data-dir", self.data)
        self.assertEqual(code, 2, err)
        self.assertIn(self.data, err)
        self.free()
        self.assertEqual(self.counted(self.start()), 7)


if __name__ == "__main__":
    harness.enter_mount_namespace()
    harness.main()
