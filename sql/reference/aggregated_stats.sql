-- aggregated_stats(since, until, current_methodology_only) in plain SQL; the whys are in
-- model_stats.sql. The averages are the models' averages weighted by their call counts, as
-- OpenJarvis has it: a model without values weighs in as 0.0, so this is not the overall AVG where
-- values are missing. The JSON columns hold for finite numbers and text: SQLite prints doubles with
-- 15 digits, and json_object refuses a BLOB.
WITH
by_model AS (
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
  WHERE (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
    AND (COALESCE(:current_methodology_only, 0) = 0 OR token_counting_version = 2)
  GROUP BY model_id COLLATE BINARY
  ORDER BY call_count DESC, model_id COLLATE BINARY
),
by_engine AS (
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
  WHERE (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
    AND (COALESCE(:current_methodology_only, 0) = 0 OR token_counting_version = 2)
  GROUP BY engine COLLATE BINARY
  ORDER BY call_count DESC, engine COLLATE BINARY
)
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
  COALESCE(SUM(avg_mean_itl_ms * call_count) / SUM(call_count), 0.0) AS avg_mean_itl_ms,
  COALESCE(SUM(avg_median_itl_ms * call_count) / SUM(call_count), 0.0) AS avg_median_itl_ms,
  COALESCE(SUM(avg_p95_itl_ms * call_count) / SUM(call_count), 0.0) AS avg_p95_itl_ms,
  json_group_array(json_object(
    'model_id', model_id,
    'call_count', call_count,
    'total_tokens', total_tokens,
    'prompt_tokens', prompt_tokens,
    'completion_tokens', completion_tokens,
    'total_latency', total_latency,
    'avg_latency', avg_latency,
    'total_cost', total_cost,
    'avg_ttft', avg_ttft,
    'total_energy_joules', total_energy_joules,
    'avg_gpu_utilization_pct', avg_gpu_utilization_pct,
    'avg_throughput_tok_per_sec', avg_throughput_tok_per_sec,
    'avg_tokens_per_joule', avg_tokens_per_joule,
    'avg_energy_per_output_token_joules', avg_energy_per_output_token_joules,
    'avg_throughput_per_watt', avg_throughput_per_watt,
    'total_prefill_energy_joules', total_prefill_energy_joules,
    'total_decode_energy_joules', total_decode_energy_joules,
    'avg_mean_itl_ms', avg_mean_itl_ms,
    'avg_median_itl_ms', avg_median_itl_ms,
    'avg_p95_itl_ms', avg_p95_itl_ms,
    'prompt_tokens_evaluated', prompt_tokens_evaluated,
    'total_ane_energy_joules', total_ane_energy_joules,
    'total_soc_energy_joules', total_soc_energy_joules
  )) AS per_model,
  (SELECT json_group_array(json_object(
    'engine', engine,
    'call_count', call_count,
    'total_tokens', total_tokens,
    'total_latency', total_latency,
    'avg_latency', avg_latency,
    'total_cost', total_cost,
    'avg_ttft', avg_ttft,
    'total_energy_joules', total_energy_joules,
    'avg_gpu_utilization_pct', avg_gpu_utilization_pct,
    'avg_throughput_tok_per_sec', avg_throughput_tok_per_sec,
    'avg_tokens_per_joule', avg_tokens_per_joule,
    'avg_energy_per_output_token_joules', avg_energy_per_output_token_joules,
    'avg_throughput_per_watt', avg_throughput_per_watt,
    'total_prefill_energy_joules', total_prefill_energy_joules,
    'total_decode_energy_joules', total_decode_energy_joules,
    'avg_mean_itl_ms', avg_mean_itl_ms,
    'avg_median_itl_ms', avg_median_itl_ms,
    'avg_p95_itl_ms', avg_p95_itl_ms,
    'total_ane_energy_joules', total_ane_energy_joules,
    'total_soc_energy_joules', total_soc_energy_joules
  )) FROM by_engine) AS per_engine,
  COALESCE(TOTAL(total_ane_energy_joules), 0.0) AS total_ane_energy_joules,
  COALESCE(TOTAL(total_soc_energy_joules), 0.0) AS total_soc_energy_joules
FROM by_model;
