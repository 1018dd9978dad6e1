#!/usr/bin/env python3
"""How long a 30-day backtest takes: `firebreak replay --data-dir`, and VictoriaMetrics with `vmalert -replay`.

    testdata/performance/replay_vs_vmalert.py [--runs N] [--work FOLDER]

Makes 30 days of traffic of the article's three tiers (from a fixed seed), counts it into a ledger, and replays that at
60 s steps under rules/tiklive.yaml, reading included. Then it imports the same counters into VictoriaMetrics and has
vmalert replay the same rules at the same interval. Prints CPU seconds (user and system) of each, as a table; fails when
the two do not agree on which alerts fired.

Needs Debian's package victoria-metrics. $FIREBREAK names the binary to measure; without it, ./run builds one (-c opt).
Servers listen on 127.0.0.1 only. docs/performance.md says what it printed, and where.
"""

import argparse
import contextlib
import datetime
import glob
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
DAYS, SLOT, STEP = 30, 30, 60
# name, an endpoint of it, latency limit in ms, objective, burns of the pairs: as rules/tiklive.yaml has them.
TIERS = [
    ("tier1_interactive", "/userid/", 1200, 0.999, {"fast": 14.4, "slow": 6}),
    ("tier2_search", "/search-video/", 2500, 0.995, {"fast": 10, "slow": 3}),
    ("tier3_batch", "/user-followers/", 6000, 0.99, {"fast": 6, "slow": 2}),
]
PAIRS = {"fast": ("5m", "1h", "2m"), "slow": ("30m", "6h", "15m")}
LATENCY_OBJECTIVE = 0.95
COUNTERS = ("total", "bad", "timed", "slow")


def say(text):
    print(text, file=sys.stderr, flush=True)


def firebreak():
    if "FIREBREAK" in os.environ:
        return os.path.abspath(os.environ["FIREBREAK"])
    subprocess.run([os.path.join(ROOT, "run"), "version"], check=True, stdout=subprocess.DEVNULL)
    return glob.glob(os.path.join(ROOT, "bazel-out", "*-opt", "bin", "firebreak"))[0]


def incidents(dice, slots):
    """For each slot the share that fails and the share that is slow: quiet, but for some incidents a week."""
    bad, slow = [0.0002] * slots, [0.01] * slots
    for _ in range(12):
        begin, length = dice.randrange(slots), dice.randrange(10, 240)
        share, into = dice.choice((0.02, 0.05, 0.2, 0.6)), dice.choice((bad, slow))
        for slot in range(begin, min(slots, begin + length)):
            into[slot] = share
    return bad, slow


