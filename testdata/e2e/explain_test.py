#!/usr/bin/env python3
"""`replay --explain`: why an alert fired or did not, in every way of replay."""

import datetime
import gzip
import json
import os
import time
import unittest

import harness

RULES = """
period: 7d
slo_tiers:
  web:
    availability: 0.99
    p95_ms: 400
    endpoints: [/pay, /cart]
  partners:
    availability: 0.99
    alert_by: endpoint
    endpoints: ["~/p/.*"]
alerts:
  fast: {short: 1m, long: 10m, burn: 5, for: 30s}
  slow: {short: 5m, long: 1h, burn: 2, for: 0s}
"""

START = int(time.time()) // 3600 * 3600 - 3 * 3600  # recent: a ledger takes what it still keeps


def stamp(second):
    return datetime.datetime.fromtimestamp(START + second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(at, endpoint, failing, count, status=503):
    return {"ts": stamp(at), "endpoint": endpoint, "status": status if failing else 200, "latency_ms": 90, "count": count}


def events():
    """Half an hour of peace, ten minutes in which /pay and a partner fail, and peace again."""
    lines = []
    for at in range(0, 3600, 5):
        failing = 1800 <= at < 2400
        lines += [event(at, "/pay", failing, 20), event(at, "/cart", False, 80), event(at, "/p/one", failing, 5, 500),
                  event(at, "/p/two", False, 5)]
    return "".join(json.dumps(line) + "\n" for line in lines)


def recording():
    """The same as `serve --record` writes it, a batch and a tick each five seconds."""
    head = {"firebreak": "start", "at": stamp(0), "format": 1, "session": stamp(0), "file": 1, "version": "1",
            "evaluation_interval": "5s", "fingerprint": {}}
    compact = lambda line: json.dumps(line, separators=(",", ":"))
    lines = [compact(head)]
    for batch in range(0, 3600, 5):
        failing = 1800 <= batch < 2400
        counted = [event(batch, "/pay", failing, 20), event(batch, "/cart", False, 80)]
        lines += [compact({"firebreak": "batch", "arrived": stamp(batch), "events": len(counted)}),
                  *map(compact, counted), compact({"firebreak": "tick", "at": stamp(batch + 5)})]
    return lines


class ExplainTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.config = harness.write(self.folder, "rules.yaml", RULES)
        self.events = harness.write(self.folder, "events.ndjson", events())

    def replay(self, *arguments, code=0):
        actual, out, err = harness.run("replay", "--config", self.config, *arguments)
        self.assertEqual(actual, code, out + err)
        return out, err

    def explain(self, *questions, of=None, code=0):
        asked = [argument for question in questions for argument in ("--explain", question)]
        return self.replay(*asked, *(of or [self.events]), code=code)

    def answer(self, question, of=None):
        out, _ = self.replay("--json", "--explain", question, *(of or [self.events]))
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([list(line) for line in lines], [["explain"], ["summary"]])
        return lines[0]["explain"]

    def test_a_page_is_explained_window_by_window(self):
        out, _ = self.explain(f"web/availability/fast@{stamp(2000)}")
        self.assertIn(f"web/availability/fast at {stamp(2000)}: firing [page] since", out)
        self.assertIn("Why: both windows are above.", out)
        self.assertRegex(out, r"Last 1m: 240 of 1200 \(20 %, burn 20x\), above 5x \(180 fewer and it is not\)")
        self.assertIn("bad by endpoint: /pay 240 of 240 (100 % of the bad)", out)
        self.assertIn("status: 503 240 (100 % of the bad)", out)
        self.assertIn("180 fewer bad requests in the last 1m, and not both windows would have been above.", out)
        self.assertNotIn("→", out.split("Read ")[0].replace("This evaluation: pending → firing [page].", ""))
        self.assertIn("Alerts: ", out)

    def test_what_it_took_to_turn_it_is_exact(self):
        """As many fewer failures as it says, and the alert is not above; one less than that, and it is."""
        answer = self.answer(f"web/availability/fast@{stamp(1960)}")
        self.assertEqual(answer["signal"], "above")
        flip = answer["flip"]
        for change, signal in ((flip, "below"), (flip - 1, "above")):
            changed, left = [], change
            for line in events().splitlines():
                one = json.loads(line)
                taken = min(left, one["count"]) if one["status"] == 503 and one["ts"] <= stamp(1960) else 0
                left -= taken
                if taken:
                    changed.append({**one, "status": 200, "count": taken})
                if one["count"] > taken:
                    changed.append({**one, "count": one["count"] - taken})
            path = harness.write(self.folder, "changed.ndjson", "".join(json.dumps(one) + "\n" for one in changed))
            self.assertEqual(self.answer(f"web/availability/fast@{stamp(1960)}", [path])["signal"], signal)

    def test_what_did_not_fire_is_explained_too(self):
        pending, _ = self.explain(f"web/availability/fast@{stamp(1960)}")
        self.assertRegex(pending, "pending since .*\n  .*Why: both windows are above; it has lasted .* of the 30s")
        before, _ = self.explain(f"web/availability/fast@{stamp(1830)}")
        self.assertIn("inactive", before)
        self.assertIn("Why: the last 1m is above, but the last 10m is not.", before)
        self.assertRegex(before, r"\n  \d+ more bad requests in the last 1m, and both windows would have been above\.")
        after, _ = self.explain(f"web/availability/fast@{stamp(2440)}")
        self.assertIn("This evaluation: firing → resolved (recovered).", after)

    def test_several_alerts_and_times_come_in_their_order(self):
        out, _ = self.explain("web/latency/slow@+10m", f"partners/availability/fast /p/one@{stamp(1900)}",
                              "web/NoData@+20m")
        heads = [line for line in out.splitlines() if " at 20" in line and not line.startswith(" ")]
        self.assertEqual([head.split(":")[0].rsplit(" at ")[0] for head in heads],
                         ["web/latency/slow", "partners/availability/fast /p/one", "web/NoData"])
        self.assertIn("status of the whole tier: 500 ", out)
        self.assertIn("Feed: traffic.", out)

    def test_a_name_as_the_timeline_prints_it_is_taken(self):
        timeline, _ = self.replay(self.events)
        line = next(line for line in timeline.splitlines() if "/p/one" in line and "→ firing" in line)
        at, rest = line.split("  ", 1)
        name = rest.split("  ")[0].strip()
        self.assertEqual(self.answer(f"{name}@{at}")["changes"][-1]["to"], "firing")
        self.assertEqual(self.answer(f"partners/availability/fast/p/one@{at}")["alert"], "partners/availability/fast /p/one")

    def test_what_is_misspelt_is_named(self):
        for wrong, part in (
                ("web/availability/fsat@+1h", 'there is no alert "web/availability/fsat", did you mean "web/availability/fast"?'),
                ("web/availability/fast", "wanted ALERT@TIME"),
                ("web/availability/fast@noon", '"noon" is no time: wanted RFC 3339'),
                ("web/availability/fast@+1parsec", '"+1parsec" is no time'),
                ("web/availability/fast/pay@+1h", "web has alert_by: tier"),
                ("partners/availability/fast@+1h", "wanted an endpoint behind it")):
            out, err = self.explain(wrong, code=2)
            self.assertIn(part, err)
            self.assertEqual(out, "")
        _, err = self.explain("web/availability/fsat@+1h", code=2)
        self.assertIn("\n  partners/availability/slow …\n", err)

    def test_an_endpoint_that_was_not_there_and_a_time_after_the_end_fail_after_the_rest(self):
        out, err = self.explain(f"partners/availability/fast /p/oen@{stamp(1900)}", "web/availability/fast@+20m", code=2)
        self.assertIn("web/availability/fast at ", out)
        self.assertIn("that endpoint had no alert then, did you mean \"/p/one\"?; there were:\n  /p/one\n  /p/two", err)
        _, err = self.explain("web/availability/fast@2030-01-01T00:00:00Z", code=2)
        self.assertRegex(err, "the replay ends before that, at 20..-")

    def test_a_recording_is_explained_as_it_went(self):
        path = harness.write(self.folder, "firebreak-1.ndjson", "\n".join(recording()) + "\n")
        answer = self.answer(f"web/availability/fast@{stamp(2000)}", [path])
        self.assertEqual((answer["status"], answer["signal"]), ("firing", "above"))
        self.assertEqual(answer["short"]["endpoints"], [{"endpoint": "/pay", "bad": 220, "total": 220}])
        self.assertEqual(answer["short"]["causes"], [{"status": "503", "bad": 220}])

    def test_a_ledger_is_explained_without_endpoints(self):
        ledger = os.path.join(self.folder, "data")
        self.replay("--into", ledger, self.events)
        answer = self.answer(f"web/availability/fast@{stamp(2010)}", ["--data-dir", ledger])
        self.assertEqual(answer["status"], "firing")
        self.assertIsNone(answer["short"]["endpoints"])
        out, _ = self.explain(f"web/availability/fast@{stamp(2010)}", of=["--data-dir", ledger])
        self.assertIn("Endpoints and status codes are not known: a ledger replays tiers.", out)
        _, err = self.explain("partners/availability/fast /p/one@+31m", of=["--data-dir", ledger], code=2)
        self.assertIn("a ledger keeps the counts of tiers for replay", err)

    def test_the_last_request_is_not_one_that_was_read_ahead(self):
        for second in (1000, 1800, 3000):
            answer = self.answer(f"web/NoData@{stamp(second)}")
            self.assertEqual((answer["last_event"], answer["last_life"]), (stamp(second), stamp(second)))
        out, _ = self.explain(f"web/NoData@{stamp(1000)}")
        self.assertIn(f"Last request counted by {stamp(1000)}, last sign of life by {stamp(1000)}", out)

    def test_codes_that_are_not_told_apart_are_no_status(self):
        codes = [event(10, "/pay", True, 1, status) for status in range(500, 540)]
        path = harness.write(self.folder, "codes.ndjson", "".join(json.dumps(line) + "\n" for line in codes))
        causes = self.answer(f"web/availability/fast@{stamp(20)}", [path])["short"]["causes"]
        self.assertEqual(causes[0], {"status": "other", "bad": 8})
        self.assertNotIn("0", [cause["status"] for cause in causes])
        self.assertIn("other codes 8 (20 % of the bad), 500 1", self.explain(f"web/availability/fast@{stamp(20)}", of=[path])[0])

    def test_a_recording_that_is_cut_off_is_explained_up_to_the_cut(self):
        question = f"web/availability/fast@{stamp(2000)}"
        page = os.path.join(self.folder, "page.html")
        whole = gzip.compress(events().encode())
        log = os.path.join(self.folder, "events.ndjson.gz")
        with open(log, "wb") as file:
            file.write(whole[:len(whole) * 3 // 4])
        out, err = self.explain(question, of=[log, "--html", page], code=2)
        self.assertIn("firing [page] since", out)
        self.assertIn("cut off", err)
        with open(page, encoding="utf-8") as file:
            data = file.read().split('id="data">')[1].split("</script>")[0]
        self.assertEqual(data.count("is cut off behind this line, used up to there"), 1)
        self.assertEqual(data.count("cut off"), 1)
        lines = recording()
        recorded = harness.write(self.folder, "firebreak-2.ndjson", "\n".join(lines[:2000]) + "\n" + lines[2000][:20])
        out, _ = self.explain(question, of=[recorded])
        self.assertIn("firing [page] since", out)
        self.assertRegex(out, "note: the session that began .* has no end")

    def test_it_goes_with_a_replay_only(self):
        _, err = self.explain("web/availability/fast@+1h", of=["--into", os.path.join(self.folder, "x"), self.events], code=2)
        self.assertIn("--explain and --html go with a replay", err)

    def test_a_page_that_cannot_be_written_is_said_at_once(self):
        _, err = self.replay("--html", os.path.join(self.folder, "no", "page.html"), self.events, code=2)
        self.assertIn("--html: cannot write ", err)


if __name__ == "__main__":
    harness.main()
