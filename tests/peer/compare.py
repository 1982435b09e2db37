"""The extension against the peer: the real TelemetryAggregator of OpenJarvis, release by release; see run.sh.

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
import tempfile
from dataclasses import dataclass

import checks
from answers import Exact, Ours, Plain, load
from databases import HOSTILE, UNDECODABLE, databases

FIXED_SEEDS = [1, 2]
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

    def close(self):
        self.process.stdin.close()
        self.process.wait()


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
            case.check(f"{question} {label}: ours against exact arithmetic", checks.ours_is_exact,
                       case.ours, case.plain, question, (since, until, switch), expected, truth)
            parameters = {"since": since, "until": until, SWITCH[question]: switch}
            case.check(f"{question} {label}: sql/reference", checks.reference_agrees,
                       case.plain, question, parameters, expected, truth, case.is_tame, case.report)
            for release in case.asked:
                case.check_peer(f"{question} {label}", release, answers[release][question],
                                lambda answer: checks.peer_agrees(answer, question, expected, truth, case.report))
        stored = case.plain.stored(since, until)
        case.check(f"export {label}: ours against the table", checks.export_is_faithful,
                   case.ours, stored, since, until)
        for release in case.asked:
            case.check_peer(f"export {label}", release, answers[release]["export"],
                            lambda answer: checks.peer_exports(answer, stored))
        case.check(f"{label}: arguments as text", checks.text_bounds, case.ours, case.plain, since, until, switch)
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
    case.check("record_count: sql/reference",
               lambda: [] if reference == [{"record_count": count}] else [f"ours {count}, {reference}"])
    if not case.name.endswith(HOSTILE):
        case.check("aggregates", checks.aggregates, case.ours, case.plain, truth)


def compare_top(case, truth, since):
    sizes = (None, 0, 1, 3, 5, 1000)
    case.ask([("top_models", () if n is None else (n,), {} if since is None else {"since": since}) for n in sizes])
    answers = case.answers()
    for i, n in enumerate(sizes):
        label = f"top_models({n!r}, {since!r})"
        case.check(f"{label}: ours", checks.top_is_a_prefix, case.ours, n, since, truth)
        case.check(f"{label}: sql/reference", checks.reference_top, case.plain, n, since, truth, case.report)
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

    def check(self, label, find_problems, *args):
        """An error where an answer was due is a problem too, not the end of the run."""
        try:
            problems = find_problems(*args)
        except (sqlite3.Error, AssertionError) as error:
            problems = [f"{type(error).__name__}: {error}"]
        self.report.check(f"{self.name} {label}", problems)

    def check_peer(self, label, release, answer, agrees):
        kind, value = answer
        self.check(f"{label}: OpenJarvis {release}", self.refused if kind == "raised" else agrees, value)

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
        load(sqlite3.connect(":memory:"))
    except sqlite3.Error as error:
        sys.exit(f"the extension does not load ({error}): run make first, or name it with JARVIS_STATS")
    wanted = os.environ.get("SEED", "")
    if wanted and not wanted.isdecimal():
        sys.exit(f"SEED: expected a whole number, got {wanted!r}")
    fresh = int(wanted) if wanted else random.SystemRandom().randrange(3, 2**32)
    peers = {release: PeerProcess(directory / release) for release in releases}
    report = checks.Report()
    newest = releases[-1]
    report.check("sql/schema.sql is the newest release's", checks.schema_file(peers[newest].call("ddl")[0]))
    for seed in [*FIXED_SEEDS, fresh]:
        failed = report.failed
        files = pathlib.Path(tempfile.mkdtemp(prefix=f"databases-{seed}-", dir=directory))  # runs may overlap
        for name, path, asked in databases(files, seed, peers, newest):
            compare_database(Case(report, random.Random(f"{seed} {name}"), name, path, asked, peers))
        if report.failed > failed:
            print(f"databases of seed {seed} are in {files}; repeat with SEED={seed} tests/peer/run.sh")
        else:
            shutil.rmtree(files)
    for peer in peers.values():
        peer.close()
    print("decided by the contract, where the peer or plain SQL has no figure of its own:")
    for rule, times in sorted(report.by_contract.items()):
        print(f"    {times:6}  {rule}")
    print(f"seeds {', '.join(map(str, FIXED_SEEDS))} and {fresh}")
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed or not report.passed else 0)


if __name__ == "__main__":
    main()
