#!/usr/bin/env python3
"""Ledgers where nothing may be written: verify, backup and replay read them, or say what is in the way.

    FIREBREAK=path/to/firebreak testdata/campaigns/read_only_test.py

Runs in a mount namespace of its own (unshare), where a folder is mounted read-only: that refuses root as well.
"""

import os
import shutil
import signal
import subprocess
import sys
import unittest

for folder in ("testdata/e2e", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e")):
    sys.path.insert(0, folder)
import harness  # noqa: E402

CONFIG = """
evaluation_interval: 1s
slo_tiers:
  shop: {availability: 0.99, endpoints: [/pay]}
"""
EVENTS = 7


class ReadOnlyTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.data = os.path.join(self.folder, "data")
        self.config = harness.write(self.folder, "rules.yaml", CONFIG)
        self.server = harness.Server("--config", self.config, "--data-dir", self.data)
        self.addCleanup(self.server.stop)
        harness.wait_for(lambda: self.server.get("/-/ready").status == 200, 30, "ready")
        answer = self.server.post_events({"endpoint": "/pay", "status": 200, "count": EVENTS})
        self.assertEqual(answer.status, 200)

    def copy(self, *suffixes):
        """A folder with the ledger's files of these suffixes."""
        copy = os.path.join(self.folder, "copy")
        os.mkdir(copy)
        for suffix in suffixes:
            shutil.copy(os.path.join(self.data, "ledger.db" + suffix), copy)
        return copy

    def read_only(self, folder):
        """The same folder, at a place where nothing can be written."""
        place = os.path.join(self.folder, "read-only")
        os.mkdir(place)
        subprocess.run(["mount", "--bind", folder, place], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=False)
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        with self.assertRaises(OSError):
            harness.write(place, "probe", "")
        return place

    def commands(self, data):
        to = os.path.join(self.folder, "backup.db")
        yield harness.run("verify", "--data-dir", data)
        yield harness.run("backup", "--data-dir", data, "--to", to)
        yield harness.run("replay", "--config", self.config, "--data-dir", data)

    def expect_read(self, data):
        for code, out, err in self.commands(data):
            self.assertEqual(code, 0, out + err)
        restored = os.path.join(self.folder, "restored")
        os.mkdir(restored)
        shutil.copy(os.path.join(self.folder, "backup.db"), os.path.join(restored, "ledger.db"))
        with harness.Server("--config", self.config, "--data-dir", restored) as server:
            harness.wait_for(lambda: server.get("/-/ready").status == 200, 30, "ready")
            self.assertIn(f"}} {EVENTS}\n", server.get("/metrics").body.decode())

    def test_a_ledger_that_was_stopped(self):
        self.server.stop()
        self.expect_read(self.read_only(self.copy("")))

    def test_an_empty_wal_beside_it(self):
        self.server.stop()
        copy = self.copy("")
        harness.write(copy, "ledger.db-wal", "")
        self.expect_read(self.read_only(copy))

    def test_a_live_server(self):
        self.expect_read(self.read_only(self.data))

    def test_all_that_a_killed_server_left(self):
        self.server.stop(signal.SIGKILL)
        self.expect_read(self.read_only(self.copy("", "-wal", "-shm")))

    def test_a_wal_that_cannot_be_read_is_not_ignored(self):
        self.server.stop(signal.SIGKILL)
        data = self.read_only(self.copy("", "-wal"))
        for code, out, err in self.commands(data):
            self.assertEqual((code, out), (2, ""))
            self.assertIn(f"{data}/ledger.db-wal: holds commits", err)
            self.assertIn("copy ledger.db and ledger.db-wal to a folder that you may write to", err)

    def test_a_server_does_not_start_there(self):
        self.server.stop()
        data = self.read_only(self.copy(""))
        code, _, err = harness.run("serve", "--listen", "127.0.0.1:0", "--config", self.config, "--data-dir", data)
        self.assertEqual(code, 2)
        self.assertIn(f"{data}/lock: on a read-only file system", err)


if __name__ == "__main__":
    harness.enter_mount_namespace()
    harness.main()
