"""A fleet in Spark: the data source of the wheel, on local cores.

    cluster.py FOLDER [CASE...]      FOLDER: what machines.py made; jarvis_stats must be importable

Prints wall times; no limit is tested.
"""

import contextlib
import io
import os
import pathlib
import re
import shutil
import sys
import time

from answers import Merged
from lib import ROOT, case, check, run_cases
from machines import DAMAGED, EMPTY, TABLELESS
from pyspark.sql import SparkSession

import jarvis_stats.database
from jarvis_stats import spark as jarvis

FOLDER = pathlib.Path(sys.argv.pop(1)).resolve()
MACHINES = FOLDER / "machines"
FILES = sorted(MACHINES.glob("*/telemetry.db"))
UNREADABLE = (TABLELESS, DAMAGED)
MERGED = Merged(FOLDER / "merged.db")


def session(cores):
    # Few groups: two tasks are enough to add them up.
    spark = (SparkSession.builder.master(f"local[{cores}]")
             .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
             .config("spark.sql.shuffle.partitions", "2")
             .config("spark.log.level", "FATAL").getOrCreate())
    jarvis.register(spark)
    return spark


def read(spark, path, **options):
    return spark.read.format("jarvis_stats").options(**options).load(str(path))


def fails(question, *words):
    """That a question ends in one error which says all of that."""
    try:
        question()
    except Exception as error:
        said = str(error)
        return check(all(str(word) in said for word in words), f"{words}: {said}")
    return check(False, f"no error of {words}")


def compare(what, spark, only_current=0):
    for view in ("fleet_models", "fleet_engines", "fleet_summary"):
        table = spark.table(view)
        rows = [tuple(row) for row in table.collect()]
        MERGED.compare(what, view, table.columns, rows, only_current)


@case
def figures():
    """Of all files but the two that cannot be read, from a kept DataFrame and from Parquet."""
    spark = session(2)
    # Kept: each of the views would read all files again.
    partials = read(spark, MACHINES, on_error="skip").cache()
    partials.createOrReplaceTempView("partials")
    jarvis.add_up(spark)
    compare("Spark", spark)
    partials.where("current = 1").createOrReplaceTempView("partials")
    jarvis.add_up(spark)
    compare("Spark, current", spark, only_current=1)
    kept = FOLDER / "partials.parquet"
    shutil.rmtree(kept, ignore_errors=True)
    partials.write.parquet(str(kept))
    spark.read.parquet(str(kept)).createOrReplaceTempView("partials")
    jarvis.add_up(spark)
    compare("Parquet", spark)
    files = spark.table("partials").select("file").distinct().count()
    check(files == len(FILES) - 3, f"{files} files have rows")


@case
def page():
    """The Python of docs/fleet.md."""
    spark = session(2)
    place = FOLDER / "page.parquet"
    shutil.rmtree(place, ignore_errors=True)
    text = (ROOT / "docs" / "fleet.md").read_text()
    text = text.replace('"/fleet"', f'"{MACHINES}"').replace("fleet.parquet", str(place))
    found = re.findall(r"(?ms)^```python\n(.*?)^```$", text)
    check(found, "docs/fleet.md has Python")
    names = {"spark": spark}
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        for block in found:
            exec(block, names)  # pylint: disable=exec-used
    said = shown.getvalue()
    check("local:7b" in said and str(FILES[DAMAGED]) in said, f"docs/fleet.md shows: {said}")
    compare("docs/fleet.md", spark)
    table = spark.table("fleet_latency")
    MERGED.percentiles("docs/fleet.md", table.columns, [tuple(row) for row in table.collect()])


@case
def percentiles():
    spark = session(2)
    read(spark, MACHINES, rows="buckets", on_error="skip").createOrReplaceTempView("partial_buckets")
    jarvis.percentiles(spark)
    table = spark.table("fleet_latency")
    MERGED.percentiles("Spark", table.columns, [tuple(row) for row in table.collect()])


@case
def report():
    """Every file, with what became of it."""
    spark = session(2)
    missing = FOLDER / "nowhere.db"
    rows = read(spark, f"{MACHINES}, {missing}", rows="files").orderBy("file").collect()
    check([row.file for row in rows] == sorted(map(str, [*FILES, missing])), "every file once")
    by_file = {row.file: row for row in rows}
    for number, path in enumerate(FILES):
        row = by_file[str(path)]
        check(row.bytes == path.stat().st_size, f"bytes of {path}")
        unreadable = number in UNREADABLE
        check((row.error is not None) == unreadable and (row.calls is None) == unreadable,
              f"{path}: {row}")
    check("no table or view named 'telemetry'" in by_file[str(FILES[TABLELESS])].error, "the one without a table")
    check("is damaged" in by_file[str(FILES[DAMAGED])].error, "the damaged one")
    check("there is no file" in by_file[str(missing)].error, "the missing one")
    check(by_file[str(FILES[EMPTY])].calls == 0, "the empty one")
    calls, = MERGED.db.execute("SELECT count(*) FROM telemetry").fetchone()
    check(sum(row.calls or 0 for row in rows) == calls, "calls of all")


