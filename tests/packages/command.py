"""The command as a person uses it: command.py BIN FILE EXPECTED. BIN has the wheel and rich.

What it prints of the example is in EXPECTED, a file a run; BLESS=1 writes them anew.
"""

import csv
import io
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

BIN, FILE, EXPECTED = (pathlib.Path(word) for word in sys.argv[1:])
COMMAND = BIN / "jarvis-stats"
BLESS = os.environ.get("BLESS") == "1"
checks = 0


def run(*words, **options):
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8",
                   **options.pop("env", {})}
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, timeout=60,
                          env=environment, cwd=options.pop("cwd", "/"), **options)


def same(found, wanted, what):
    global checks
    checks += 1
    if found != wanted:
        raise SystemExit(f"{what}\nexpected: {wanted!r}\nfound:    {found!r}")


def says(done, code, pattern, what):
    """An answer that could not be given: one line on stderr, nothing on stdout, no traceback."""
    same((done.returncode, done.stdout), (code, ""), what + ": " + done.stderr)
    lines = done.stderr.splitlines()
    same(len(lines) == 1 and bool(re.search(pattern, lines[0])), True, f"{what}: {done.stderr}")


def shown(name, *words):
    """The output is the one in EXPECTED; versions of SQLite and of ours are not held."""
    done = run(*words)
    same((done.returncode, done.stderr), (0, ""), f"{name}: {done.stderr}")
    text = re.sub(r"jarvis_stats v[\d.]+, SQLite [\d.]+", "jarvis_stats VERSION", done.stdout)
    text = re.sub(r"timestamp > \d{10}\b", "timestamp > TOMORROW", text)
    text = text.replace(str(FILE), "FILE")
    path = EXPECTED / f"{name}.txt"
    if BLESS:
        path.write_text(text, encoding="utf-8")
    same(text, path.read_text(encoding="utf-8"), f"differs from {path}")


def answers():
    """Every question of the example in every form; the forms agree with each other."""
    listed = re.findall(r"^  (\w+)  +\S", run("--help").stdout.split("questions:\n")[1], re.M)
    same({"summary", "models", "engines", "batches", "days", "export"} <= set(listed), True, listed)
    words = {"compare": ["Qwen/Qwen3-8B", "Qwen/Qwen3-32B"], "goodput": ["--ttft", "1000"],
             "batches": ["-n", "12"]}
    shown("report", FILE)
    same(run("--demo").stdout.splitlines()[:-1], run(FILE).stdout.splitlines()[:-1],
         "--demo is the example's file")
    for question in listed:
        if question == "export":
            continue
        more = words.get(question, [])
        shown(question, FILE, question, *more)
        as_json = json.loads(run(FILE, question, *more, "--json").stdout)
        as_csv = list(csv.reader(io.StringIO(run(FILE, question, *more, "--csv").stdout)))
        same(len(as_csv) - 1, len(as_json), f"rows of {question}")
        same(as_csv[0], list(as_json[0]), f"columns of {question}")
        same(as_csv[1:], [["" if value is None else str(value) for value in row.values()]
                          for row in as_json], f"values of {question}")
    report = json.loads(run(FILE, "--json").stdout)
    same(report["engines"], json.loads(run(FILE, "engines", "--json").stdout), "report as JSON")

    plain = sqlite3.connect(FILE)
    count, = plain.execute("SELECT count(*) FROM telemetry").fetchone()
    exported = [json.loads(line) for line in run(FILE, "export").stdout.splitlines()]
    same(len(exported), count, "calls exported")
    found = list(csv.DictReader(io.StringIO(run(FILE, "export", "--csv").stdout)))
    same([row["id"] for row in found], [str(row["id"]) for row in exported], "export as CSV")

    # rule: bounds hold for table functions and for plain SQL alike, in any form of a time
    since, until = plain.execute(
        "SELECT date(min(timestamp) + 5 * 86400, 'unixepoch'), "
        "date(min(timestamp) + 9 * 86400, 'unixepoch') FROM telemetry").fetchone()
    unix = [plain.execute("SELECT strftime('%s', ?)", (day,)).fetchone()[0]
            for day in (since, until)]
    counted = plain.execute("SELECT count(*) FROM telemetry "
                            "WHERE timestamp BETWEEN ? + 0 AND ? + 0", unix).fetchone()[0]
    for bounds in ((since, until), unix, (since + " 00:00", until + " 00:00:00.000")):
        asked = ["--since", bounds[0], "--until", bounds[1], "--json"]
        for question, column in (("summary", "total_calls"), ("models", "call_count"),
                                 ("engines", "call_count"), ("days", "calls")):
            rows = json.loads(run(FILE, question, *asked).stdout)
            same(sum(row[column] for row in rows), counted, f"{question} {bounds}")
    told = json.loads(run(FILE, "speed", "--since", since, "--until", until, "--json").stdout)
    measured = plain.execute(
        "SELECT count(*), sum(latency_seconds > 0) FROM telemetry WHERE engine <> 'instrumented' "
        "AND NOT is_warmup AND NOT (agent = 'research' AND is_streaming AND ttft = 0 "
        "AND token_counting_version IS NULL) AND timestamp BETWEEN ? + 0 AND ? + 0", unix).fetchone()
    same(tuple(sum(row[name] for row in told) for name in ("calls", "measured")), measured,
         "calls and latencies of speed")
    told = json.loads(run(FILE, "energy", "--since", since, "--until", until, "--json").stdout)
    same([row for row in told if row["joules"] and row["joules"] > row["booked_joules"]], [],
         "joules above what was booked")
    same(sum(row["measured_calls"] for row in told) > 0, True, "calls with energy")
    same(json.loads(run(FILE, "summary", "--since", "-7 days", "--until", "now", "--json").stdout)
         [0]["total_calls"], plain.execute("SELECT count(*) FROM telemetry WHERE timestamp "
         "BETWEEN strftime('%s', 'now', '-7 days') + 0 AND strftime('%s', 'now') + 0").fetchone()[0],
         "the last seven days")
    # rule: the file goes before the question or after it
    same(run("engines", FILE).stdout, run(FILE, "engines").stdout, "order of words")
    same(len(json.loads(run(FILE, "models", "-n", "3", "--json").stdout)), 3, "-n 3")


