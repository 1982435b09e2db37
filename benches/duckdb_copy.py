"""Copies the telemetry table into a DuckDB file and prints the seconds that took: the price of the fastest contestant."""

import sys
import time

import duckdb

from worker import scanner

source, target = sys.argv[1:]
began = time.perf_counter()
db = duckdb.connect(target)
db.execute(f"LOAD '{scanner()}'")
db.execute(f"ATTACH '{source}' AS source (TYPE sqlite, READ_ONLY)")
db.execute("CREATE TABLE telemetry AS SELECT * FROM source.telemetry")
db.close()
print(time.perf_counter() - began)