@case
def failing():
    """The job ends with the reason, unless files are to be skipped."""
    spark = session(1)
    for path, words in ((FILES[TABLELESS], "no table or view named 'telemetry'"),
                        (FILES[DAMAGED], "is damaged"), (FOLDER / "nowhere.db", "there is no file")):
        fails(lambda: read(spark, path).collect(), path, words)
        check(read(spark, path, on_error="skip").count() == 0, f"{path} is skipped")
    fails(lambda: read(spark, FOLDER / "no*.db").collect(), "no file matches", "no*.db")
    fails(lambda: read(spark, "s3://fleet/a.db").collect(), "s3://fleet/a.db", "copy it there first")
    fails(lambda: read(spark, FILES[0], since="yesterdayish").collect(), "argument 1 (since)")
    fails(lambda: read(spark, FILES[0], on_error="ask").collect(), "expected one of fail, skip")
    fails(lambda: read(spark, FILES[0], untill="now").collect(), "no option untill")
    fails(lambda: spark.read.format("jarvis_stats").load().collect(), "no path")


@case
def asking():
    """Paths, bounds, a source, a schema of fewer columns."""
    spark = session(1)
    one, two = FILES[0], FILES[1]

    def calls(path, **options):
        return read(spark, path, **options).selectExpr("sum(call_count)").collect()[0][0]
    both = calls(one) + calls(two)
    check(calls(f"{one},{two}") == both, "a list with commas")
    check(calls(f'["{one}", "{two}"]') == both, "a JSON array")
    check(calls(f"file://{MACHINES}/machine-0[01]/*.db") == both, "a glob, as a URI")
    odd = FOLDER / "a, b"
    shutil.rmtree(odd, ignore_errors=True)
    odd.mkdir()
    shutil.copyfile(one, odd / "c#d?e%20.db")
    check(calls(odd) == calls(one), "a folder and a file with odd names")
    since, = MERGED.db.execute("SELECT avg(timestamp) FROM telemetry").fetchone()
    want, = jarvis_stats.database.Database(str(one)).rows(
        "SELECT total_calls FROM aggregated_stats(?)", [since])[1]
    check(calls(one, since=repr(since)) == want[0] > 0, "since")
    check(read(spark, one, until="2001-01-01").count() == 0, "until")
    fails(lambda: calls(one, source="nothing"), "nothing", one)
    few = spark.read.format("jarvis_stats").schema("call_count BIGINT, model_id STRING")
    rows = few.load(str(one)).collect()
    check(rows and rows[0].__fields__ == ["call_count", "model_id"], "a schema of two columns")
    wrong = spark.read.format("jarvis_stats").schema("calls BIGINT")
    fails(lambda: wrong.load(str(one)).collect(), "no column calls")


@case
def odd_values():
    """Keys of other types are text; tokens that are no whole numbers are an error."""
    spark = session(1)
    import sqlite3
    path = FOLDER / "odd.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE telemetry(model_id, engine, prompt_tokens)")
        db.execute("INSERT INTO telemetry VALUES (1, NULL, 2.0), (x'ff61', 2.5, 1)")
    rows = read(spark, path).orderBy("model_id").collect()
    check([(row.model_id, row.engine, row.prompt_tokens) for row in rows]
          == [("1", None, 2), ("\ufffda", "2.5", 1)], f"keys: {rows}")
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO telemetry VALUES ('m', 'e', 0.5)")
    fails(lambda: read(spark, path).collect(), "prompt_tokens adds up to 0.5", path)


@case
def python_without_extensions():
    """A worker whose Python cannot load extensions says what to install."""
    reader = jarvis.Reader([str(FILES[0])], [None] * 3, "partials", ["call_count"], False)
    modules, jarvis_stats.database.MODULES = jarvis_stats.database.MODULES, ()
    try:
        fails(lambda: reader.read(reader.partitions()[0]), "without extension loading", "pysqlite3")
    finally:
        jarvis_stats.database.MODULES = modules


@case
def busy():
    """A writer in the midst of a transaction does not stop a reader of a WAL file; an exclusive
    lock does, and is told."""
    import sqlite3
    spark = session(1)
    path = FOLDER / "live.db"
    for name in FOLDER.glob("live.db*"):
        name.unlink()
    shutil.copyfile(FILES[0], path)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    before, = writer.execute("SELECT count(*) FROM telemetry").fetchone()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM telemetry")
    got = read(spark, path).selectExpr("sum(call_count)").collect()[0][0]
    check(got == before, f"{got} of {before} calls beside a writer")
    writer.execute("ROLLBACK")
    writer.execute("PRAGMA journal_mode = DELETE")
    writer.execute("BEGIN EXCLUSIVE")
    fails(lambda: read(spark, path).collect(), path, "is locked")
    writer.execute("ROLLBACK")
    writer.close()


@case
def times():
    """Wall time on one core and on two, of 5 and of 50 files, after a first question."""
    few = FOLDER / "few"
    shutil.rmtree(few, ignore_errors=True)
    few.mkdir()
    for number, path in enumerate(FILES[:5]):
        os.symlink(path, few / f"{number}.db")
    for cores in (1, 2):
        SparkSession.getActiveSession() and SparkSession.getActiveSession().stop()
        started = time.monotonic()
        spark = session(cores)
        up = time.monotonic() - started
        took = {}
        for name, path in (("first", few), ("5 files", few), ("50 files", MACHINES)):
            started = time.monotonic()
            read(spark, path, on_error="skip").createOrReplaceTempView("partials")
            jarvis.add_up(spark)
            check(spark.table("fleet_models").collect(), f"{name} on {cores} cores")
            took[name] = time.monotonic() - started
        told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
        print(f"local[{cores}]: session {up:.1f} s, {told}", flush=True)


if __name__ == "__main__":
    sys.exit(run_cases())