def asked_wrongly():
    for words, pattern in (
            ((FILE, "nonsense"), "no question 'nonsense': summary, "),
            ((FILE, "engines", "-n", "3"), "engines takes no -n"),
            ((FILE, "-n", "3"), "the report takes no -n"),
            ((FILE, "--csv"), "--csv needs a question"),
            (("--demo", FILE), "either --demo or "),
            ((FILE, "engines", FILE), "one file, please"),
            ((FILE, "models", "-n", "x"), "argument -n: invalid int value: 'x'")):
        done = run(*words)
        same((done.returncode, done.stdout, bool(re.search(pattern, done.stderr))), (2, "", True),
             f"{words}: {done.stderr}")
    says(run(FILE, "--since", "yesterdayish"), 1,
         "--since: expected Unix seconds or a time value .* got 'yesterdayish'", "a bad time")


def files(folder):
    """Files that cannot be answered from, and the file that OpenJarvis has."""
    says(run(folder / "none.db"), 1, "there is no file .*none.db", "no file")
    same((folder / "none.db").exists(), False, "reading makes no file")
    says(run(folder), 1, "is a folder", "a folder")
    (folder / "empty.db").touch()
    says(run(folder / "empty.db"), 1, r"empty.db has no table telemetry", "an empty file")
    says(run(folder / "empty.db", "engines"), 1, "telemetry", "an empty file by a table function")
    same((folder / "empty.db").stat().st_size, 0, "reading writes nothing")
    (folder / "text.db").write_text("This is a text of more than one hundred bytes. " * 40)
    says(run(folder / "text.db"), 1, "text.db is no SQLite database", "a text")
    odd = folder / "a b?c#d%20.db"
    shutil.copy(FILE, odd)
    same(run(odd, "engines").stdout, run(FILE, "engines").stdout, "a name that a URI must quote")
    before = odd.read_bytes()
    run(odd)
    same(odd.read_bytes() == before, True, "the file is as it was")
    damaged = folder / "damaged.db"
    damaged.write_bytes(before[:8192] + b"\xff" * (len(before) - 8192))
    says(run(damaged, "models"), 1, "damaged", "a damaged file")

    with sqlite3.connect(folder / "few.db") as few:
        few.execute("CREATE TABLE telemetry(timestamp REAL, model_id, engine, completion_tokens, "
                    "energy_joules)")
        few.execute("INSERT INTO telemetry VALUES (1, ?, 'x', 3, 9e999)",
                    ("\x1b[31m" + "m" * 99,))
    done = run(folder / "few.db", "models")
    same((done.returncode, "\x1b" in done.stdout, "\N{REPLACEMENT CHARACTER}[31mm" in done.stdout),
         (0, False, True), "a name that a terminal would obey")
    row, = json.loads(run(folder / "few.db", "models", "--json").stdout)
    same((row["total_energy_joules"], len(row["model_id"])), (None, 104), "infinity in JSON")

    locked = sqlite3.connect(folder / "locked.db")
    locked.execute("CREATE TABLE telemetry(timestamp, model_id, engine)")
    locked.execute("BEGIN EXCLUSIVE")
    says(run(folder / "locked.db", "engines"), 1, "locked.db is locked", "a locked file")
    locked.close()


