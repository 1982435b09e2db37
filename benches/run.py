"""The benchmark: every question to every contestant, interleaved, as ratios from one run.

    make bench                  a million rows, everything
    make bench ROWS=10000000
    QUICK=1 make bench          100,000 rows, whole-table questions, fewer rounds
    ONLY='by model' make bench  the questions whose label starts so

How it measures. For each question every contestant gets a process, its connection and one warm-up answer (which also brings the file into the
page cache); then they take turns, A B C A B C ..., so that a busy machine is busy for all. A contestant's ratio is the median of its ratios to
ours within the same round. A contestant that needs long gets fewer rounds, never under three. CPU is user + system of the process. Peak memory is the highest resident size
above what the connected process had before the first question. Answers of all contestants are compared; a difference ends the run.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import generate
import machine
import questions
import report

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
OURS, FLOOR, READ, SHELL, PLAIN, PEER = "ours", "floor", "floor, reading", "ours, sqlite3 shell", "plain SQL", "OpenJarvis"
DUCK1, DUCKALL, SIMPLE = "DuckDB, 1 thread", "DuckDB, all threads", "DuckDB, two GROUP BYs"
COPY, PANDAS = "DuckDB, own copy", "pandas"
# Bytes a row that a contestant holds while it answers, where that is much: it is left out where the machine has not three times as much.
HUNGER = {PANDAS: 1500, (PANDAS, "export"): 9500, (PEER, "export"): 3800, (DUCK1, "export"): 4500, (DUCKALL, "export"): 4500}


class Worker:
    """A contestant's process, kept for one question."""

    def __init__(self, task):
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), json.dumps(task)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.statements = self.reply()["statements"]

    def reply(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a contestant ended with status {self.process.wait()}, its error is above")
        return json.loads(line)

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.reply()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Shell:
    """Ours as a person starts it: the sqlite3 shell, from process start to exit."""

    statements = ()

    def __init__(self, question, database, library):
        self.command = ["sqlite3", "-batch", "-readonly", "-cmd", f".load {library}", str(database), f"{question.ours};"]

    def run(self):
        began = time.perf_counter()
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"the sqlite3 shell failed: {' '.join(self.command)}")
        return {"wall": wall, "user": usage.ru_utime, "system": usage.ru_stime, "peak": usage.ru_maxrss * 1024, "answer": None}

    def close(self):
        pass


class Databases:
    """The files, generated when first asked for and kept in target/bench for the next run."""

    def __init__(self, rows):
        self.rows = rows

    def path(self, rows=None, batch_size=64, index=False):
        rows = rows or self.rows
        path = WORK / f"{rows}-batch{batch_size}{'-index' if index else ''}.db"
        source = max(Path(generate.__file__).stat().st_mtime, generate.SCHEMA.stat().st_mtime)
        if not path.exists() or path.stat().st_mtime < source:
            progress(f"generating {path.name}")
            if shutil.disk_usage(WORK).free < 500 * rows:
                raise SystemExit(f"{WORK} has not the {500 * rows / 1e9:.0f} GB free that {path.name} takes")
            if index:
                generate.add_index(self.path(rows, batch_size), path)
            else:
                generate.write(path, rows, batch_size)
        return path

    def copy(self, question):
        """The table in DuckDB's own format, and the seconds that copying it took."""
        database = self.path(batch_size=question.batch_size)
        path = database.with_suffix(".duckdb")
        note = path.with_suffix(".seconds")
        if not path.exists() or path.stat().st_mtime < database.stat().st_mtime:
            path.unlink(missing_ok=True)
            script = Path(__file__).with_name("duckdb_copy.py")
            took = subprocess.run([sys.executable, str(script), str(database), str(path)], check=True, stdout=subprocess.PIPE, text=True)
            note.write_text(took.stdout)
        return path, float(note.read_text())


def scan_of(question, task):
    """The one statement that our extension runs over the table, as SQLite's trace shows it, in a process thrown away."""
    tracer = Worker({**task, "trace": True})
    tracer.close()
    nested = [sql.removeprefix("-- ") for sql in tracer.statements]
    scans = [sql for sql in nested if sql.startswith("SELECT jarvis_stats_")]
    if len(scans) != 1:
        raise SystemExit(f"{question.label}: expected one scan, got {len(scans)}:\n" + "\n".join(tracer.statements))
    return scans[0]


