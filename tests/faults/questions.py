"""What the C hosts ask, as a C file for them: the whole catalogue, and what only a person thinks of.

    questions.py > questions.c
"""

import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import catalogue, questions, reading  # noqa: E402

# Arguments of every kind, joins, views, windows. Each gives at least one row on the table of host.c.
MORE = [
    "SELECT record_count('recent'), record_count('main.telemetry')",
    "SELECT engine, avg_itl(DISTINCT mean_itl_ms),"
    " energy_per_token(CASE WHEN id % 3 THEN energy_joules END, total_tokens) FROM telemetry"
    " GROUP BY engine",
    "SELECT avg_itl(x) OVER (ORDER BY i ROWS 1 PRECEDING) FROM"
    " (SELECT 1 AS i, 1e308 AS x UNION SELECT 2, 1e308 UNION SELECT 3, -9e999 UNION SELECT 4, 1e-300)",
    "SELECT * FROM model_stats('2026-11-01', '2030-01-01 12:30', 1)",
    "SELECT model_id, call_count FROM model_stats('0', '9e9', 'true', 'recent')",
    "SELECT * FROM engine_stats WHERE since = 0 AND until = '2100-01-01'",
    "SELECT total_calls FROM aggregated_stats('-100 years', 'now')",
    "SELECT json_extract(value, '$.model_id') FROM aggregated_stats, json_each(per_model)",
    "SELECT * FROM batch_stats(NULL, NULL, 1)",
    "SELECT * FROM top_models(2)",
    "SELECT length(record) FROM export_records(0, '2100-01-01', 'recent')",
    "SELECT record FROM export_records LIMIT 2",
    "SELECT t.n, model_id FROM (SELECT 1 AS n UNION SELECT 2) AS t, top_models(t.n) ORDER BY 1, 2",
    "SELECT since, count(*) FROM model_stats WHERE since IN (0, 1793491203, NULL, '2026-11-01')"
    " GROUP BY since",
    "SELECT telemetry.id, call_count FROM telemetry LEFT JOIN model_stats USING (model_id)",
    "SELECT * FROM by_model",
    "SELECT a.batch_id FROM batch_stats AS a JOIN batch_stats AS b USING (batch_id)"
    " WHERE a.source = 'telemetry' AND b.source = 'recent'",
    "SELECT count(*) FROM telemetry WHERE model_id IN (SELECT model_id FROM top_models(1))",
]


def array(name, texts):
    rows = "".join(f"    {json.dumps(text, ensure_ascii=False)},\n" for text in texts)
    return f"const char *const {name}[] = {{\n{rows}    0,\n}};\n"


def calls(kind):
    """name and sample, in turn. Of those that write, the one that leaves nothing behind."""
    return [text for entry in catalogue(kind) if entry.flag != "direct" or entry.name == "rollup_drop"
            for text in (entry.name, entry.sample)]


print('#include "host.h"\n')
print(array("QUESTIONS", questions() + MORE))
print(array("READING", [*reading(), "telemetry", "by_model"]))
for kind in ("SCALARS", "AGGREGATES", "TABLES"):
    print(array(kind, calls(kind.lower().removesuffix("s"))))
