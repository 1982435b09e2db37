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
from dataclasses import dataclass

import checks
import data
from answers import Exact, Ours, Plain, load_extension

FIXED_SEEDS = [1, 2]
HOSTILE = ("nullable", "untyped", "infinite", "overflowing", "hostile")
UNDECODABLE = "undecodable"
HERE = pathlib.Path(__file__).resolve().parent


class PeerProcess:
    def __init__(self, directory):
        command = [sys.executable, str(HERE / "peer.py"), str(directory)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, method, *args):
        pickle.dump((method, args), self.process.stdin)
        self.process.stdin.flush()

    def finish(self):
        return pickle.load(self.process.stdout)

    def call(self, method, *args):
        self.start(method, *args)
        return self.finish()


def databases(directory, seed, peers, newest):
    """Builds every database of a seed: yields (name, path, releases that are asked)."""
    rng = random.Random(seed)
    first = first_schema(peers)

    def plain_file(name, ddl, columns, rows, encoding="UTF-8"):
        path = directory / f"{name.replace('/', '-')}.db"
        db = sqlite3.connect(path)
        db.execute(f"PRAGMA encoding = '{encoding}'")
        db.execute(ddl)
        data.insert(db, columns, rows)
        db.close()
        return path

    def rows(kind, columns, count):
        return kind(rng, [name for name, *_ in columns if name != "id"], count)

    # the schema before the first migration, which the peer cannot read: plain SQL is the oracle
    for name, kind, strict in [("ordinary", data.ordinary, True), ("hostile", data.hostile, False)]:
        made = data.create_table(first, typed=strict, strict=strict)
        yield f"first/{name}", plain_file(f"first/{name}", made, first, rows(kind, first, 250)), list(peers)

    for release, peer in peers.items():
        ddl, _ = peer.call("ddl")
        columns = data.columns_of(ddl)
        asked = [release] if release == newest else [release, newest]
        for name, kind, typed, strict, count in [
            ("schema", data.ordinary, True, True, 300),
            ("nullable", data.hostile, True, False, 250),
            ("untyped", data.hostile, False, False, 250),
            ("infinite", data.infinite, False, False, 60),
            ("overflowing", data.overflowing, False, False, 60),
            ("empty", data.ordinary, True, True, 0),
        ]:
            made = ddl if strict else data.create_table(columns, typed, strict)
            path = plain_file(f"{release}/{name}", made, columns, rows(kind, columns, count))
            yield f"{release}/{name}", path, asked

        # written by the real store, record by record
        path = directory / f"{release}-store.db"
        peer.call("write", str(path), store_records(rng, columns, 40))
        yield f"{release}/store", path, asked

        # the first schema with rows in it, migrated by this release's store, then written to
        old = data.create_table(first)
        path = plain_file(f"{release}/migrated", old, first, rows(data.ordinary, first, 100))
        peer.call("write", str(path), store_records(rng, columns, 40))
        yield f"{release}/migrated", path, asked

    # a key that is not UTF-8: the peer cannot even fetch it
    columns = data.columns_of(peers[newest].call("ddl")[0])
    path = plain_file(UNDECODABLE, data.create_table(columns), columns, rows(data.ordinary, columns, 50))
    db = sqlite3.connect(path)
    for sql in ("model_id = CAST(x'6dff' AS TEXT)", "engine = CAST(x'6dfe' AS TEXT)", "batch_id = CAST(x'c3' AS TEXT)"):
        db.execute(f"UPDATE telemetry SET {sql} WHERE id % 5 = 0")
    db.commit()
    db.close()
    yield UNDECODABLE, path, [newest]

    # UTF-16: keys in ASCII only, since SQLite's BINARY there orders other text by its UTF-16 bytes, ours by UTF-8's
    ascii_keys = [row for row in rows(data.ordinary, columns, 120) if (row["model_id"] + row["engine"]).isascii()]
    for row in ascii_keys:
        row["batch_id"] = row["batch_id"].replace("ü", "u")
    path = plain_file("utf-16", data.create_table(columns), columns, ascii_keys, "UTF-16le")
    yield "utf-16", path, [newest]


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
    times = [row["timestamp"] for row in plain.rows(None, None)]
    edges = sorted(time for time in times if isinstance(time, float) and 0 < time < 1e18)
    low, high = sorted(rng.sample(edges, 2)) if len(edges) > 1 else (1793491200.0, 1793491201.0)
    return [
        (None, None, None), (None, None, 1), (low, None, None), (None, high, 0), (low, high, None), (low, high, 1),
        (low, low, None), (int(low), int(high), 0), (high + 1e9, low, None),
    ]


# What a release may answer instead of figures, where it may, and what decides then
REFUSALS = [
    ("OperationalError: no such column", lambda name: name.startswith("first/"), "a missing metric column counts as 0"),
    ("OperationalError: Could not decode", lambda name: name == UNDECODABLE, "keys come back byte for byte"),
    ("OperationalError: integer overflow", lambda name: name.endswith("overflowing"),
     "only an exact token total outside 64 bits is an error"),
    ("unexpected keyword argument 'current_methodology_only'", lambda name: True,
     "current_methodology_only, which releases before 1.0.3 do not have"),
]


def questions(since, until, switch):
    bounds = {k: v for k, v in (("since", since), ("until", until)) if v is not None}
    current = bounds | ({"current_methodology_only": True} if switch else {})
    return {
        "model": ("per_model_stats", (), current),
        "engine": ("per_engine_stats", (), current),
        "summary": ("summary", (), current),
        "batch": ("per_batch_stats", (), bounds | ({"exclude_warmup": True} if switch else {})),
        "export": ("export_records", (), bounds),
    }


