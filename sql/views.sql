-- Views for tools that only see tables (Grafana, Metabase, DBeaver, Excel through ODBC): apply this
-- file once to the database that holds telemetry, with the extension loaded or not:
--
--     sqlite3 telemetry.db < sql/views.sql
--
-- It creates telemetry_by_model, telemetry_by_engine, telemetry_by_batch, telemetry_by_hour,
-- telemetry_last_7_days and telemetry_summary, and stores no data: a view is a saved question,
-- answered anew each time somebody reads it.
--
-- They are plain SQL over the telemetry table of their own file, so they answer for it also where
-- the file is attached beside another; a table function in a view could not know in which file it
-- stands, and would answer for the first telemetry of the connection. Only telemetry_by_hour needs
-- the extension; without it, that one read says "no such function" and nothing else is affected.
-- On a big table the table functions (model_stats() for telemetry_by_model, and so on) give the
-- same figures several times as fast. Written for the table of OpenJarvis 1.0.4 (sql/schema.sql):
-- where an older one lacks a column SQLite says which; the table functions count it as 0.
--
-- Whoever writes the table is not disturbed. Views are inert: INSERT, UPDATE, DELETE, VACUUM,
-- backups and ADD COLUMN never look into one. There is no trigger here, since a trigger that called
-- the extension would run inside the writer and fail it. Only renaming a table, or renaming or
-- dropping a column, makes SQLite look into every view, and fail where the extension is not loaded:
-- drop the views first.
--
-- To take everything back:
--
--     DROP VIEW telemetry_by_model; DROP VIEW telemetry_by_engine; DROP VIEW telemetry_by_batch;
--     DROP VIEW telemetry_by_hour; DROP VIEW telemetry_last_7_days; DROP VIEW telemetry_summary;

BEGIN;

