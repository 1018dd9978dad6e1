#!/usr/bin/env python3
"""A data directory through its life: made, taken away under a running server, damaged, backed up, refused."""

import os
import signal
import sqlite3
import stat
import unittest

import harness

CONFIG = """
evaluation_interval: 1s
slo_tiers:
  shop: {{availability: 0.99, endpoints: [/pay]}}
notify:
  webhooks: [{{name: log, url: "{url}"}}]
"""
OLD_LOG = '127.0.0.1 - - [01/Jan/2020:00:00:00 +0000] "GET /pay HTTP/1.1" 200 1\n'


class DataDirectoryTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.data = self.path("data")
        self.ledger = os.path.join(self.data, "ledger.db")
        self.sink = harness.Sink()
        self.config = harness.write(self.folder, "rules.yaml", CONFIG.format(url=self.sink.url))

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        server = harness.Server("--config", self.config, "--data-dir", self.data)
        self.addCleanup(server.stop)
        harness.wait_for(lambda: server.get("/-/ready").status == 200, 30, "ready")
        return server

    def refused(self, data, *wanted):
        code, out, err = harness.run("serve", "--listen", "127.0.0.1:0", "--config", self.config, "--data-dir", data)
        self.assertEqual((code, out), (2, ""), err)
        for text in wanted:
            self.assertIn(text, err)
        self.assertEqual(err.count(data), 1, f"one path, once: {err}")

    def post(self, server, count):
        return server.post_events({"endpoint": "/pay", "status": 200, "count": count}).status

    def counted(self, server):
        return f"}} {self.acknowledged}\n" in server.get("/metrics").body.decode()

    def told_of_refusal(self, status):
        return any(alert["labels"]["alertname"] == "IngestRefused" and alert["status"] == status
                   for body in self.sink.bodies() for alert in body["alerts"])

    def test_its_files_are_for_their_owner_alone(self):
        before = os.umask(0)
        try:
            self.start()
        finally:
            os.umask(before)
        self.assertEqual(stat.S_IMODE(os.stat(self.data).st_mode), 0o700)
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "lock", "reserve"):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.data, name)).st_mode), 0o600, name)

    def test_a_ledger_that_is_moved_away_is_noticed_and_may_come_back(self):
        server = self.start()
        self.assertEqual(self.post(server, 5), 200)
        os.rename(self.ledger, self.path("elsewhere"))
        self.assertEqual(self.post(server, 1), 503)
        harness.wait_for(lambda: self.told_of_refusal("firing"), 15, "IngestRefused reaches the receiver")
        self.assertIn(f"{self.ledger}: moved, deleted or replaced while in use", server.errors())
        os.rename(self.path("elsewhere"), self.ledger)
        harness.wait_for(lambda: self.post(server, 2) == 200, 10, "ingest is taken again")
        server.stop(signal.SIGKILL)
        self.acknowledged = 7
        self.assertTrue(self.counted(self.start()))

    def test_a_wal_that_is_truncated_is_noticed(self):
        server = self.start()
        self.assertEqual(self.post(server, 5), 200)
        os.truncate(self.ledger + "-wal", 0)
        self.assertEqual(self.post(server, 1), 503)
        harness.wait_for(lambda: self.told_of_refusal("firing"), 15, "IngestRefused reaches the receiver")
        self.assertIn(f"{self.ledger}-wal: truncated while in use", server.errors())

    def test_a_backup_says_what_its_start_would_refuse(self):
        server = self.start()
        answer = server.request("POST", "/v1/maintenance", body='{"tier": "*", "duration": "1h"}')
        self.assertEqual(answer.status, 201, answer.body)
        server.stop()
        with sqlite3.connect(self.ledger) as ledger:
            ledger.execute("UPDATE documents SET body = '{}' WHERE kind = 'maintenance'")
        ledger.close()
        code, out, err = harness.run("backup", "--data-dir", self.data, "--to", self.path("b.db"))
        self.assertEqual((code, err), (1, ""))
        self.assertIn("WRONG", out)
        self.assertTrue(os.path.exists(self.path("b.db")))

    def test_what_verify_calls_wrong_a_start_refuses(self):
        server = self.start()
        self.assertEqual(self.post(server, 5), 200)
        server.stop()
        with sqlite3.connect(self.ledger) as ledger:
            ledger.execute("UPDATE tier_counts SET bad = total + 1")
        ledger.close()
        code, out, err = harness.run("verify", "--data-dir", self.data)
        self.assertEqual((code, err), (1, ""))
        self.assertIn("more bad than total", out)
        self.assertEqual(out.count(self.data), 1, out)
        self.refused(self.data, "ledger.db: damaged (tier_counts: the row of series", "restore a backup")

    def test_a_wal_that_is_no_wal_is_a_warning(self):
        self.start().stop(signal.SIGKILL)
        harness.write(self.data, "ledger.db-wal", "x" * 10_000)
        code, out, _ = harness.run("verify", "--data-dir", self.data)
        self.assertEqual(code, 1)
        self.assertIn("ledger.db-wal: its header is damaged", out)
        self.assertIn("ledger.db-wal: its header is damaged", self.start().errors())

    def test_a_parent_that_is_missing_is_said(self):
        self.refused(self.path("none/data"), f"its parent folder is missing: mkdir -p {self.path('none')}")

    def test_names_that_no_backup_can_have(self):
        self.start()
        for to, wanted in (("", 'wanted a file, not ""'), (self.folder, "is a folder: name a file in it"),
                           (self.path("new/"), "is a folder: name a file in it"),
                           (os.path.join(self.data, "b.db"), "lies in the data directory itself")):
            code, out, err = harness.run("backup", "--data-dir", self.data, "--to", to)
            self.assertEqual((code, out), (2, ""), to)
            self.assertIn(wanted, err)

    def test_a_backfill_of_nothing_leaves_nothing(self):
        log = harness.write(self.folder, "access.log", OLD_LOG)
        code, out, err = harness.run("replay", "--config", self.config, "--into", self.path("new"), log)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("not one event of the time that a ledger keeps, 20", err)
        self.assertIn("(older: 1, dated ahead: 0)", err)
        self.assertFalse(os.path.exists(self.path("new")))


if __name__ == "__main__":
    harness.main()
