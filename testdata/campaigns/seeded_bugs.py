#!/usr/bin/env python3
"""Plants one bug after the other in a copy of the sources and checks that a test catches it: a campaign that lets one
of these pass is worth nothing.

    testdata/campaigns/seeded_bugs.py            # all of them: some minutes each, mostly compiling
    testdata/campaigns/seeded_bugs.py dedup      # those whose name begins so
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.path.realpath(__file__)).parents[2]

# name, file, what stands there, what is planted, the test that must fail.
BUGS = [
    ("no-fsync", "storage/ledger/ledger.cc",
     'return database->Execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");',
     'return database->Execute(full ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = OFF");',
     "//storage/ledger:fault_campaign_test"),
    ("ack-before-commit", "engine/engine_thread.cc",
     "  record.at = clock_.Now();\n",
     "  record.at = clock_.Now();\n  commit->Finish(pipeline, {});\n"
     "  if (journal_.CommitBatch(std::move(record), [](const Committer::Outcome&) {})) return;\n  record = {};\n",
     "//testdata/campaigns:kill9_test"),
    ("for-reset-on-restart", "engine/alert_record.cc",
     "  if (state.phase == AlertPhase::kPending) state.pending_since += downtime;\n",
     "  if (state.phase == AlertPhase::kPending) state.phase = AlertPhase::kInactive;\n",
     "//engine:scenario_test"),
    ("resolve-sent-once", "api/notify/outbox.cc",
     "void Outbox::Resolve(uint64_t id, AlertViewPtr alert, absl::Time now) {\n  repeat_resolve_ = true;\n",
     "void Outbox::Resolve(uint64_t id, AlertViewPtr alert, absl::Time now) {\n  repeat_resolve_ = false;\n",
     "//api/notify:queue_test"),
    ("dedup-keys-not-persisted", "storage/ledger/batch_keys.cc",
     "  if (database_.changes() == 0) return Find(key);\n",
     "  if (database_.changes() == 0) return Find(key);\n"
     '  (void)database_.Execute("DELETE FROM batch_keys WHERE number < (SELECT max(number) FROM batch_keys) - 3");\n',
     "//testdata/campaigns:kill9_test"),
    ("lateness-off-by-one-slot", "storage/ring_ladder.cc",
     "bool Holds(int64_t slot, int64_t head) const { return slot > OldestSum(head); }",
     "bool Holds(int64_t slot, int64_t head) const { return slot >= OldestSum(head); }",
     "//storage:ring_ladder_oracle_test"),
    ("shared-sender-queue", "api/notify/worker.cc",
     "void Worker::Send(const Batch& batch) {\n",
     "void Worker::Send(const Batch& batch) {\n  static Mutex shared;\n  MutexLock one_at_a_time(shared);\n",
     "//api/notify:dispatcher_test"),
]


def bazel(folder, *arguments):
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    return subprocess.run(["bazel", *arguments, f"--disk_cache={cache}/firebreak-bazel"], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def plant(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{file}: {old!r} stands there {text.count(old)} times, wanted once")
    path.write_text(text.replace(old, new), encoding="utf-8")
    return lambda: path.write_text(text, encoding="utf-8")


def try_bug(folder, name, file, old, new, target):
    """Whether `target` fails with the bug, though it builds."""
    undo = plant(folder, file, old, new)
    try:
        built = bazel(folder, "build", target)
        if built.returncode != 0:
            raise SystemExit(f"{name}: does not build\n{built.stdout[-3000:]}")
        tested = bazel(folder, "test", "--cache_test_results=no", target)
        return tested.returncode == 3  # Bazel: built, and a test failed
    finally:
        undo()


def main(prefixes):
    wanted = [bug for bug in BUGS if not prefixes or bug[0].startswith(tuple(prefixes))]
    missed = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "copy"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
        for bug in wanted:
            caught = try_bug(folder, *bug)
            print(f"{bug[0]:<28} {'caught by' if caught else 'NOT CAUGHT by'} {bug[4]}", flush=True)
            if not caught:
                missed.append(bug[0])
        bazel(folder, "shutdown")
    print(f"{len(wanted) - len(missed)} of {len(wanted)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
