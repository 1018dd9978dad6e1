#!/usr/bin/env python3
"""How much faster `firebreak test` is than `promtool test rules` on the same file: seven days at 1-minute steps.

The file has the article's three tiers (rules/tiklive.yaml) with three counters each, an outage on the fourth day, and an
alert test every six hours. Both tools run on it several times, by turns; the medians are compared.

    FIREBREAK=bazel-bin/firebreak testdata/performance/rule_test_speed.py     (built with -c opt)
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIREBREAK = os.path.abspath(os.environ.get("FIREBREAK", ROOT / "bazel-bin/firebreak"))
CONFIG = ROOT / "rules/tiklive.yaml"
MINUTES = 7 * 24 * 60
ROUNDS = 3
WANTED = 200


def values(*runs):
    """A counter that grows by `step` a minute for so many minutes, run after run."""
    text, total = ["0"], 0
    for minutes, step in runs:
        text.append(f"{total + step}+{step}x{minutes - 1}")
        total += step * minutes
    return " ".join(text)


def test_file():
    lines = ["rule_files: [rules.yml]", "evaluation_interval: 1m", "tests:", "- interval: 1m", "  input_series:"]
    for tier in ("tier1_interactive", "tier2_search", "tier3_batch"):
        outage = [(4000, 3), (30, 900), (MINUTES - 4030, 3)]
        for status_class, runs in (("2xx", [(MINUTES, 3000)]), ("4xx", [(MINUTES, 30)]), ("5xx", outage)):
            lines.append(f"  - series: 'firebreak_requests_total{{tier=\"{tier}\",source=\"rum\",status_class=\"{status_class}\"}}'")
            lines.append(f"    values: '{values(*runs)}'")
    lines.append("  alert_rule_test:")
    for hour in range(6, 24 * 7, 6):
        lines.append(f"  - {{eval_time: {hour}h, alertname: ErrorBudgetBurn, exp_alerts: []}}")
    return "\n".join(lines) + "\n"


def seconds(*command):
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    took = time.perf_counter() - begun
    if done.returncode not in (0, 1):
        sys.exit(f"{command}: {done.stdout}")
    return took, done.returncode


def main():
    with tempfile.TemporaryDirectory() as folder:
        rules, tests = os.path.join(folder, "rules.yml"), os.path.join(folder, "tests.yml")
        exported = subprocess.run([FIREBREAK, "export", "prometheus", "--config", CONFIG], check=True, stdout=subprocess.PIPE)
        pathlib.Path(rules).write_bytes(exported.stdout)
        pathlib.Path(tests).write_text(test_file())
        ours, theirs = [], []
        for _ in range(ROUNDS):
            took, our_verdict = seconds(FIREBREAK, "test", "--config", CONFIG, tests)
            ours.append(took)
            took, their_verdict = seconds("promtool", "test", "rules", tests)
            theirs.append(took)
            if our_verdict != their_verdict:
                sys.exit("the verdicts differ")
    fast, slow = statistics.median(ours), statistics.median(theirs)
    print(f"firebreak test       {1000 * fast:9.1f} ms   (median of {ROUNDS})")
    print(f"promtool test rules  {1000 * slow:9.1f} ms")
    print(f"{slow / fast:.0f} times faster, wanted {WANTED}")
    return 0 if slow >= WANTED * fast else 1


if __name__ == "__main__":
    sys.exit(main())
