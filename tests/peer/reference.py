"""Writes the plain SQL of the statistics by model and by engine, sql/reference/{model_stats,
engine_stats,top_models,aggregated_stats}.sql, from the list of their columns in contract.py, which
the exact arithmetic of these tests takes too:

    reference.py            writes them
    reference.py --check    says which of them is not current
"""

import pathlib
import sys

from contract import (
    ENGINE, ENGINE_COLUMNS, MEAN, MODEL, MODEL_COLUMNS, SUMMARY_COLUMNS, SUMMARY_MEANS, TOKENS,
    TOTAL,
)

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "sql" / "reference"
COUNTED = {
    TOKENS: "COALESCE(SUM({0}), 0)",
    TOTAL: "COALESCE(TOTAL({0}), 0.0)",
    MEAN: "COALESCE(AVG({0}), 0.0)",
}
WIDTH = 100

MODEL_HEAD = """\
-- model_stats(since, until, current_methodology_only) in plain SQL. A NULL parameter: "not given".
-- COLLATE BINARY: keys are compared byte by byte whatever collation the column was declared with.
-- TOTAL, not SUM: a total of REAL columns is REAL, also over integers or no values; it is NULL only
-- for NaN.
"""
ENGINE_HEAD = """\
-- engine_stats(since, until, current_methodology_only) in plain SQL; the whys are in
-- model_stats.sql.
"""
TOP_HEAD = """\
-- top_models(n, since) in plain SQL: model_stats cut after :n rows, 5 when :n is NULL; the whys are
-- there.
"""
SUMMARY_HEAD = """\
-- aggregated_stats(since, until, current_methodology_only) in plain SQL; the whys are in
-- model_stats.sql. The averages are the models' averages weighted by their call counts, as
-- OpenJarvis has it: a model without values weighs in as 0.0, so this is not the overall AVG where
-- values are missing. The JSON columns hold for finite numbers and text: SQLite prints doubles with
-- 15 digits, and json_object refuses a BLOB.
"""
SINCE = "WHERE (:since IS NULL OR timestamp >= :since)"
BOUNDS = f"""{SINCE}
  AND (:until IS NULL OR timestamp <= :until)
  AND (COALESCE(:current_methodology_only, 0) = 0 OR token_counting_version = 2)"""


def grouped(key, rules, where):
    columns = [key, "COUNT(*) AS call_count"]
    columns += [f"{COUNTED[how].format(column)} AS {name}" for name, (how, column) in rules.items()]
    listed = ",\n  ".join(columns)
    return (f"SELECT\n  {listed}\nFROM telemetry\n{where}\nGROUP BY {key} COLLATE BINARY\n"
            f"ORDER BY call_count DESC, {key} COLLATE BINARY")


def indented(text, by="  "):
    return "\n".join(by + line for line in text.splitlines())


def objects(names):
    listed = ",\n".join(f"    '{name}', {name}" for name in names)
    return f"json_group_array(json_object(\n{listed}\n  ))"


def of_the_models(name):
    """A column of the summary, from those of `by_model`."""
    if name == "per_model":
        return f"{objects(MODEL_COLUMNS)} AS per_model"
    if name == "per_engine":
        return f"(SELECT {objects(ENGINE_COLUMNS)} FROM by_engine) AS per_engine"
    if name in SUMMARY_MEANS:
        mean = f"COALESCE(SUM({name} * call_count) / SUM(call_count), 0.0)"
        line = f"{mean} AS {name}"
        return line if len(line) <= WIDTH - 2 else f"{mean}\n    AS {name}"
    column = "call_count" if name == "total_calls" else name
    how = TOKENS if name in ("total_calls", "total_tokens") else TOTAL
    return f"{COUNTED[how].format(column)} AS {name}"


def summary():
    by_model, by_engine = (indented(grouped(key, rules, BOUNDS))
                           for key, rules in (("model_id", MODEL), ("engine", ENGINE)))
    columns = ",\n  ".join(map(of_the_models, SUMMARY_COLUMNS))
    return (f"WITH\nby_model AS (\n{by_model}\n),\nby_engine AS (\n{by_engine}\n)\n"
            f"SELECT\n  {columns}\nFROM by_model")


def files():
    return {
        "model_stats": MODEL_HEAD + grouped("model_id", MODEL, BOUNDS),
        "engine_stats": ENGINE_HEAD + grouped("engine", ENGINE, BOUNDS),
        "top_models": TOP_HEAD + grouped("model_id", MODEL, SINCE) + "\nLIMIT COALESCE(:n, 5)",
        "aggregated_stats": SUMMARY_HEAD + summary(),
    }


def main():
    stale = []
    for name, text in files().items():
        path, text = FOLDER / f"{name}.sql", text + ";\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if sys.argv[1:] != ["--check"]:
            path.write_text(text, encoding="utf-8")
            print(f"wrote sql/reference/{name}.sql")
        else:
            print(f"FAILED: sql/reference/{name}.sql is not current with tests/peer/contract.py:"
                  " run make bless")
    if sys.argv[1:] == ["--check"]:
        print(f"{len(files()) - len(stale)} passed, {len(stale)} failed")
        return bool(stale)
    return 0


if __name__ == "__main__":
    sys.exit(main())
