-- The figures as CSV, for a spreadsheet: sqlite3 telemetry.db < this > models.csv
.mode csv
.headers on
SELECT model_id, call_count, total_tokens, round(avg_latency, 3) AS avg_latency
FROM model_stats() LIMIT 3;
