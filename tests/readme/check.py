"""Runs every block of README.md and of the pages under docs/: check.py [--bless] [PAGE...]

A block of sql is pasted into the sqlite3 shell, on the page's own copy of the demo's database, and
must print the block of text after it; what it writes, later blocks of the page see. The lines of a
block in another language must stand in a program of tests/drivers, in docs/install.md or in
docs/fleet.md, which are run by tests of their own (`make test-drivers`, `make test-packages`,
`make test-fleet`). A block of sh is
made of such lines, of `make` with a target that there is, and of lines that open the shell, which
are run.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import ROOT, check, counts, verdict  # noqa: E402

INSTALL = ROOT / "docs" / "install.md"  # tests/packages/page.py runs it
FLEET = ROOT / "docs" / "fleet.md"  # tests/fleet runs it
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FUNCTIONS = ROOT / "docs" / "functions"
WORK = ROOT / "target" / "readme"
OPENJARVIS = WORK / "home" / ".openjarvis" / "telemetry.db"
SHELL = os.environ.get("SQLITE3", "sqlite3")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def shell(sql: str, database: pathlib.Path) -> str:
    """What the shell prints when the lines are pasted, errors without their place in the input."""
    script = sql
    if ".load" not in sql:
        script = ".load ./libjarvis_stats\n.mode column\n.headers on\n" + sql
    run = subprocess.run([SHELL, str(database)], input=script, cwd=ROOT, capture_output=True,
                         text=True, timeout=60)
    place = r"^(Runtime error|Parse error|Error)[^:]*: |^.*?: (?=\w+: )"
    errors = [re.sub(place, "", line) for line in run.stderr.splitlines()]
    errors = [re.sub(r" \(\d+\)$", "", line) for line in errors if not line.startswith(" ")]
    return "".join(line.rstrip() + "\n" for line in run.stdout.splitlines() + errors)


def programs() -> str:
    """What is run elsewhere: the programs of tests/drivers, and the pages about installing and
    about fleets."""
    files = sorted(path for path in (ROOT / "tests" / "drivers").rglob("*") if path.is_file())
    drivers = [path for path in files if path.suffix != ".md"]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*drivers, INSTALL, FLEET])


def check_command(line: str, known: str, name: str) -> None:
    """A line of sh, without its comment."""
    line = re.sub(r"\s+# .*", "", line)
    words = line.split()
    if words[0] == "make":
        unknown = [word for word in words[1:] if "=" not in word and word not in TARGETS]
        check(not unknown, f"{name}: no target: {line}")
    elif words[0] == "sqlite3" and line not in known:
        home = os.environ | {"HOME": str(WORK / "home")}
        run = subprocess.run(["bash", "-c", line], cwd=ROOT, env=home, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True)
        check(run.returncode == 0 and not run.stderr, f"{name}: {line}\n{run.stderr}")
    else:
        check(line in known, f"{name}: nothing runs this line: {line}")


def check_blocks(page: pathlib.Path, text: str, known: str) -> list:
    """The places of results in the text, and what is printed."""
    name = page.relative_to(ROOT)
    database = WORK / "page.db"
    shutil.copy(OPENJARVIS, database)
    blocks = [(block.group(1), block.group(2), block.span(2)) for block in BLOCK.finditer(text)]
    results = []
    for (language, body, _), after in zip(blocks, blocks[1:] + [("", "", None)]):
        lines = [line.strip() for line in body.splitlines() if line.strip()]
        if language == "sql":
            printed = shell(body, database)
            if check(after[0] == "text", f"{name}: a block of sql without its result:\n{body}"):
                results.append((after[2], printed))
                same = printed == after[1]
                check(same, f"{name} says:\n{after[1]}it prints:\n{printed}")
        elif language == "sh":
            for line in lines:
                check_command(line, known, name)
        elif language != "text":
            for line in lines:
                check(line in known, f"{name}: no program runs this line ({language}): {line}")
    told = [language for language, _, _ in blocks].count("text")
    check(told == len(results), f"{name}: a result without a block of sql")
    return results


def check_questions() -> None:
    """The page about drivers says how many questions each is asked."""
    asked = ROOT / "tests" / "drivers" / "conversation.txt"
    lines = asked.read_text(encoding="utf-8").splitlines()
    questions = [line for line in lines
                 if not line.startswith(("#", "host\t")) and line != "reopen"]
    said = (ROOT / "docs" / "drivers.md").read_text(encoding="utf-8")
    check(f"the {len(questions)} questions" in said, f"there are {len(questions)} questions")


def check_links(page: pathlib.Path, text: str) -> None:
    """A relative link leads to a file of the repository, and to the heading that it names."""
    name = page.relative_to(ROOT)
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", re.sub(BLOCK, "", text)):
        path, _, anchor = target.partition("#")
        there = (page.parent / path) if path else page
        if check(there.exists(), f"{name}: a link to nothing: {target}") and anchor:
            headings = re.findall(r"^#+ (.*)", there.read_text(encoding="utf-8"), re.M)
            slugs = [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]
            check(anchor in slugs, f"{name}: no heading for {target}")
    for target in re.findall(r"`make ([a-z-]+)", text):
        check(target in TARGETS, f"{name}: no target: make {target}")


def main() -> int:
    words = sys.argv[1:]
    bless = "--bless" in words
    chosen = [ROOT / word for word in words if word != "--bless"] or PAGES
    OPENJARVIS.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["make", "--no-print-directory", "demo"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    shutil.copy(ROOT / "target" / "demo.db", OPENJARVIS)
    known = programs()
    for page in chosen:
        text = page.read_text(encoding="utf-8")
        check_links(page, text)
        results = check_blocks(page, text, known) if page != INSTALL else []
        if bless and results:
            for (start, end), printed in reversed(results):
                text = text[:start] + printed + text[end:]
            page.write_text(text, encoding="utf-8")
    check_questions()
    index = (FUNCTIONS / "README.md").read_text(encoding="utf-8")
    for page in FUNCTIONS.glob("*.md"):
        check(page.name == "README.md" or f"]({page.name})" in index,
              f"docs/functions/README.md has no link to {page.name}")
    return verdict() or (chosen == PAGES and counts[True] < 200)


if __name__ == "__main__":
    sys.exit(main())
