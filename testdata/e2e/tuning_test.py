#!/usr/bin/env python3
"""firebreak tune and firebreak diff: rules tried on recorded traffic, and two configurations compared."""

import datetime
import gzip
import json
import os
import re
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
  batch:
    availability: 0.9
    burn_rate_fast: 5
    burn_rate_slow: 2
    endpoints: [/export]
alerts:
  fast: {short: 5m, long: 1h, burn: 10, for: 2m}
  slow: {short: 30m, long: 6h, burn: 4, for: 15m}
"""

START = 1764000000  # on the grid of an hour
HOUR = 3600


def stamp(second):
    return datetime.datetime.fromtimestamp(START + second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def traffic(hours, bad):
    """A request to /pay every 10 s, one to /export a minute; `bad(second)` says which of /pay fail."""
    lines = []
    for second in range(0, hours * HOUR, 10):
        lines.append(json.dumps({"ts": stamp(second), "endpoint": "/pay", "status": 503 if bad(second) else 200,
                                 "latency_ms": 100}))
        if second % 60 == 0:
            lines.append(json.dumps({"ts": stamp(second), "endpoint": "/export", "status": 200}))
    return "\n".join(lines) + "\n"


def outages(*hours, minutes=20):
    """Half of the requests fail for some minutes from each of these hours on."""
    return lambda second: any(0 <= second - hour * HOUR < minutes * 60 for hour in hours) and second % 20 == 0


class LabCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.config = self.write("rules.yaml", RULES)

    def write(self, name, text):
        return harness.write(self.folder, name, text)

    def run_command(self, *arguments, code=0):
        actual, out, err = harness.run(*arguments)
        self.assertEqual(actual, code, out + err)
        return out, err

    def incidents(self, *hours, tier="web"):
        rows = "".join(f"{stamp(hour * HOUR)},{stamp(hour * HOUR + 1200)},{tier},outage at {hour}\n" for hour in hours)
        return self.write("incidents.csv", "begin,end,tier,what\n" + rows)


class TuneTest(LabCase):
    def tune(self, *arguments, code=0):
        return self.run_command("tune", "--config", self.config, *arguments, code=code)

    def report(self, *arguments):
        return json.loads(self.tune("--json", *arguments)[0])

    def test_the_present_rules_are_scored_by_what_replay_says_of_them(self):
        log = self.write("log.ndjson", traffic(72, outages(4, 20, 21, 40, 60)))
        report = self.report("--incidents", self.incidents(4, 20, 40, 60), log)
        (slo,) = report["slos"]
        self.assertEqual((slo["tier"], slo["slo"]), ("web", "availability"))
        out, _ = self.run_command("replay", "--config", self.config, "--json", "--step", "1m", log)
        pages = [step for step in map(json.loads, out.splitlines())
                 if step.get("tier") == "web" and step.get("slo") == "availability" and step["pair"] == "fast"]
        self.assertEqual([alert["fired"] for alert in slo["current_alerts"]],
                         [step["time"] for step in pages if step["to"] == "firing"])
        self.assertEqual([alert["resolved"] for alert in slo["current_alerts"]],
                         [step["time"] for step in pages if step["to"] == "resolved"])
        score = slo["current"]["all"]
        self.assertEqual((score["incidents"], score["caught"], score["pages"], score["false_pages"]), (4, 4, 5, 1))
        self.assertEqual((score["precision"]["k"], score["precision"]["n"]), (4, 5))
        self.assertEqual(report["notes"], ["web/latency: no labelled incident, so it is not tuned",
                                           "batch/availability: no labelled incident, so it is not tuned"])

    def test_what_is_recommended_can_be_pasted_and_does_what_was_said(self):
        log = self.write("log.ndjson", traffic(72, outages(4, 20, 40, 60)))
        arguments = ("--incidents", self.incidents(4, 20, 40, 60), log)
        slo = self.report(*arguments)["slos"][0]
        self.assertEqual(slo["advice"], "change")
        self.assertEqual(slo["hold_out"]["method"], "one_incident")
        self.assertLess(slo["recommended"]["all"]["detection_seconds"]["median"],
                        slo["current"]["all"]["detection_seconds"]["median"])
        rules = {rule["pair"]: rule for rule in slo["recommended"]["rules"]}
        fast = rules["fast"]
        self.assertIn(f"burn_rate_fast: {fast['burn']}", slo["yaml"] + "burn_rate_fast: 10")
        pasted = RULES.replace("  fast: {short: 5m, long: 1h, burn: 10, for: 2m}",
                               f"  fast: {{short: {fast['short']}, long: {fast['long']}, burn: 10, for: {fast['for']}}}")
        pasted = pasted.replace("    p95_ms: 400", f"    p95_ms: 400\n    burn_rate_fast: {fast['burn']}\n"
                                                   f"    min_bad: {fast['min_bad']}")
        self.config = self.write("pasted.yaml", pasted)
        self.run_command("check", self.config)
        again = self.report(*arguments)["slos"][0]
        self.assertEqual(again["current"]["all"], slo["recommended"]["all"])
        self.assertEqual(again["advice"], "keep")

    def test_people_read_a_table_and_the_yaml(self):
        log = self.write("log.ndjson", traffic(72, outages(4, 20, 40, 60, 65)))
        out, err = self.tune("--incidents", self.incidents(4, 20, 40, 60, 65), "--sweep", "fast.for=0s,2m", log)
        self.assertEqual(err, "")
        self.assertIn("web/availability, objective 99 %: 5 incidents; 2 combinations", out)
        self.assertIn("scored on the last third as well", out)
        self.assertRegex(out, r"(?m)^  now +fast 5m/1h 10x for 2m +0 of 3 +0 ")
        self.assertRegex(out, r"(?m)^  1 \* +fast 5m/1h 10x for 0s +0 of 3 +0 ")
        self.assertIn("Recommended: fast 5m/1h 10x for 0s\n    instead of fast 5m/1h 10x for 2m", out)
        self.assertIn("    alerts:  # for every tier\n      fast: {for: 0s}\n", out)

    def test_every_combination_is_reported_when_asked(self):
        log = self.write("log.ndjson", traffic(24, outages(4, 20)))
        arguments = ("--incidents", self.incidents(4, 20), "--sweep", "fast.burn=8,9,10,90", log)
        self.assertNotIn("all", self.report(*arguments)["slos"][0])
        every = self.report("--all", *arguments)["slos"][0]["all"]
        self.assertEqual(sorted(plan["rules"][0]["burn"] for plan in every), ["10", "8", "9", "90"])
        self.assertEqual(every[-1]["all"]["missed"], 2)
        self.assertIn("fast 5m/1h 90x for 2m", self.tune("--all", *arguments)[0])

    def test_a_page_with_charts_loads_nothing(self):
        log = self.write("log.ndjson", traffic(48, outages(4, 20)))
        path = os.path.join(self.folder, "tune.html")
        self.tune("--incidents", self.incidents(4, 20), "--html", path, log)
        with open(path, encoding="utf-8") as file:
            html = file.read()
        data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL).group(1))
        self.assertEqual(data["slos"][0]["incidents"][1]["what"], "outage at 20")
        self.assertTrue("default-src 'none'" in html and "Pareto front" in html)
        _, err = self.tune("--incidents", self.incidents(4), "--html", "/absent/tune.html", log, code=2)
        self.assertIn("--html: cannot write /absent/tune.html", err)

    def test_a_missed_incident_is_never_hushed_up(self):
        log = self.write("log.ndjson", traffic(48, outages(4, 20)))
        out, _ = self.tune("--incidents", self.incidents(4, 20, 40), log)
        self.assertRegex(out, r"misses line 4: .*\(outage at 40\); so does every combination")

    def test_incidents_outside_of_the_recording_are_named(self):
        log = self.write("log.ndjson", traffic(24, outages(4)))
        out, _ = self.tune("--incidents", self.incidents(4, 400), log)
        self.assertRegex(out, r"Left out, since it does not begin in the recording: line 3: .*outage at 400")

    def test_pages_of_an_incident_that_began_before_the_recording_are_not_false(self):
        log = self.write("log.ndjson", traffic(24, lambda second: outages(10)(second) or (second < 3000 and second % 20 == 0)))
        self.assertEqual(self.report("--incidents", self.incidents(10), log)["slos"][0]["current"]["all"]["false_pages"], 1)
        early = self.write("early.csv", f"begin,end,tier,what\n{stamp(-600)},{stamp(3000)},web,early\n"
                                        f"{stamp(10 * HOUR)},{stamp(10 * HOUR + 1200)},web,later\n")
        slo = self.report("--incidents", early, log)["slos"][0]
        score = slo["current"]["all"]
        self.assertEqual((score["pages"], score["false_pages"], score["outside_pages"], score["caught"]), (2, 0, 1, 1))
        self.assertEqual([incident["what"] for incident in slo["outside"]], ["early"])
        # One that begins exactly with the recording is held by it.
        first = self.report("--incidents", early, log)["from"]
        held = self.write("held.csv", f"begin,end,tier,what\n{first},{stamp(3000)},web,first\n")
        self.assertEqual(self.report("--incidents", held, log)["slos"][0]["current"]["all"]["caught"], 1)

    def test_what_a_recommendation_does_to_other_slos_is_said(self):
        self.config = self.write("rules.yaml", RULES.replace("burn_rate_fast: 5", "burn_rate_fast: 1.5"))
        # The short pages of /pay are false: a long `for` is recommended for it.
        lines = traffic(72, lambda second: outages(4, 20, 40, minutes=40)(second) or
                        outages(8, 12, 26, minutes=14)(second)).splitlines()
        for second in range(30 * HOUR, 30 * HOUR + 720, 10):
            lines.append(json.dumps({"ts": stamp(second), "endpoint": "/export", "status": 503}))
        log = self.write("log.ndjson", "".join(line + "\n" for line in sorted(lines)))
        rows = "".join(f"{stamp(hour * HOUR)},{stamp(hour * HOUR + 2400)},web,outage at {hour}\n" for hour in (4, 20, 40))
        incidents = self.write("incidents.csv", "begin,end,tier,what\n" + rows +
                               f"{stamp(30 * HOUR)},{stamp(30 * HOUR + 720)},batch,export fails\n")
        arguments = ("--incidents", incidents, "--sweep", "fast.for=1m,2m,20m", log)
        web, batch = self.report(*arguments)["slos"]
        self.assertEqual((web["advice"], web["recommended"]["rules"][0]["for"]), ("change", "20m"))
        self.assertEqual(batch["current"]["all"]["caught"], 1)
        self.assertEqual([(effect["tier"], [incident["what"] for incident in effect["missed"]])
                          for effect in web["side_effects"]], [("batch", ["export fails"])])
        out, _ = self.tune(*arguments)
        self.assertRegex(out, r"Warning: this changes batch/availability too, which then misses line 5: .*\(export fails\)")
        self.assertRegex(out, r"Note: the recommendations contradict each other in settings that SLOs share "
                              r"\(alerts\.fast\.for: 20m for web/availability, 1m for batch/availability\)")
        # It is said of SLOs that were not asked for, too.
        self.assertIn("which then misses line 5", self.tune("--slo", "web/availability", *arguments)[0])

    def test_rejected_lines_are_said(self):
        log = self.write("log.ndjson", "nonsense\n" + traffic(24, outages(4)))
        out, _ = self.tune("--incidents", self.incidents(4), "--format", "events", log)
        self.assertRegex(out, r"Read \d+ lines: 1 rejected\.\n  rejected: .*log\.ndjson:1: ")

    def test_events_that_are_dated_far_away_are_named_as_the_cause(self):
        day = traffic(24, outages(4))
        log = self.write("log.ndjson", day + '{"ts": "1980-01-01T00:00:00Z", "endpoint": "/pay", "status": 200}\n' + day)
        _, err = self.tune("--incidents", self.incidents(4), "--sweep", "fast.short=1m,2m,3m,4m,5m", log, code=2)
        self.assertRegex(err, "events are dated from 1979-12-31T23:59:5.Z to 2025-11-25.*: is one dated wrongly")

    def test_derived_incidents_are_marked_as_circular(self):
        log = self.write("log.ndjson", traffic(48, outages(4, 20)))
        out, _ = self.tune("--derive", "1%", log)
        self.assertIn("CIRCULAR", out)
        self.assertIn("2 incidents", out)
        self.assertTrue(self.report("--derive", "1%", log)["incidents"]["circular"])
        out, _ = self.tune("--derive", "100%", log)
        self.assertIn("web/availability: no incident begins in the recording, so it is not tuned", out)

    def test_tickets_are_tuned_when_asked(self):
        log = self.write("log.ndjson", traffic(48, outages(4, 20, minutes=60)))
        incidents = self.incidents(4, 20)
        _, err = self.tune("--incidents", incidents, "--sweep", "slow.burn=1..4/1", log, code=2)
        self.assertIn("--sweep: slow: its alerts are tickets, and only pages count: wanted --severity ticket", err)
        slo = self.report("--incidents", incidents, "--sweep", "slow.burn=1..4/1", "--severity", "ticket", log)["slos"][0]
        self.assertEqual(slo["combinations"], 4)

    def test_what_a_server_keeps_is_tuned_as_well(self):
        first = int(time.time()) // 60 * 60 - START - 30 * HOUR  # a ledger keeps what is not too old
        log = self.write("log.ndjson", "".join(
            json.dumps({"ts": stamp(first + second), "endpoint": "/pay", "latency_ms": 100,
                        "status": 503 if 8 * HOUR <= second < 8 * HOUR + 1200 else 200}) + "\n"
            for second in range(0, 24 * HOUR, 10)))
        data_dir = os.path.join(self.folder, "data")
        self.run_command("replay", "--config", self.config, "--into", data_dir, log)
        incidents = self.write("incidents.yaml", f"""incidents:
  - {{begin: "{stamp(first + 8 * HOUR)}", end: "{stamp(first + 8 * HOUR + 1200)}", tier: web, what: outage}}
