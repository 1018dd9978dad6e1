#!/usr/bin/env python3
"""promtool test rules and firebreak test agree on random files: which alert tests hold, one by one.

A case is asked three times: with nothing expected, which brings out what fires; with exactly that expected, which must
pass; and with faults made in it, which must fail in the same places. FIREBREAK=path/to/firebreak ./promtool_test.py [seeds]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import generate

SEEDS = range(int(sys.argv.pop(1))) if len(sys.argv) > 1 and sys.argv[1].isdigit() else range(12)
ALERTNAMES = ("ErrorBudgetBurn", "LatencyBudgetBurn")
FAILED = re.compile(r"alertname: (\w+), time: (\w+),")
TEXT = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def binary():
    for candidate in (os.environ.get("FIREBREAK"), "firebreak", "../../firebreak"):
        if candidate and os.path.exists(candidate):
            return os.path.abspath(candidate)
    raise SystemExit("no firebreak binary: set FIREBREAK, or run under Bazel")


def minutes(text):
    """promtool's "1h2m0s" or ours, "1h2m", as minutes."""
    parts = {unit: int(number) for number, unit in re.findall(r"(\d+)([hms])", text)}
    return 60 * parts.get("h", 0) + parts.get("m", 0)


def texts(block):
    return {name: json.loads(f'"{value}"') for name, value in TEXT.findall(block)}


