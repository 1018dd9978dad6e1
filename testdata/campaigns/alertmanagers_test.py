#!/usr/bin/env python3
"""Three real Alertmanagers and ourselves, each killed (-9) at random while alerts come and go: in the end all three show
what fires, since the instant it began, and nothing else.

    KILLS=200 FIREBREAK=path/to/firebreak testdata/campaigns/alertmanagers_test.py     # the long form
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unittest
import urllib.request

for folder in ("testdata/e2e", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e")):
    sys.path.insert(0, folder)
import harness  # noqa: E402

KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))

TIERS = ["one", "two", "three", "four"]
CONFIG = """
evaluation_interval: 1s
slo_tiers:
{tiers}
alerts:
  fast: {{short: 5s, long: 10s, burn: 2, for: 0s}}
  slow: {{short: 5s, long: 15s, burn: 50, for: 0s}}
notify:
  resend_delay: 1s
  alertmanagers: [{urls}]
"""
ROUTES = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


class Alertmanager:
    """A real one, which can be killed and started again on the same storage."""

    def __init__(self, folder, name):
        self.program = shutil.which("prometheus-alertmanager")
        if self.program is None:
            raise AssertionError("prometheus-alertmanager is not installed (Debian package prometheus-alertmanager)")
        self.folder, self.port = os.path.join(folder, name), harness.free_port()
        os.mkdir(self.folder)
        self.config = harness.write(self.folder, "alertmanager.yml", ROUTES)
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, f"--config.file={self.config}", f"--storage.path={self.folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def active(self):
        """labels -> startsAt of what it shows; None while it is not there."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=5) as response:
                return {key(alert["labels"]): alert["startsAt"][:19] for alert in json.load(response)}
        except OSError:
            return None


def key(labels):
    return json.dumps(labels, sort_keys=True)


class AlertmanagersTest(unittest.TestCase):
    def setUp(self):
        print(f"seed {SEED}, {KILLS} kills", flush=True)
        self.rng = random.Random(SEED)
        self.folder = harness.temporary_folder()
        self.alertmanagers = [Alertmanager(self.folder, f"am{n}") for n in range(3)]
        for alertmanager in self.alertmanagers:
            self.addCleanup(alertmanager.kill)
        self.config = harness.write(self.folder, "rules.yaml", CONFIG.format(
            tiers="\n".join(f"  {tier}: {{availability: 0.99, endpoints: [/{tier}]}}" for tier in TIERS),
            urls=", ".join(f'{{url: "{a.url}"}}' for a in self.alertmanagers)))
        self.failing = set()
        self.turns = 0
        self.start()

    def start(self):
        self.server = harness.Server("--config", self.config, "--data-dir", os.path.join(self.folder, "data"))
        self.addCleanup(self.server.stop)
        harness.wait_for(lambda: self.server.get("/-/ready").status == 200, 30, "ready")

    def feed(self, seconds):
        """Requests to every tier; those of the failing ones fail."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            lines = [{"endpoint": f"/{tier}", "status": 503 if tier in self.failing else 200} for tier in TIERS]
            self.assertEqual(self.server.post_events(lines).status, 200)
            time.sleep(0.2)

    def turn(self):
        self.turns += 1
        tier = self.rng.choice(TIERS)
        self.failing ^= {tier}

    def kill_someone(self):
        victim = self.rng.choice([*self.alertmanagers, None])
        if victim is not None:
            victim.kill()
            self.feed(self.rng.uniform(0, 3))
            victim.start()
            return
        self.server.stop(signal.SIGKILL)
        self.start()

    def firing(self):
        return {key(alert["labels"]): alert["firing_since"][:19]
                for alert in self.server.get("/v1/alerts?status=firing").json()["alerts"]}

    def agree(self):
        self.feed(0.5)
        wanted = self.firing()
        return all(alertmanager.active() == wanted for alertmanager in self.alertmanagers)

    def test_all_three_show_what_fires(self):
        for _ in range(KILLS):
            self.turn()
            self.feed(self.rng.uniform(1, 4))
            self.kill_someone()
        self.failing = {TIERS[0]}
        self.feed(20)  # longer than the longest window: what began under fire is settled
        self.assertEqual({json.loads(labels)["tier"] for labels in self.firing()}, {TIERS[0]})
        harness.wait_for(self.agree, 30, "all three Alertmanagers show what fires, and since when: "
                         f"{self.firing()} against {[a.active() for a in self.alertmanagers]}")
        print(f"{KILLS} kills, {self.turns} turns of traffic: all three agree", flush=True)


if __name__ == "__main__":
    harness.main()
