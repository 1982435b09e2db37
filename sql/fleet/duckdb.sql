-- Many telemetry files in DuckDB, read row by row through its own SQLite scanner; no extension of
-- ours. In the folder with the files (DuckDB 1.1 or newer):
--
--     duckdb < duckdb.sql
--
-- Makes the views fleet_models, fleet_engines and fleet_summary, with the figures of model_stats(),
-- engine_stats() and aggregated_stats() over one file with all rows, and fleet_latency, whose
-- percentiles are exact. DuckDB reads all rows each time a view is read: where several are, write
-- CREATE TEMPORARY TABLE for the view every_call. A file that has no table telemetry, or is no
-- database, fails all of it: choose the files by the pattern in glob().
INSTALL sqlite;
LOAD sqlite;

-- Releases before 1.0.4 lack some columns: NULL there.
SET VARIABLE every_call = (
  SELECT 'SELECT NULL::BIGINT AS token_counting_version, NULL::DOUBLE AS ane_energy_joules, '
    || 'NULL::DOUBLE AS soc_energy_joules WHERE false'
    || string_agg(
      format(
        ' UNION ALL BY NAME SELECT ''{0}'' AS file, * FROM sqlite_scan(''{0}'', ''telemetry'')',
        replace(file, '''', '''''')
      ),
      '' ORDER BY file
    )
  FROM glob('*.db')
);
CREATE TEMPORARY VIEW every_call AS FROM query(getvariable('every_call'));

-- For current_methodology_only add WHERE token_counting_version = 2, for bounds on timestamp.
CREATE TEMPORARY VIEW fleet_models AS
SELECT
  model_id,
  count(*) AS call_count,
  coalesce(sum(total_tokens), 0) AS total_tokens,
  coalesce(sum(prompt_tokens), 0) AS prompt_tokens,
  coalesce(sum(completion_tokens), 0) AS completion_tokens,
  coalesce(sum(latency_seconds), 0.0) AS total_latency,
  coalesce(avg(latency_seconds), 0.0) AS avg_latency,
  coalesce(sum(cost_usd), 0.0) AS total_cost,
  coalesce(avg(ttft), 0.0) AS avg_ttft,
  coalesce(sum(energy_joules), 0.0) AS total_energy_joules,
  coalesce(avg(gpu_utilization_pct), 0.0) AS avg_gpu_utilization_pct,
  coalesce(avg(throughput_tok_per_sec), 0.0) AS avg_throughput_tok_per_sec,
  coalesce(avg(tokens_per_joule), 0.0) AS avg_tokens_per_joule,
  coalesce(avg(energy_per_output_token_joules), 0.0) AS avg_energy_per_output_token_joules,
  coalesce(avg(throughput_per_watt), 0.0) AS avg_throughput_per_watt,
  coalesce(sum(prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  coalesce(sum(decode_energy_joules), 0.0) AS total_decode_energy_joules,
  coalesce(avg(mean_itl_ms), 0.0) AS avg_mean_itl_ms,
  coalesce(avg(median_itl_ms), 0.0) AS avg_median_itl_ms,
  coalesce(avg(p95_itl_ms), 0.0) AS avg_p95_itl_ms,
  coalesce(sum(prompt_tokens_evaluated), 0) AS prompt_tokens_evaluated,
  coalesce(sum(ane_energy_joules), 0.0) AS total_ane_energy_joules,
  coalesce(sum(soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM every_call
GROUP BY model_id
ORDER BY call_count DESC, model_id;

CREATE TEMPORARY VIEW fleet_engines AS
SELECT
  engine,
  count(*) AS call_count,
  coalesce(sum(total_tokens), 0) AS total_tokens,
  coalesce(sum(latency_seconds), 0.0) AS total_latency,
  coalesce(avg(latency_seconds), 0.0) AS avg_latency,
  coalesce(sum(cost_usd), 0.0) AS total_cost,
  coalesce(avg(ttft), 0.0) AS avg_ttft,
  coalesce(sum(energy_joules), 0.0) AS total_energy_joules,
  coalesce(avg(gpu_utilization_pct), 0.0) AS avg_gpu_utilization_pct,
  coalesce(avg(throughput_tok_per_sec), 0.0) AS avg_throughput_tok_per_sec,
  coalesce(avg(tokens_per_joule), 0.0) AS avg_tokens_per_joule,
  coalesce(avg(energy_per_output_token_joules), 0.0) AS avg_energy_per_output_token_joules,
  coalesce(avg(throughput_per_watt), 0.0) AS avg_throughput_per_watt,
  coalesce(sum(prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  coalesce(sum(decode_energy_joules), 0.0) AS total_decode_energy_joules,
  coalesce(avg(mean_itl_ms), 0.0) AS avg_mean_itl_ms,
  coalesce(avg(median_itl_ms), 0.0) AS avg_median_itl_ms,
  coalesce(avg(p95_itl_ms), 0.0) AS avg_p95_itl_ms,
  coalesce(sum(ane_energy_joules), 0.0) AS total_ane_energy_joules,
  coalesce(sum(soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM every_call
GROUP BY engine
ORDER BY call_count DESC, engine;

-- Averages are the models', weighted by their calls: OpenJarvis's figure, not the overall average.
CREATE TEMPORARY VIEW fleet_summary AS
SELECT
  coalesce(sum(call_count), 0) AS total_calls,
  coalesce(sum(total_tokens), 0) AS total_tokens,
  coalesce(sum(total_cost), 0.0) AS total_cost,
  coalesce(sum(total_latency), 0.0) AS total_latency,
  coalesce(sum(total_energy_joules), 0.0) AS total_energy_joules,
  coalesce(sum(avg_throughput_tok_per_sec * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_throughput_tok_per_sec,
  coalesce(sum(avg_gpu_utilization_pct * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_gpu_utilization_pct,
  coalesce(sum(avg_energy_per_output_token_joules * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_energy_per_output_token_joules,
  coalesce(sum(avg_throughput_per_watt * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_throughput_per_watt,
  coalesce(sum(total_prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  coalesce(sum(total_decode_energy_joules), 0.0) AS total_decode_energy_joules,
  coalesce(sum(avg_mean_itl_ms * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_mean_itl_ms,
  coalesce(sum(avg_median_itl_ms * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_median_itl_ms,
  coalesce(sum(avg_p95_itl_ms * call_count) / nullif(sum(call_count), 0), 0.0)
    AS avg_p95_itl_ms,
  coalesce(sum(total_ane_energy_joules), 0.0) AS total_ane_energy_joules,
  coalesce(sum(total_soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM fleet_models;

-- What was measured of a call: latency_stats() says when (docs/functions). NULL where it was not.
CREATE TEMPORARY VIEW measured_calls AS
SELECT
  model_id,
  latency_seconds AS e2el,
  CASE WHEN (is_streaming = 1 OR engine = 'afm') AND ttft > 0 AND ttft <= latency_seconds
    THEN ttft END AS ttft,
  CASE WHEN (is_streaming = 1 OR engine = 'afm') AND ttft > 0 AND ttft <= latency_seconds
      AND completion_tokens >= 2
    THEN 1000 * (latency_seconds - ttft) / (completion_tokens - 1) END AS tpot
FROM every_call
WHERE engine <> 'instrumented' AND is_warmup <> 1 AND NOT (
  agent = 'research' AND is_streaming = 1 AND ttft = 0 AND token_counting_version IS NULL
);

CREATE TEMPORARY VIEW fleet_latency AS
SELECT
  model_id,
  latency,
  count(*) AS measured,
  quantile_cont(value, 0.5) AS p50,
  CASE WHEN count(*) >= 29 THEN quantile_cont(value, 0.9) END AS p90,
  CASE WHEN count(*) >= 59 THEN quantile_cont(value, 0.95) END AS p95,
  CASE WHEN count(*) >= 299 THEN quantile_cont(value, 0.99) END AS p99
FROM (UNPIVOT measured_calls ON ttft, tpot, e2el INTO NAME latency VALUE value)
WHERE value > 0
GROUP BY model_id, latency
ORDER BY measured DESC, model_id, latency;

SELECT model_id, call_count, total_tokens, total_energy_joules FROM fleet_models LIMIT 10;
SELECT * FROM fleet_latency LIMIT 10;
