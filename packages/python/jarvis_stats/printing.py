"""Rows as tables for people, as JSON or as CSV, written as they come where the form allows."""

import csv
import json
import math
import string
import sys
import textwrap

WIDTH = 48  # of a name in a table
WIDE = 100  # of a line
PARTS = string.Formatter()


def _printable(value):
    """Text without anything that a terminal would obey; anything else as it is."""
    if not isinstance(value, str):
        return value
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in value)


def _text(value):
    """A cell."""
    if isinstance(value, bytes):
        value = value.hex()
    text = _printable(str(value))
    return text if len(text) <= WIDTH else text[:WIDTH - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _figure(value):
    """A number as it is: whole ones in full, others to four digits."""
    if isinstance(value, float) and math.isfinite(value):
        if abs(value) >= 1000:
            return f"{value:,.0f}"
        return f"{value:.4g}"
    return f"{value:,}"


def _cell(value, decimals):
    if value is None or (decimals and value == 0):
        return ""
    if decimals is None or not isinstance(value, (int, float)):
        return _text(value)
    return f"{value:,.{decimals}f}" if decimals else _figure(value)


def table(names, rows, show, print_line):
    """A table of all rows: columns are as wide as their widest cell."""
    places = {name: at for at, name in enumerate(names)}
    columns = [(places[name], heading, decimals) for name, heading, decimals in show] or [
        (at, name, 0) for at, name in enumerate(names)]
    rows = list(rows)
    cells = [[_cell(row[at], decimals) for at, _, decimals in columns] for row in rows]
    right = [any(isinstance(row[at], (int, float)) for row in rows) for at, _, _ in columns]
    print_line([heading for _, heading, _ in columns], cells, right)


def paragraphs(names, rows, head, explained):
    """For each row a line made of the parts whose figures it has, and the columns that explain it,
    within 100 columns."""
    for row in rows:
        told = {name: _printable(value) for name, value in zip(names, row)}
        parts = [part for part in head
                 if all(told[name] is not None for _, name, _, _ in PARTS.parse(part) if name)]
        print(", ".join(part.format_map(told) for part in parts))
        for name, label in explained:
            print(textwrap.fill(told[name] or "", WIDE, initial_indent=f"       {label:<7}",
                                subsequent_indent=" " * 14, break_on_hyphens=False))
        print()


def plain(headings, cells, right):
    """Aligned with blanks, so that it reads the same in a file."""
    widths = [max(map(len, column)) for column in zip(headings, *cells)]
    for line in [headings, ["-" * width for width in widths], *cells]:
        words = (word.rjust(width) if to_right else word.ljust(width)
                 for word, width, to_right in zip(line, widths, right))
        print("  ".join(words).rstrip())


def rich_table():
    """A printer of tables through rich on a terminal, None where it is not installed."""
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        return None
    console = Console(highlight=False)

    def show(headings, cells, right):
        drawn = Table(box=box.ROUNDED)
        for heading, to_right in zip(headings, right):
            drawn.add_column(Text(heading), justify="right" if to_right else "left")
        for row in cells:
            drawn.add_row(*map(Text, row))
        console.print(drawn)

    return show


def _value(value):
    """A value of SQLite as JSON has it: like export_records."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.hex() if isinstance(value, bytes) else value


def as_json(names, rows):
    """An array of objects, one a line."""
    before = "["
    for row in rows:
        record = dict(zip(names, map(_value, row)))
        sys.stdout.write(f"{before}\n  {json.dumps(record, ensure_ascii=False)}")
        before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


def as_csv(names, rows):
    """With a line of headings; what is not there is empty."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(names)
    for row in rows:
        out.writerow("" if value is None else value for value in map(_value, row))


def records_as_csv(rows):
    """Records of export_records, a column for each key of the first: all have the same."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    for at, (record,) in enumerate(rows):
        record = json.loads(record)
        if at == 0:
            out.writerow(record)
        out.writerow("" if value is None else value for value in record.values())


def records(rows):
    """Records of export_records, a line each."""
    for record, in rows:
        sys.stdout.write(record + "\n")
