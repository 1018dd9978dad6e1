#!/usr/bin/env python3
"""`firebreak test` as it is used in a shell and in a pipeline: exit codes, what it prints, JUnit, recordings."""

import gzip
import json
import os
import unittest
import xml.etree.ElementTree as xml

import harness

RULES = """
evaluation_interval: 30s
slo_tiers:
  web: {availability: 0.999, endpoints: [/a]}
notify:
  webhooks: [{name: oncall, url: "http://127.0.0.1:1/"}]
"""

TESTS = """
config: rules.yaml
step: 1m
tests:
  - name: an outage pages
    traffic:
      - {for: 1h, endpoint: /a, rps: 10}
      - {for: 10m, endpoint: /a, rps: 10, errors: 100%}
    expect:
      - {at: 1h3m, alert: web/availability/fast, state: firing, severity: page}
      - {notifications: oncall, is: [+1h3m web/availability/fast firing page]}
  - name: quiet & "good" <traffic>
    traffic: [{for: 1h, endpoint: /a, rps: 10}]
    expect: [{timeline: all, is: [WRONG]}]
"""

GOOD = TESTS.replace("[WRONG]", "[]")
BAD = TESTS.replace("[WRONG]", "[+5m web/availability/fast firing page]")
START = 1767600000  # a full hour


def recorded(minutes, status):
    return [json.dumps({"ts": 1000 * (START + 60 * m + 5 * i + 1), "endpoint": "/a", "status": status(m)})
            for m in range(minutes) for i in range(10)]


class RuleTestsTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        harness.write(self.folder, "rules.yaml", RULES)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_tests(self, text, *arguments, code=0):
        file = harness.write(self.folder, "tests.yaml", text)
        actual, out, err = harness.run("test", file, *arguments)
        self.assertEqual(actual, code, out + err)
        return out, err

    def test_help_has_an_example(self):
        code, out, _ = harness.run("test", "--help")
        self.assertEqual(code, 0)
        self.assertIn("Example", out)

    def test_what_holds_passes(self):
        out, err = self.run_tests(GOOD)
        self.assertEqual(out, 'ok    an outage pages\nok    quiet & "good" <traffic>\n2 passed, 0 failed\n')
        self.assertEqual(err, "")

    def test_what_does_not_hold_is_shown_with_its_place(self):
        out, _ = self.run_tests(BAD, code=1)
        self.assertIn("FAIL  quiet", out)
        self.assertRegex(out, r"tests\.yaml:14:14: timeline all\n      - \+5m web/availability/fast firing page\n")
        self.assertTrue(out.endswith("1 passed, 1 failed\n"), out)

    def test_run_picks_tests_by_name(self):
        out, _ = self.run_tests(BAD, "--run", "^an out.*s$")
        self.assertEqual(out, "ok    an outage pages\n1 passed, 0 failed\n")

    def test_run_that_picks_nothing_is_an_error(self):
        _, err = self.run_tests(GOOD, "--run", "nowhere", code=2)
        self.assertIn("--run nowhere: no test has such a name", err)
        _, err = self.run_tests(GOOD, "--run", "(", code=2)
        self.assertIn("--run: not a valid RE2", err)

    def test_junit_is_xml_that_says_what_failed(self):
        self.run_tests(BAD, "--junit", self.path("results.xml"), code=1)
        root = xml.parse(self.path("results.xml")).getroot()
        self.assertEqual((root.tag, root.get("tests"), root.get("failures")), ("testsuites", "2", "1"))
        passed, failed = root.iter("testcase")
        self.assertEqual((passed.get("name"), passed.get("line"), len(passed)), ("an outage pages", "5", 0))
        self.assertEqual(failed.get("name"), 'quiet & "good" <traffic>')
        self.assertIn("- +5m web/availability/fast firing page", failed.find("failure").text)

    def test_a_report_that_cannot_be_written_is_an_error(self):
        _, err = self.run_tests(GOOD, "--junit", self.path("absent/results.xml"), code=2)
        self.assertIn("No such file", err)

    def test_json_is_one_object(self):
        result = json.loads(self.run_tests(BAD, "--json", code=1)[0])
        self.assertEqual((result["passed"], result["failed"]), (1, 1))
        self.assertEqual([test["passed"] for test in result["tests"]], [True, False])
        failure = result["tests"][1]["failures"][0]
        self.assertEqual((failure["line"], failure["what"]), (14, "timeline all"))
        self.assertEqual(failure["difference"], [{"mark": "expected", "text": "+5m web/availability/fast firing page"}])

    def test_what_is_misspelt_is_an_error_that_suggests(self):
        text = GOOD.replace("web/availability/fast, state", "wbe/availability/fast, state").replace("oncall,", "oncal,")
        out, err = self.run_tests(text, code=2)
        self.assertEqual(out, "")
        self.assertRegex(err, r'tests\.yaml:10:\d+: error: .*no tier "wbe", did you mean "web"\?')
        self.assertRegex(err, r'tests\.yaml:11:\d+: error: .*no destination "oncal", did you mean "oncall"\?')

    def test_faults_of_all_files_are_reported(self):
        first = harness.write(self.folder, "first.yaml", "tests: []\n")
        code, _, err = harness.run("test", first, self.path("absent.yaml"), self.folder)
        self.assertEqual(code, 2)
        self.assertRegex(err, r"first\.yaml:1:1: error: tests: empty")
        self.assertIn("absent.yaml: No such file", err)
        harness.write(self.folder, "rules.yaml", RULES.replace("0.999", "1"))
        _, err = self.run_tests(GOOD, code=2)
        self.assertRegex(err, r"rules\.yaml:4:\d+: error: slo_tiers\.web\.availability")

    def recording_test(self, name):
        return (f"config: rules.yaml\nstep: 1m\ntests:\n  - name: r\n    recording: {name}\n    expect:\n"
                "      - {at: 20m, alert: web/availability/fast, state: inactive}\n"
                "      - {at: 33m, alert: web/availability/fast, state: firing}\n")

    def test_a_recording_beside_the_file_is_replayed(self):
        lines = recorded(40, lambda minute: 503 if minute >= 30 else 200)
        harness.write(self.folder, "log.ndjson", "\n".join(lines) + "\nnonsense\n")
        out, _ = self.run_tests(self.recording_test("log.ndjson"))
        self.assertRegex(out, r"ok    r\n  note: 1 line rejected, the first: .*log\.ndjson:401: ")

    def test_a_recording_that_is_cut_off_is_used_up_to_the_cut(self):
        whole = gzip.compress("\n".join(recorded(60, lambda minute: 503 if minute >= 30 else 200)).encode() + b"\n")
        with open(self.path("log.ndjson.gz"), "wb") as file:
            file.write(whole[: len(whole) * 9 // 10])
        out, _ = self.run_tests(self.recording_test("log.ndjson.gz"))
        self.assertRegex(out, r"note: .*cut off.*used up to there")

    def test_a_recording_of_a_server_is_followed(self):
        records = self.path("records")
        os.mkdir(records)
        config = harness.write(self.folder, "every_second.yaml", RULES.replace("30s", "1s"))
        with harness.Server("--config", config, "--record", records) as server:
            server.post_events([{"endpoint": "/a", "status": 200, "count": 7}])
            harness.wait_for(lambda: "firebreak_evaluations_total 0" not in server.get("/metrics").body.decode(), 60,
                             "an evaluation")
        (name,) = os.listdir(records)
        text = self.recording_test(f"records/{name}").replace("rules.yaml", "every_second.yaml").split("    expect:")[0]
        out, _ = self.run_tests(text + "    expect: [{timeline: web/availability, is: []}]\n")
        self.assertTrue(out.startswith("ok    r\n"), out)

    def test_a_test_that_cannot_run_is_an_error_in_every_report(self):
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("pipe"))
        harness.write(self.folder, "damaged.gz", "\x1f\x8b is no gzip\n")
        with open(self.path("damaged.gz"), "wb") as file:
            file.write(b"\x1f\x8b\x08\x00 damaged")
        rows = (
            ("absent.ndjson", "absent.ndjson: No such file"),
            ("folder", "folder: is a directory"),
            ("damaged.gz", "damaged.gz: "),
            ("pipe", "pipe: not a regular file"),
            ("/dev/zero", "/dev/zero: not a regular file"),
        )
        for recording, message in rows:
            with self.subTest(recording=recording):
                text = GOOD + "".join(self.recording_test(recording).splitlines(keepends=True)[3:])
                out, err = self.run_tests(text, "--junit", self.path("results.xml"), code=2)
                self.assertRegex(err, r"tests\.yaml:16:16: error: test \"r\": .*" + message)
                self.assertIn("ERROR r\n", out)
                self.assertTrue(out.endswith("\n2 passed, 0 failed, 1 could not run\n"), out)
                root = xml.parse(self.path("results.xml")).getroot()
                for element in (root, *root.iter("testsuite")):
                    counts = [element.get(name) for name in ("tests", "failures", "errors")]
                    self.assertEqual(counts, ["3", "0", "1"])
                self.assertIn(message, list(root.iter("testcase"))[2].find("error").get("message"))
                result = json.loads(self.run_tests(text, "--json", code=2)[0])
                self.assertEqual((result["passed"], result["failed"], result["errors"]), (2, 0, 1))
                self.assertIn(message, result["tests"][2]["error"]["message"])
                self.assertEqual((result["tests"][2]["passed"], result["tests"][2]["error"]["line"]), (False, 16))

    def test_an_endpoint_that_a_recording_does_not_have_is_no_quiet_success(self):
        lines = recorded(40, lambda minute: 503 if minute >= 30 else 200)
        lines += [line.replace('"/a"', '"/b"') for line in lines]
        harness.write(self.folder, "log.ndjson", "\n".join(sorted(lines)))
        harness.write(self.folder, "rules.yaml", RULES.replace("0.999,", "0.999, alert_by: endpoint,"))
        expected = """
      - {at: 20m, alert: "web/availability/fast[/b]", state: inactive}
      - {timeline: "web/availability/slow[/a/]", is: []}
      - {at: 33m, alert: "web/availability/fast[/nosuch]", state: inactive}
"""
        text = self.recording_test("log.ndjson").split("expect:")[0] + "expect:" + expected
        out, _ = self.run_tests(text, code=1)
        self.assertRegex(out, r'tests\.yaml:8:9: web/availability/slow\[/a/\]\n      - a request of "/a/"\n'
                              r'      \+ none was counted in web, did you mean "/a"\?\n')
        self.assertRegex(out, r'tests\.yaml:9:9: web/availability/fast\[/nosuch\]\n'
                              r'      - a request of "/nosuch"\n      \+ none was counted in web\n')
        self.assertNotIn("[/b]", out)

    def test_junit_is_well_formed_whatever_a_recording_holds(self):
        hostile = [bytes([byte]) for byte in range(1, 256) if byte not in b'"\\ \n\r?#']
        hostile += [chr(c).encode("utf-8", "surrogatepass") for c in (0xd800, 0xdfff, 0xfffe, 0xffff, 0x1fffe, 0x10ffff)]
        hostile += [b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe2\x82", b"&lt;", b"]]>", b"<![CDATA["]
        stamp = b"05/Jan/2026:08:%02d:%02d +0000"
        with open(self.path("access.log"), "wb") as log:
            for minute in range(10):
                for i, name in enumerate(hostile):
                    log.write(b'1.2.3.4 - - [' + stamp % (minute, i % 60) + b'] "GET /' + name + b'x HTTP/1.1" 503 1 "-" "-"\n')
        harness.write(self.folder, "rules.yaml", RULES.replace("0.999,", "0.999, alert_by: endpoint,"))
        text = self.recording_test("{file: access.log, format: combined}").split("    expect:")[0]
        out, _ = self.run_tests(text + "    expect: [{timeline: all, is: []}]\n", "--junit", self.path("results.xml"),
                                code=1)
        self.assertNotIn("rejected", out)
        failure = xml.parse(self.path("results.xml")).getroot().find(".//failure").text
        for name in ("/\ufffdx]", "/&lt;x]", "/]]>x]", "/<![CDATA[x]", "/\U0010ffffx]"):
            self.assertIn(name, failure)

    def test_a_promtool_file_wants_a_configuration(self):
        _, err = self.run_tests("rule_files: [rules.yml]\ntests: []\n", code=2)
        self.assertIn("wanted --config FILE", err)

    def test_a_configuration_is_for_promtool_files_only(self):
        _, err = self.run_tests(GOOD, "--config", self.path("rules.yaml"), code=2)
        self.assertIn("--config goes with unit-test files of promtool", err)

    def test_the_examples_pass(self):
        folder = "testdata/rule_tests/good" if os.path.isdir("testdata/rule_tests/good") else "../rule_tests/good"
        files = sorted(name for name in os.listdir(folder) if name.endswith(".yaml"))
        self.assertGreater(len(files), 4)
        code, out, err = harness.run("test", *[os.path.join(folder, name) for name in files])
        self.assertEqual(code, 0, out + err)
        self.assertRegex(out, r"\n\d+ passed, 0 failed\n$")


if __name__ == "__main__":
    harness.main()
