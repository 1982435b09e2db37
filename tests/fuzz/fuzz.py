"""Runs the fuzzers in child processes until the time is up: first fixed seeds, then fresh ones. A crash, an abort, a hang or a difference is a
failure, printed with the command that repeats it.

    fuzz.py SECONDS [KIND...]        SEED=n instead of a fresh seed
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import time

KINDS = {"differential": 60, "grammar": 30, "damaged": 80}  # cases in one child
HANG = 300  # seconds that one child may take; it needs a few
FIXED = 1_000_000
HERE = pathlib.Path(__file__).parent


def stretch(kind, seed, cases):
    """(what was counted, None) or (None or what was counted, what went wrong)"""
    command = [sys.executable, str(HERE / "worker.py"), kind, str(seed), str(cases)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    except subprocess.TimeoutExpired:
        return None, f"hangs: {last_note(kind, seed)}"
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        return None, f"exit {done.returncode}: {done.stderr[-1500:]}\n{last_note(kind, seed)}"
    counts = json.loads(lines[-1])
    if "failure" in counts:
        return counts, f"{counts['failure']}\n  repeat: tests/fuzz/run.sh {kind} {counts['seed']}"
    os.remove(f"target/fuzz/{kind}-{seed}.sql")
    return counts, None


def last_note(kind, seed):
    path = f"target/fuzz/{kind}-{seed}.sql"
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().encode("utf-8", "replace").decode().splitlines()
    return f"{lines[0] if lines else ''}\n  last: {lines[-1][:2000] if lines else ''}\n  all of it: {path}"


def main():
    seconds, kinds = float(sys.argv[1]), sys.argv[2:] or list(KINDS)
    end = time.monotonic() + seconds
    os.makedirs("target/fuzz", exist_ok=True)
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**12))
    totals = {kind: {"cases": 0, "questions": 0, "rows": 0} for kind in kinds}
    failures = 0
    print(f"fresh seed {seed}")
    turn = 0
    while turn == 0 or time.monotonic() < end:
        for kind in kinds:
            # Two turns of fixed seeds, which are the same for everybody; then this run's own.
            start = (FIXED if turn < 2 else seed) + turn * 1000
            counts, failure = stretch(kind, start, KINDS[kind])
            for name in totals[kind]:
                totals[kind][name] += (counts or {}).get(name, 0)
            if failure:
                failures += 1
                print(f"FAILED: {kind}: {failure}", flush=True)
            if failures >= 20:
                end = 0
        turn += 1
    for kind, counted in totals.items():
        print(f"{kind}: {counted['cases']} cases, {counted['questions']} statements, {counted['rows']} values or rows compared")
    print(f"{sum(counted['cases'] for counted in totals.values())} passed, {failures} failed")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