def floor_of(question, scan):
    """The same statement with the do-nothing aggregate in place of ours: same columns, same WHERE."""
    floor = re.sub(r"^SELECT jarvis_stats_\w+\(", "SELECT scan_floor(", scan)
    if question.since is not None:
        floor = floor.replace("?1", repr(question.since))
    if not floor.startswith("SELECT scan_floor(") or "?" in floor:
        raise SystemExit(f"{question.label}: this is not a scan that the benchmark knows: {scan}")
    return floor


def reading(floor):
    """The floor that also asks for every argument: the leading keys as text, the rest as doubles."""
    arguments = floor.partition("(")[2]
    keys = re.match(r'(?:(?:\w+\.)?"?(?:model_id|engine|batch_id)"?, )*', arguments).group(0).count(",")
    return floor.replace("scan_floor(", f"scan_floor_read{keys}(")


def contestants(question, database, options, databases):
    base = {"db": str(database), "setup": question.setup, "stream": question.stream, "since": question.since}
    ours = {**base, "kind": "sqlite", "load": [options.library], "sql": question.ours}
    team, floor = {OURS: Worker(ours)}, question.floor
    if question.has_floor:
        floor = floor or floor_of(question, scan_of(question, ours))
        for name, sql in ((FLOOR, floor), (READ, reading(floor))):
            team[name] = Worker({**base, "kind": "sqlite", "load": [options.floor], "sql": sql, "setup": ""})
    if options.only_floor:
        return team, floor
    if not question.setup:  # the shell would pay for it in the timed part
        team[SHELL] = Shell(question, database, options.library)
    duck = {**base, "kind": "duckdb", "statements": [question.duckdb], "copy": None, "threads": os.cpu_count()}
    others = {
        PLAIN: {**base, "kind": "sqlite", "load": [], "sql": questions.narrowed(question.plain, question.since)},
        PEER: question.peer and {**base, "kind": "peer", "method": question.peer},
        DUCK1: {**duck, "threads": 1},
        DUCKALL: duck,
        SIMPLE: question.duckdb_simple and {**duck, "statements": question.duckdb_simple},
        PANDAS: {**base, "kind": "pandas", "method": question.pandas, "columns": question.columns},
    }
    if question in (questions.SUMMARY, questions.BY_MODEL, questions.BY_BATCH):
        others[COPY] = {**duck, "copy": str(databases.copy(question)[0])}
    for name, task in others.items():
        need = HUNGER.get((name, question.name), HUNGER.get(name, 0)) * options.rows
        # pandas reads the whole table however short the range: its figure for the table says it all.
        if task and need * 3 <= machine.free_memory() and not (name == PANDAS and question.since is not None):
            team[name] = Worker(task)
    return team, floor


def compare(question, answers):
    """All contestants must agree, to within what adding up doubles in another order changes."""
    kept = answers[OURS]
    for name, answer in answers.items():
        # DuckDB's summary is left as groups, whose sums are compared all the same.
        grouped = question.name == questions.SUMMARY.name and name.startswith("DuckDB")
        for key in (set(kept) & set(answer)) - ({"rows"} if grouped else set()):
            if abs(kept[key] - answer[key]) > 1e-9 * max(abs(kept[key]), abs(answer[key])):
                raise SystemExit(f"{question.label}: {key} is {kept[key]!r} by ours, {answer[key]!r} by {name}")


def measure(question, options, databases, rows=None):
    """One question to all; returns what report.py shows."""
    database = databases.path(rows, question.batch_size, question.index)
    team, floor = contestants(question, database, options, databases)
    try:
        warm = {name: member.run() for name, member in team.items()}
        compare(question, {n: w["answer"] for n, w in warm.items() if w["answer"] and n not in (FLOOR, READ)})
        rounds = {}
        for name in team:
            many = options.rounds if name in (OURS, FLOOR, READ) else int(options.budget / warm[name]["wall"])
            # A contestant that takes ten times ours need not be asked often for the ratio to be known.
            fewest = 3 if warm[name]["wall"] < 2 else 2 if warm[name]["wall"] < 6 else 1
            rounds[name] = max(fewest, min(options.rounds, many))
        runs = {name: [] for name in team}
        for turn in range(options.rounds):
            for name, member in team.items():
                if turn < rounds[name]:
                    runs[name].append(member.run())
    finally:
        for member in team.values():
            member.close()
    results = {name: summarised(taken, runs[OURS]) for name, taken in runs.items()}
    return {"label": question.label, "rows": rows or options.rows, "sql": question.ours, "floor_sql": floor,
            "peer": question.peer, "results": results}


