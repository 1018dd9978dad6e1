"""The rules that `firebreak export prometheus` writes, evaluated by promtool, alert in the same minutes as Firebreak itself."""

import dataclasses
import json
import random
import subprocess
from itertools import accumulate

import ours
import prometheus
from traffic import BASE

# What the counters of each SLO are for: single status codes, callers' errors left out, latency, endpoints on their own.
MIXED = """no_data_hold: 0s
classification: {errors: [5xx, 429, timeout], client_errors: exclude}
alerts:
  fast: {for: 2m, keep_firing_for: 3m}
  slow: {short: 13m, long: 2h, burn: 3.3, for: 5m}
slo_tiers:
  whole:
    {availability: 0.9713, p95_ms: 300, burn_rate_fast: 3.7, latency_burn_rate_fast: 5.3, endpoints: [/w1, /w2]}
  each:
    {availability: 0.9713, p95_ms: 300, burn_rate_fast: 3.7, latency_burn_rate_fast: 5.3, alert_by: endpoint,
     endpoints: [/e1, /e2]}
"""
ENDPOINTS = {"/w1": "whole", "/w2": "whole", "/e1": "each", "/e2": "each"}
# What a request can be: its event, and what it adds to (total, bad, timed, slow) of its SLOs.
KINDS = (
    ('"status":200,"latency_ms":300', (1, 0, 1, 0)),
    ('"status":200,"latency_ms":300.5', (1, 0, 1, 1)),
    ('"status":204', (1, 0, 0, 0)),
    ('"status":404,"latency_ms":900', (0, 0, 0, 0)),
    ('"status":429,"latency_ms":9', (1, 1, 0, 0)),
    ('"status":503', (1, 1, 0, 0)),
    ('"outcome":"timeout"', (1, 1, 0, 0)),
)
COUNTERS = (
    ("firebreak_slo_requests_total", "availability"),
    ("firebreak_slo_bad_requests_total", "availability"),
    ("firebreak_slo_requests_total", "latency"),
    ("firebreak_slo_bad_requests_total", "latency"),
)


@dataclasses.dataclass
class Outcome:
    """What a comparison found, and how much there was to compare."""

    faults: list
    pending: int
    firing: int


def unaltered(text):
    return text


def compare_cases(options, folder, recording, transitions, alter=unaltered):
    """A recording of cases: counters by status class. `alter` is what the self-test does to the rules."""
    series = {}
    for case in recording.cases:
        for status_class, requests in case.requests.items():
            labels = f'tier="{case.name}",endpoint="/{case.name}/",status_class="{status_class}"'
            values = "_ " * case.first + " ".join(map(str, list(accumulate(requests))[case.first :]))
            series[f'firebreak_requests_total{{{labels},source="rum"}}'] = values
            # Probes are no requests of users.
            series[f'firebreak_requests_total{{{labels},source="synthetic"}}'] = f"0+3x{recording.minutes}"
    alerts = {
        f'alertname="ErrorBudgetBurn",tier="{tier}",slo="availability",pair="{pair}"': changes
        for (tier, pair), changes in transitions.items()
    }
    rules = export(options, folder, folder / f"{recording.name}.yaml")
    rules.write_text(alter(rules.read_text()))
    return run(folder, rules, series, alerts, recording.minutes)


def compare_mixed(options, folder, seed, minutes):
    """Traffic of its own: the counters of each SLO."""
    rng = random.Random(seed)
    config, events = folder / "mixed.yaml", folder / "mixed.ndjson"
    config.write_text(MIXED)
    counts = {endpoint: _story(rng, minutes) for endpoint in ENDPOINTS}
    events.write_text("".join(line for minute in range(1, minutes + 1) for line in _events(rng, counts, minute)))
    command = [options.firebreak, "replay", "--config", config, "--json", "--step", "1m", events]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    alerts = _alerts(json.loads(line) for line in done.stdout.splitlines()[:-1])
    return run(folder, export(options, folder, config), _series(counts), alerts, minutes)


def export(options, folder, config):
    rules = folder / "exported.yaml"
    subprocess.run([options.firebreak, "export", "prometheus", "--config", config, "-o", rules], check=True)
    return rules


