"""The figures as Markdown that can be pasted into the README."""

from targets import judged

TITLES = [
    ("ours, sqlite3 shell", "ours, in the shell"), ("plain SQL", "plain SQL"), ("OpenJarvis", "OpenJarvis"),
    ("DuckDB, 1 thread", "DuckDB, 1 thread"), ("DuckDB, all threads", "DuckDB, all threads"),
    ("DuckDB, two GROUP BYs", "DuckDB, all threads, two GROUP BYs"), ("DuckDB, own copy", "DuckDB, own copy"), ("pandas", "pandas"),
]


def table(header, rows):
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    def line(row):
        cells = [str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        return "| " + " | ".join(cells) + " |"
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(header), rule, *map(line, rows)])


def seconds(value):
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def times(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def megabytes(value):
    return f"{value / 1e6:.1f}" if value < 1e8 else f"{value / 1e6:,.0f}"


def ratios(measured, kind):
    """One line a question: ours in seconds, ours over its floors, and everyone else as a multiple of ours."""
    present = [(key, title) for key, title in TITLES if any(key in m["results"] for m in measured)]
    rows = []
    for m in measured:
        results = m["results"]
        ours = results["ours"]
        row = [m["label"], seconds(ours[kind])]
        for floor in ("floor", "floor, reading"):
            row.append(times(1 / results[floor][f"{kind}_ratio"]) if floor in results else "")
        for key, _ in present:
            row.append(times(results[key][f"{kind}_ratio"]) if key in results else "")
        rows.append(row)
    header = ["question", "ours, s", "ours / floor", "ours / reading floor", *(title for _, title in present)]
    return table(header, rows)


def losses(measured):
    """Who was faster than ours by more than 5 %, by wall time or CPU: the cases to know before choosing."""
    rows = []
    for m in measured:
        for key, title in TITLES[1:]:
            result = m["results"].get(key)
            if result and min(result["wall_ratio"], result["cpu_ratio"]) < 0.95:
                rows.append([m["label"], title, times(result["wall_ratio"]), times(result["cpu_ratio"])])
    return table(["faster than ours", "contestant", "wall / ours", "CPU / ours"], rows) if rows else "In this run none was faster than ours."


def memory(measured):
    """The shell is left out: its figure would count the process itself."""
    present = [("ours", "ours"), *((k, t) for k, t in TITLES[1:] if any(k in m["results"] for m in measured))]
    rows = [
        [m["label"], *(megabytes(m["results"][k]["peak"]) if k in m["results"] else "" for k, _ in present)] for m in measured
    ]
    return table(["peak memory, MB", *(title for _, title in present)], rows)


def details(measured):
    rows = []
    for m in measured:
        for name, r in m["results"].items():
            rows.append([
                m["label"], name, r["rounds"], seconds(r["wall"]), f"{seconds(r['wall_min'])} to {seconds(r['wall_max'])}",
                seconds(r["cpu"]), f"{seconds(r['cpu_min'])} to {seconds(r['cpu_max'])}",
                "" if name == "ours, sqlite3 shell" else megabytes(r["peak"]),
                times(r["wall_ratio"]), times(r["cpu_ratio"]),
            ])
    header = ["question", "contestant", "rounds", "wall s", "range", "CPU s", "range", "peak MB", "wall / ours", "CPU / ours"]
    return table(header, rows)


def grown(measured):
    sizes = sorted({m["rows"] for m in measured})
    by_label = {}
    for m in measured:
        by_label.setdefault(m["label"], {})[m["rows"]] = m["results"]
    header = ["CPU, ns a row", *(f"{n:,} rows" for n in sizes), "peak MB", "ours / floor"]
    rows = []
    for label, found in by_label.items():
        cells = [times(found[n]["ours"]["cpu"] / n * 1e9) for n in sizes]
        peaks = f"{megabytes(found[sizes[0]]['ours']['peak'])} to {megabytes(found[sizes[-1]]['ours']['peak'])}"
        floors = [times(1 / found[n]["floor"]["cpu_ratio"]) for n in sizes if "floor" in found[n]]
        rows.append([label, *cells, peaks, " ".join(floors)])
    return table(header, rows)


def statements(measured):
    lines = []
    for m in measured:
        lines.append(f"-- {m['label']}\n{m['sql']};")
        if m["floor_sql"]:
            lines.append(f"{m['floor_sql']};")
    return "```sql\n" + "\n\n".join(lines) + "\n```"


def absent(whole):
    """Contestants that HUNGER in run.py kept out."""
    return ", ".join(
        f"{key} ({m['label']})" for m in whole for key in ("pandas", "OpenJarvis", "DuckDB, 1 thread")
        if key not in m["results"] and (key != "OpenJarvis" or m["peer"]) and "plain SQL" in m["results"]
    )


def markdown(facts, whole, ranged, growth, copy_seconds):
    parts = ["# Benchmark", table(["run", ""], [[k, v] for k, v in facts.items()])]
    verdicts = judged(whole, ranged, growth)
    if verdicts:
        parts += ["## Targets", table(["target", "wanted", "measured, CPU", "measured, wall", ""], verdicts)]
    if whole:
        parts += [
            "## Whole table",
            "Wall time: ours in seconds (through Python), then each contestant as a multiple of ours: above 1 is slower than ours.",
            ratios(whole, "wall"), "The same in CPU seconds (user + system, all threads):", ratios(whole, "cpu"), memory(whole),
        ]
        parts += ["## Where we lose", losses([*whole, *ranged])]
    if copy_seconds is not None:
        parts.append(
            f"\"DuckDB, own copy\" asks a DuckDB file made beforehand. Copying the table took {seconds(copy_seconds)} s, and the copy does not see "
            "calls made since: worth it for whoever asks many questions of a file that no longer grows."
        )
    missing = absent(whole)
    if missing:
        parts.append(f"Left out, since the machine has not three times the memory that they would take: {missing}.")
    if ranged:
        parts += ["## Time ranges, without and with an index on timestamp", "Wall time.", ratios(ranged, "wall"), "CPU time.", ratios(ranged, "cpu")]
    if growth:
        parts += ["## Growth", grown(growth)]
    parts += ["## Statements: ours, and below it the floor's", statements([*whole, *ranged])]
    return "\n\n".join(parts) + "\n"


def appendix(measured):
    return "\n## Every measurement\n\n" + details(measured) + "\n"
