"""`for` and `keep_firing_for`: the article's own rules in promtool's unit tests, which must find our alerts.

The article names its tier, so each case is a test of its own in which it is tier1.
"""

import json
import pathlib
import subprocess
from itertools import accumulate

import ours
import prometheus
from traffic import Pair

ARTICLE = pathlib.Path(__file__).with_name("article_rules.yaml")
SERIES = 'tikliveapi_request_total{{tier="tier1",status_class="{}"}}'
KEEP = 10  # minutes
# The article's pairs, and the same with keep_firing_for, which the article has not.
PAIRS = (
    Pair("fast", 5, 60, hold=2),
    Pair("slow", 30, 360, hold=15),
    Pair("fast_kept", 5, 60, hold=2, keep=KEEP),
    Pair("slow_kept", 30, 360, hold=15, keep=KEEP),
)
NAMES = {
    "fast": "TikLiveAPITier1FastBurn",
    "slow": "TikLiveAPITier1SlowBurn",
    "fast_kept": "TikLiveAPITier1FastBurnKept",
    "slow_kept": "TikLiveAPITier1SlowBurnKept",
}
LABELS = {
    "fast": {"severity": "page", "service": "tikliveapi"},
    "slow": {"severity": "ticket", "service": "tikliveapi"},
}
ANNOTATIONS = {
    "fast": {
        "summary": "Tier 1 burning 14.4x error budget",
        "runbook": "https://runbooks.example.com/tikliveapi-tier1",
    },
    "slow": {},
}


def rules_text():
    """The article's group as it stands, and its two rules again under other names with keep_firing_for."""
    article = ARTICLE.read_text()
    kept = article.split("  rules:\n")[1].replace("Burn\n", "BurnKept\n")
    lines = []
    for line in kept.splitlines():
        lines += [line] + [f"    keep_firing_for: {KEEP}m"] * line.startswith("    for:")
    return article + "\n".join(lines) + "\n"


def promtool_complaints(folder, recording, transitions):
    """The lines of what promtool says against our alerts; none when it finds the same."""
    _, promtool = prometheus.programs()
    (folder / "rules.yaml").write_text(rules_text())
    tests = [_test(recording, case, transitions) for case in recording.cases]
    file = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    path = folder / "rules_test.yaml"
    path.write_text(json.dumps(file))  # JSON is YAML
    command = [promtool, "test", "rules", path]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return [] if done.returncode == 0 else done.stdout.splitlines()


def _test(recording, case, transitions):
    checks = [_pair_checks(recording, pair.name, transitions[case.name, pair.name]) for pair in recording.pairs]
    return {
        "name": case.name,
        "interval": "1m",
        "input_series": [
            {"series": SERIES.format(status_class), "values": _values(case, requests)}
            for status_class, requests in case.requests.items()
        ],
        "alert_rule_test": [check for of_pair in checks for check in of_pair[0]],
        "promql_expr_test": [check for of_pair in checks for check in of_pair[1]],
    }


def _values(case, requests):
    return "_ " * case.first + " ".join(map(str, list(accumulate(requests))[case.first :]))


def _pair_checks(recording, pair, transitions):
    """Firing and pending at every border of ours and a minute before, and how many minutes there are of each."""
    firing, pending = (ours.minutes_in(transitions, state, recording.steps()) for state in ("firing", "pending"))
    alerts = [_alert_check(pair, minute, minute in firing) for minute in ours.borders(firing, recording.minutes)]
    borders = ours.borders(pending, recording.minutes)
    samples = [_state_check(pair, "pending", minute, 1, minute in pending) for minute in borders]
    for state, minutes in (("firing", firing), ("pending", pending)):
        samples.append(_state_check(pair, state, recording.minutes, recording.minutes + 1, len(minutes)))
    return alerts, samples


def _alert_check(pair, minute, fires):
    base = pair.removesuffix("_kept")
    expected = [{"exp_labels": LABELS[base], "exp_annotations": ANNOTATIONS[base]}]
    return {"eval_time": f"{minute}m", "alertname": NAMES[pair], "exp_alerts": expected if fires else []}


def _state_check(pair, state, minute, window, count):
    """The alert was in the state in `count` of the last `window` minutes."""
    series = f'ALERTS{{alertname="{NAMES[pair]}",alertstate="{state}"}}'
    expected = [{"labels": "{}", "value": int(count)}] if count else []
    # A window of a minute holds both of its ends; of less, one.
    seconds = 60 * window - 1
    return {"eval_time": f"{minute}m", "expr": f"sum(count_over_time({series}[{seconds}s]))", "exp_samples": expected}
