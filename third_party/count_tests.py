"""Counts test cases over several `bazel test` runs and prints "N passed, N failed" as the last line.

Usage: count_tests.py FOLDER, where FOLDER holds, for each run, NAME.json (Bazel's build events, one a line) and
NAME.status (its exit code). A target counts as many cases as its XML report names. One that could not be built, timed
out or died without a failing case in its report counts as one failure. Exits 1 when anything failed or nothing ran.
"""

import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree

# Exit codes of `bazel test` that say no more than the events do: all passed, a build failed, a test failed.
EXPLAINED_STATUS = (0, 1, 3)


def cases_of_report(path):
    """(passed, names of failed cases) of one test.xml. A case that was not run counts as neither."""
    passed, failed = 0, []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname', '')}.{case.get('name', '')}")
        elif case.get("status") != "notrun" and case.get("result") not in ("skipped", "suppressed"):
            passed += 1
    return passed, failed


def report_path(test_result):
    for output in test_result.get("testActionOutput", []):
        if output.get("name") == "test.xml":
            return urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
    return None


def cases_of_target(test_result):
    """(passed, names of failed cases) of one target's run."""
    status = test_result.get("status", "NO_STATUS")
    passed, failed = 0, []
    try:
        path = report_path(test_result)
        if path is not None:
            passed, failed = cases_of_report(path)
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        failed.append(f"unreadable report: {error}")
    if status not in ("PASSED", "FLAKY") and not failed:
        failed.append(status)
    if status == "PASSED" and passed == 0 and not failed:
        passed = 1
    return passed, failed


def count_run(events, status):
    """(passed, failures) of one `bazel test`: failures are lines for people."""
    passed, failures = 0, []
    for event in events:
        event_id = event.get("id", {})
        if "testResult" in event_id:
            label = event_id["testResult"]["label"]
            target_passed, failed = cases_of_target(event["testResult"])
            passed += target_passed
            failures += [f"{label} {name}" for name in failed]
        elif "targetCompleted" in event_id and not event.get("completed", {}).get("success", False):
            # Targets whose tests ran and failed are completed all the same.
            failures.append(f"{event_id['targetCompleted']['label']} did not build")
        elif "aborted" in event and "pattern" in event_id:
            failures.append(f"{event_id['pattern']['pattern']}: {event['aborted'].get('description', 'aborted')}")
    if status not in EXPLAINED_STATUS or (status == 1 and not failures):
        failures.append(f"bazel ended with status {status}")
    return passed, failures


def main(folder):
    total_passed, total_failed = 0, 0
    for status_file in sorted(pathlib.Path(folder).glob("*.status")):
        events_file = status_file.with_suffix(".json")
        lines = events_file.read_text().splitlines() if events_file.exists() else []
        passed, failures = count_run([json.loads(line) for line in lines], int(status_file.read_text()))
        total_passed += passed
        total_failed += len(failures)
        for failure in failures:
            print(f"FAILED ({status_file.stem}) {failure}")
    print(f"{total_passed} passed, {total_failed} failed")
    return 0 if total_failed == 0 and total_passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
