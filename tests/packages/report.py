"""The report is that of `make demo`, cell for cell: report.py ROOT COMMAND.

The two are written apart, in SQL for the sqlite3 shell and in questions.py; figures may differ by
one in the last place, since SQLite and Python round a half differently.
"""

import os
import pathlib
import subprocess
import sys

ROOT, COMMAND = sys.argv[1:]


def cells_of_shell() -> list[list[str]]:
    database = pathlib.Path(os.environ["work"]) / "telemetry.db"
    with open(f"{ROOT}/sql/demo_report.sql", encoding="utf-8") as report:
        run = subprocess.run(["sqlite3", "-bail", "-readonly", database], stdin=report, cwd=ROOT,
                             capture_output=True, text=True, check=True)
    rows = [line for line in run.stdout.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in rows]


def cells_of_command() -> list[list[str]]:
    """Columns lie where the line of dashes under the headings says."""
    run = subprocess.run([COMMAND, "--demo"], capture_output=True, text=True, check=True)
    lines, rows = run.stdout.splitlines(), []
    for at, line in enumerate(lines):
        if line and set(line) == {"-", " "}:
            spans, start = [], 0
            for dashes in line.split("  "):
                spans.append((start, start + len(dashes)))
                start += len(dashes) + 2
            block = [lines[at - 1]]
            for row in lines[at + 1:]:
                if not row:
                    break
                block.append(row)
            rows += [[row[first:last].strip() for first, last in spans] for row in block]
    return rows


def number(cell: str):
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return None


def alike(one: str, other: str) -> bool:
    left, right = number(one), number(other)
    if left is None or right is None:
        return one == other
    places = len(one.partition(".")[2])
    return abs(left - right) <= 1.001 * 10 ** -places and places == len(other.partition(".")[2])


shell, command = cells_of_shell(), cells_of_command()
assert len(shell) == len(command) > 20, (len(shell), len(command))
for wanted, found in zip(shell, command):
    assert len(wanted) == len(found) and all(map(alike, wanted, found)), f"{wanted}\n{found}"
print(f"{len(shell)} rows are those of make demo")
