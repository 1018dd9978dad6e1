#!/usr/bin/env python3
"""Recordings and ledgers replayed: what a server lived through, and what another configuration would have made of it."""

import datetime
import json
import os
import subprocess
import time
import unittest

import harness

RULES = """
period: 7d
slo_tiers:
  web:
    availability: 0.99
    p95_ms: 400
    endpoints: [/pay, "~^/cart/.*"]
alerts:
  fast: {short: 1m, long: 10m, burn: 5, for: 0s}
  slow: {short: 5m, long: 1h, burn: 2, for: 0s}
"""

START = 1764000000  # on the grid of an hour


def stamp(second):
    return datetime.datetime.fromtimestamp(START + second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def request(second, status=200, **more):
    return json.dumps({"ts": stamp(second), "endpoint": "/pay", "status": status, **more})


def head(kind="start", at=0, session=0, file=1, **more):
    return json.dumps({"firebreak": kind, "at": stamp(at), "format": 1, "session": stamp(session), "file": file,
                       "version": "1", "evaluation_interval": "5s", "fingerprint": {}, **more},
                      separators=(",", ":"))


def control(kind, **fields):
    return json.dumps({"firebreak": kind, **fields}, separators=(",", ":"))


def tick(at):
    return control("tick", at=stamp(at))


def outage_recording():
    """Ten minutes of good traffic, then everything fails for two, batch by batch as a server counted it."""
    lines = [head()]
    for at in range(5, 725, 5):
        lines += [control("batch", arrived=stamp(at - 1), events=2),
                  request(at - 2, 503 if at > 600 else 200), request(at - 1, 503 if at > 600 else 200), tick(at)]
    return lines + [control("end", at=stamp(725))]


class ReplayCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.config = harness.write(self.folder, "rules.yaml", RULES)

    def path(self, name):
        return os.path.join(self.folder, name)

    def replay(self, *arguments, config=None, code=0):
        actual, out, err = harness.run("replay", "--config", config or self.config, *arguments)
        self.assertEqual(actual, code, out + err)
        return out, err

    def transitions(self, *arguments, **options):
        lines = [json.loads(line) for line in self.replay("--json", *arguments, **options)[0].splitlines()]
        self.assertEqual(list(lines[-1]), ["summary"])
        return lines[:-1], lines[-1]["summary"]

    def other_rules(self, old, new):
        self.assertIn(old, RULES)
        return harness.write(self.folder, "other.yaml", RULES.replace(old, new))


class RecordingTest(ReplayCase):
    def recording(self, name, lines):
        os.makedirs(self.path("recordings"), exist_ok=True)
        return harness.write(self.path("recordings"), name, "\n".join(lines) + "\n")

    def assert_outage_is_seen(self, steps):
        """2 requests a tick: 6 of 246 are over 2 % in the hour at the third bad tick, 14 of 240 over 5 % at the seventh."""
        self.assertEqual([(step["time"], step["pair"], step["to"]) for step in steps[:2]],
                         [(stamp(615), "slow", "firing"), (stamp(635), "fast", "firing")])

    def test_a_recording_is_followed_tick_by_tick(self):
        steps, summary = self.transitions(self.recording("firebreak-20251124T160000.000Z.ndjson.zst", outage_recording()))
        self.assert_outage_is_seen(steps)
        self.assertEqual((summary["ticks"], summary["events"], summary["rejected"], summary["notes"]), (144, 288, 0, []))
        # Nothing is evaluated after the end: no alert about silence.
        self.assertEqual(summary["no_data"], 0)

    def test_the_other_reading_is_by_event_time(self):
        path = self.recording("a.ndjson", outage_recording())
        steps, summary = self.transitions("--by-event-time", path)
        self.assertEqual((summary["events"], summary["rejected"]), (288, 0))
        self.assertGreater(summary["ticks"], 144)
        self.assertEqual(summary["no_data"], 2)
        self.assert_outage_is_seen(steps)

    def test_a_folder_stands_for_its_recordings_in_order(self):
        whole = outage_recording()
        self.recording("firebreak-20251124T160500.000Z.ndjson.zst", [head("continue", 300, 0, 2)] + whole[241:])
        self.recording("firebreak-20251124T160000.000Z.ndjson.zst", whole[:241])
        self.recording("other.txt", ["not a recording"])
        steps, summary = self.transitions(self.path("recordings"))
        self.assertEqual((summary["events"], summary["notes"]), (288, []))
        self.assert_outage_is_seen(steps)

    def test_what_is_missing_is_said(self):
        whole = outage_recording()
        whole[100:104] = [control("gap", events=2, batches=1, ticks=1)]
        path = self.recording("a.ndjson", whole[:-1])
        notes = self.transitions(path)[1]["notes"]
        self.assertEqual(len(notes), 2, notes)
        self.assertRegex(notes[0], r"2 events in 1 batch, 1 evaluation are missing")
        self.assertRegex(notes[1], r"has no end")
        self.assertIn("note: ", self.replay(path)[0])

    def test_recordings_and_logs_are_not_mixed(self):
        recording = self.recording("a.ndjson", outage_recording())
        log = harness.write(self.folder, "log.ndjson", request(1) + "\n")
        self.assertIn("replay them apart", self.replay(recording, log, code=2)[1])
        self.assertEqual(self.transitions("--by-event-time", log, recording)[1]["events"], 289)

    def test_what_cannot_be_followed_is_refused(self):
        newer = self.recording("newer.ndjson", [head().replace('"format":1', '"format":2')])
        self.assertIn(f"{newer}:1: start line: format: 2: made by a newer version of firebreak",
                      self.replay(newer, code=2)[1])
        odd = self.recording("odd.ndjson", [head(), control("tick", at=5), request(1), tick(10), control("end", at=stamp(11))])
        self.assertIn(f'rejected: {odd}:2: tick line: at: 5: wanted a time such as "2025-11-24T16:00:00.5Z"',
                      self.replay(odd)[0])
        twice = self.recording("twice.ndjson", outage_recording()[:50])
        again = self.recording("again.ndjson", [head("continue", 60, 0, 1)])
        self.assertIn("wanted each file once", self.replay(twice, again, code=2)[1])
        self.assertIn("--by-event-time", self.replay("--lateness", "1m", twice, code=2)[1])
        self.assertIn("no recordings in it", self.replay(self.folder, code=2)[1])


class PipeTest(ReplayCase):
    """What a shell gives instead of a file."""

    def events(self):
        now = int(time.time())
        return "".join(json.dumps({"ts": 1000 * (now + i), "endpoint": "/a", "status": 200}) + "\n" for i in range(9))

    def test_standard_input_and_process_substitution_are_read(self):
        log = harness.write(self.folder, "log.ndjson", self.events())
        for shell in ('"$0" replay --config "$1" - < "$2"', '"$0" replay --config "$1" <(cat "$2")',
                      'cat "$2" | "$0" replay --config "$1" /dev/stdin'):
            with self.subTest(shell=shell):
                done = subprocess.run(["bash", "-c", shell, harness.binary(), self.config, log], capture_output=True,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(b"9 events", done.stdout)

    def test_a_device_without_an_end_is_refused(self):
        code, _, err = harness.run("replay", "--config", self.config, "/dev/zero")
        self.assertEqual(code, 2)
        self.assertIn("/dev/zero: is a device", err)


class LedgerTest(ReplayCase):
    """--into and --data-dir, without a server in between."""

    def log(self, minutes_ago, minutes, status, every=5):
        first = int(time.time()) - 60 * minutes_ago
        return "".join(json.dumps({"ts": 1000 * (first + second), "endpoint": "/pay", "status": status,
                                   "latency_ms": 100}) + "\n"
                       for second in range(0, 60 * minutes, every))

    def backfill(self, text, name="data", code=0):
        log = harness.write(self.folder, "log.ndjson", text)
        return self.replay("--into", self.path(name), log, code=code)

    def test_a_ledger_is_made_from_logs_and_replayed(self):
        out, _ = self.backfill(self.log(600, 300, 200) + self.log(300, 10, 503) + self.log(290, 280, 200))
        self.assertIn("7080 events counted into", out)
        steps, summary = self.transitions("--data-dir", self.path("data"))
        self.assertTrue(any(step["pair"] == "fast" and step["to"] == "firing" for step in steps), steps)
        self.assertEqual((summary["tiers"][0]["total"], summary["tiers"][0]["bad"]), (7080, 120))
        self.assertEqual(len(summary["notes"]), 2)
        steps, summary = self.transitions("--data-dir", self.path("data"), "--since", "1h")
        self.assertEqual([step for step in steps if step["slo"]], [])
        self.assertRegex("\n".join(summary["notes"]), "not evaluated ")
        self.replay("--data-dir", self.path("data"), "--fail-on", "page", code=1)
        tolerant = harness.write(self.folder, "tolerant.yaml", RULES.replace("0.99", "0.5").replace(
            "burn: 5", "burn: 1.9").replace("burn: 2", "burn: 1.9"))
        self.assertEqual([step for step in self.transitions("--data-dir", self.path("data"), config=tolerant)[0]
                          if step["pair"] == "slow"], [])

    def test_counts_classified_otherwise_are_refused_by_name(self):
        self.backfill(self.log(60, 50, 200))
        other = self.other_rules("p95_ms: 400", "p95_ms: 500")
        _, err = self.replay("--data-dir", self.path("data"), config=other, code=2)
        self.assertIn("slo_tiers.web.p95_ms: 400 ms from ", err)
        self.assertIn(", 500 ms in ", err)
        same = self.other_rules("availability: 0.99", "availability: 0.95\n    min_bad: 3")
        self.replay("--data-dir", self.path("data"), config=same)

    def test_endpoints_cannot_be_judged_and_that_is_said(self):
        self.backfill(self.log(60, 50, 503))
        by_endpoint = self.other_rules("p95_ms: 400", "p95_ms: 400\n    alert_by: endpoint")
        steps, summary = self.transitions("--data-dir", self.path("data"), config=by_endpoint)
        self.assertEqual([step for step in steps if step["slo"]], [])
        self.assertIn("slo_tiers.web: alert_by: endpoint cannot be judged", "\n".join(summary["notes"]))

    def test_a_ledger_that_is_there_is_not_filled_again(self):
        self.backfill(self.log(60, 50, 200))
        _, err = self.backfill(self.log(60, 50, 200), code=2)
        self.assertIn("there is a ledger already", err)

    def test_what_is_too_old_or_ahead_is_counted_apart(self):
        out = self.replay("--json", "--into", self.path("data"), harness.write(
            self.folder, "log.ndjson", self.log(60 * 24 * 50, 1, 200) + self.log(-60, 1, 200) + self.log(5, 1, 200) +
            "nonsense\n"))[0]
        totals = json.loads(out)["backfill"]
        self.assertEqual((totals["accepted"], totals["late"], totals["ahead"], totals["rejected"]), (12, 12, 12, 13))
        self.assertIn("there is nothing to put in it", self.backfill(self.log(60 * 24 * 50, 1, 200), "none", code=2)[1])

    def test_bad_usage_is_explained(self):
        log = harness.write(self.folder, "log.ndjson", self.log(5, 1, 200))
        for arguments, named in (((), "FILE is required"),
                                 (("--data-dir", "x", log), "wanted no FILE"),
                                 (("--data-dir", "x", "--into", "y"), "exclude each other"),
                                 (("--since", "1h", log), "--since goes with --data-dir"),
                                 (("--into", self.path("new"), "--step", "1m", log), "--step"),
                                 (("--data-dir", self.path("absent")), "absent/ledger.db"),
                                 (("--data-dir", self.folder, "--step", "45s"), "--step")):
            self.assertIn(named, self.replay(*arguments, code=2)[1], arguments)


if __name__ == "__main__":
    harness.main()
