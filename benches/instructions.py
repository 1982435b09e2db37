"""Instructions per row, counted by valgrind's callgrind: the same figure on a busy machine, so a small regression shows.

    benches/check.sh            compare with benches/instructions.txt
    BLESS=1 benches/check.sh    rewrite it

Each query runs on 10,000 and on 40,000 rows in the sqlite3 shell; the difference divided by 30,000 leaves out start-up.
`own` counts the instructions inside libjarvis_stats, `all` those of the whole process: SQLite's and the C library's too, which depend on their builds.
"""

import os
import re
import subprocess
from pathlib import Path

import generate
from machine import output

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
KEPT = Path(__file__).with_name("instructions.txt")
SMALL, LARGE = 10_000, 40_000
# The same build gives the same counts to a thousandth of a percent (the hash is seeded anew each time); a compiler of another version does not.
TOLERANCE = 0.02
QUERIES = {
    "aggregated_stats": "SELECT * FROM aggregated_stats();",
    "model_stats": "SELECT * FROM model_stats();",
    "model_stats, two columns": "SELECT model_id, total_energy_joules FROM model_stats();",
    "batch_stats": "SELECT COUNT(*), SUM(total_tokens), SUM(total_energy_joules) FROM batch_stats();",
    "energy_per_token": "SELECT energy_per_token(energy_joules, completion_tokens) FROM telemetry;",
    "energy_per_token, window of 100": (
        "SELECT TOTAL(x) FROM (SELECT energy_per_token(energy_joules, completion_tokens) "
        "OVER (ORDER BY id ROWS 99 PRECEDING) AS x FROM telemetry);"
    ),
    "avg_itl, window of 100": (
        "SELECT TOTAL(x) FROM (SELECT avg_itl(mean_itl_ms) OVER (ORDER BY id ROWS 99 PRECEDING) AS x FROM telemetry);"
    ),
}


def counted(database, sql, profile):
    """(inside libjarvis_stats, in all) for one run."""
    command = [
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--quiet",
        "sqlite3", "-batch", "-readonly", "-cmd", f".load {ROOT / 'libjarvis_stats'}", str(database), sql,
    ]
    run = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if run.returncode or "Error" in run.stderr:
        raise SystemExit(f"{' '.join(command)}\n{run.stderr}")
    return own_and_all(profile)


def own_and_all(profile):
    """Adds up the self costs of a callgrind profile by object file. Lines after `calls=` hold a callee's cost, not a self cost."""
    names, own, everything, inside, skip = {}, 0, 0, False, False
    for line in profile.read_text().splitlines():
        if line.startswith("ob="):
            key, _, name = line[3:].partition(" ")
            names[key] = name or names[key]
            inside = "jarvis_stats" in names[key]
        elif line.startswith("cob="):
            key, _, name = line[4:].partition(" ")
            if name:
                names[key] = name
        elif line.startswith("calls="):
            skip = True
        elif re.match(r"[+*\-\d]", line):
            if not skip:
                cost = int(line.split()[1])
                everything += cost
                own += cost if inside else 0
            skip = False
    return own, everything


def measured():
    databases = []
    for rows in (SMALL, LARGE):
        path = WORK / f"instructions-{rows}.db"
        generate.write(path, rows)
        databases.append(path)
    figures = {}
    for name, sql in QUERIES.items():
        (own1, all1), (own2, all2) = (counted(path, sql, WORK / "callgrind.out") for path in databases)
        figures[name] = ((own2 - own1) / (LARGE - SMALL), (all2 - all1) / (LARGE - SMALL))
        if figures[name][0] <= 0:
            raise SystemExit(f"{name}: no instruction counted inside libjarvis_stats")
    return figures


def versions():
    return {"sqlite": output("sqlite3", "--version").split(" ")[0], "rustc": output("rustc", "--version").split(" ")[1]}


def kept():
    """The figures of instructions.txt and the versions in its head."""
    if not KEPT.exists():
        raise SystemExit(f"there is no {KEPT.name} yet; BLESS=1 benches/check.sh writes it")
    figures, made_with = {}, {}
    for line in KEPT.read_text().splitlines():
        if made := re.match(r"# made with (.*)", line):
            made_with = dict(pair.split("=") for pair in made.group(1).split())
        elif line and not line.startswith("#"):
            name, own, everything = line.rsplit(None, 2)
            figures[name] = (float(own), float(everything))
    return figures, made_with


def bless(figures):
    made_with = " ".join(f"{name}={version}" for name, version in versions().items())
    lines = [
        "# Instructions per row (callgrind): inside libjarvis_stats, and in all. `make bench-check` compares, BLESS=1 rewrites.",
        f"# made with {made_with}",
        *(f"{name:<34}{own:>9.1f}{everything:>10.1f}" for name, (own, everything) in figures.items()),
    ]
    KEPT.write_text("\n".join(lines) + "\n")
    print(KEPT.read_text(), end="")


def compare():
    expected, made_with = kept()
    figures = measured()
    if set(expected) != set(figures):
        raise SystemExit(f"{KEPT.name} lists other queries than {Path(__file__).name}; BLESS=1 benches/check.sh rewrites it")
    here = versions()
    same_host = here == made_with
    if not same_host:
        print(f"note: kept figures are of {made_with}, this machine has {here}; only `own` is judged, by 10 %")
    bad = 0
    print(f"{'instructions per row':<34}{'own':>9}{'kept':>9}{'':>8}{'all':>10}{'kept':>10}")
    for name, (own, everything) in figures.items():
        was_own, was_all = expected[name]
        change, change_all = own / was_own - 1, everything / was_all - 1
        worse = change > (TOLERANCE if same_host else 0.10) or (same_host and change_all > TOLERANCE)
        bad += worse
        better = change < -TOLERANCE and same_host
        remark = "  more than kept" if worse else "  less than kept: BLESS=1 to keep it" if better else ""
        print(f"{name:<34}{own:>9.1f}{was_own:>9.1f}{change:>+8.1%}{everything:>10.1f}{was_all:>10.1f}{change_all:>+8.1%}{remark}")
    if bad:
        raise SystemExit(f"{bad} of {len(figures)} queries need more instructions per row than {KEPT.name} allows")
    print(f"all {len(figures)} within {TOLERANCE:.0%}")


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    if os.environ.get("BLESS"):
        bless(measured())
    else:
        compare()