def traffic(end):
    """(time, tier, counts) of every slot that ends in the 30 days before `end`."""
    dice = random.Random(20251124)
    slots = DAYS * 86400 // SLOT
    shares = [incidents(dice, slots) for _ in TIERS]
    for slot in range(slots):
        at = end - (slots - slot) * SLOT
        # Busy by day, quiet by night.
        base = 40 + 30 * abs(at // 3600 % 24 - 12) // 12
        for tier in range(len(TIERS)):
            total = base + dice.randrange(20)
            bad = sum(dice.random() < shares[tier][0][slot] for _ in range(total))
            timed = total - bad
            slow = sum(dice.random() < shares[tier][1][slot] for _ in range(timed))
            yield at, tier, (total, bad, timed, slow)


def write_events(rows, path):
    with open(path, "w", encoding="ascii") as file:
        for at, tier, (_, bad, timed, slow) in rows:
            _, endpoint, limit, _, _ = TIERS[tier]
            for status, latency, count in ((200, limit // 10, timed - slow), (200, limit + 100, slow), (503, None, bad)):
                if count:
                    event = {"ts": at * 1000, "endpoint": endpoint, "status": status, "count": count}
                    if latency:
                        event["latency_ms"] = latency
                    file.write(json.dumps(event) + "\n")


def write_counters(rows, path):
    """Running totals for VictoriaMetrics' /api/v1/import, one series a line."""
    series = {(tier, counter): ([], []) for tier in range(len(TIERS)) for counter in COUNTERS}
    sums = dict.fromkeys(series, 0)
    for at, tier, counts in rows:
        for counter, count in zip(COUNTERS, counts):
            sums[tier, counter] += count
            timestamps, values = series[tier, counter]
            timestamps.append(at * 1000)
            values.append(sums[tier, counter])
    with open(path, "w", encoding="ascii") as file:
        for (tier, counter), (timestamps, values) in series.items():
            metric = {"__name__": f"requests_{counter}", "tier": TIERS[tier][0]}
            file.write(json.dumps({"metric": metric, "values": values, "timestamps": timestamps}) + "\n")


def rule(tier, slo, pair):
    """One alerting rule equal to ours: both windows above burn * (1 - objective)."""
    name, _, _, objective, burns = TIERS[tier]
    short, long, hold = PAIRS[pair]
    bad, total = ("bad", "total") if slo == "availability" else ("slow", "timed")
    limit = burns[pair] * (1 - (objective if slo == "availability" else LATENCY_OBJECTIVE))

    def above(window):
        ratio = "/".join(f'increase(requests_{counter}{{tier="{name}"}}[{window}])' for counter in (bad, total))
        return f"{ratio} > {limit:.6g}"

    return {"alert": "Burn", "expr": f"{above(short)} and {above(long)}", "for": hold,
            "labels": {"tier": name, "slo": slo, "pair": pair}}


def write_rules(path):
    rules = [rule(tier, slo, pair) for tier in range(len(TIERS)) for slo in ("availability", "latency") for pair in PAIRS]
    with open(path, "w", encoding="ascii") as file:  # JSON is YAML
        json.dump({"groups": [{"name": "article", "interval": f"{STEP}s", "rules": rules}]}, file, indent=1)


def cpu_of(command, **options):
    """(CPU seconds, wall seconds, stdout) of a command that must succeed."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, **options)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed with {process.returncode}:\n{text[-2000:]}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, text


def cpu_so_far(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def victoria_metrics(folder):
    """A fresh server: (its URL, its process id)."""
    port = free_port()
    with open(os.path.join(folder, "victoria.log"), "ab") as log:
        server = subprocess.Popen(
            ["victoria-metrics", f"-storageDataPath={folder}/data", f"-httpListenAddr=127.0.0.1:{port}",
             "-retentionPeriod=3", "-search.maxPointsPerTimeseries=100000", "-search.latencyOffset=0s"],
            stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url + "/health").read()
                break
            time.sleep(0.05)
        yield url, server.pid
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(os.path.join(folder, "data"), ignore_errors=True)


def get(url, **query):
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}") as answer:
        return json.loads(answer.read() or b"null")


def run_victoria(folder, counters, rules, end):
    """CPU seconds of (the import, the replay), wall seconds, and the alerts that fired."""
    stamp = lambda at: datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    with victoria_metrics(folder) as (url, pid):
        before, begin = cpu_so_far(pid), time.monotonic()
        with open(counters, "rb") as file:
            request = urllib.request.Request(url + "/api/v1/import", data=file, method="POST",
                                             headers={"Content-Length": str(os.path.getsize(counters))})
            urllib.request.urlopen(request).read()
        urllib.request.urlopen(url + "/internal/force_flush").read()
        imported = cpu_so_far(pid)
        with open(os.path.join(folder, "vmalert.log"), "ab") as log:
            vmalert, _, _ = cpu_of(
                ["vmalert", f"-rule={rules}", f"-datasource.url={url}", f"-remoteWrite.url={url}",
                 f"-replay.timeFrom={stamp(end - DAYS * 86400)}", f"-replay.timeTo={stamp(end)}",
                 "-replay.maxDatapointsPerQuery=30000", "-replay.rulesDelay=0s", "-httpListenAddr=127.0.0.1:0"],
                stderr=log)
        replayed, wall = cpu_so_far(pid), time.monotonic() - begin
        urllib.request.urlopen(url + "/internal/force_flush").read()
        found = get(url + "/api/v1/series", **{"match[]": 'ALERTS', "start": end - DAYS * 86400,
                                               "end": end})["data"]
    return imported - before, vmalert + replayed - imported, wall, {(s["tier"], s["slo"], s["pair"]) for s in found}


def run_firebreak(binary, ledger):
    """CPU and wall seconds, and the alerts that fired."""
    cpu, wall, out = cpu_of([binary, "replay", "--config", os.path.join(ROOT, "rules", "tiklive.yaml"), "--data-dir",
                             ledger, "--step", f"{STEP}s"])
    return cpu, wall, {tuple(found.split("/")) for found in re.findall(r"  (\S+/\S+/\S+) +\w+ → firing", out)}


def prepare(binary, folder):
    """Makes the ledger, the counters and the rules: (their paths, the end of the 30 days)."""
    end = int(time.time()) // 3600 * 3600
    say("making 30 days of traffic …")
    rows = list(traffic(end))
    paths = {name: os.path.join(folder, name) for name in ("events.ndjson", "ledger", "counters.ndjson", "rules.yaml")}
    write_events(rows, paths["events.ndjson"])
    write_counters(rows, paths["counters.ndjson"])
    write_rules(paths["rules.yaml"])
    shutil.rmtree(paths["ledger"], ignore_errors=True)
    say("counting it into a ledger …")
    subprocess.run([binary, "replay", "--config", os.path.join(ROOT, "rules", "tiklive.yaml"), "--into",
                    paths["ledger"], paths["events.ndjson"]], check=True, stdout=subprocess.DEVNULL)
    os.remove(paths["events.ndjson"])
    return paths, end


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", help="keep what is made there; a temporary folder otherwise")
    arguments = parser.parse_args()
    for program in ("victoria-metrics", "vmalert"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} not found: apt install victoria-metrics")
    binary = firebreak()
    with contextlib.ExitStack() as stack:
        folder = arguments.work or stack.enter_context(tempfile.TemporaryDirectory())
        os.makedirs(folder, exist_ok=True)
        paths, end = prepare(binary, folder)
        ours, theirs = [], []
        for number in range(arguments.runs):
            say(f"run {number + 1} of {arguments.runs}")
            ours.append(run_firebreak(binary, paths["ledger"]))
            theirs.append(run_victoria(folder, paths["counters.ndjson"], paths["rules.yaml"], end))
    report(ours, theirs)


def report(ours, theirs):
    median = lambda runs, of: statistics.median(of(run) for run in runs)
    lowest = lambda runs, of: min(of(run) for run in runs)
    row = lambda name, runs, cpu, wall: print(
        f"| {name} | {median(runs, cpu):.3f} | {lowest(runs, cpu):.3f} | {median(runs, wall):.2f} |")
    print("| | CPU seconds, median | lowest | wall seconds, median |\n|---|---|---|---|")
    row("firebreak replay --data-dir", ours, lambda run: run[0], lambda run: run[1])
    row("import into VictoriaMetrics and vmalert -replay", theirs, lambda run: run[0] + run[1], lambda run: run[2])
    print(f"\nvmalert -replay alone: {median(theirs, lambda run: run[1]):.3f} CPU seconds. "
          f"Ratio of the medians: {median(theirs, lambda r: r[0] + r[1]) / median(ours, lambda r: r[0]):.1f}; "
          f"without the import {median(theirs, lambda r: r[1]) / median(ours, lambda r: r[0]):.1f}.")
    print(f"Fired in both: {len(ours[0][2])} of {len(TIERS) * 2 * len(PAIRS)} alerts.")
    if ours[0][2] != theirs[0][3]:
        raise SystemExit(f"they differ: {sorted(ours[0][2] ^ theirs[0][3])}")


if __name__ == "__main__":
    main()
