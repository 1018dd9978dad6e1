#!/usr/bin/env python3
"""Firebreak and the real Prometheus fire at the same minutes. README.md says how and why.

  parity_test.py --firebreak PATH [--seed S] [--cases N] [--days D] [--list-ties] [--self-test]
"""

import argparse
import pathlib
import random
import sys
import tempfile

sys.dont_write_bytecode = True

import alerts  # noqa: E402
import compare  # noqa: E402
import exported  # noqa: E402
import ours  # noqa: E402
import prometheus  # noqa: E402
import recordings  # noqa: E402
import self_test  # noqa: E402

SHOWN = 20  # differences of a recording


def main():
    options = read_options()
    prometheus.programs()
    print(f"parity: seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        run = self_test.run if options.self_test else compare_all
        findings = run(options, pathlib.Path(folder), random.Random(options.seed))
    for finding in findings[: 3 * SHOWN]:
        print(f"FAILED {finding}")
    if findings:
        raise SystemExit(f"parity: FAILED with --seed {options.seed}")
    print("parity: every alteration was found" if options.self_test else "parity: Firebreak and Prometheus agree")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firebreak", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=24, help="of the article's windows; the others follow from it")
    parser.add_argument("--days", type=int, default=3, help="of traffic in each of them")
    parser.add_argument("--list-ties", action="store_true", help="print every minute that is exactly at a threshold")
    parser.add_argument("--self-test", action="store_true", help="alter ours in many ways: each must be found")
    return parser.parse_args()


def compare_all(options, folder, rng):
    made = [
        recordings.article(rng, options.cases, options.days),
        recordings.odd_windows(rng, max(1, options.cases // 4), max(1, options.days // 2)),
        recordings.long_windows(rng, max(2, options.cases // 8), 2 * options.days),
        recordings.lonely(rng, 8 * options.days),
    ]
    findings = []
    with prometheus.serving(folder, made) as server:
        for recording in made:
            findings += compare_minutes(options, folder, rng, server, recording)
    return findings + compare_alerts(options, folder, rng)


def compare_minutes(options, folder, rng, server, recording):
    """Every evaluation, without `for`."""
    transitions, faults = replay(options, folder, rng, recording)
    mine, theirs = compare.our_minutes(recording, transitions), prometheus.firing(server, recording)
    outcome = compare.Outcome(recording, compare.judge_all(recording), mine, theirs)
    print(compare.summary(outcome))
    if options.list_ties:
        print("\n".join(compare.list_ties(outcome)))
    faults += compare.wrong_increases(server, recording)
    faults += compare.too_little(outcome)
    found = compare.differences(outcome)
    faults += [compare.explain(outcome, *difference) for difference in found[:SHOWN]]
    return faults + [f"{recording.name}: {len(found)} differences in all"] * bool(found)


def compare_alerts(options, folder, rng):
    """With `for` and keep_firing_for, by promtool. It takes its time, hence few cases of one day."""
    recording = recordings.article_alerts(rng, max(4, options.cases // 6), 1)
    transitions, faults = replay(options, folder, rng, recording)
    states = [state for changes in transitions.values() for _, state in changes]
    pending, firing = states.count("pending"), states.count("firing")
    print(f"{recording.name}: {len(recording.cases)} cases, {pending} times pending, {firing} of them to firing")
    if not 0 < firing < pending:
        faults.append(f"{recording.name}: too few alerts of each ending to prove anything")
    faults += alerts.promtool_complaints(folder, recording, transitions)
    return faults + compare_exported(options, folder, recording, transitions)


def compare_exported(options, folder, recording, transitions):
    """The same recording, and one of everything that status classes cannot tell, by the rules that we export."""
    faults = []
    cases = exported.compare_cases(options, folder, recording, transitions)
    mixed = exported.compare_mixed(options, folder, options.seed, 12 * 60 * options.days)
    for name, outcome in (("exported", cases), ("exported_mixed", mixed)):
        print(f"{name}: {outcome.pending} times pending, {outcome.firing} of them to firing")
        faults += [f"{name}: {fault}" for fault in outcome.faults]
        if not 0 < outcome.firing < outcome.pending:
            faults.append(f"{name}: too few alerts of each ending to prove anything")
    return faults


def replay(options, folder, rng, recording):
    """(transitions, faults) of ours."""
    lines = ours.event_lines(rng, recording)
    transitions, summary = ours.replay(options.firebreak, folder, recording, lines, ours.config_text(recording))
    fault = ours.uncounted(recording, lines, summary)
    return transitions, [fault] * bool(fault)


if __name__ == "__main__":
    main()