class Tools:
    """Both tools in a folder with one configuration."""

    def __init__(self, case):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.config = self.write("config.yaml", case.config())
        rules = subprocess.run([binary(), "export", "prometheus", "--config", self.config], check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        self.write("rules.yml", rules)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def promtool(self, text):
        """Exit code, {(alertname, minute)} of the tests that failed, {(alertname, minute): alerts} that fired there."""
        path = self.write("tests.yml", text)
        done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
        fired = {}
        for failure in re.split(r"(?=alertname: )", done.stderr + done.stdout)[1:]:
            name, time = FAILED.match(failure).groups()
            got = failure.split("got:", 1)[1]
            alerts = re.findall(r"Labels:\{(.*)\}\n\s*Annotations:\{(.*)\},?\n", got)
            fired[name, minutes(time)] = [(texts(labels), texts(annotations)) for labels, annotations in alerts]
        return done.returncode, fired

    def firebreak(self, text):
        """Exit code, and {(alertname, minute)} of the tests that failed."""
        path = self.write("tests.yml", text)
        done = subprocess.run([binary(), "test", "--config", self.config, "--json", path], capture_output=True,
                              text=True, check=False)
        if done.returncode == 2:
            raise AssertionError(f"{self.folder}: {done.stderr}")
        failures = [failure["what"] for test in json.loads(done.stdout)["tests"] for failure in test["failures"]]
        return done.returncode, {(what.split()[0], minutes(what.split("+")[1])) for what in failures}

    def exit_of_firebreak(self, text):
        path = self.write("tests.yml", text)
        done = subprocess.run([binary(), "test", "--config", self.config, path], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stderr


def spoiled(rng, alerts):
    """The alerts with one fault, which both tools must see."""
    alerts = [(dict(labels), dict(annotations)) for labels, annotations in alerts]
    kind = rng.choice(("add", "drop", "label", "annotation", "empty label", "empty annotation"))
    if kind == "add" or not alerts:
        return alerts + [({"severity": "page", "tier": "tier9"}, {})]
    if kind == "drop":
        alerts.pop(rng.randrange(len(alerts)))
    if kind == "label":
        rng.choice(alerts)[0]["pair"] = "other"
    if kind == "annotation":
        rng.choice(alerts)[1]["summary"] += " and more"
    if kind.startswith("empty"):  # a label without a text is none, yet not the same as none
        rng.choice(alerts)[kind == "empty annotation"]["extra"] = rng.choice(("", None))
    return alerts


class PromtoolTest(unittest.TestCase):
    fired = 0
    quiet = 0

    def agree(self, tools, text):
        code, fired = tools.promtool(text)
        ours, failed = tools.firebreak(text)
        self.assertEqual((ours, failed), (code, set(fired)), tools.folder)
        return code, fired

    def check(self, seed):
        case = generate.Case(seed)
        tools = Tools(case)
        questions = [(minute, name) for minute in case.times for name in ALERTNAMES
                     if name == ALERTNAMES[0] or any(tier["limit"] for tier in case.tiers)]
        _, fired = self.agree(tools, case.file([(minute, name, []) for minute, name in questions]))
        PromtoolTest.fired += len(fired)
        PromtoolTest.quiet += len(questions) - len(fired)
        answers = [(minute, name, fired.get((name, minute), [])) for minute, name in questions]
        code, _ = self.agree(tools, case.file(answers))
        self.assertEqual(code, 0, tools.folder)
        faulty = [(minute, name, spoiled(case.rng, alerts) if case.rng.random() < 0.3 else alerts)
                  for minute, name, alerts in answers]
        code, _ = self.agree(tools, case.file(faulty))
        self.assertEqual(code, 1, tools.folder)
        shutil.rmtree(tools.folder)

    def test_both_agree_on_every_alert_of_random_files(self):
        self.assertIsNotNone(shutil.which("promtool"), "promtool is needed (Debian: apt-get install prometheus)")
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.check(seed)
        # Both answers must have been there often, or agreement says little.
        self.assertGreater(self.fired, 3 * len(SEEDS))
        self.assertGreater(self.quiet, 3 * len(SEEDS))

    def test_what_is_not_supported_is_named(self):
        case = generate.Case(0)
        tools = Tools(case)
        good = case.file([(5, "ErrorBudgetBurn", [])])
        rows = (
            (good + "  promql_expr_test: [{expr: up, eval_time: 1m}]\n", "promql_expr_test: is not supported"),
            (good + "  external_labels: {a: b}\n", "external_labels: is not supported"),
            (good.replace("[]", '[{exp_annotations: {summary: "{{ $value }}"}}]', 1), "templates are not supported"),
            (good.replace("rules.yml", "'*.yml'"), "patterns are not supported"),
            (good.replace("ErrorBudgetBurn", "ErrorBudgetBrun"), 'did you mean "ErrorBudgetBurn"'),
            (good.replace("values: '0 ", "values: '1 ", 1), "begins at 1"),
            (good.replace("values: '0 ", "values: '0 _ ", 1), "has a gap"),
            (good.replace("- interval: 1m", "- interval: 7m", 1), "Prometheus estimates between samples"),
        )
        for text, part in rows:
            with self.subTest(part=part):
                code, errors = tools.exit_of_firebreak(text)
                self.assertEqual(code, 2, errors)
                self.assertRegex(errors, r"tests\.yml:\d+:\d+: error: ")
                self.assertIn(part, errors)

    def test_rules_of_another_configuration_are_refused(self):
        case = generate.Case(1)
        tools = Tools(case)
        text = case.file([(5, "ErrorBudgetBurn", [])])
        path = os.path.join(tools.folder, "rules.yml")
        with open(path, encoding="utf-8") as file:
            rules = file.read()
        tools.write("rules.yml", rules.replace("severity: page", "severity: pager", 1))
        code, errors = tools.exit_of_firebreak(text)
        self.assertEqual(code, 2)
        self.assertRegex(errors, r"rules\.yml:\d+:1: is not what this configuration exports")
        tools.write("rules.yml", re.sub(r"summary: .*", 'summary: "{{ $value }}"', rules, count=1))
        code, errors = tools.exit_of_firebreak(text)
        self.assertEqual(code, 2)
        self.assertRegex(errors, r'rules\.yml:\d+:\d+: annotation "summary": templates are not supported')


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=sys.argv[:1])
