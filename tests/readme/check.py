"""Runs every block of the README: check.py [--bless]

A block of sql is pasted into the sqlite3 shell, read-only, on the demo's database, and must print the block of text after it. The lines of
a block in another language must stand in a program of tests/drivers, which runs them. A block of sh must be one of those lines or of COMMANDS.
"""

import os
import pathlib
import re
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import ROOT, check, counts, verdict  # noqa: E402

README = ROOT / "README.md"
DEMO = ROOT / "target" / "readme.db"
SHELL = os.environ.get("SQLITE3", "sqlite3")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)

# What a reader types first. The last opens a prompt, so here it is only opened and left.
COMMANDS = {"make": None, "sqlite3 telemetry.db": ["sqlite3", str(DEMO), ".quit"]}


def shell(sql: str) -> str:
    """What the shell prints when the lines are pasted, errors without their place in the input."""
    script = sql if ".load" in sql else ".load ./libjarvis_stats\n.mode column\n.headers on\n" + sql
    run = subprocess.run([SHELL, "-readonly", str(DEMO)], input=script, cwd=ROOT, capture_output=True, text=True, timeout=60)
    errors = [re.sub(r"^(Runtime error|Parse error|Error)[^:]*: |^.*?: (?=\w+: )", "", line) for line in run.stderr.splitlines()]
    errors = [re.sub(r" \(\d+\)$", "", line) for line in errors if not re.match(r"^\s|^  ", line)]
    return "".join(line.rstrip() + "\n" for line in run.stdout.splitlines() + errors)


def programs() -> str:
    files = sorted(path for path in (ROOT / "tests" / "drivers").rglob("*") if path.is_file() and path.name != "README.md")
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def main() -> int:
    text = README.read_text(encoding="utf-8")
    bless = "--bless" in sys.argv[1:]
    DEMO.parent.mkdir(exist_ok=True)
    DEMO.unlink(missing_ok=True)
    with open(ROOT / "sql" / "demo.sql", encoding="utf-8") as demo:
        subprocess.run([SHELL, str(DEMO)], stdin=demo, cwd=ROOT, check=True)
    known = programs()
    blocks = [(block.group(1), block.group(2), block.span(2)) for block in BLOCK.finditer(text)]
    results = []
    for (language, body, _), after in zip(blocks, blocks[1:] + [("", "", None)]):
        if language == "sql":
            printed = shell(body)
            results.append((after[2], printed))
            if check(after[0] == "text", f"a block of sql without its result:\n{body}"):
                check(printed == after[1], f"the README says:\n{after[1]}it prints:\n{printed}")
        elif language != "text":
            for line in filter(None, (line.strip() for line in body.splitlines())):
                if line in COMMANDS:
                    command = COMMANDS[line]
                    check(command is None or subprocess.run(command).returncode == 0, line)
                else:
                    check(line in known, f"no program runs this line ({language}): {line}")
    check([language for language, _, _ in blocks].count("text") == len(results), "a result without a block of sql")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        check((ROOT / target).exists(), f"a link to nothing: {target}")
    for name in re.findall(r"`make ([a-z-]+)", text):
        check(re.search(rf"^{name}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M), f"no target: make {name}")
    if bless:
        for (start, end), printed in reversed(results):
            text = text[:start] + printed + text[end:]
        README.write_text(text, encoding="utf-8")
    return verdict() or counts[True] < 50


if __name__ == "__main__":
    sys.exit(main())
