#!/usr/bin/env python3
"""The commands as they are used in a shell: check, replay, version; exit codes, messages, formats."""

import gzip
import json
import os
import subprocess
import unittest

import harness

ONE_TIER = """
slo_tiers:
  all:
    availability: 0.99
    endpoints: ["~.*"]
alerts:
  fast: {for: 0s}
  slow: {for: 0s}
"""

START = 1764000000  # on the grid of a minute


def events(minutes, status, first=0, each=10):
    return [json.dumps({"ts": 1000 * (START + 60 * (first + m) + 5 * i), "endpoint": "/x", "status": status})
            for m in range(minutes) for i in range(each)]


def outage():
    """An hour of good traffic, ten minutes of errors, twenty good minutes."""
    return "\n".join(events(60, 200) + events(10, 503, first=60) + events(20, 200, first=70)) + "\n"


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.config = harness.write(self.folder, "rules.yaml", ONE_TIER)

    def replay(self, *arguments, stdin=None, code=0):
        actual, out, err = harness.run("replay", "--config", self.config, *arguments,
                                       stdin=stdin.encode() if isinstance(stdin, str) else stdin)
        self.assertEqual(actual, code, out + err)
        return out, err

    def transitions(self, *arguments, **options):
        lines = [json.loads(line) for line in self.replay("--json", *arguments, **options)[0].splitlines()]
        self.assertEqual(list(lines[-1]), ["summary"])
        return lines[:-1], lines[-1]["summary"]

    def test_version_and_help(self):
        self.assertRegex(harness.run("version")[1], r"^firebreak \d+\.\d+\.\d+\n$")
        for command in ("check", "replay", "serve", "notify-test", "maintenance"):
            code, out, _ = harness.run(command, "--help")
            self.assertEqual(code, 0)
            self.assertIn("Example", out)
        self.assertEqual(harness.run()[0], 2)
        self.assertEqual(harness.run("no-such-command")[0], 2)
        self.assertEqual(harness.run("replay", "--no-such-flag")[0], 2)

    def test_where_nothing_can_be_printed_the_exit_code_says_so(self):
        for arguments in (["version"], ["check", "/absent.yaml"], ["tune", "--config", "/absent.yaml", "log"], ["replay"]):
            read_end, write_end = os.pipe()
            os.close(read_end)
            with os.fdopen(write_end, "wb") as nobody:
                code = subprocess.run([harness.binary(), *arguments], stdout=nobody, stderr=nobody, check=False).returncode
            self.assertEqual(code, 2, arguments)

    def test_check_exit_codes(self):
        good = harness.run("check", self.config)
        self.assertEqual(good[0], 0)
        self.assertIn("pages when more than 14.4 % of all fail over both 5m and 1h", good[1])
        bad = harness.write(self.folder, "bad.yaml", ONE_TIER.replace("0.99", "1") + "alrts: {}\n")
        code, out, _ = harness.run("check", bad)
        self.assertEqual(code, 1)
        self.assertRegex(out, r"bad\.yaml:4:\d+: error: .*availability")
        self.assertRegex(out, r"bad\.yaml:9:1: error: .*alrts.*did you mean.*alerts")
        warns = harness.write(self.folder, "warns.yaml", ONE_TIER.replace("fast: {for: 0s}", "fast: {for: 6m}"))
        self.assertEqual(harness.run("check", warns)[0], 0)
        self.assertIn("warning", harness.run("check", warns)[1])
        self.assertEqual(harness.run("check", "--strict", warns)[0], 1)
        self.assertEqual(harness.run("check", os.path.join(self.folder, "absent.yaml"))[0], 2)
        self.assertEqual(harness.run("check", self.folder)[0], 2)

    def test_check_json(self):
        code, out, _ = harness.run("check", "--json", harness.write(self.folder, "bad.yaml", "slo_tiers: 5\n"))
        self.assertEqual(code, 1)
        finding = json.loads(out)[0]
        self.assertEqual((finding["kind"], finding["line"]), ("error", 1))

    def test_replay_prints_a_timeline_and_a_summary(self):
        out, err = self.replay("-", stdin=outage())
        self.assertEqual(err, "")
        lines = out.splitlines()
        fast = [line for line in lines if "all/availability/fast" in line]
        self.assertIn("inactive → firing [page]", fast[0])
        self.assertTrue(any("firing → resolved" in line for line in lines))
        self.assertIn("Read 900 lines: 900 events, 0 rejected, 0 late", out)
        self.assertIn("100 of 900 bad", out)
        self.assertIn("Alerts: 1 page, ", out)

    def test_replay_json_is_exact(self):
        steps, summary = self.transitions("--step", "60s", "-", stdin=outage())
        first = next(step for step in steps if step["pair"] == "fast")
        # The first minute whose hour holds more than 14.4 % errors: 11 minutes of 60, less what has left the hour.
        self.assertEqual((first["from"], first["to"], first["tier"], first["slo"]), ("inactive", "firing", "all", "availability"))
        self.assertGreater(first["short"]["bad"] / first["short"]["total"], 0.144)
        self.assertGreater(first["long"]["bad"] / first["long"]["total"], 0.144)
        self.assertAlmostEqual(first["long"]["burn"], first["long"]["bad"] / first["long"]["total"] / 0.01)
        self.assertEqual((summary["lines"], summary["events"], summary["tiers"][0]["bad"]), (900, 900, 100))

    def test_replay_reads_gzip_files_and_standard_input_alike(self):
        path = os.path.join(self.folder, "outage.ndjson.gz")
        with gzip.open(path, "wt") as file:
            file.write(outage())
        with open(path, "rb") as file:
            compressed = file.read()
        expected = self.replay("-", stdin=outage())[0]
        self.assertEqual(self.replay(path)[0], expected)
        self.assertEqual(self.replay("-", stdin=compressed)[0], expected)

    def test_a_recording_that_is_cut_off_is_used_up_to_the_cut(self):
        path = os.path.join(self.folder, "cut.ndjson.gz")
        with open(path, "wb") as file:
            file.write(gzip.compress(outage().encode())[:-200])
        out, err = self.replay(path, code=2)
        self.assertRegex(out, r"(?m)^  note: \S*cut\.ndjson\.gz:\d+: is cut off behind this line, used up to there$")
        self.assertRegex(err, r"cut\.ndjson\.gz:\d+: is cut off")
        code, out, _ = harness.run("replay", "--config", self.config, "--json", path)
        self.assertEqual(code, 2)
        (note,) = json.loads(out.splitlines()[-1])["summary"]["notes"]
        self.assertRegex(note, r":\d+: is cut off behind this line, used up to there$")

    def test_access_logs(self):
        combined = '192.0.2.1 - - [24/Nov/2025:16:00:05 +0000] "GET /x?q=1 HTTP/1.1" 503 12 "-" "agent"\n'
        common = '192.0.2.1 - - [24/Nov/2025:10:30:06 -0530] "GET /x HTTP/1.1" 200 12\n'
        nginx = '192.0.2.1 - - [24/Nov/2025:16:00:07 +0000] "GET /x HTTP/1.1" 200 12 "-" "agent" 0.250\n'
        _, summary = self.transitions("-", stdin=combined + common)
        self.assertEqual((summary["events"], summary["tiers"][0]["bad"]), (2, 1))
        self.assertEqual((summary["first_event"], summary["last_event"]), ("2025-11-24T16:00:05Z", "2025-11-24T16:00:06Z"))
        _, summary = self.transitions("--format", "nginx", "-", stdin=nginx)
        self.assertEqual(summary["events"], 1)
        pattern = r"^(?P<time>\S+) (?P<status>\d+) (?P<endpoint>\S+)$"
        _, summary = self.transitions("--format", pattern, "-", stdin="2025-11-24T16:00:05Z 503 /x\nnonsense\n")
        self.assertEqual((summary["events"], summary["rejected"]), (1, 1))

    def test_rejected_lines_are_named_with_their_reasons(self):
        lines = events(1, 200)[:3] + ['{"endpoint": "/x", "status": 200}', "nonsense"]
        out, _ = self.replay("-", stdin="\n".join(lines))
        self.assertIn("-:4: ts", out)
        self.assertIn("-:5: ", out)
        self.assertIn("3 events, 2 rejected", out)

    def test_a_jump_of_years_that_nothing_confirms_is_rejected(self):
        lines = events(3, 200)
        lines.insert(7, json.dumps({"ts": 1000 * (START + 400 * 86400), "endpoint": "/x", "status": 200}))
        _, summary = self.transitions("-", stdin="\n".join(lines))
        self.assertEqual((summary["events"], summary["rejected"]), (30, 1))
        self.assertIn("30 days", summary["rejections"][0])

    def test_a_year_of_silence_costs_nothing(self):
        later = events(2, 200, first=400 * 24 * 60)
        _, summary = self.transitions("-", stdin="\n".join(events(2, 200) + later))
        self.assertEqual(summary["events"], 40)
        self.assertLess(summary["ticks"], 20000)

    def test_fail_on(self):
        self.replay("--fail-on", "page", "-", stdin=outage(), code=1)
        self.replay("--fail-on", "page", "-", stdin="\n".join(events(9, 200)), code=0)

    def test_bad_usage_is_explained(self):
        for arguments, named in ((("--step", "7s", "-"), "multiple"), (("--step", "x", "-"), "--step"),
                                 (("--lateness", "-5m", "-"), "--lateness"), (("--format", "xml", "-"), "--format"),
                                 (("--format", "(?P<time>x)", "-"), "--format"),
                                 ((os.path.join(self.folder, "absent"),), "absent"), ((self.folder,), self.folder)):
            code, out, err = harness.run("replay", "--config", self.config, *arguments, stdin=b"")
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertIn(named, err)

    def test_replay_to_a_running_server(self):
        with harness.Server("--config", self.config) as server:
            recording = harness.write(self.folder, "outage.ndjson", outage())
            code, _, err = harness.run("replay", "--to", f"http://127.0.0.1:{server.port}", "--speed", "3600", recording)
            self.assertEqual(code, 0, err)
            self.assertIn("sent 900 events", err)
            metrics = server.get("/metrics").body.decode()
            self.assertIn('{endpoint="/x",tier="all",status_class="5xx",source="rum"} 100', metrics)
        code, _, err = harness.run("replay", "--to", "nonsense", recording)
        self.assertEqual((code, "--to" in err), (2, True))

    def test_an_empty_recording(self):
        out, _ = self.replay("-", stdin="")
        self.assertIn("Read 0 lines: 0 events", out)


if __name__ == "__main__":
    harness.main()