def openjarvis(folder):
    """Without a file: what OpenJarvis itself would write to."""
    home = folder / "home"
    home.mkdir()
    says(run(env={"HOME": home}), 1,
         r"there is no .*/home/.openjarvis/telemetry.db .*pip install openjarvis.*--demo", "none")
    wanted = run(FILE, "engines").stdout

    def found(what, **environment):
        same(run("engines", env={"HOME": home, **environment}).stdout, wanted, what)

    def put(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FILE, path)
        return path
    put(home / ".openjarvis" / "telemetry.db")
    found("the default")
    put(folder / "other" / "telemetry.db")
    (home / ".openjarvis" / "telemetry.db").unlink()
    found("OPENJARVIS_HOME", OPENJARVIS_HOME=folder / "other", XDG_DATA_HOME=folder)
    put(folder / "data" / "openjarvis" / "telemetry.db")
    found("XDG_DATA_HOME", XDG_DATA_HOME=folder / "data")
    settings = home / ".openjarvis" / "config.toml"
    put(home / "calls.db")
    settings.write_text('[engine]\ndefault = "ollama"\n[telemetry]\ndb_path = "~/calls.db"\n')
    found("db_path of config.toml")
    settings.rename(folder / "mine.toml")
    found("OPENJARVIS_CONFIG", OPENJARVIS_CONFIG=folder / "mine.toml")
    (home / "calls.db").unlink()
    says(run(env={"HOME": home, "OPENJARVIS_CONFIG": folder / "mine.toml"}), 1,
         "there is no .*/calls.db .*mine.toml names it", "a configured file that is not there")
    (folder / "mine.toml").write_text("[telemetry\n")
    says(run(env={"HOME": home, "OPENJARVIS_CONFIG": folder / "mine.toml"}), 1,
         "settings cannot be read: .*mine.toml", "settings that are no TOML")


def slow_file(folder):
    """A view that SQLite needs long for: nothing else is slow on every machine."""
    path = folder / "slow.db"
    with sqlite3.connect(path) as slow:
        slow.execute("""CREATE VIEW telemetry AS
            WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 4000000000)
            SELECT n AS timestamp, 'm' AS model_id, 'e' AS engine FROM g""")
    return path


def terminal(words, until=None, seconds=30):
    """Runs on a terminal; Ctrl-C as soon as until has been shown. Text and exit code."""
    process, terminal_end = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm", COLUMNS="200")
        os.execv(COMMAND, [str(COMMAND), *map(str, words)])
    shown_there, ends, sent = b"", time.monotonic() + seconds, False
    while time.monotonic() < ends:
        if select.select([terminal_end], [], [], 0.2)[0]:
            try:
                data = os.read(terminal_end, 65536)
            except OSError:
                break
            if not data:
                break
            shown_there += data
        if until and until in shown_there and not sent:
            os.write(terminal_end, b"\x03")
            sent = True
    else:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    os.close(terminal_end)
    return shown_there.decode(), os.waitstatus_to_exitcode(status)


def ends(folder):
    """A pipe that closes, Ctrl-C, a terminal."""
    for words in ((FILE, "export"), (FILE,), (FILE, "export", "--csv")):
        first = subprocess.Popen([COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first.stdout.readline()
        first.stdout.close()
        same(first.stderr.read(), b"", f"a closed pipe: {words}")
        same(first.wait(30) in (0, 141), True, f"a closed pipe: {words}")

    path = slow_file(folder)
    text, code = terminal([path, "engines"], until=b"reading, 2 s")
    same((code, "Traceback" in text, "reading, 1 s" in text), (130, False, True), text)
    quiet = subprocess.Popen([COMMAND, path, "engines"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    time.sleep(2.5)
    quiet.send_signal(signal.SIGINT)
    out, error = quiet.communicate(timeout=30)
    same((out, error, quiet.returncode), (b"", b"", 130), "Ctrl-C without a terminal")

    text, code = terminal([FILE, "engines"])
    same((code, "\N{BOX DRAWINGS LIGHT ARC DOWN AND RIGHT}" in text), (0, True), "rich: " + text)
    text, code = terminal([FILE, "engines", "--plain"])
    same((code, "\N{BOX DRAWINGS LIGHT ARC DOWN AND RIGHT}" in text), (0, False), "plain: " + text)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        answers()
        asked_wrongly()
        files(folder)
        openjarvis(folder)
        ends(folder)
    print(f"{checks} checks")


main()
