"""The extension against the real TelemetryAggregator, release by release; see run.sh.

    compare.py DIRECTORY RELEASE...
"""

import os
import pathlib
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys

import checks
import data
from answers import Exact, Ours, Plain

FIXED_SEEDS = [1, 2]
HOSTILE = ("nullable", "untyped", "beyond", "hostile")
HERE = pathlib.Path(__file__).resolve().parent


class PeerProcess:
    def __init__(self, directory):
        self.process = subprocess.Popen([sys.executable, str(HERE / "peer.py"), str(directory)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def call(self, method, *args):
        pickle.dump((method, args), self.process.stdin)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout)


def databases(directory, seed, peers, newest):
    """Builds every database of a seed: yields (name, path, releases that are asked)."""
    rng = random.Random(seed)
    first = first_schema(peers)

    def plain_file(name, ddl, columns, rows):
        path = directory / f"{name.replace('/', '-')}.db"
        db = sqlite3.connect(path)
        db.execute(ddl)
        data.insert(db, columns, rows)
        db.close()
        return path

    def rows(kind, columns, count):
        return kind(rng, [name for name, *_ in columns if name != "id"], count)

    # the schema before the first migration, which the peer cannot read: plain SQL is the oracle
    path = plain_file("first/ordinary", data.create_table(first), first, rows(data.ordinary, first, 250))
    yield "first/ordinary", path, list(peers)
    path = plain_file("first/hostile", data.create_table(first, typed=False, strict=False), first, rows(data.hostile, first, 250))
    yield "first/hostile", path, list(peers)

    for release, peer in peers.items():
        ddl, _ = peer.call("ddl")
        columns = data.columns_of(ddl)
        asked = [release] if release == newest else [release, newest]
        for name, kind, typed, strict, count in [
            ("schema", data.ordinary, True, True, 300),
            ("nullable", data.hostile, True, False, 250),
            ("untyped", data.hostile, False, False, 250),
            ("beyond", data.beyond, False, False, 120),
            ("empty", data.ordinary, True, True, 0),
        ]:
            made = ddl if strict else data.create_table(columns, typed, strict)
            yield f"{release}/{name}", plain_file(f"{release}/{name}", made, columns, rows(kind, columns, count)), asked

        # written by the real store, record by record
        path = directory / f"{release}-store.db"
        peer.call("write", str(path), store_records(rng, columns, 120))
        yield f"{release}/store", path, asked

        # the first schema with rows in it, migrated by this release's store, then written to
        path = plain_file(f"{release}/migrated", data.create_table(first), first, rows(data.ordinary, first, 100))
        peer.call("write", str(path), store_records(rng, columns, 100))
        yield f"{release}/migrated", path, asked

    # a key that is not UTF-8: the peer cannot even fetch it
    columns = data.columns_of(peers[newest].call("ddl")[0])
    path = plain_file("undecodable", data.create_table(columns), columns, rows(data.ordinary, columns, 50))
    db = sqlite3.connect(path)
    for sql in ("model_id = CAST(x'6dff' AS TEXT)", "engine = CAST(x'6dfe' AS TEXT)", "batch_id = CAST(x'c3' AS TEXT)"):
        db.execute(f"UPDATE telemetry SET {sql} WHERE id % 5 = 0")
    db.commit()
    db.close()
    yield "undecodable", path, [newest]


def first_schema(peers):
    ddl, added_later = next(iter(peers.values())).call("ddl")
    return [column for column in data.columns_of(ddl) if column[0] not in added_later]


def store_records(rng, columns, count):
    records = data.ordinary(rng, [name for name, *_ in columns if name != "id"], count)
    for record in records:
        record["metadata"] = {"note": rng.choice(["", 'größer "2"', "\U0001f999"])}
        record["is_warmup"], record["is_streaming"] = bool(record["is_warmup"]), bool(record["is_streaming"])
    return records


def filters(rng, plain):
    """(since, until, switch): open, and with bounds exactly on rows' timestamps."""
    edges = sorted(r["timestamp"] for r in plain.rows(None, None) if isinstance(r["timestamp"], float) and abs(r["timestamp"]) < 1e18)
    low, high = sorted(rng.sample(edges, 2)) if len(edges) > 1 else (1793491200.0, 1793491201.0)
    return [(None, None, None), (None, None, 1), (low, None, None), (None, high, 0), (low, high, None), (low, high, 1),
            (low, low, None), (int(low), int(high), 0), (high + 1e9, low, None)]


# What a release may answer instead of figures, where it may, and what decides then
REFUSALS = [
    ("OperationalError: no such column", lambda name: name.startswith("first/"), "a missing metric column counts as 0"),
    ("OperationalError: Could not decode", lambda name: name == "undecodable", "keys come back byte for byte"),
    ("OperationalError: integer overflow", lambda name: name.endswith("beyond"),
     "only an exact token total outside 64 bits is an error"),
    ("TypeError: ", lambda name: True, "releases before 1.0.3 have no current_methodology_only"),
]


def refused(report, name, answer):
    for prefix, allowed, rule in REFUSALS:
        if answer.startswith(prefix) and allowed(name) and (prefix != "TypeError: " or "current_methodology_only" in answer):
            report.by_contract[rule] += 1
            return []
    return [f"the peer raised {answer}"]


def questions(since, until, switch):
    bounds = {k: v for k, v in (("since", since), ("until", until)) if v is not None}
    current = bounds | ({"current_methodology_only": True} if switch else {})
    return {
        "model": ("per_model_stats", (), current), "engine": ("per_engine_stats", (), current), "summary": ("summary", (), current),
        "batch": ("per_batch_stats", (), bounds | ({"exclude_warmup": True} if switch else {})),
        "export": ("export_records", (), bounds),
    }


def compare_database(report, rng, name, path, asked, peers):
    plain, ours = Plain(path), Ours(path)
    for since, until, switch in filters(rng, plain):
        label = f"{name} since={since!r} until={until!r} switch={switch!r}"
        truth = Exact(plain, since, until, switch)
        put = questions(since, until, switch)
        answers = {release: dict(zip(put, peers[release].call("ask", str(path), list(put.values())))) for release in asked}
        for question in ("model", "engine", "summary", "batch"):
            expected = getattr(truth, question)
            report.check(f"{label} {question}: ours against exact arithmetic",
                         checks.ours_is_exact(ours, plain, question, (since, until, switch), expected, truth))
            parameters = {"since": since, "until": until, "exclude_warmup" if question == "batch" else "current_methodology_only": switch}
            report.check(f"{label} {question}: sql/reference", checks.reference_agrees(plain, question, parameters, expected, report))
            for release in asked:
                kind, answer = answers[release][question]
                report.check(f"{label} {question}: OpenJarvis {release}",
                             refused(report, name, answer) if kind == "raised" else checks.peer_agrees(answer, question, expected, truth, report))
        for release in asked:
            kind, answer = answers[release]["export"]
            problems = refused(report, name, answer) if kind == "raised" else []
            report.check(f"{label} export: OpenJarvis {release}",
                         problems + checks.export_is_faithful(ours, plain, since, until, answer if kind == "ok" else None))
        report.check(f"{label}: bounds as numeric text", checks.text_bounds(ours, plain, since, until, switch))
        if since is None and until is None and switch is None:
            compare_whole(report, name, path, asked, peers, ours, plain, truth)
        elif until is None and switch is None:
            compare_top(report, name, path, asked, peers, ours, plain, truth, since)


def compare_whole(report, name, path, asked, peers, ours, plain, truth):
    """What takes no bounds: the count, and the aggregates over the table."""
    count = ours.query("SELECT record_count()")[0][0]
    for release in asked:
        answers = peers[release].call("ask", str(path), [("record_count", (), {})])
        report.check(f"{name} record_count: OpenJarvis {release}", [] if answers == [("ok", count)] else [f"{answers}, ours {count}"])
    report.check(f"{name} record_count: sql/reference",
                 [] if plain.reference("record_count") == [{"record_count": count}] else [f"ours {count}"])
    if not name.endswith(HOSTILE):
        report.check(f"{name}: aggregates", checks.aggregates(ours, plain, truth))
    compare_top(report, name, path, asked, peers, ours, plain, truth, None)


def compare_top(report, name, path, asked, peers, ours, plain, truth, since):
    for n in (None, 0, 1, 3, 5, 1000):
        label = f"{name} top_models({n!r}, {since!r})"
        report.check(f"{label}: ours", checks.top_is_a_prefix(ours, n, since, truth))
        put = ("top_models", () if n is None else (n,), {} if since is None else {"since": since})
        for release in asked:
            kind, answer = peers[release].call("ask", str(path), [put])[0]
            report.check(f"{label}: OpenJarvis {release}",
                         refused(report, name, answer) if kind == "raised" else checks.peer_top(answer, n, truth, report))


def main():
    directory, releases = pathlib.Path(sys.argv[1]), sys.argv[2:]
    fresh = int(os.environ.get("SEED") or random.SystemRandom().randrange(3, 2**32))
    peers = {release: PeerProcess(directory / release) for release in releases}
    report = checks.Report()
    report.check("sql/schema.sql is the table of the newest release", checks.schema_file(peers[releases[-1]].call("ddl")[0]))
    for seed in [*FIXED_SEEDS, fresh]:
        failed = report.failed
        files = directory / "databases" / str(seed if seed in FIXED_SEEDS else "fresh")
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir(parents=True)
        for name, path, asked in databases(files, seed, peers, releases[-1]):
            compare_database(report, random.Random(f"{seed} {name}"), name, path, asked, peers)
        if report.failed > failed:
            print(f"in databases of seed {seed}, kept in {files}; repeat with SEED={seed} tests/peer/run.sh")
    print("decided by the contract, where the peer or plain SQL has no figure of its own:")
    for rule, times in sorted(report.by_contract.items()):
        print(f"    {times:6}  {rule}")
    print(f"seeds {', '.join(map(str, FIXED_SEEDS))} and {fresh}")
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed or not report.passed else 0)


if __name__ == "__main__":
    main()
