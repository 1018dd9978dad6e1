#!/usr/bin/env python3
"""count_tests.py on the events that Bazel writes."""

import importlib.util
import os
import pathlib
import sys
import unittest

SPEC = importlib.util.spec_from_file_location("count_tests", pathlib.Path("third_party/count_tests.py").resolve())
count_tests = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(count_tests)


def report(name, body):
    path = pathlib.Path(os.environ["TEST_TMPDIR"]) / f"{name}.xml"
    path.write_text(f"<testsuites><testsuite>{body}</testsuite></testsuites>")
    return path


def ran(label, status, path=None):
    outputs = [] if path is None else [{"name": "test.xml", "uri": path.as_uri()}]
    return {"id": {"testResult": {"label": label}}, "testResult": {"status": status, "testActionOutput": outputs}}


def built(label, success):
    return {"id": {"targetCompleted": {"label": label}}, "completed": {"success": True} if success else {}}


class CountTestsTest(unittest.TestCase):
    def assert_counts(self, events, status, passed, failures):
        self.assertEqual(count_tests.count_run(events, status), (passed, failures))

    def test_cases_of_a_passing_target_are_counted(self):
        path = report("two", '<testcase name="A" status="run"/><testcase name="B" status="run"/>')
        self.assert_counts([built("//a:b", True), ran("//a:b", "PASSED", path)], 0, 2, [])

    def test_a_target_without_cases_counts_once(self):
        self.assert_counts([ran("//a:b", "PASSED", report("none", ""))], 0, 1, [])
        self.assert_counts([ran("//a:b", "PASSED")], 0, 1, [])

    def test_failed_cases_are_named(self):
        path = report("one", '<testcase classname="F" name="A"><failure/></testcase><testcase name="B"/>')
        self.assert_counts([ran("//a:b", "FAILED", path)], 3, 1, ["//a:b F.A"])

    def test_cases_that_were_not_run_count_as_neither(self):
        path = report("skip", '<testcase name="A" status="notrun"/><testcase name="B" result="skipped"/><testcase name="C"/>')
        self.assert_counts([ran("//a:b", "PASSED", path)], 0, 1, [])

    def test_a_timeout_without_a_report_is_a_failure(self):
        self.assert_counts([ran("//a:b", "TIMEOUT")], 3, 0, ["//a:b TIMEOUT"])

    def test_a_death_after_passing_cases_is_a_failure(self):
        self.assert_counts([ran("//a:b", "FAILED", report("dead", '<testcase name="A"/>'))], 3, 1, ["//a:b FAILED"])

    def test_a_torn_report_is_a_failure(self):
        path = report("torn", "<testcase")
        _, failures = count_tests.count_run([ran("//a:b", "PASSED", path)], 0)
        self.assertEqual(len(failures), 1)

    def test_a_target_that_did_not_build_is_a_failure(self):
        self.assert_counts([built("//a:b", False)], 1, 0, ["//a:b did not build"])

    def test_bazel_failing_without_a_reason_is_a_failure(self):
        self.assert_counts([], 1, 0, ["bazel ended with status 1"])
        self.assert_counts([], 37, 0, ["bazel ended with status 37"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
