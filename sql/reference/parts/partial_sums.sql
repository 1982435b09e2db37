-- partial_stats(since, until) in plain SQL, but for the sketches. A NULL parameter: "not given".
-- COLLATE BINARY: keys are compared byte by byte whatever collation the column was declared with.
-- TOTAL, not SUM: a total of REAL columns is REAL, also over integers or no values; it is NULL only
-- for NaN. CAST: the order of what the sums take a value for, not of text; + 0.0: of -0.0 is 0.0.
SELECT
  model_id,
  engine,
  token_counting_version IS 2 AS current,
  COUNT(*) AS call_count,
  COALESCE(TOTAL(latency_seconds), 0.0) AS latency_seconds,
  COALESCE(TOTAL(cost_usd), 0.0) AS cost_usd,
  COALESCE(TOTAL(ttft), 0.0) AS ttft,
  COALESCE(TOTAL(energy_joules), 0.0) AS energy_joules,
  COALESCE(TOTAL(gpu_utilization_pct), 0.0) AS gpu_utilization_pct,
  COALESCE(TOTAL(throughput_tok_per_sec), 0.0) AS throughput_tok_per_sec,
  COALESCE(TOTAL(tokens_per_joule), 0.0) AS tokens_per_joule,
  COALESCE(TOTAL(energy_per_output_token_joules), 0.0) AS energy_per_output_token_joules,
  COALESCE(TOTAL(throughput_per_watt), 0.0) AS throughput_per_watt,
  COALESCE(TOTAL(prefill_energy_joules), 0.0) AS prefill_energy_joules,
  COALESCE(TOTAL(decode_energy_joules), 0.0) AS decode_energy_joules,
  COALESCE(TOTAL(mean_itl_ms), 0.0) AS mean_itl_ms,
  COALESCE(TOTAL(median_itl_ms), 0.0) AS median_itl_ms,
  COALESCE(TOTAL(p95_itl_ms), 0.0) AS p95_itl_ms,
  COALESCE(TOTAL(ane_energy_joules), 0.0) AS ane_energy_joules,
  COALESCE(TOTAL(soc_energy_joules), 0.0) AS soc_energy_joules,
  COUNT(latency_seconds) AS measured_latency_seconds,
  COUNT(cost_usd) AS measured_cost_usd,
  COUNT(ttft) AS measured_ttft,
  COUNT(energy_joules) AS measured_energy_joules,
  COUNT(gpu_utilization_pct) AS measured_gpu_utilization_pct,
  COUNT(throughput_tok_per_sec) AS measured_throughput_tok_per_sec,
  COUNT(tokens_per_joule) AS measured_tokens_per_joule,
  COUNT(energy_per_output_token_joules) AS measured_energy_per_output_token_joules,
  COUNT(throughput_per_watt) AS measured_throughput_per_watt,
  COUNT(prefill_energy_joules) AS measured_prefill_energy_joules,
  COUNT(decode_energy_joules) AS measured_decode_energy_joules,
  COUNT(mean_itl_ms) AS measured_mean_itl_ms,
  COUNT(median_itl_ms) AS measured_median_itl_ms,
  COUNT(p95_itl_ms) AS measured_p95_itl_ms,
  COUNT(ane_energy_joules) AS measured_ane_energy_joules,
  COUNT(soc_energy_joules) AS measured_soc_energy_joules,
  MIN(CAST(latency_seconds AS REAL)) + 0.0 AS min_latency_seconds,
  MAX(CAST(latency_seconds AS REAL)) + 0.0 AS max_latency_seconds,
  COALESCE(SUM(prompt_tokens), 0) AS prompt_tokens,
  COALESCE(SUM(completion_tokens), 0) AS completion_tokens,
  COALESCE(SUM(total_tokens), 0) AS total_tokens,
  COALESCE(SUM(prompt_tokens_evaluated), 0) AS prompt_tokens_evaluated
FROM telemetry
WHERE (:since IS NULL OR timestamp >= :since) AND (:until IS NULL OR timestamp <= :until)
GROUP BY model_id COLLATE BINARY, engine COLLATE BINARY, token_counting_version IS 2
ORDER BY call_count DESC, model_id COLLATE BINARY, engine COLLATE BINARY, current;
