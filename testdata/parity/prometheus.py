"""Prometheus' side: the same requests as counters in a real Prometheus, which evaluates the article's kind of rule."""

import contextlib
import decimal
import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from itertools import accumulate

from traffic import BASE

METRIC = "tikliveapi_request_total"
PAIR_EXPRESSION = "{short} > ({burn} * {allowed}) and {long} > ({burn} * {allowed})"
RATIO = "(sum by (case) (rate({metric}{bad}[{window}m])) / sum by (case) (rate({metric}{all}[{window}m])))"
POINTS_PER_QUERY = 10_000  # Prometheus refuses more than 11,000
START_SECONDS = 60


def programs():
    """The paths of prometheus and promtool. Without them nothing is proven, so it is a failure."""
    paths = [shutil.which(name) for name in ("prometheus", "promtool")]
    if None in paths:
        raise SystemExit("parity: prometheus and promtool are needed on PATH (Debian: apt-get install prometheus)")
    return paths


def write_counters(path, recordings):
    """OpenMetrics text: a sample a minute of each status class of each case, from its first minute to the last."""
    with open(path, "w") as out:
        out.write(f"# TYPE {METRIC.removesuffix('_total')} counter\n")
        for recording in recordings:
            for case in recording.cases:
                for status_class, requests in case.requests.items():
                    labels = f'recording="{recording.name}",case="{case.name}",status_class="{status_class}"'
                    series = f"{METRIC}{{{labels},{_rule_labels(case.rule)}}}"
                    sums = list(accumulate(requests))
                    out.writelines(f"{series} {sums[m]} {BASE + 60 * m}\n" for m in range(case.first, len(sums)))
        out.write("# EOF\n")


def _rule_labels(rule):
    return f'objective="{rule.objective}",burns="{"/".join(rule.burns)}"'


@contextlib.contextmanager
def serving(folder, recordings):
    """A Prometheus that holds the counters of all recordings, until the block ends."""
    prometheus, promtool = programs()
    counters, database = folder / "counters.txt", folder / "tsdb"
    write_counters(counters, recordings)
    # One block for all, since the text is parsed anew for each.
    load = ["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=99999h", "-q", counters, database]
    subprocess.run([promtool, *load], check=True)
    (folder / "prometheus.yml").write_text("{}\n")
    with open(folder / "prometheus.log", "w") as log:
        server = Server(prometheus, folder, database, log)
        try:
            server.wait_until_ready()
            yield server
        finally:
            server.stop()


class Server:
    """A Prometheus process on a free port of 127.0.0.1."""

    def __init__(self, program, folder, database, log):
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        options = [f"--web.listen-address={address}", f"--config.file={folder}/prometheus.yml"]
        options += [f"--storage.tsdb.path={database}", "--storage.tsdb.retention.time=100y"]
        self.process = subprocess.Popen([program, *options], stdout=log, stderr=log)

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):
                return
            time.sleep(0.1)
        self.log.flush()
        raise SystemExit(f"parity: Prometheus did not start:\n{open(self.log.name).read()}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def values(self, expression, steps):
        """The result at the minutes of `steps`, a range: case -> {minute: value}, without minutes without a value."""
        found = {}
        for begin in range(0, len(steps), POINTS_PER_QUERY):
            for series in self._query_range(expression, steps[begin : begin + POINTS_PER_QUERY]):
                points = found.setdefault(series["metric"]["case"], {})
                points.update(((int(when) - BASE) // 60, float(value)) for when, value in series["values"])
        return found

    def _query_range(self, expression, steps):
        instants = {"start": BASE + 60 * steps[0], "end": BASE + 60 * steps[-1], "step": 60 * steps.step}
        query = urllib.parse.urlencode({"query": expression, **instants}).encode()
        with urllib.request.urlopen(f"{self.url}/api/v1/query_range", data=query, timeout=300) as answer:
            return json.load(answer)["data"]["result"]


def firing(server, recording):
    """(case, pair) -> the minutes at which the article's expression is true."""
    found = {(case.name, pair.name): set() for case in recording.cases for pair in recording.pairs}
    for rule in {case.rule for case in recording.cases}:
        for number, pair in enumerate(recording.pairs):
            expression = rule_expression(recording, rule, number)
            for case, values in server.values(expression, recording.steps()).items():
                found[case, pair.name] = set(values)
    return found


def rule_expression(recording, rule, number):
    pair = recording.pairs[number]
    sides = {name: ratio(recording, rule, window) for name, window in zip(("short", "long"), pair.windows())}
    allowed = 1 - decimal.Decimal(rule.objective)  # written out, as in the article: 0.001
    return PAIR_EXPRESSION.format(burn=rule.burns[number], allowed=allowed, **sides)


def ratio(recording, rule, window):
    chosen = f'recording="{recording.name}",{_rule_labels(rule)}'
    bad = f'{{{chosen},status_class=~"{"|".join(recording.errors)}"}}'
    return RATIO.format(metric=METRIC, bad=bad, all=f"{{{chosen}}}", window=window)


def increases(server, recording, status_classes, window, steps):
    """case -> {minute: how much Prometheus thinks the counters grew within the window}."""
    chosen = f'recording="{recording.name}",status_class=~"{"|".join(status_classes)}"'
    return server.values(f"sum by (case) (increase({METRIC}{{{chosen}}}[{window}m]))", steps)