def summarised(taken, ours):
    walls = [run["wall"] for run in taken]
    cpus = [run["user"] + run["system"] for run in taken]
    pairs = list(zip(taken, ours))
    return {
        "wall": statistics.median(walls), "wall_min": min(walls), "wall_max": max(walls),
        "cpu": statistics.median(cpus), "cpu_min": min(cpus), "cpu_max": max(cpus),
        "peak": max(run["peak"] for run in taken), "rounds": len(taken),
        "wall_ratio": statistics.median(a["wall"] / b["wall"] for a, b in pairs),
        "cpu_ratio": statistics.median(
            (a["user"] + a["system"]) / max(b["user"] + b["system"], 1e-6) for a, b in pairs
        ),
    }


def growth(options, databases):
    """The whole-table statistics at 10^4 rows and every power of ten up to the size of this run."""
    sizes = [10**n for n in range(4, 9) if 10**n <= options.rows]
    options.only_floor = True
    for question in (*questions.STATISTICS[:4], questions.TWO_COLUMNS, *questions.AGGREGATES[:2], questions.AGGREGATES[4]):
        for rows in sizes:
            progress(f"growth: {question.label}, {rows:,} rows")
            yield measure(question, options, databases, rows)


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=4.0, help="seconds a contestant may take per question before its rounds are cut")
    parser.add_argument("--only", help="only questions whose label starts so")
    parser.add_argument("--quick", action="store_true", help="whole-table questions only, no growth")
    parser.add_argument("--floors", action="store_true", help="ours and the floors only")
    parser.add_argument("--library", help="default: libjarvis_stats at the root")
    parser.add_argument("--floor", default=str(WORK / "floor" / "release" / "libscan_floor"))
    options = parser.parse_args()
    options.only_floor = options.floors
    WORK.mkdir(parents=True, exist_ok=True)

    def chosen(question):
        return question.label.startswith(options.only or "")

    # A copy, so that a build in the middle of a run changes nothing.
    here = (ROOT / f"libjarvis_stats{suffix}" for suffix in (".so", ".dylib"))
    built = Path(options.library) if options.library else next((path for path in here if path.exists()), None)
    if built is None:
        parser.error("libjarvis_stats is not built; run make first")
    options.library = str(shutil.copy(built, WORK / f"libjarvis_stats{built.suffix}"))
    if not any(chosen(question) for question in [*questions.WHOLE_TABLE, *questions.ranges()]):
        parser.error(f"no question starts with {options.only!r}; there are: " + ", ".join(q.label for q in questions.WHOLE_TABLE))
    began, facts = time.time(), machine.facts(options)
    databases = Databases(options.rows)
    whole, ranged, grown = [], [], []
    for question in filter(chosen, questions.WHOLE_TABLE):
        progress(question.label)
        whole.append(measure(question, options, databases))
    if not options.quick:
        for question in filter(chosen, questions.ranges()):
            progress(question.label)
            ranged.append(measure(question, options, databases))
        if not options.only:
            grown = list(growth(options, databases))
    facts["load after"] = machine.load()
    facts["took"] = f"{(time.time() - began) / 60:.0f} min"
    copied = any("DuckDB, own copy" in m["results"] for m in whole)
    seconds = databases.copy(questions.BY_MODEL)[1] if copied else None
    text = report.markdown(facts, whole, ranged, grown, seconds)
    (WORK / "report.md").write_text(text + report.appendix([*whole, *ranged]))
    (WORK / "report.json").write_text(json.dumps({"facts": facts, "whole": whole, "ranged": ranged, "growth": grown}, indent=1))
    print(text)
    progress("every measurement is in target/bench/report.md")


if __name__ == "__main__":
    main()