""")
        report = self.report("--incidents", incidents, "--data-dir", data_dir)
        slo = report["slos"][0]
        out, _ = self.run_command("replay", "--config", self.config, "--json", "--step", "1m", "--data-dir", data_dir)
        fired = [step["time"] for step in map(json.loads, out.splitlines())
                 if step.get("slo") == "availability" and step["pair"] == "fast" and step["to"] == "firing"]
        self.assertEqual([alert["fired"] for alert in slo["current_alerts"]], fired)
        self.assertEqual(slo["current"]["all"]["caught"], 1)
        self.assertEqual(slo["hold_out"]["method"], "nothing")
        self.assertIn("the ledger holds ", report["notes"][0])
        self.assertIn("wanted no FILE", self.tune("--data-dir", data_dir, log, code=2)[1])
        self.assertIn("FILE is required", self.tune(code=2)[1])
        self.assertIn("--since goes with --data-dir", self.tune("--since", "1h", log, code=2)[1])

    def test_every_fault_is_told_with_its_place(self):
        log = self.write("log.ndjson", traffic(1, outages()))
        bad = self.write("bad.yaml", "incidents:\n  - {begin: x, end: 2026-01-05T10:40:00Z, tier: wed}\n")
        _, err = self.tune("--incidents", bad, log, code=2)
        self.assertIn(f"{bad}:2:13: error: incidents[0].begin", err)
        self.assertIn('incidents[0].tier: "wed" is no tier of the configuration, did you mean "web"?', err)
        for arguments, named in ((("--sweep", "fast.brun=1 fast.for=x"), "--sweep:1:22: error: \"x\""),
                                 (("--sweep", "fast.brun=1"), 'did you mean "fast.burn"?'),
                                 (("--slo", "web/speed"), "wanted one of web/availability, web/latency, batch/availability"),
                                 (("--derive", "0"), "--derive"), (("--derive", "2"), "such as 2% or 0.02, at most 100%"),
                                 (("--derive", "100.1%"), "--derive"),
                                 (("--derive", "2%", "--incidents", bad), "wanted no --incidents with it"), (("--step", "7s"), "--step"),
                                 (("--incidents", "/absent"), "/absent"), (("--format", "x"), "--format"),
                                 (("--incidents", self.write("none.yaml", "incidents: []")), "no incidents in it")):
            out, err = self.tune(*arguments, log, code=2)
            self.assertEqual(out, "")
            self.assertIn(named, err)

    def test_a_recording_that_is_cut_off_is_used_up_to_the_cut(self):
        whole = gzip.compress(traffic(48, outages(4, 20, 30)).encode())
        path = os.path.join(self.folder, "cut.ndjson.gz")
        with open(path, "wb") as file:
            file.write(whole[:len(whole) * 3 // 4])
        out, err = self.tune("--incidents", self.incidents(4, 20), path, code=2)
        self.assertEqual(len(re.findall(r"Note: \S*cut\.ndjson\.gz:\d+: is cut off behind this line", out)), 1)
        self.assertEqual(out.count("cut off"), 1)
        self.assertIn("Recommended", out)
        self.assertIn("cut.ndjson.gz", err)


class DiffTest(LabCase):
    def setUp(self):
        super().setUp()
        self.log = self.write("log.ndjson", traffic(48, lambda second: outages(4, 20)(second) or
                                                    outages(30, minutes=5)(second)))
        self.new = self.write("new.yaml", RULES.replace("burn: 10, for: 2m", "burn: 4, for: 0s"))

    def diff(self, *arguments, code=0):
        return self.run_command("diff", *arguments, self.log, code=code)

    def test_gained_and_earlier_alerts_are_told(self):
        out, err = self.diff(self.config, self.new)
        self.assertEqual(err, "")
        self.assertRegex(out, r"(?m)^\d+m\S* earlier +page +web/availability/fast +2025-\S+ to 2025-\S+ +→ +2025-")
        self.assertRegex(out, r"(?m)^gained +page +web/availability/fast +– +→ +2025-")
        self.assertIn("pages: 1 gained, 0 lost, 2 earlier, 0 later, 0 longer, 0 shorter, 0 unchanged", out)

    def test_the_other_way_round_they_are_lost_and_later(self):
        report = json.loads(self.diff("--json", self.new, self.config)[0])
        self.assertEqual(report["totals"]["page"], {"gained": 0, "lost": 1, "earlier": 0, "later": 2, "longer": 0,
                                                    "shorter": 0, "unchanged": 0})
        kinds = {change["change"] for change in report["changes"] if change["labels"]["severity"] == "page"}
        self.assertEqual(kinds, {"lost", "later"})

    def test_both_sides_are_what_replay_says(self):
        report = json.loads(self.diff("--json", self.config, self.new)[0])
        for config, side in ((self.config, "old"), (self.new, "new")):
            out, _ = self.run_command("replay", "--config", config, "--json", self.log)
            fired = [step["time"] for step in map(json.loads, out.splitlines()) if step.get("to") == "firing"]
            self.assertEqual(sorted(change[side]["fired"] for change in report["changes"] if change[side]), sorted(fired))

    def test_markdown_is_a_table(self):
        out, _ = self.diff("--markdown", self.config, self.new)
        self.assertIn("| change | severity | alert | old | new |\n|---|---|---|---|---|\n", out)
        self.assertRegex(out, r"\| gained \| page \| `web/availability/fast` \| – \| 2025-")

    def test_nothing_changed_is_said(self):
        for form in ((), ("--markdown",)):
            self.assertIn("No alert changes.", self.diff(*form, self.config, self.config)[0])
        self.diff("--exit-code", self.config, self.config)
        self.diff("--exit-code", self.config, self.new, code=1)

    def test_a_log_that_is_cut_off_is_named_once(self):
        with open(self.log, "rb") as file:
            whole = gzip.compress(file.read())
        self.log = os.path.join(self.folder, "cut.ndjson.gz")
        with open(self.log, "wb") as file:
            file.write(whole[:len(whole) * 3 // 4])
        out, err = self.diff(self.config, self.new, code=2)
        self.assertRegex(out, r"cut\.ndjson\.gz:\d+: is cut off behind this line, used up to there")
        self.assertEqual(out.count("cut off"), 1)
        self.assertRegex(err, r"cut\.ndjson\.gz:\d+: is cut off")

    def test_an_alert_that_lasts_longer_is_a_change(self):
        kept = self.write("kept.yaml", RULES.replace("burn: 10, for: 2m", "burn: 10, for: 2m, keep_firing_for: 1h"))
        out, _ = self.diff("--exit-code", self.config, kept, code=1)
        self.assertRegex(out, r"(?m)^1h longer +page +web/availability/fast ")
        self.assertIn("0 later, 2 longer, 0 shorter, 0 unchanged; tickets", out)
        out, _ = self.diff("--markdown", kept, self.config)
        self.assertIn("| 1h shorter | page |", out)

    def test_what_came_behind_its_evaluation_is_said(self):
        lines = traffic(24, outages(4)).splitlines()
        self.log = self.write("behind.ndjson", "\n".join(lines[700:1400] + lines[:700] + lines[1400:]) + "\n")
        for form in ((), ("--markdown",)):
            self.assertRegex(self.diff(*form, self.config, self.new)[0],
                             r"\d+ counted after their evaluation \(see --lateness\)")
        self.assertGreater(json.loads(self.diff("--json", self.config, self.new)[0])["read"]["behind"], 0)

    def test_faults_name_their_file(self):
        bad = self.write("bad.yaml", "slo_tiers: {}\n")
        self.assertIn(bad + ":1", self.diff(self.config, bad, code=2)[1])
        self.assertIn("bad.yaml", self.diff(bad, self.config, code=2)[1])
        self.assertIn("--step", self.diff("--step", "7s", self.config, self.new, code=2)[1])
        self.log = self.write("none.ndjson", "nonsense\n")
        self.assertIn("not one event", self.diff(self.config, self.new, code=2)[1])


if __name__ == "__main__":
    harness.main()
