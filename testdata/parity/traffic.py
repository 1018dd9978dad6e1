"""Random traffic, one tier a case, as requests per minute. Everything follows from the seed.

Minute m is (m - 1, m]: its requests came in there, and the counters sampled at m are the sums up to and including it.
Minute 0 is before all requests.
"""

import dataclasses
import math
import random
from fractions import Fraction

BASE = 1748736000  # the Unix time of minute 0: 2025-06-01T00:00:00Z, a whole day since the epoch
DAY = 1440  # minutes
CLASSES = ("2xx", "4xx", "5xx", "timeout")
ERRORS = ("5xx", "timeout")  # what is bad by default
NON_2XX = ("4xx", "5xx", "timeout")  # what is bad to the article's PromQL


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two windows that must both burn. All in minutes."""

    name: str
    short: int
    long: int
    hold: int = 0  # `for`
    keep: int = 0  # `keep_firing_for`

    def windows(self):
        return (self.short, self.long)


@dataclasses.dataclass(frozen=True)
class Rule:
    """An objective, and a burn rate for each pair: decimals as people write them."""

    objective: str
    burns: tuple

    def threshold(self, pair):
        """The exact ratio above which a window of pair number `pair` burns."""
        return Fraction(self.burns[pair]) * (1 - Fraction(self.objective))


@dataclasses.dataclass
class Case:
    name: str
    rule: Rule
    first: int  # the minute of the first sample of its counters; all its requests came after it
    requests: dict  # status class -> requests of each minute, from 0 to the last

    def bad(self, errors):
        return [sum(minute) for minute in zip(*(self.requests[name] for name in errors))]

    def total(self):
        return [sum(minute) for minute in zip(*self.requests.values())]


@dataclasses.dataclass
class Recording:
    """Cases that one configuration evaluates together."""

    name: str
    pairs: tuple
    cases: list
    minutes: int  # the last minute
    step: int = 1  # minutes
    evaluation_interval: str = "5s"
    errors: tuple = ERRORS

    def steps(self):
        """The minutes at which rules are evaluated."""
        return range(self.step, self.minutes + 1, self.step)


def make_cases(rng, prefix, rules, count, minutes, kinds=None, errors=ERRORS):
    """`count` cases of the rules in turn, out of stretches of random kinds and lengths."""
    kinds = kinds or ALL_KINDS
    return [_make_case(rng, f"{prefix}{i:03}", rules[i % len(rules)], minutes, kinds, errors) for i in range(count)]


def _make_case(rng, name, rule, minutes, kinds, errors):
    first = rng.choice((0, 0, rng.randrange(1, 400)))
    end = minutes - rng.choice((0, 400))  # some end in a silence longer than 6 h
    story = [(0, 0)] * (first + 1)
    while len(story) <= end:
        story += rng.choice(kinds)(rng, rule, _length(rng))
    story = (story[: end + 1] + [(0, 0)] * minutes)[: minutes + 1]
    return Case(name, rule, first, _by_class(rng, story, errors))


def _by_class(rng, story, errors):
    """The requests by status class; 4xx are among the good or the bad ones, as the errors are defined."""
    timeouts, clients = rng.choice((0, 0.3, 1)), rng.choice((0, 0.02, 0.5))
    among_bad = "4xx" in errors
    requests = {name: [] for name in CLASSES}
    for total, bad in story:
        good = total - bad
        client = int((bad if among_bad else good) * clients)
        good, bad = (good, bad - client) if among_bad else (good - client, bad)
        timeout = int(bad * timeouts)
        for name, number in zip(CLASSES, (good, client, bad - timeout, timeout)):
            requests[name].append(number)
    return requests


# A kind of traffic is (rng, rule, minutes) -> (total, bad) of each minute.


def silence(rng, rule, minutes):
    return [(0, 0)] * minutes


def days_of_silence(rng, rule, minutes):
    return [(0, 0)] * rng.randint(1000, 4000)


def steady(rng, rule, minutes):
    """Noisy, around a part or a multiple of what a threshold allows."""
    level, ratio = _level(rng), float(_threshold(rng, rule)) * rng.choice((0, 0.3, 0.9, 1, 1.1, 2, 10))
    return [_noisy(rng, level, ratio) for _ in range(minutes)]


def hovering(rng, rule, minutes):
    """Now above a threshold, now below it, for minutes at a time."""
    level, mean = rng.choice((30, 1000, 100_000)), float(_threshold(rng, rule))
    return [_noisy(rng, level, mean * rng.uniform(0, 2)) for _ in range(minutes)]


def outage(rng, rule, minutes):
    """Many requests fail or all of them, and callers may stay away."""
    level, ratio = _level(rng) * rng.choice((1, 1, 0.1, 0.01)), rng.choice((0.05, 0.3, 0.7, 1, 1))
    return [_noisy(rng, level, ratio) for _ in range(minutes)]


def sparse(rng, rule, minutes):
    """A few requests an hour: a single one decides."""
    busy, failing = rng.choice((0.02, 0.1, 0.3)), rng.choice((0.01, 0.1, 0.5))
    return [_noisy(rng, rng.randint(1, 3), failing) if rng.random() < busy else (0, 0) for _ in range(minutes)]


def spikes(rng, rule, minutes):
    """Some bad minutes in every ten or so."""
    level, period = _level(rng), rng.randint(3, 40)
    failing, ratio = rng.randint(1, period - 1), float(_threshold(rng, rule)) * rng.choice((1.5, 3, 8))
    return [_noisy(rng, level, ratio if i % period < failing else 0) for i in range(minutes)]


def exact(rng, rule, minutes):
    """Each minute exactly at a threshold, hence whole windows; now and then one request more or less fails."""
    threshold, slips = _threshold(rng, rule), rng.choice((0, 0, 0.005, 0.1))
    scale = min(rng.choice((1, 1, 10, 1000)), 1 + 1_000_000 // threshold.denominator)
    total, bad = threshold.denominator * scale, threshold.numerator * scale
    return [(total, bad + rng.choice((-1, 1)) * (rng.random() < slips)) for _ in range(minutes)]


def exact_in_pieces(rng, rule, minutes):
    """Exactly at a threshold over every few minutes, in none of them: the bad ones come in a minute of their own."""
    threshold, piece = _threshold(rng, rule), rng.choice((2, 5, 10, 30))
    total, bad = threshold.denominator * piece, threshold.numerator * piece
    story = []
    for _ in range(0, minutes, piece):
        story += rng.sample([(total - bad, 0), (bad, bad)] + [(0, 0)] * (piece - 2), piece)
    return story


NOISY_KINDS = (silence, steady, steady, hovering, hovering, outage, sparse, spikes)
CHANGING_KINDS = (hovering, hovering, outage, sparse, spikes, silence)
LONELY_KINDS = (days_of_silence, days_of_silence, outage, sparse, spikes, exact)
ALL_KINDS = NOISY_KINDS + (exact, exact, exact_in_pieces)


def _length(rng):
    """Minutes of a stretch: from one to half a day, short ones as likely as long ones."""
    return int(math.exp(rng.uniform(0, math.log(720))))


def _level(rng):
    """Requests a minute."""
    return rng.choice((0.5, 3, 30, 1000, 100_000, 3_000_000))


def _threshold(rng, rule):
    return rule.threshold(rng.randrange(len(rule.burns)))


def _noisy(rng, level, ratio):
    total = _about(rng, level)
    return total, min(total, _about(rng, total * min(1, ratio))) if ratio < 1 else total


def _about(rng, mean):
    """A random count of about `mean`."""
    wanted = rng.gauss(mean, math.sqrt(mean)) if mean > 10 else mean + rng.random()
    return max(0, int(wanted))
