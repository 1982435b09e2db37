-- measured_calls() in plain SQL, but for energy_share and joules: a row per call, NULL for what was
-- not measured. For a table of release 1.0.4 whose number columns hold numbers. Every test here
-- rests on what tests/peer/rows.py asserts of the peer's own writers. Bounds are the reader's:
-- WHERE timestamp >= ...
--
-- 0 means "not measured" only where it cannot be true. Left out: the bare twins of releases up to
-- 1.0.2. The twins that a router leaves (engine 'multi', in later releases too) cannot be told by
-- one row alone from the only row of another call, so they stay.
WITH kinds AS (
  SELECT
    *,
    agent = 'research' AND is_streaming = 1 AND ttft = 0 AND token_counting_version IS NULL
      AS is_research,
    engine = 'cloud' OR cost_usd > 0 OR (engine = 'multi' AND (
      model_id GLOB 'gpt-*' AND model_id NOT GLOB 'gpt-oss*'
      OR model_id GLOB 'o1-*' OR model_id GLOB 'o3-*' OR model_id GLOB 'o4-*'
      OR model_id GLOB 'claude-*' OR model_id GLOB 'gemini-*' OR model_id GLOB 'openrouter/*'
    )) AS remote
  FROM telemetry
  WHERE engine <> 'instrumented'
),
measured AS (
  SELECT
    *,
    latency_seconds > 0 AND NOT is_research AS latency_measured,
    completion_tokens > 0 OR (completion_tokens = 0
      AND (prompt_tokens > 0 OR (is_streaming = 1 AND NOT is_research))) AS completion_measured,
    ((is_streaming = 1 AND NOT is_research) OR engine = 'afm') AND ttft > 0
      AND ttft <= latency_seconds AS ttft_measured,
    -- research runs have their latency stored, so their energy can be held against it
    latency_seconds > 0 AND NOT remote AND energy_joules <= 20000 * latency_seconds
      AS energy_true,
    is_streaming = 1 AND NOT is_research AND completion_tokens >= 2 AND mean_itl_ms > 0
      AS itl_measured
  FROM kinds
)
SELECT
  id,
  timestamp - CASE WHEN is_research AND latency_seconds > 0 THEN latency_seconds ELSE 0.0 END
    AS timestamp,
  model_id,
  CASE WHEN engine <> '' THEN engine END AS engine,
  CASE WHEN agent <> '' THEN agent END AS agent,
  CASE WHEN prompt_tokens > 0 THEN prompt_tokens END AS prompt_tokens,
  CASE WHEN prompt_tokens_evaluated > 0 THEN prompt_tokens_evaluated END AS prompt_tokens_evaluated,
  CASE WHEN completion_measured THEN completion_tokens END AS completion_tokens,
  CASE WHEN prompt_tokens > 0 AND completion_measured
    THEN prompt_tokens + completion_tokens END AS total_tokens,
  CASE WHEN latency_measured THEN latency_seconds END AS latency_seconds,
  CASE WHEN ttft_measured THEN ttft END AS ttft,
  CASE WHEN cost_usd > 0 THEN cost_usd END AS cost_usd,
  CASE WHEN energy_true AND energy_joules > 0 THEN energy_joules END AS energy_joules,
  CASE WHEN power_watts > 0 THEN power_watts END AS power_watts,
  CASE WHEN gpu_memory_used_gb > 0 THEN gpu_utilization_pct END AS gpu_utilization_pct,
  CASE WHEN gpu_memory_used_gb > 0 THEN gpu_memory_used_gb END AS gpu_memory_used_gb,
  CASE WHEN gpu_temperature_c > 0 THEN gpu_temperature_c END AS gpu_temperature_c,
  CASE WHEN completion_measured AND latency_measured
    THEN completion_tokens / latency_seconds END AS throughput_tok_per_sec,
  CASE WHEN ttft_measured THEN ttft END AS prefill_latency_seconds,
  CASE WHEN ttft_measured THEN latency_seconds - ttft END AS decode_latency_seconds,
  CASE WHEN energy_method <> '' THEN energy_method END AS energy_method,
  CASE WHEN energy_vendor <> '' THEN energy_vendor END AS energy_vendor,
  CASE WHEN batch_id <> '' THEN batch_id END AS batch_id,
  is_warmup,
  CASE WHEN energy_true AND cpu_energy_joules > 0 THEN cpu_energy_joules END AS cpu_energy_joules,
  CASE WHEN energy_true AND gpu_energy_joules > 0 THEN gpu_energy_joules END AS gpu_energy_joules,
  CASE WHEN energy_true AND dram_energy_joules > 0
    THEN dram_energy_joules END AS dram_energy_joules,
  CASE WHEN energy_true AND ane_energy_joules > 0 THEN ane_energy_joules END AS ane_energy_joules,
  CASE WHEN energy_true AND soc_energy_joules > 0 THEN soc_energy_joules END AS soc_energy_joules,
  CASE WHEN energy_basis <> '' THEN energy_basis END AS energy_basis,
  CASE WHEN completion_measured AND energy_true AND energy_joules > 0
    THEN completion_tokens / energy_joules END AS tokens_per_joule,
  CASE WHEN completion_tokens > 0 AND energy_true AND energy_joules > 0
    THEN energy_joules / completion_tokens END AS energy_per_output_token_joules,
  CASE WHEN completion_measured AND latency_measured AND power_watts > 0
    THEN completion_tokens / latency_seconds / power_watts END AS throughput_per_watt,
  NULL AS prefill_energy_joules,
  NULL AS decode_energy_joules,
  CASE WHEN itl_measured THEN mean_itl_ms END AS mean_itl_ms,
  CASE WHEN itl_measured THEN median_itl_ms END AS median_itl_ms,
  CASE WHEN itl_measured THEN p90_itl_ms END AS p90_itl_ms,
  CASE WHEN itl_measured THEN p95_itl_ms END AS p95_itl_ms,
  CASE WHEN itl_measured THEN p99_itl_ms END AS p99_itl_ms,
  CASE WHEN itl_measured AND completion_tokens >= 3 THEN std_itl_ms END AS std_itl_ms,
  is_streaming,
  token_counting_version,
  mining_session_id,
  metadata,
  CASE WHEN ttft_measured AND completion_tokens >= 2
    THEN 1000 * (latency_seconds - ttft) / (completion_tokens - 1) END AS tpot_ms,
  CASE WHEN latency_measured AND completion_tokens >= 1
    THEN 1000 * latency_seconds / completion_tokens END AS normalized_latency_ms,
  remote AS is_remote
FROM measured
ORDER BY id;
