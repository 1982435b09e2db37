-- Views for tools that only see tables (Grafana, Metabase, DBeaver, Excel through ODBC): apply this file once to the
-- database that holds telemetry, with the extension loaded or not:
--
--     sqlite3 telemetry.db < sql/views.sql
--
-- It creates telemetry_by_model, telemetry_by_engine, telemetry_by_batch, telemetry_by_hour, telemetry_last_7_days and
-- telemetry_summary, and stores no data: a view is a saved question, answered anew each time somebody reads it. The
-- connection that reads one must have the extension loaded; without it, that one read says "no such table: model_stats"
-- (or "no such function") and nothing else is affected.
--
-- Whoever writes the table is not disturbed. Views are inert: INSERT, UPDATE, DELETE, VACUUM, backups and ADD COLUMN
-- never look into one. There is no trigger here, since a trigger that called the extension would run inside the
-- writer and fail it. Only renaming a table, or renaming or dropping a column, makes SQLite look into every view, and
-- fail where the extension is not loaded: drop the views first.
--
-- To take everything back:
--
--     DROP VIEW telemetry_by_model; DROP VIEW telemetry_by_engine; DROP VIEW telemetry_by_batch;
--     DROP VIEW telemetry_by_hour; DROP VIEW telemetry_last_7_days; DROP VIEW telemetry_summary;

BEGIN;

CREATE VIEW IF NOT EXISTS telemetry_by_model AS SELECT * FROM model_stats();

CREATE VIEW IF NOT EXISTS telemetry_by_engine AS SELECT * FROM engine_stats();

CREATE VIEW IF NOT EXISTS telemetry_by_batch AS SELECT * FROM batch_stats();

CREATE VIEW IF NOT EXISTS telemetry_last_7_days AS SELECT * FROM model_stats('-7 days');

-- Without the two JSON columns, which such tools show as long text.
CREATE VIEW IF NOT EXISTS telemetry_summary AS
SELECT total_calls, total_tokens, total_cost, total_latency, total_energy_joules, avg_throughput_tok_per_sec,
       avg_gpu_utilization_pct, avg_energy_per_output_token_joules, avg_throughput_per_watt, total_prefill_energy_joules,
       total_decode_energy_joules, avg_mean_itl_ms, avg_median_itl_ms, avg_p95_itl_ms, total_ane_energy_joules, total_soc_energy_joules
FROM aggregated_stats();

-- Calls per UTC hour. energy_joules = 0 and mean_itl_ms = 0 mean "not measured", so such rows do not count towards the two rates.
CREATE VIEW IF NOT EXISTS telemetry_by_hour AS
SELECT strftime('%Y-%m-%d %H:00', timestamp, 'unixepoch') AS hour,
       COUNT(*) AS calls,
       SUM(total_tokens) AS total_tokens,
       AVG(latency_seconds) AS avg_latency_seconds,
       SUM(energy_joules) AS energy_joules,
       energy_per_token(NULLIF(energy_joules, 0), completion_tokens) AS joules_per_output_token,
       avg_itl(NULLIF(mean_itl_ms, 0), completion_tokens) AS itl_ms
FROM telemetry
GROUP BY 1;

COMMIT;
