"""Where Firebreak, Prometheus and the judge do not say the same of a recording, and how much was compared."""

import dataclasses
import datetime
from itertools import accumulate

import exact
import ours
import prometheus
from traffic import BASE, CLASSES, Recording


@dataclasses.dataclass
class Outcome:
    """What was found of one recording. The dictionaries are by (case, pair)."""

    recording: Recording
    verdicts: dict
    ours: dict  # minutes of firing
    theirs: dict


def judge_all(recording):
    return {
        (case.name, pair.name): exact.judge(recording, case, number)
        for case in recording.cases
        for number, pair in enumerate(recording.pairs)
    }


def our_minutes(recording, transitions):
    return {alert: ours.minutes_in(changes, "firing", recording.steps()) for alert, changes in transitions.items()}


def differences(outcome):
    """[(alert, minute)] where the three do not agree. At an exact tie Prometheus may fire, Firebreak may not."""
    found = []
    for alert, verdict in outcome.verdicts.items():
        our_faults = outcome.ours[alert] ^ verdict.firing
        their_faults = (outcome.theirs[alert] ^ verdict.firing) - verdict.ties
        found += [(alert, minute) for minute in sorted(our_faults | their_faults)]
    return found


def explain(outcome, alert, minute):
    """One difference, with the numbers to settle it by hand."""
    recording, (name, pair) = outcome.recording, alert
    words = {True: "fires", False: "does not fire"}
    case = next(case for case in recording.cases if case.name == name)
    number = next(i for i, one in enumerate(recording.pairs) if one.name == pair)
    windows = ", ".join(_by_hand(recording, case, minute, window) for window in recording.pairs[number].windows())
    return (
        f"{recording.name} {name}/{pair} at {time_text(minute)}: Firebreak {words[minute in outcome.ours[alert]]}, "
        f"Prometheus {words[minute in outcome.theirs[alert]]}; "
        f"by hand {windows}, threshold {case.rule.threshold(number)}"
    )


def _by_hand(recording, case, minute, window):
    bad, total = (list(accumulate(counts)) for counts in (case.bad(recording.errors), case.total()))
    return f"{exact.window_sum(bad, minute, window)} of {exact.window_sum(total, minute, window)} in {window}m"


def time_text(minute):
    return datetime.datetime.fromtimestamp(BASE + 60 * minute, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%MZ")


def wrong_increases(server, recording):
    """Whether Prometheus counts as we do at all: increase() is to be the integer number of requests in (t - W, t]."""
    steps = range(1, recording.minutes, 17)
    for window in sorted({window for pair in recording.pairs for window in pair.windows()}):
        for classes in (CLASSES, recording.errors):
            found = prometheus.increases(server, recording, classes, window, steps)
            for case in recording.cases:
                yield from _wrong_increases_of(case, classes, window, steps, found.get(case.name, {}))


def _wrong_increases_of(case, classes, window, steps, found):
    sums = list(accumulate(case.bad(classes)))
    for minute in steps:
        # One sample is no increase yet; what a counter starts with is zero here, so nothing is lost.
        value = 0 if minute <= case.first else found.get(minute)
        wanted = exact.window_sum(sums, minute, window)
        if value is None or abs(value - wanted) > 1e-12 * wanted:
            place = f"{case.name} at {time_text(minute)}, {window}m"
            yield f"{place}: increase() is {value}, by hand {wanted}"


def _stretches(minutes, step):
    return sum(minute - step not in minutes for minute in minutes)


def summary(outcome):
    recording, verdicts = outcome.recording, outcome.verdicts
    firing = sum(len(minutes) for minutes in outcome.ours.values())
    stretches = sum(_stretches(minutes, recording.step) for minutes in outcome.ours.values())
    ties = sum(len(verdict.ties) for verdict in verdicts.values())
    rounded = sum(len(verdict.ties & outcome.theirs[alert]) for alert, verdict in verdicts.items())
    return (
        f"{recording.name}: {len(recording.cases)} cases, {len(verdicts) * len(recording.steps())} instants compared, "
        f"{firing} firing in {stretches} stretches; {ties} more hang on an exact tie: Firebreak never fires there, "
        f"Prometheus at {rounded}"
    )


def list_ties(outcome):
    """Every instant that hangs on a window exactly at the threshold."""
    for (name, pair), verdict in outcome.verdicts.items():
        for minute in sorted(verdict.ties):
            theirs = "fires" if minute in outcome.theirs[name, pair] else "does not fire"
            yield f"tie: {outcome.recording.name} {name}/{pair} at {time_text(minute)}: Prometheus {theirs}"


def too_little(outcome):
    """A pair that never fires proves nothing."""
    for pair in outcome.recording.pairs:
        if not any(outcome.ours[case.name, pair.name] for case in outcome.recording.cases):
            yield f"{outcome.recording.name}: {pair.name} never fired, the load was too small to prove anything"
