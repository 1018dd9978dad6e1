"""What the rules mean, in integers and fractions: the judge when the two programs disagree."""

import dataclasses
from itertools import accumulate


@dataclasses.dataclass
class Verdict:
    firing: set  # minutes at which both windows are above the threshold
    ties: set  # minutes at which it hangs on a window that is exactly at the threshold: nothing is below it


def window_sum(sums, minute, window):
    """The requests of (minute - window, minute], of running sums."""
    return sums[minute] - sums[max(0, minute - window)]


def judge(recording, case, number):
    """The verdict on pair `number` of a case."""
    bad, total = list(accumulate(case.bad(recording.errors))), list(accumulate(case.total()))
    threshold = case.rule.threshold(number)
    windows = recording.pairs[number].windows()
    verdict = Verdict(set(), set())
    for minute in recording.steps():
        sides = [_side(window_sum(bad, minute, w), window_sum(total, minute, w), threshold) for w in windows]
        if min(sides) > 0:
            verdict.firing.add(minute)
        elif min(sides) == 0:
            verdict.ties.add(minute)
    return verdict


def _side(bad, total, threshold):
    """Positive above the threshold, zero at it, negative below; no requests are below."""
    return bad * threshold.denominator - total * threshold.numerator if total else -1
