"""What the extension is held to, judged on the figures of a run."""


def judged(whole, ranged, growth):
    by_label = {m["label"]: m["results"] for m in [*whole, *ranged]}
    rows = []

    def at_most(text, limit, values):
        add(text, f"at most {limit}", values, lambda v: v <= limit)

    def at_least(text, limit, values):
        add(text, f"at least {limit}", values, lambda v: v >= limit)

    def add(text, wanted, values, good):
        if values:
            cpu, wall = values
            rows.append([text, wanted, f"{cpu:.2f}", f"{wall:.2f}", "met" if good(cpu) and good(wall) else "met in CPU" if good(cpu) else "met in wall" if good(wall) else "missed"])

    def others(label, contestant, inverse=False):
        result = by_label.get(label, {}).get(contestant)
        if result:
            values = result["cpu_ratio"], result["wall_ratio"]
            return tuple(1 / v for v in values) if inverse else values

    statistics = ("summary", "by model", "by engine", "by batch")
    for label in statistics:
        at_most(f"{label}: ours / floor", 1.25, others(label, "floor", inverse=True))
    at_least("summary: OpenJarvis / ours", 6.5, others("summary", "OpenJarvis"))
    at_least("by model: plain SQL / ours", 3.2, others("by model", "plain SQL"))
    at_least("by batch: plain SQL / ours", 1.85, others("by batch", "plain SQL"))
    for label in statistics[1:]:
        at_least(f"{label}: DuckDB, 1 thread / ours", 2, others(label, "DuckDB, 1 thread"))
    at_least("summary: DuckDB, all threads, two GROUP BYs / ours", 1.8, others("summary", "DuckDB, two GROUP BYs"))
    for label in by_label:
        if label.startswith(("energy_per_token", "avg_itl")):
            at_most(f"{label}: ours / built-ins", 1.05, others(label, "plain SQL", inverse=True))
    for label in statistics:
        part, all_rows = by_label.get(f"{label}, last 1%, indexed", {}).get("ours"), by_label.get(label, {}).get("ours")
        if part and all_rows:
            at_most(f"{label}: a row of the last 1 %, indexed / a row of all", 2, (
                part["cpu"] / all_rows["cpu"] * 100, part["wall"] / all_rows["wall"] * 100))
    flat = {}
    for m in growth:
        ours = m["results"]["ours"]
        flat.setdefault(m["label"], []).append((ours["cpu"] / m["rows"], ours["wall"] / m["rows"]))
    for label, costs in flat.items():
        if len(costs) > 1:
            at_most(f"{label}: dearest row / cheapest row, over all sizes", 1.3, tuple(max(c) / min(c) for c in zip(*costs)))
    return rows
