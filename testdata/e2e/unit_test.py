#!/usr/bin/env python3
"""docs/deploy/firebreak.service: systemd takes it, and the program lives a whole life within its bounds."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

import harness
import sandbox

UNIT = "docs/deploy/firebreak.service"
SANDBOX = "testdata/e2e/sandbox.py"
MOST_EXPOSED = 11  # tenths: what `systemd-analyze security` makes of the unit, of 10
CONFIG = """
service: shop
evaluation_interval: 1s
slo_tiers: {checkout: {availability: 0.99, endpoints: [/pay/]}}
alerts: {fast: {short: 3s, long: 10s, for: 0s}}
notify: {watchdog: true, webhooks: [{url: "http://localhost:%s/hook", secret_file: hook.key}]}
server: {tokens: {admin_file: admin.token}}
"""
PROBE = """
import mmap, os, socket, sys
what = sys.argv[1]
if what == "chown": os.chown(sys.executable, 0, 0)
if what == "nice": os.nice(1)
if what == "netlink": socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
if what == "write and run": mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)
if what == "setuid": os.setuid(0)
"""


def program(name):
    path = shutil.which(name)
    if path is None:
        raise AssertionError(f"{name} is not installed (./test does it by itself)")
    return path


class UnitTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()

    def installed(self):
        """The unit as on a machine that has the binary, which is not where Bazel puts it."""
        with open(UNIT, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("=/usr/local/bin/firebreak ", text)
        return harness.write(self.folder, "firebreak.service",
                             text.replace("/usr/local/bin/firebreak", harness.binary()))

    def test_systemd_takes_it_without_a_word(self):
        done = subprocess.run([program("systemd-analyze"), "verify", self.installed()], capture_output=True, text=True)
        mine = [line for line in done.stderr.splitlines() if "firebreak" in line]
        self.assertEqual((done.returncode, mine), (0, []), done.stderr)

    def test_a_fault_would_be_found(self):
        unit = self.installed()
        with open(unit, "a", encoding="utf-8") as file:
            file.write("[Service]\nProtectSytem=strict\n")
        done = subprocess.run([program("systemd-analyze"), "verify", unit], capture_output=True, text=True)
        self.assertIn("ProtectSytem", done.stderr)

    def test_it_is_exposed_no_more_than_it_must(self):
        done = subprocess.run([program("systemd-analyze"), "security", "--offline=true", "--json=short",
                               f"--threshold={MOST_EXPOSED}", self.installed()], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        left = {row["name"] or row["json_field"] for row in json.loads(done.stdout) if row.get("set") is False}
        # TCP, a resolver's socket, the host's files to read (certificates), and destinations that a unit cannot know.
        self.assertLessEqual(left, {"RootDirectory=/RootImage=", "RestrictAddressFamilies=~AF_UNIX", "PrivateNetwork=",
                                    "RestrictAddressFamilies=~AF_(INET|INET6)", "IPAddressDeny=", "DeviceAllow="})

    def test_the_configuration_beside_it_reads_the_credentials_that_it_loads(self):
        credentials = {value.split(":")[0] for value in sandbox.settings(UNIT)["LoadCredential"]}
        with open("docs/deploy/firebreak.yaml", encoding="utf-8") as file:
            read = set(re.findall(r"/run/credentials/firebreak\.service/(\S+)", file.read()))
        self.assertEqual(read, credentials)


class LifeTest(unittest.TestCase):
    """Everything the program does, within the bounds of the unit: a forbidden system call would be its end."""

    def setUp(self):
        self.folder = harness.temporary_folder()
        self.program = harness.binary()
        self.state = os.path.join(self.folder, "state")
        os.mkdir(self.state, 0o700)

    def confined(self, *command):
        return [sys.executable, os.path.abspath(SANDBOX), os.path.abspath(UNIT), *command]

    def run_confined(self, *command):
        return subprocess.run(self.confined(*command), capture_output=True, text=True, timeout=60)

    def test_the_bounds_hold(self):
        for what, wanted in (("nothing", 0), ("chown", -signal.SIGSYS), ("nice", -signal.SIGSYS),
                             ("setuid", -signal.SIGSYS), ("netlink", 1), ("write and run", 1)):
            done = self.run_confined(sys.executable, "-c", PROBE, what)
            self.assertEqual(done.returncode, wanted, what + done.stderr)

    def test_a_whole_life(self):
        sink = harness.Sink()
        self.addCleanup(sink.__exit__)
        harness.write(self.folder, "hook.key", "secret\n")
        harness.write(self.folder, "admin.token", "admin\n")
        config = harness.write(self.folder, "rules.yaml", CONFIG % sink.url.rsplit(":", 1)[1])
        data = os.path.join(self.state, "data")
        arguments = ("--config", config, "--data-dir", data, "--record", os.path.join(self.state, "recording"))
        for life in (1, 2):  # the second begins with what the first left behind
            with harness.Server(*arguments, under=self.confined(self.program)) as server:
                self.live(server, sink, life)
            self.assertEqual(server.exit_code, 0, server.errors())
        self.assertIn("configuration reloaded", server.errors())
        for command in (("verify", "--data-dir", data), ("backup", "--data-dir", data, "--to", self.state + "/copy.db"),
                        ("replay", "--config", config, "--data-dir", data, "--step", "30s")):
            done = self.run_confined(self.program, *command)
            self.assertNotEqual(done.returncode, -signal.SIGSYS, command)
            if command[0] != "replay":  # windows of seconds have no place in a ledger: refused, which is an answer
                self.assertEqual(done.returncode, 0, done.stderr)

    def live(self, server, sink, life):
        def told(status):
            return [alert for body in sink.bodies() for alert in body["alerts"]
                    if alert["status"] == status and alert["labels"]["alertname"] == "ErrorBudgetBurn"]

        def send(status):
            answer = server.request("POST", "/v1/events", json.dumps({"endpoint": "/pay/", "status": status, "count": 100}),
                                    {"Idempotency-Key": f"{life}-{os.urandom(4).hex()}"})
            self.assertEqual(answer.status, 200)

        firing, resolved = len(told("firing")), len(told("resolved"))
        harness.wait_for(lambda: send(503) or len(told("firing")) > firing, 20, "the outage is told")
        harness.wait_for(lambda: send(200) or len(told("resolved")) > resolved, 20, "its end is told")
        admin = {"Authorization": "Bearer admin"}
        window = '{"tier": "*", "duration": "1m", "comment": "x", "id": "w"}'
        self.assertEqual(server.request("POST", "/v1/maintenance", window, admin).status, 201)
        self.assertEqual(server.request("DELETE", "/v1/maintenance/w", headers=admin).status, 200)
        for path in ("/", "/metrics", "/v1/slos", "/v1/outbox", "/runbooks/NoData"):
            self.assertEqual(server.get(path).status, 200)
        server.process.send_signal(signal.SIGHUP)  # ExecReload=
        harness.wait_for(lambda: "configuration reloaded" in server.errors(), 10, "it reads its configuration again")
        with socket.create_connection(("127.0.0.1", server.port)) as half:  # open when the end comes
            half.sendall(b"GET / HTTP/1.1\r\n")


if __name__ == "__main__":
    harness.main()
