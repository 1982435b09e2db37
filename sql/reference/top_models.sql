-- top_models(n, since) in plain SQL: model_stats cut after :n rows, 5 when :n is NULL; the whys are
-- there.
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
GROUP BY model_id COLLATE BINARY
ORDER BY call_count DESC, model_id COLLATE BINARY
LIMIT COALESCE(:n, 5);