CREATE VIEW IF NOT EXISTS telemetry_by_model AS
SELECT
  model_id,
  COUNT(*) AS call_count,
  COALESCE(SUM(total_tokens), 0) AS total_tokens,
  COALESCE(SUM(prompt_tokens), 0) AS prompt_tokens,
  COALESCE(SUM(completion_tokens), 0) AS completion_tokens,
  COALESCE(TOTAL(latency_seconds), 0.0) AS total_latency,
  COALESCE(AVG(latency_seconds), 0.0) AS avg_latency,
  COALESCE(TOTAL(cost_usd), 0.0) AS total_cost,
  COALESCE(AVG(ttft), 0.0) AS avg_ttft,
  COALESCE(TOTAL(energy_joules), 0.0) AS total_energy_joules,
  COALESCE(AVG(gpu_utilization_pct), 0.0) AS avg_gpu_utilization_pct,
  COALESCE(AVG(throughput_tok_per_sec), 0.0) AS avg_throughput_tok_per_sec,
  COALESCE(AVG(tokens_per_joule), 0.0) AS avg_tokens_per_joule,
  COALESCE(AVG(energy_per_output_token_joules), 0.0) AS avg_energy_per_output_token_joules,
  COALESCE(AVG(throughput_per_watt), 0.0) AS avg_throughput_per_watt,
  COALESCE(TOTAL(prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  COALESCE(TOTAL(decode_energy_joules), 0.0) AS total_decode_energy_joules,
  COALESCE(AVG(mean_itl_ms), 0.0) AS avg_mean_itl_ms,
  COALESCE(AVG(median_itl_ms), 0.0) AS avg_median_itl_ms,
  COALESCE(AVG(p95_itl_ms), 0.0) AS avg_p95_itl_ms,
  COALESCE(SUM(prompt_tokens_evaluated), 0) AS prompt_tokens_evaluated,
  COALESCE(TOTAL(ane_energy_joules), 0.0) AS total_ane_energy_joules,
  COALESCE(TOTAL(soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM telemetry
GROUP BY model_id COLLATE BINARY
ORDER BY call_count DESC, model_id COLLATE BINARY;

CREATE VIEW IF NOT EXISTS telemetry_by_engine AS
SELECT
  engine,
  COUNT(*) AS call_count,
  COALESCE(SUM(total_tokens), 0) AS total_tokens,
  COALESCE(TOTAL(latency_seconds), 0.0) AS total_latency,
  COALESCE(AVG(latency_seconds), 0.0) AS avg_latency,
  COALESCE(TOTAL(cost_usd), 0.0) AS total_cost,
  COALESCE(AVG(ttft), 0.0) AS avg_ttft,
  COALESCE(TOTAL(energy_joules), 0.0) AS total_energy_joules,
  COALESCE(AVG(gpu_utilization_pct), 0.0) AS avg_gpu_utilization_pct,
  COALESCE(AVG(throughput_tok_per_sec), 0.0) AS avg_throughput_tok_per_sec,
  COALESCE(AVG(tokens_per_joule), 0.0) AS avg_tokens_per_joule,
  COALESCE(AVG(energy_per_output_token_joules), 0.0) AS avg_energy_per_output_token_joules,
  COALESCE(AVG(throughput_per_watt), 0.0) AS avg_throughput_per_watt,
  COALESCE(TOTAL(prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  COALESCE(TOTAL(decode_energy_joules), 0.0) AS total_decode_energy_joules,
  COALESCE(AVG(mean_itl_ms), 0.0) AS avg_mean_itl_ms,
  COALESCE(AVG(median_itl_ms), 0.0) AS avg_median_itl_ms,
  COALESCE(AVG(p95_itl_ms), 0.0) AS avg_p95_itl_ms,
  COALESCE(TOTAL(ane_energy_joules), 0.0) AS total_ane_energy_joules,
  COALESCE(TOTAL(soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM telemetry
GROUP BY engine COLLATE BINARY
ORDER BY call_count DESC, engine COLLATE BINARY;

CREATE VIEW IF NOT EXISTS telemetry_by_batch AS
SELECT
  batch_id,
  total_requests,
  total_tokens,
  total_energy_joules,
  CASE WHEN total_tokens > 0 THEN total_energy_joules / total_tokens ELSE 0.0 END
    AS energy_per_token_joules
FROM (
  SELECT
    batch_id,
    COUNT(*) AS total_requests,
    COALESCE(SUM(prompt_tokens + completion_tokens), 0) AS total_tokens,
    COALESCE(TOTAL(energy_joules), 0.0) AS total_energy_joules
  FROM telemetry
  WHERE batch_id COLLATE BINARY <> ''
  GROUP BY batch_id COLLATE BINARY
)
ORDER BY total_requests DESC, batch_id COLLATE BINARY;

-- As telemetry_by_model, of the last seven times 24 hours.
CREATE VIEW IF NOT EXISTS telemetry_last_7_days AS
SELECT
  model_id,
  COUNT(*) AS call_count,
  COALESCE(SUM(total_tokens), 0) AS total_tokens,
  COALESCE(SUM(prompt_tokens), 0) AS prompt_tokens,
  COALESCE(SUM(completion_tokens), 0) AS completion_tokens,
  COALESCE(TOTAL(latency_seconds), 0.0) AS total_latency,
  COALESCE(AVG(latency_seconds), 0.0) AS avg_latency,
  COALESCE(TOTAL(cost_usd), 0.0) AS total_cost,
  COALESCE(AVG(ttft), 0.0) AS avg_ttft,
  COALESCE(TOTAL(energy_joules), 0.0) AS total_energy_joules,
  COALESCE(AVG(gpu_utilization_pct), 0.0) AS avg_gpu_utilization_pct,
  COALESCE(AVG(throughput_tok_per_sec), 0.0) AS avg_throughput_tok_per_sec,
  COALESCE(AVG(tokens_per_joule), 0.0) AS avg_tokens_per_joule,
  COALESCE(AVG(energy_per_output_token_joules), 0.0) AS avg_energy_per_output_token_joules,
  COALESCE(AVG(throughput_per_watt), 0.0) AS avg_throughput_per_watt,
  COALESCE(TOTAL(prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  COALESCE(TOTAL(decode_energy_joules), 0.0) AS total_decode_energy_joules,
  COALESCE(AVG(mean_itl_ms), 0.0) AS avg_mean_itl_ms,
  COALESCE(AVG(median_itl_ms), 0.0) AS avg_median_itl_ms,
  COALESCE(AVG(p95_itl_ms), 0.0) AS avg_p95_itl_ms,
  COALESCE(SUM(prompt_tokens_evaluated), 0) AS prompt_tokens_evaluated,
  COALESCE(TOTAL(ane_energy_joules), 0.0) AS total_ane_energy_joules,
  COALESCE(TOTAL(soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM telemetry
WHERE timestamp >= round((julianday('now', '-7 days') - 2440587.5) * 86400.0, 3)
GROUP BY model_id COLLATE BINARY
ORDER BY call_count DESC, model_id COLLATE BINARY;

-- The averages are the models' averages weighted by their calls, as aggregated_stats() gives them.
CREATE VIEW IF NOT EXISTS telemetry_summary AS
SELECT
  COALESCE(SUM(call_count), 0) AS total_calls,
  COALESCE(SUM(total_tokens), 0) AS total_tokens,
  COALESCE(TOTAL(total_cost), 0.0) AS total_cost,
  COALESCE(TOTAL(total_latency), 0.0) AS total_latency,
  COALESCE(TOTAL(total_energy_joules), 0.0) AS total_energy_joules,
  COALESCE(SUM(avg_throughput_tok_per_sec * call_count) / SUM(call_count), 0.0)
    AS avg_throughput_tok_per_sec,
  COALESCE(SUM(avg_gpu_utilization_pct * call_count) / SUM(call_count), 0.0)
    AS avg_gpu_utilization_pct,
  COALESCE(SUM(avg_energy_per_output_token_joules * call_count) / SUM(call_count), 0.0)
    AS avg_energy_per_output_token_joules,
  COALESCE(SUM(avg_throughput_per_watt * call_count) / SUM(call_count), 0.0)
    AS avg_throughput_per_watt,
  COALESCE(TOTAL(total_prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  COALESCE(TOTAL(total_decode_energy_joules), 0.0) AS total_decode_energy_joules,
  COALESCE(SUM(avg_mean_itl_ms * call_count) / SUM(call_count), 0.0)
    AS avg_mean_itl_ms,
  COALESCE(SUM(avg_median_itl_ms * call_count) / SUM(call_count), 0.0)
    AS avg_median_itl_ms,
  COALESCE(SUM(avg_p95_itl_ms * call_count) / SUM(call_count), 0.0)
    AS avg_p95_itl_ms,
  COALESCE(TOTAL(total_ane_energy_joules), 0.0) AS total_ane_energy_joules,
  COALESCE(TOTAL(total_soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM telemetry_by_model;

-- Calls per UTC hour. energy_joules = 0 and mean_itl_ms = 0 mean "not measured", so such rows do
-- not count towards the two rates.
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
