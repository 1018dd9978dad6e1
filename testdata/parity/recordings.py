"""The recordings of a run: which windows, objectives and kinds of traffic are tried."""

import alerts
import exact
from traffic import CHANGING_KINDS, DAY, LONELY_KINDS, NON_2XX, Pair, Recording, Rule, hovering, make_cases

ARTICLE_PAIRS = (Pair("fast", 5, 60), Pair("slow", 30, 360))
RULES = (
    Rule("0.999", ("14.4", "6")),  # the three tiers of the article
    Rule("0.995", ("10", "3")),
    Rule("0.99", ("6", "2")),
    Rule("0.9995", ("13.37", "1")),
    Rule("0.97", ("3.3", "0.7")),
    Rule("0.5", ("1.9", "1.1")),
    Rule("0.999999", ("14.4", "6")),
    Rule("0.9", ("9.8", "0.12345")),
)
# Windows longer than 12 h are counted in slots of 5 min, so they are compared every 5 min.
DAYS_PAIRS = ARTICLE_PAIRS + (Pair("day", 120, 1440), Pair("week", 360, 4320))
DAYS_RULES = (Rule("0.999", ("14.4", "6", "3", "1")), Rule("0.98", ("14.4", "6", "3", "1")))


def article(rng, cases, days):
    return Recording("article", ARTICLE_PAIRS, make_cases(rng, "a", RULES, cases, days * DAY), days * DAY)


def odd_windows(rng, cases, days):
    pairs = (Pair("fast", 1, 13), Pair("slow", 59, 720))
    made = make_cases(rng, "o", RULES, cases, days * DAY)
    return Recording("odd_windows", pairs, made, days * DAY, evaluation_interval="1m")


def long_windows(rng, cases, days):
    made = make_cases(rng, "l", DAYS_RULES, cases, days * DAY)
    return Recording("long_windows", DAYS_PAIRS, made, days * DAY, step=5)


def lonely(rng, days):
    """One tier alone, so that nothing at all happens for days: ticks that replay may skip."""
    return Recording("lonely", ARTICLE_PAIRS, make_cases(rng, "s", RULES[1:2], 1, days * DAY, LONELY_KINDS), days * DAY)


def article_alerts(rng, cases, days):
    """With `for`. An exact tie would go on in what follows it, so cases with one are left out."""
    rule = Rule("0.999", ("14.4", "6") * 2)
    made = make_cases(rng, "f", [rule], cases - 1, days * DAY, CHANGING_KINDS, NON_2XX)
    made += make_cases(rng, "h", [rule], 1, days * DAY, [hovering], NON_2XX)  # often not above for long enough
    recording = Recording("article_alerts", alerts.PAIRS, made, days * DAY, errors=NON_2XX)
    recording.cases = [case for case in made if not any(exact.judge(recording, case, i).ties for i in (0, 1))]
    return recording
