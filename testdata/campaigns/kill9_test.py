#!/usr/bin/env python3
"""kill -9 at random under load: nothing acknowledged is lost, nothing counts twice, alerts keep their startsAt.

Clients post batches, each under an Idempotency-Key of its own, and send a batch again until some server acknowledges
it; now and then they repeat one that was acknowledged long ago. Meanwhile the server is killed at random instants and started again on the same data directory.

    CYCLES=1000 FIREBREAK=path/to/firebreak testdata/campaigns/kill9_test.py     # the long form
"""

import collections
import http.client
import json
import os
import random
import re
import signal
import sys
import threading
import time
import unittest

for folder in ("testdata/e2e", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e")):
    sys.path.insert(0, folder)
import harness  # noqa: E402

CYCLES = int(os.environ.get("CYCLES", "20"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
CLIENTS = 4
LEAST_BATCHES_A_CYCLE = 5  # below this load the campaign says nothing

CONFIG = """
evaluation_interval: 1s
slo_tiers:
  steady: {{availability: 0.99, endpoints: [/steady]}}
  waves: {{availability: 0.99, endpoints: [/waves]}}
alerts:
  fast: {{short: 5s, long: 30s, burn: 2, for: 0s}}
  slow: {{short: 30s, long: 1m, burn: 1, for: 2s}}
notify:
  webhooks: [{{name: log, url: "{webhook}"}}]
  alertmanagers: [{{url: "{alertmanager}"}}]
"""


class Clients:
    """Threads that post batches and never give one up. `up` holds them while the server is away."""

    def __init__(self, seed):
        self.port = None
        self.up = threading.Event()
        self.ended = False
        self.given_up = False  # nobody answers any more: a batch in flight stays unacknowledged
        self.lock = threading.Lock()
        self.acknowledged = collections.Counter()  # (endpoint, bad) -> events
        self.batches = 0
        self.repeats = 0
        self.in_flight = {}  # client -> events of the batch that no server has acknowledged yet
        self.faults = []
        self.threads = [threading.Thread(target=self._run, args=(n, random.Random(seed + n))) for n in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Lets every client bring its last batch home, for half a minute."""
        self.ended = True
        deadline = time.monotonic() + 30
        for thread in self.threads:
            thread.join(max(0, deadline - time.monotonic()))
        self.given_up = True
        for thread in self.threads:
            thread.join()

    def _run(self, number, rng):
        count = 0
        sent = []  # key and body of what was acknowledged
        while not self.ended:
            count += 1
            batch = self._make_batch(rng)
            with self.lock:
                self.in_flight[number] = sum(batch.values())
            key = f"{SEED}-{number}-{count}"
            lines = [json.dumps({"endpoint": endpoint, "status": 503 if bad else 200, "count": count})
                     for (endpoint, bad), count in sorted(batch.items())]
            if not self._post_until_taken(key, batch, lines):
                return
            with self.lock:
                self.in_flight[number] = 0
            sent.append((key, lines))
            if rng.random() < 0.2:
                self._repeat(*rng.choice(sent))

    def _make_batch(self, rng):
        batch = collections.Counter()
        waves_fail = int(time.time() / 7) % 2 == 0
        for _ in range(rng.randint(1, 40)):
            if rng.random() < 0.5:
                batch["/steady", rng.random() < 0.3] += 1
            else:
                batch["/waves", waves_fail and rng.random() < 0.5] += 1
        return batch

    def _repeat(self, key, lines):
        """An acknowledged batch that comes once more, as from a client that missed the answer, counts no second time."""
        answer = self._post(key, "\n".join(lines))
        if answer is None or answer[0] == 503:
            return
        status, body = answer
        with self.lock:
            self.repeats += 1
            if status != 200 or not body.get("duplicate"):
                self.faults.append(f"{key} again: {status} {body}")

    def _post_until_taken(self, key, batch, lines):
        """Whether some server acknowledged it; false only after giving up."""
        while not self.given_up:
            self.up.wait()
            answer = self._post(key, "\n".join(lines))
            if answer is None or answer[0] == 503:
                time.sleep(0.01)
                continue
            status, body = answer
            with self.lock:
                if status != 200 or body["accepted"] != len(lines):
                    self.faults.append(f"{key}: {status} {body}")
                self.acknowledged.update(batch)
                self.batches += 1
            return True
        return False

    def _post(self, key, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/v1/events", body=body, headers={
                "Content-Type": "application/x-ndjson", "Idempotency-Key": key})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None  # the server was killed: nobody knows whether it counted
        finally:
            connection.close()


def counted(server):
    """(endpoint, bad) -> events, as /metrics shows them."""
    totals = collections.Counter()
    pattern = r'^firebreak_requests_total\{.*?endpoint="([^"]*)".*?status_class="([^"]*)".*\} (\d+)$'
    for line in server.get("/metrics").body.decode().splitlines():
        if found := re.match(pattern, line):
            totals[found[1], found[2] == "5xx"] += int(found[3])
    return totals


def episodes(sink):
    """labels -> list of (status, startsAt) in the order they were told, of every alert in the sink's log."""
    told = collections.defaultdict(list)
    for body in sink.bodies():
        for alert in body["alerts"]:
            told[json.dumps(alert["labels"], sort_keys=True)].append((alert["status"], alert["startsAt"]))
    return told


class Kill9Test(unittest.TestCase):
    def setUp(self):
        print(f"seed {SEED}, {CYCLES} cycles", flush=True)
        self.folder = harness.temporary_folder()
        self.data = os.path.join(self.folder, "data")
        self.webhook = harness.Sink()
        self.alertmanager = harness.Sink()
        self.config = harness.write(self.folder, "rules.yaml", CONFIG.format(
            webhook=self.webhook.url, alertmanager=self.alertmanager.url))
        self.rng = random.Random(SEED)

    def start(self):
        server = harness.Server("--config", self.config, "--data-dir", self.data)
        self.addCleanup(server.stop)
        harness.wait_for(lambda: server.get("/-/ready").status == 200, 30, "ready")
        return server

    def firing(self, server):
        """labels -> startsAt of what fires."""
        return {json.dumps(alert["labels"], sort_keys=True): alert["firing_since"]
                for alert in server.get("/v1/alerts?status=firing").json()["alerts"]}

    def test_nothing_is_lost_or_doubled(self):
        server = self.start()
        clients = Clients(SEED)
        self.addCleanup(clients.up.set)
        try:
            for cycle in range(CYCLES):
                server = self.one_cycle(server, clients, cycle)
        finally:
            clients.port = server.port
            clients.up.set()
            clients.stop()
        self.assertEqual(clients.faults, [])
        self.assertEqual(sum(clients.in_flight.values()), 0, "a client did not come to its end")
        self.assertGreaterEqual(clients.batches, CYCLES * LEAST_BATCHES_A_CYCLE, "too little load to say anything")
        self.assertGreater(clients.repeats, 0)
        self.assertEqual(counted(server), clients.acknowledged)
        self.total = sum(clients.acknowledged.values())
        self.check_receivers(server)
        server.stop()
        self.assertEqual(server.exit_code, 0, server.errors())
        code, out, err = harness.run("verify", "--data-dir", self.data)
        self.assertEqual(code, 0, out + err)
        self.check_backup()
        print(f"{CYCLES} kills, {clients.batches} batches, {clients.repeats} of them repeated, "
              f"{self.total} events: 0 lost, 0 double", flush=True)

    def check_backup(self):
        """A backup is a ledger with the same counts; none may take the place of the server's own files."""
        copy = os.path.join(self.folder, "copy")
        os.mkdir(copy)
        code, out, err = harness.run("backup", "--data-dir", self.data, "--to", os.path.join(copy, "ledger.db"))
        self.assertEqual(code, 0, out + err)
        for name in ("ledger.db", "ledger.db-wal", "lock", "new.db"):
            code, out, err = harness.run("backup", "--overwrite", "--data-dir", self.data,
                                         "--to", os.path.join(self.data, name))
            self.assertEqual((code, out), (2, ""), name)
            self.assertIn("lies in the data directory", err)
        self.data = copy
        self.assertEqual(sum(counted(self.start()).values()), self.total)

    def one_cycle(self, server, clients, cycle):
        clients.port = server.port
        clients.up.set()
        time.sleep(self.rng.uniform(0.05, 1.5))
        before = self.firing(server)
        clients.up.clear()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        with clients.lock:
            acknowledged = sum(clients.acknowledged.values())
            unknown = sum(clients.in_flight.values())
        server = self.start()
        total = sum(counted(server).values())
        self.assertGreaterEqual(total, acknowledged, f"cycle {cycle}: acknowledged events are lost")
        self.assertLessEqual(total, acknowledged + unknown, f"cycle {cycle}: events count twice")
        for labels, since in self.firing(server).items():
            if labels in before:
                self.assertEqual(since, before[labels], f"cycle {cycle}: {labels} began anew")
        return server

    def check_receivers(self, server):
        """What was told of each alert: startsAt never goes back, and its last word is the present state."""
        harness.wait_for(lambda: all(item["state"] == "delivered" for item in server.get("/v1/outbox").json()["outbox"]),
                         30, "everything is delivered")
        now = self.firing(server)
        told = episodes(self.webhook)
        for labels, story in told.items():
            starts = [start for _, start in story]
            self.assertEqual(starts, sorted(starts), labels)
        for labels, since in now.items():
            self.assertIn(labels, told)
            self.assertEqual(told[labels][-1][1], since, labels)
        self.assertGreater(len(told), 0, "no alert ever fired")


if __name__ == "__main__":
    harness.main()
