-- avg_itl in plain SQL, both forms, over the whole table: the mean over calls, and the mean over the gaps
-- between tokens, of which an answer of n tokens has n - 1.
SELECT
  AVG(mean_itl_ms) AS per_call,
  SUM(CASE WHEN completion_tokens >= 2 THEN mean_itl_ms * (completion_tokens - 1) END)
    / SUM(CASE WHEN completion_tokens >= 2 AND mean_itl_ms IS NOT NULL THEN completion_tokens - 1.0 END) AS per_gap
FROM telemetry
WHERE (:since IS NULL OR timestamp >= :since)
  AND (:until IS NULL OR timestamp <= :until);
