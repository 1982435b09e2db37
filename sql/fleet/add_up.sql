-- Adds up what many files answered to partial_stats(): plain SQL for SQLite, DuckDB and Spark SQL.
--
-- Wants a table or view `partials` with the columns of partial_stats(), of any number of files, and
-- makes three views with the columns and the figures of model_stats(), engine_stats() and
-- aggregated_stats() over one file with all rows (whose per_model and per_engine are the first two
-- views). Counts and tokens are exact, sums within 1e-12 of their magnitudes. For
-- current_methodology_only make `partials` of the rows WHERE current = 1. Those functions show no
-- extremes; of all files they are MIN(min_latency_seconds) and MAX(max_latency_seconds).

CREATE TEMPORARY VIEW fleet_models AS
SELECT
  model_id,
  SUM(call_count) AS call_count,
  SUM(total_tokens) AS total_tokens,
  SUM(prompt_tokens) AS prompt_tokens,
  SUM(completion_tokens) AS completion_tokens,
  SUM(latency_seconds) AS total_latency,
  COALESCE(SUM(latency_seconds) / NULLIF(SUM(measured_latency_seconds), 0), 0.0) AS avg_latency,
  SUM(cost_usd) AS total_cost,
  COALESCE(SUM(ttft) / NULLIF(SUM(measured_ttft), 0), 0.0) AS avg_ttft,
  SUM(energy_joules) AS total_energy_joules,
  COALESCE(SUM(gpu_utilization_pct) / NULLIF(SUM(measured_gpu_utilization_pct), 0), 0.0)
    AS avg_gpu_utilization_pct,
  COALESCE(SUM(throughput_tok_per_sec) / NULLIF(SUM(measured_throughput_tok_per_sec), 0), 0.0)
    AS avg_throughput_tok_per_sec,
  COALESCE(SUM(tokens_per_joule) / NULLIF(SUM(measured_tokens_per_joule), 0), 0.0)
    AS avg_tokens_per_joule,
  COALESCE(
    SUM(energy_per_output_token_joules) / NULLIF(SUM(measured_energy_per_output_token_joules), 0),
    0.0
  ) AS avg_energy_per_output_token_joules,
  COALESCE(SUM(throughput_per_watt) / NULLIF(SUM(measured_throughput_per_watt), 0), 0.0)
    AS avg_throughput_per_watt,
  SUM(prefill_energy_joules) AS total_prefill_energy_joules,
  SUM(decode_energy_joules) AS total_decode_energy_joules,
  COALESCE(SUM(mean_itl_ms) / NULLIF(SUM(measured_mean_itl_ms), 0), 0.0) AS avg_mean_itl_ms,
  COALESCE(SUM(median_itl_ms) / NULLIF(SUM(measured_median_itl_ms), 0), 0.0) AS avg_median_itl_ms,
  COALESCE(SUM(p95_itl_ms) / NULLIF(SUM(measured_p95_itl_ms), 0), 0.0) AS avg_p95_itl_ms,
  SUM(prompt_tokens_evaluated) AS prompt_tokens_evaluated,
  SUM(ane_energy_joules) AS total_ane_energy_joules,
  SUM(soc_energy_joules) AS total_soc_energy_joules
FROM partials
GROUP BY model_id
ORDER BY call_count DESC, model_id;

CREATE TEMPORARY VIEW fleet_engines AS
SELECT
  engine,
  SUM(call_count) AS call_count,
  SUM(total_tokens) AS total_tokens,
  SUM(latency_seconds) AS total_latency,
  COALESCE(SUM(latency_seconds) / NULLIF(SUM(measured_latency_seconds), 0), 0.0) AS avg_latency,
  SUM(cost_usd) AS total_cost,
  COALESCE(SUM(ttft) / NULLIF(SUM(measured_ttft), 0), 0.0) AS avg_ttft,
  SUM(energy_joules) AS total_energy_joules,
  COALESCE(SUM(gpu_utilization_pct) / NULLIF(SUM(measured_gpu_utilization_pct), 0), 0.0)
    AS avg_gpu_utilization_pct,
  COALESCE(SUM(throughput_tok_per_sec) / NULLIF(SUM(measured_throughput_tok_per_sec), 0), 0.0)
    AS avg_throughput_tok_per_sec,
  COALESCE(SUM(tokens_per_joule) / NULLIF(SUM(measured_tokens_per_joule), 0), 0.0)
    AS avg_tokens_per_joule,
  COALESCE(
    SUM(energy_per_output_token_joules) / NULLIF(SUM(measured_energy_per_output_token_joules), 0),
    0.0
  ) AS avg_energy_per_output_token_joules,
  COALESCE(SUM(throughput_per_watt) / NULLIF(SUM(measured_throughput_per_watt), 0), 0.0)
    AS avg_throughput_per_watt,
  SUM(prefill_energy_joules) AS total_prefill_energy_joules,
  SUM(decode_energy_joules) AS total_decode_energy_joules,
  COALESCE(SUM(mean_itl_ms) / NULLIF(SUM(measured_mean_itl_ms), 0), 0.0) AS avg_mean_itl_ms,
  COALESCE(SUM(median_itl_ms) / NULLIF(SUM(measured_median_itl_ms), 0), 0.0) AS avg_median_itl_ms,
  COALESCE(SUM(p95_itl_ms) / NULLIF(SUM(measured_p95_itl_ms), 0), 0.0) AS avg_p95_itl_ms,
  SUM(ane_energy_joules) AS total_ane_energy_joules,
  SUM(soc_energy_joules) AS total_soc_energy_joules
FROM partials
GROUP BY engine
ORDER BY call_count DESC, engine;

-- Averages are the models', weighted by their calls: OpenJarvis's figure, not the overall average.
CREATE TEMPORARY VIEW fleet_summary AS
SELECT
  COALESCE(SUM(call_count), 0) AS total_calls,
  COALESCE(SUM(total_tokens), 0) AS total_tokens,
  COALESCE(SUM(total_cost), 0.0) AS total_cost,
  COALESCE(SUM(total_latency), 0.0) AS total_latency,
  COALESCE(SUM(total_energy_joules), 0.0) AS total_energy_joules,
  COALESCE(SUM(avg_throughput_tok_per_sec * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_throughput_tok_per_sec,
  COALESCE(SUM(avg_gpu_utilization_pct * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_gpu_utilization_pct,
  COALESCE(SUM(avg_energy_per_output_token_joules * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_energy_per_output_token_joules,
  COALESCE(SUM(avg_throughput_per_watt * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_throughput_per_watt,
  COALESCE(SUM(total_prefill_energy_joules), 0.0) AS total_prefill_energy_joules,
  COALESCE(SUM(total_decode_energy_joules), 0.0) AS total_decode_energy_joules,
  COALESCE(SUM(avg_mean_itl_ms * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_mean_itl_ms,
  COALESCE(SUM(avg_median_itl_ms * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_median_itl_ms,
  COALESCE(SUM(avg_p95_itl_ms * call_count) / NULLIF(SUM(call_count), 0), 0.0)
    AS avg_p95_itl_ms,
  COALESCE(SUM(total_ane_energy_joules), 0.0) AS total_ane_energy_joules,
  COALESCE(SUM(total_soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM fleet_models;
