"""Random promtool unit-test files over rules that Firebreak exports. Everything follows from the seed."""

import json
import random

MINUTES = 240
CLASSES = ("2xx", "3xx", "4xx", "5xx", "timeout", "shape_mismatch", "failed")


class Case:
    """A configuration, and counters sampled every minute."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.tiers = [self._tier(number) for number in range(self.rng.randint(1, 3))]
        self.end = self.rng.choice((MINUTES, MINUTES, MINUTES - 60))  # of the counters; the tests go on
        self.series = [series for tier in self.tiers for series in self._series(tier)]
        self.times = sorted(self.rng.sample(range(1, MINUTES + 20), 40))

    # --- The configuration

    def _tier(self, number):
        objective = self.rng.choice(("0.9", "0.97", "0.987", "0.999"))
        highest = 1 / (1 - float(objective))
        burns = [f"{self.rng.uniform(0.05, 0.6) * highest:.3f}" for _ in range(2)]
        by_endpoint = self.rng.random() < 0.3
        limit = self.rng.choice((None, None, 250))
        return {
            "name": f"tier{number}",
            "objective": objective,
            "burns": burns,
            "by_endpoint": by_endpoint,
            "limit": None if by_endpoint else limit,
            "endpoints": [f"/t{number}/{name}/" for name in "ab"[: 2 if by_endpoint else 1]],
        }

    def config(self):
        rng = self.rng
        short, long = rng.choice(((2, 10), (5, 60), (3, 45))), rng.choice(((10, 120), (30, 90)))
        lines = [
            f"service: {rng.choice(('shop', 'a b'))}",
            f"evaluation_interval: {rng.choice(('5s', '30s', '1m'))}",
            f"evaluation_delay: {rng.choice(('0s', '0s', '1m'))}",
            f"classification: {{errors: {rng.choice(('[5xx, timeout]', 'non_2xx', '[5xx, failed, 4xx]'))}}}",
            "alerts:",
            self._pair("fast", short, "page"),
            self._pair("slow", long, "ticket"),
            "slo_tiers:",
        ]
        for tier in self.tiers:
            fields = [f"availability: {tier['objective']}", f"endpoints: {json.dumps(tier['endpoints'])}"]
            fields += [f"burn_rate_{pair}: {burn}" for pair, burn in zip(("fast", "slow"), tier["burns"])]
            if tier["by_endpoint"]:
                fields.append("alert_by: endpoint")
            if tier["limit"]:
                fields.append(f"p95_ms: {tier['limit']}")
                fields += ["latency_burn_rate_fast: 7.1", "latency_burn_rate_slow: 4.3"]
            lines.append(f"  {tier['name']}: {{{', '.join(fields)}}}")
        return "\n".join(lines) + "\n"

    def _pair(self, name, windows, severity):
        hold, keep = self.rng.choice((0, 1, 2, 5)), self.rng.choice((0, 0, 3))
        return (f"  {name}: {{short: {windows[0]}m, long: {windows[1]}m, for: {hold}m, keep_firing_for: {keep}m, "
                f"severity: {severity}}}")

    # --- The counters

    def _series(self, tier):
        for endpoint in tier["endpoints"]:
            place = f'tier="{tier["name"]}",source="rum"'
            if tier["by_endpoint"] or self.rng.random() < 0.5:
                place += f',endpoint="{endpoint}"'
            good = None
            for status_class in ("2xx", *self.rng.sample(CLASSES[1:], 3)):
                growth = self._growth(30 if status_class == "2xx" else 0)
                good = good or growth
                yield f'firebreak_requests_total{{{place},status_class="{status_class}"}}', self._values(growth, status_class != "2xx")
            if tier["limit"]:
                timed = [self.rng.randint(0, count) for count in good]
                slow = [count if share > 0.6 else count // 5 for count, share in zip(timed, self._waves())]
                place = f'tier="{tier["name"]}",source="rum",slo="latency"'
                yield f"firebreak_slo_requests_total{{{place}}}", self._values(timed, False)
                yield f"firebreak_slo_bad_requests_total{{{place}}}", self._values(slow, False)

    def _waves(self):
        """A number from 0 to 1 for each minute, that stays for a while."""
        waves = []
        while len(waves) < self.end:
            waves += [self.rng.random()] * self.rng.randint(3, 40)
        return waves[: self.end]

    def _growth(self, least):
        top = self.rng.choice((3, 10, 40))
        return [least + int(top * wave * self.rng.random()) if wave > 0.3 else least for wave in self._waves()]

    def _values(self, growth, resets):
        """In promtool's notation: from 0 on, sometimes reset, equal steps as runs."""
        total, values = 0, ["0"]
        for count in growth:
            if resets and self.rng.random() < 0.01:
                total = 0
            total += count
            values.append(str(total))
        return " ".join(values) + self.rng.choice(("", " stale", f" _x{MINUTES - self.end} stale"))

    # --- The file

    def file(self, tests):
        """`tests` are (minute, alertname, alerts); alerts are (labels, annotations)."""
        lines = ["rule_files: [rules.yml]", "evaluation_interval: 1m", "tests:", "- interval: 1m", "  input_series:"]
        for series, values in self.series:
            lines += [f"  - series: '{series}'", f"    values: '{values}'"]
        lines.append("  alert_rule_test:")
        for minute, alertname, alerts in tests:
            exp = [{"exp_labels": labels, "exp_annotations": annotations} for labels, annotations in alerts]
            lines.append(f"  - {{eval_time: {minute}m, alertname: {alertname}, exp_alerts: {json.dumps(exp)}}}")
        return "\n".join(lines) + "\n"
