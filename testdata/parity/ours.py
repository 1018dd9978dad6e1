"""Firebreak's side: a recording as configuration and events, and what `firebreak replay` makes of them."""

import datetime
import json
import math
import subprocess

from traffic import BASE, NON_2XX

LARGEST_COUNT = 1_000_000  # of one event
MINUTE_MS = 60_000
JITTER_MS = 4 * MINUTE_MS  # out of order by less than --lateness, which is 5m
# How an event says that it belongs to a status class.
SAMPLES = {
    "2xx": ('"status":200', '"status":204', '"outcome":"ok","status":201'),
    "4xx": ('"status":404', '"status":429', '"status":400'),
    "5xx": ('"status":503', '"status":500', '"status":599'),
    "timeout": ('"outcome":"timeout"', '"outcome":"timeout","status":200'),
}


def config_text(recording):
    lines = [f"evaluation_interval: {recording.evaluation_interval}", "no_data_hold: 0s"]
    lines += ["alerts:"] + [_pair_line(pair) for pair in recording.pairs]
    if recording.errors == NON_2XX:
        lines += ["classification: {errors: non_2xx}"]
    lines += ["slo_tiers:"]
    for case in recording.cases:
        burns = "".join(f", burn_rate_{pair.name}: {burn}" for pair, burn in zip(recording.pairs, case.rule.burns))
        lines += [f"  {case.name}: {{availability: {case.rule.objective}{burns}, endpoints: [/{case.name}/]}}"]
    return "\n".join(lines) + "\n"


def _pair_line(pair):
    hold = f"for: {pair.hold}m, keep_firing_for: {pair.keep}m"
    return f"  {pair.name}: {{short: {pair.short}m, long: {pair.long}m, burn: 1, {hold}, severity: page}}"


def event_lines(rng, recording, shift_ms=0):
    """The requests as NDJSON, each somewhere in its minute, its very edges included, and not quite in order."""
    lines = []
    for case in recording.cases:
        for status_class, requests in case.requests.items():
            for minute, count in enumerate(requests):
                for part in _parts(rng, count):
                    when = _moment(rng, minute) + shift_ms
                    lines.append((when + rng.randrange(JITTER_MS), _event(rng, case, status_class, when, part)))
        lines += _probes(rng, case, recording.minutes)
    lines.sort()
    return [line for _, line in lines]


def _moment(rng, minute):
    """A millisecond in (minute - 1, minute]."""
    before_end = rng.choice((0, MINUTE_MS - 1, rng.randrange(MINUTE_MS)))
    return (BASE + 60 * minute) * 1000 - before_end


def _parts(rng, count):
    """`count` as what a few events count."""
    while count:
        part = min(count, LARGEST_COUNT, rng.choice((count, count, 1 + count // 2)))
        count -= part
        yield part


def _event(rng, case, status_class, when, count):
    sample = rng.choice(SAMPLES[status_class])
    return f'{{"ts":{when},"endpoint":"/{case.name}/",{sample},"count":{count}}}\n'


def _probes(rng, case, minutes):
    """Failing probes, which are no requests of users and must change nothing."""
    for minute in rng.sample(range(case.first + 1, minutes), 20):
        when = _moment(rng, minute)
        yield when, f'{{"ts":{when},"endpoint":"/{case.name}/","status":500,"source":"synthetic"}}\n'


def replay(firebreak, folder, recording, lines, config, step=None):
    """What `firebreak replay` says: {(case, pair): [(minute, state), ...]} of availability, and the summary."""
    config_path, events_path = folder / f"{recording.name}.yaml", folder / f"{recording.name}.ndjson"
    config_path.write_text(config)
    events_path.write_text("".join(lines))
    options = ["--config", config_path, "--json", "--step", step or f"{recording.step}m"]
    done = subprocess.run([firebreak, "replay", *options, events_path], check=True, stdout=subprocess.PIPE, text=True)
    *rows, last = (json.loads(line) for line in done.stdout.splitlines())
    transitions = {(case.name, pair.name): [] for case in recording.cases for pair in recording.pairs}
    for row in rows:
        if row["slo"] == "availability":
            transitions[row["tier"], row["pair"]].append((minute_of(row["time"]), row["to"]))
    return transitions, last["summary"]


def uncounted(recording, lines, summary):
    """How what was counted differs from the recording: equal alerts would prove nothing then. "" when it does not."""
    wanted = {"lines": len(lines), "events": len(lines), "rejected": 0, "late": 0, "behind": 0, "overflow": 0}
    found = {name: summary[name] for name in wanted}
    wanted["tiers"] = [(case.name, sum(case.total()), sum(case.bad(recording.errors))) for case in recording.cases]
    found["tiers"] = [(tier["tier"], tier["total"], tier["bad"]) for tier in summary["tiers"]]
    return "" if found == wanted else f"{recording.name}: counted {found}, wanted {wanted}"


def minute_of(text):
    """Minutes since BASE; a fraction when the evaluation was not on a minute."""
    return (datetime.datetime.fromisoformat(text).timestamp() - BASE) / 60


def minutes_in(transitions, state, steps):
    """The evaluated minutes that an alert spends in a state."""
    found, since = set(), None
    for minute, reached in transitions + [(steps[-1] + 1, "the end")]:
        if since is not None:
            found.update(range(math.ceil(since), math.ceil(min(minute, steps[-1] + 1))))
        since = minute if reached == state else None
    return found.intersection(steps)


def borders(minutes, last):
    """The minutes at which an alert enters or leaves a state, and those before them."""
    begins = {minute for minute in minutes if minute - 1 not in minutes}
    ends = {minute + 1 for minute in minutes if minute + 1 not in minutes and minute < last}
    return sorted({minute - before for minute in begins | ends for before in (0, 1)})