def compare_database(case):
    """Every question with every filter, to all who can answer."""
    for since, until, switch in filters(case.rng, case.plain):
        put = questions(since, until, switch)
        case.ask(put.values())
        truth = Exact(case.plain, since, until, switch)  # while the peers work
        label = f"since={since!r} until={until!r} switch={switch!r}"
        answers = {release: dict(zip(put, given)) for release, given in case.answers().items()}
        for question in ("model", "engine", "summary", "batch"):
            expected = getattr(truth, question)
            case.check(f"{question} {label}: ours against exact arithmetic", checks.ours_is_exact(
                case.ours, case.plain, question, (since, until, switch), expected, truth))
            parameters = {"since": since, "until": until, SWITCH[question]: switch}
            case.check(f"{question} {label}: sql/reference", checks.reference_agrees(
                case.plain, question, parameters, expected, truth, case.is_tame, case.report))
            for release in case.asked:
                case.check_peer(f"{question} {label}", release, answers[release][question],
                                lambda answer: checks.peer_agrees(answer, question, expected, truth, case.report))
        for release in case.asked:
            kind, answer = answers[release]["export"]
            problems = case.refused(answer) if kind == "raised" else []
            case.check(f"export {label}: OpenJarvis {release}", problems + checks.export_is_faithful(
                case.ours, case.plain, since, until, answer if kind == "ok" else None))
        case.check(f"{label}: arguments as text", checks.text_bounds(case.ours, case.plain, since, until, switch))
        if until is None and switch is None:
            compare_top(case, truth, since)
        if (since, until, switch) == (None, None, None):
            compare_whole(case, truth)


def compare_whole(case, truth):
    """What takes no bounds: the count, and the aggregates over the table."""
    count = case.ours.query("SELECT record_count()")[0][0]
    case.ask([("record_count", (), {})])
    for release, answers in case.answers().items():
        case.check_peer("record_count", release, answers[0],
                        lambda answer: [] if answer == count else [f"{answer}, ours {count}"])
    reference = case.plain.reference("record_count")
    case.check("record_count: sql/reference", [] if reference == [{"record_count": count}] else [f"ours {count}"])
    if not case.name.endswith(HOSTILE):
        case.check("aggregates", checks.aggregates(case.ours, case.plain, truth))


def compare_top(case, truth, since):
    sizes = (None, 0, 1, 3, 5, 1000)
    case.ask([("top_models", () if n is None else (n,), {} if since is None else {"since": since}) for n in sizes])
    answers = case.answers()
    for i, n in enumerate(sizes):
        label = f"top_models({n!r}, {since!r})"
        case.check(f"{label}: ours", checks.top_is_a_prefix(case.ours, n, since, truth))
        case.check(f"{label}: sql/reference", checks.reference_top(case.plain, n, since, truth, case.report))
        for release in case.asked:
            case.check_peer(label, release, answers[release][i],
                            lambda answer: checks.peer_top(answer, n, truth, case.report))


SWITCH = {"batch": "exclude_warmup"} | dict.fromkeys(["model", "engine", "summary"], "current_methodology_only")


@dataclass
class Case:
    """One database and everyone who is asked about it."""

    report: checks.Report
    rng: random.Random
    name: str
    path: pathlib.Path
    asked: list
    peers: dict

    def __post_init__(self):
        self.plain, self.ours = Plain(self.path), Ours(self.path)
        self.is_tame = not self.name.endswith((*HOSTILE, UNDECODABLE))

    def ask(self, put):
        """Puts the questions to every peer at once; `answers` waits for them."""
        for release in self.asked:
            self.peers[release].start("ask", str(self.path), list(put))

    def answers(self):
        return {release: self.peers[release].finish() for release in self.asked}

    def check(self, label, problems):
        self.report.check(f"{self.name} {label}", problems)

    def check_peer(self, label, release, answer, agrees):
        kind, value = answer
        self.check(f"{label}: OpenJarvis {release}", self.refused(value) if kind == "raised" else agrees(value))

    def refused(self, answer):
        """A peer that raised: all right only where the contract says what holds instead."""
        for text, allowed, rule in REFUSALS:
            if text in answer and allowed(self.name):
                self.report.by_contract[rule] += 1
                return []
        return [f"the peer raised {answer}"]


def main():
    directory, releases = pathlib.Path(sys.argv[1]), sys.argv[2:]
    try:
        load_extension(sqlite3.connect(":memory:"))
    except sqlite3.Error as error:
        sys.exit(f"the extension does not load ({error}): run make first, or name it with JARVIS_STATS")
    fresh = int(os.environ.get("SEED") or random.SystemRandom().randrange(3, 2**32))
    peers = {release: PeerProcess(directory / release) for release in releases}
    report = checks.Report()
    newest = releases[-1]
    report.check("sql/schema.sql is the newest release's", checks.schema_file(peers[newest].call("ddl")[0]))
    for seed in [*FIXED_SEEDS, fresh]:
        failed = report.failed
        files = directory / "databases" / str(seed if seed in FIXED_SEEDS else "fresh")
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir(parents=True)
        for name, path, asked in databases(files, seed, peers, newest):
            compare_database(Case(report, random.Random(f"{seed} {name}"), name, path, asked, peers))
        if report.failed > failed:
            print(f"databases of seed {seed} are in {files}; repeat with SEED={seed} tests/peer/run.sh")
    print("decided by the contract, where the peer or plain SQL has no figure of its own:")
    for rule, times in sorted(report.by_contract.items()):
        print(f"    {times:6}  {rule}")
    print(f"seeds {', '.join(map(str, FIXED_SEEDS))} and {fresh}")
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed or not report.passed else 0)


if __name__ == "__main__":
    main()
