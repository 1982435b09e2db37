SELECT
  batch_id,
  total_requests,
  total_tokens,
  total_energy_joules,
  CASE WHEN total_tokens > 0 THEN total_energy_joules / total_tokens ELSE 0.0 END AS energy_per_token_joules
FROM (
  SELECT
    batch_id,
    COUNT(*) AS total_requests,
    COALESCE(SUM(prompt_tokens + completion_tokens), 0) AS total_tokens,
    COALESCE(TOTAL(energy_joules), 0.0) AS total_energy_joules
  FROM telemetry
  WHERE batch_id COLLATE BINARY <> ''
    AND (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
    AND (COALESCE(:exclude_warmup, 0) = 0 OR is_warmup = 0)
  GROUP BY batch_id COLLATE BINARY
)
ORDER BY total_requests DESC, batch_id COLLATE BINARY;
