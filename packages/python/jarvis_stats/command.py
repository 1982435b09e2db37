"""jarvis-stats [FILE] [QUESTION]: what a telemetry database says, in the terminal.

Opens the file to read only. Without a file it is OpenJarvis's own (see openjarvis.py), with --demo
an example in memory.
Exit codes: 0 answered, 1 could not be answered, 2 asked wrongly, 130 stopped by Ctrl-C, 141 nobody
reads any more.
"""

import argparse
import functools
import json
import os
import pathlib
import sys

import jarvis_stats

from . import printing
from .database import Database, Failure
from .openjarvis import telemetry_file
from .questions import OPTIONS, QUESTIONS


def _offered(questions):
    width = max(len(question.name) for question in questions) + 2
    return "questions:\n" + "".join(
        f"  {question.name:{width}}{question.help}\n" for question in questions)


def _parser(questions):
    parser = argparse.ArgumentParser(
        prog="jarvis-stats", formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [FILE] [QUESTION] [options]",
        description="What a telemetry database of OpenJarvis says. Reads only.",
        epilog=_offered(questions) + "\nwithout a question: the report; "
               "without a file: OpenJarvis's own")
    parser.add_argument("words", nargs="*", metavar="FILE or QUESTION", help=argparse.SUPPRESS)
    parser.add_argument("--demo", action="store_true", help="an example instead of a file")
    parser.add_argument("--since", metavar="TIME",
                        help="from here on: 2026-11-01, '2026-11-01 12:30', '-7 days', "
                             "Unix seconds")
    parser.add_argument("--until", metavar="TIME", help="up to here; a date is its midnight, UTC")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all columns, as JSON")
    form.add_argument("--csv", action="store_true", help="all columns, as CSV")
    form.add_argument("--plain", action="store_true", help="without rich's frames")
    for name, (flag, kind, metavar, text) in OPTIONS.items():
        if any(name in question.options for question in questions):
            parser.add_argument(flag, dest=name, type=kind, metavar=metavar, help=text)
    parser.add_argument("--version", action="version",
                        version=f"jarvis-stats {jarvis_stats.__version__}")
    return parser


def _understood(parser, words, questions):
    """FILE, question, its arguments. The file may stand before the question or after it."""
    named = {question.name: question for question in questions}
    at = next((at for at, word in enumerate(words) if word in named), None)
    if at is None:
        if len(words) > 1:
            parser.error(f"no question {words[1]!r}: {', '.join(named)}")
        return (words[0] if words else None), None, []
    question, before, after = named[words[at]], words[:at], words[at + 1:]
    wanted = len(question.arguments)
    file = before + after[wanted:]
    if len(after) < wanted:
        parser.error(f"{question.name} needs {' and '.join(question.arguments).upper()}")
    if len(file) > 1:
        parser.error(f"one file, please, not {' and '.join(file)}")
    return (file[0] if file else None), question, after[:wanted]


def _seconds(database, flag, text):
    """Unix seconds of a time as the table functions take it: plain SQL has the same bound."""
    if text is None or text == "":
        return None
    try:
        return float(text)
    except ValueError:
        pass
    sql = """SELECT strftime('%s', t, m) + strftime('%f', t, m) - strftime('%S', t, m)
             FROM (SELECT :text AS t, '+0 days' AS m UNION ALL SELECT 'now', :text)"""
    found = [seconds for seconds, in database.rows(sql, {"text": text})[1] if seconds is not None]
    if not found:
        raise Failure(f"{flag}: expected Unix seconds or a time value such as 2026-11-01, "
                      f"'2026-11-01 12:30' or '-7 days', got {text!r}")
    return found[0]


def _answer(database, question, bound, options):
    names, rows = database.rows(question.sql, bound)
    if question.name == "export":
        return printing.records_as_csv(rows) if options.csv else printing.records(rows)
    if options.json:
        return printing.as_json(names, rows)
    if options.csv:
        return printing.as_csv(names, rows)
    if question.explained:
        return printing.paragraphs(names, rows, question.head, question.explained)
    return printing.table(names, rows, question.show, _printer(options))


def _printer(options):
    drawn = None if options.plain or not sys.stdout.isatty() else printing.rich_table()
    return drawn or printing.plain


def _report(database, questions, bound, options):
    """The questions that have a place in it; as JSON one object with all of their rows."""
    if options.json:
        told = {}
        for question in (question for question in questions if question.report):
            names, rows = database.rows(question.sql, bound)
            told[question.name] = [dict(zip(names, row)) for row in rows]
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    for question in (question for question in questions if question.report):
        rows_wanted = question.report if "n" in question.options else None
        names, rows = database.rows(question.sql, bound | {"n": rows_wanted})
        print(f"{question.title}")
        printing.table(names, rows, question.show, _printer(options))
        print()
    name = "the example" if database.path is None else database.path
    library, sqlite = next(database.rows(
        "SELECT jarvis_stats_version(), sqlite_version()", {})[1])
    print(f"{name}; jarvis_stats {library}, SQLite {sqlite}")


def _demo():
    return pathlib.Path(__file__).with_name("demo.sql").read_text(encoding="utf-8")


@functools.cache
def _modules():
    """Table functions of the library; none where it cannot be loaded: opening says so."""
    try:
        database = Database()
    except Failure:
        return frozenset()
    try:
        return database.modules()
    finally:
        database.close()


def main(arguments):
    """Answers; raises Failure with a sentence where it cannot."""
    questions = [one for one in QUESTIONS if not one.needs or one.needs in _modules()]
    parser = _parser(questions)
    options = parser.parse_intermixed_args(arguments)
    file, question, given = _understood(parser, options.words, questions)
    if options.demo and file:
        parser.error(f"either --demo or {file}")
    for name, (flag, *_) in OPTIONS.items():
        if getattr(options, name, None) is not None and name not in (
                question.options if question else ()):
            asked = question.name if question else "the report"
            parser.error(f"{asked} takes no {flag}")
    if options.csv and question is None:
        parser.error("--csv needs a question: the report is several tables")
    database = (Database(script=_demo()) if options.demo
                else Database(file if file is not None else telemetry_file()))
    try:
        bound = dict.fromkeys(OPTIONS) | {name: getattr(options, name, None) for name in OPTIONS}
        bound |= dict(zip(question.arguments, given)) if question else {}
        bound |= {"since": _seconds(database, "--since", options.since),
                  "until": _seconds(database, "--until", options.until)}
        if question is None:
            _report(database, questions, bound, options)
        else:
            _answer(database, question, bound, options)
        sys.stdout.flush()
    finally:
        database.close()


def script():
    """The command: exit codes and one sentence on stderr in place of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        main(sys.argv[1:])
    except Failure as failure:
        print(f"jarvis-stats: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # What is left in the buffer must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
