-- model_stats(since, until, current_methodology_only) in plain SQL. A NULL parameter: "not given".
-- COLLATE BINARY: keys are compared byte by byte whatever collation the column was declared with.
-- TOTAL, not SUM: a total of REAL columns is REAL, also over integers or no values; it is NULL only
-- for NaN.
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
ORDER BY call_count DESC, model_id COLLATE BINARY;