def _story(rng, minutes):
    """How many requests of each kind come in each minute, from minute 0 (none) on: quiet, bad or slow for a while."""
    story, weights = [[0] * len(KINDS)], None
    for minute in range(minutes):
        if minute % rng.choice((5, 20, 90)) == 0 or weights is None:
            bad, slow = rng.choice((0, 0.05, 0.3, 3)), rng.choice((0, 0.05, 0.6, 3))
            weights = [5, slow, 1, rng.choice((0, 4)), bad, bad / 2, bad / 3]
        chosen = rng.choices(range(len(KINDS)), weights, k=rng.choice((0, 1, 20, 20, 40)))
        story.append([chosen.count(kind) for kind in range(len(KINDS))])
    return story


def _events(rng, counts, minute):
    for endpoint, story in counts.items():
        for (fields, _), count in zip(KINDS, story[minute]):
            when = (BASE + 60 * minute) * 1000 - rng.randrange(60_000)
            if count:
                yield f'{{"ts":{when},"endpoint":"{endpoint}",{fields},"count":{count}}}\n'


def _series(counts):
    """promtool's input series: the counters as /metrics would show them at each minute."""
    series = {}
    for endpoint, story in counts.items():
        for number, (metric, slo) in enumerate(COUNTERS):
            minutes = [sum(count * KINDS[kind][1][number] for kind, count in enumerate(minute)) for minute in story]
            labels = f'endpoint="{endpoint}",tier="{ENDPOINTS[endpoint]}",slo="{slo}",source="rum"'
            series[f"{metric}{{{labels}}}"] = " ".join(map(str, accumulate(minutes)))
    return series


def _alerts(rows):
    """The labels of each burn alert -> [(minute, state)]."""
    alerts = {}
    for row in rows:
        if row["slo"] not in ("availability", "latency"):
            continue
        name = {"availability": "ErrorBudgetBurn", "latency": "LatencyBudgetBurn"}[row["slo"]]
        labels = f'alertname="{name}",tier="{row["tier"]}",slo="{row["slo"]}",pair="{row["pair"]}"'
        if row.get("endpoint"):
            labels += f',endpoint="{row["endpoint"]}"'
        alerts.setdefault(labels, []).append((ours.minute_of(row["time"]), row["to"]))
    return alerts


def run(folder, rules, series, alerts, minutes):
    """promtool must find our alerts pending and firing in our minutes: at each border, a minute before it, and in all."""
    _, promtool = prometheus.programs()
    samples, pending, firing = [], 0, 0
    for labels, changes in alerts.items():
        for state in ("pending", "firing"):
            found = ours.minutes_in(changes, state, range(1, minutes + 1))
            samples += [state_check(labels, state, minute, 1, minute in found) for minute in ours.borders(found, minutes)]
            samples.append(state_check(labels, state, minutes, minutes + 1, len(found)))
        pending += sum(state == "pending" for _, state in changes)
        firing += sum(state == "firing" for _, state in changes)
    # None but ours: every alert of theirs is counted once.
    samples.append(state_check("", "firing", minutes, minutes + 1, _in_all(alerts, "firing", minutes)))
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": samples,
    }
    path = folder / "exported_test.yaml"
    path.write_text(json.dumps({"rule_files": [rules.name], "evaluation_interval": "1m", "tests": [test]}))
    done = subprocess.run([promtool, "test", "rules", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Outcome([] if done.returncode == 0 else done.stdout.splitlines(), pending, firing)


def _in_all(alerts, state, minutes):
    return sum(len(ours.minutes_in(changes, state, range(1, minutes + 1))) for changes in alerts.values())


def state_check(labels, state, minute, window, count):
    """An alert was in the state in `count` of the last `window` minutes."""
    series = f'ALERTS{{{labels}{"," if labels else ""}alertstate="{state}"}}'
    expected = [{"labels": "{}", "value": int(count)}] if count else []
    # A window of a minute holds both of its ends; of less, one.
    return {"eval_time": f"{minute}m", "expr": f"sum(count_over_time({series}[{60 * window - 1}s]))", "exp_samples": expected}
