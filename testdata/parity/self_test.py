"""Whether the comparisons can fail: Firebreak's side is altered, in one way at a time, and each must be found."""

import dataclasses
from collections.abc import Callable
from fractions import Fraction

import alerts
import compare
import exported
import ours
import prometheus
import recordings
from traffic import ERRORS, NON_2XX, Rule


def unaltered(thing):
    return thing


@dataclasses.dataclass
class Mutant:
    name: str
    configured: Callable = unaltered  # the recording that the configuration is written for
    config: Callable = unaltered  # its text
    shift_ms: int = 0  # of every event
    lines: Callable = unaltered  # the events
    step: str = "1m"
    transitions: Callable = unaltered


def burns_times(factor):
    def scaled(case):
        burns = tuple(f"{float(Fraction(burn) * Fraction(factor)):.9g}" for burn in case.rule.burns)
        return dataclasses.replace(case, rule=Rule(case.rule.objective, burns))

    return lambda recording: dataclasses.replace(recording, cases=[scaled(case) for case in recording.cases])


def minutes_longer(field):
    """hold or keep of every pair that has one is a minute longer; when none has, of all."""

    def altered_recording(recording):
        having = [pair for pair in recording.pairs if getattr(pair, field)] or recording.pairs
        pairs = (
            dataclasses.replace(pair, **{field: getattr(pair, field) + 1}) if pair in having else pair
            for pair in recording.pairs
        )
        return dataclasses.replace(recording, pairs=tuple(pairs))

    return altered_recording


def first_change_a_minute_later(transitions):
    alert, changes = next((alert, changes) for alert, changes in transitions.items() if changes)
    (minute, state), *rest = changes
    return transitions | {alert: [(minute + 1, state), *rest]}


MUTANTS = (
    Mutant("burns 1 % higher", configured=burns_times("1.01")),
    Mutant("burns 1 % lower", configured=burns_times("0.99")),
    Mutant("burns a millionth lower, so that ties fire", configured=burns_times("0.999999")),
    Mutant("events a millisecond later", shift_ms=1),
    Mutant("events a millisecond earlier", shift_ms=-1),
    Mutant("one event of 1,000 lost", lines=lambda lines: [line for i, line in enumerate(lines) if i % 1000]),
    Mutant("windows that end 5 s earlier", config=lambda text: "evaluation_delay: 5s\n" + text),
    Mutant("ticks off the minute", step="55s"),
    Mutant("4xx are errors", configured=lambda recording: dataclasses.replace(recording, errors=NON_2XX)),
    Mutant("no_data_hold of 15m", config=lambda text: text.replace("no_data_hold: 0s", "no_data_hold: 15m")),
    Mutant("for of a minute", configured=minutes_longer("hold")),
    Mutant("keep_firing_for of a minute", configured=minutes_longer("keep")),
    Mutant("one firing a minute later", transitions=first_change_a_minute_later),
)
ALERT_MUTANTS = (
    Mutant("for a minute longer", configured=minutes_longer("hold")),
    Mutant("keep_firing_for a minute longer", configured=minutes_longer("keep")),
    Mutant("4xx are no errors", configured=lambda recording: dataclasses.replace(recording, errors=ERRORS)),
    Mutant("one pending a minute later", transitions=first_change_a_minute_later),
)
# What is done to the text of exported rules.
EXPORT_MUTANTS = (
    ("exported: for a minute longer", lambda rules: rules.replace("for: 2m", "for: 3m")),
    ("exported: burns a quarter higher", lambda rules: rules.replace("(14.4 *", "(18 *")),
    ("exported: a window a minute shorter", lambda rules: rules.replace("[1h]", "[59m]")),
    ("exported: one window is enough", lambda rules: rules.replace("\n          and\n", "\n          or\n")),
    ("exported: probes count", lambda rules: rules.replace(',source="rum"', "")),
    ("exported: 4xx are no errors", lambda rules: rules.replace('status_class!="2xx"', 'status_class=~"5xx|timeout"')),
)


def run(options, folder, rng):
    return minute_mutants(options, folder, rng) + alert_mutants(options, folder, rng)


def minute_mutants(options, folder, rng):
    recording = recordings.article(rng, 8, 1)
    verdicts = compare.judge_all(recording)
    with prometheus.serving(folder, [recording]) as server:
        theirs = prometheus.firing(server, recording)

    def found_by(mutant):
        mine = compare.our_minutes(recording, altered(options, folder, rng, recording, mutant))
        return len(compare.differences(compare.Outcome(recording, verdicts, mine, theirs)))

    return survivors(found_by, MUTANTS, "minutes")


def alert_mutants(options, folder, rng):
    recording = recordings.article_alerts(rng, 4, 1)
    # One will do, promtool being slow: one with errors of the callers' own.
    recording.cases = [case for case in recording.cases if any(case.requests["4xx"])][:1]

    def found_by(mutant):
        transitions = altered(options, folder, rng, recording, mutant)
        return sum("got:" in line for line in alerts.promtool_complaints(folder, recording, transitions))

    findings = survivors(found_by, ALERT_MUTANTS, "expectations")
    return findings + export_mutants(options, folder, rng, recording)


def export_mutants(options, folder, rng, recording):
    transitions = altered(options, folder, rng, recording, Mutant("nothing altered"))

    def found_by(alter):
        outcome = exported.compare_cases(options, folder, recording, transitions, alter)
        return sum("got:" in line for line in outcome.faults)

    findings = []
    for name, alter in (("exported: nothing altered", exported.unaltered), *EXPORT_MUTANTS):
        found = found_by(alter)
        print(f"self-test: {name}: {found} expectations differ")
        if bool(found) == (alter is exported.unaltered):
            findings.append(f"wrongly judged: {name}")
    return findings


def altered(options, folder, rng, recording, mutant):
    lines = mutant.lines(ours.event_lines(rng, recording, mutant.shift_ms))
    config = mutant.config(ours.config_text(mutant.configured(recording)))
    transitions, _ = ours.replay(options.firebreak, folder, recording, lines, config, mutant.step)
    return mutant.transitions(transitions)


def survivors(found_by, mutants, unit):
    """What is wrong: the unaltered program is found guilty, or a mutant is not."""
    findings = []
    innocent = found_by(Mutant("nothing altered"))
    if innocent:
        findings.append(f"nothing is altered, and {innocent} {unit} differ")
    for mutant in mutants:
        found = found_by(mutant)
        print(f"self-test: {mutant.name}: {found} {unit} differ")
        if not found:
            findings.append(f"not found: {mutant.name}")
    return findings
