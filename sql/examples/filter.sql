-- Does warm-up bend the figures? The same aggregate with and without it (FILTER needs SQLite 3.30).
SELECT model_id,
  round(avg_itl(mean_itl_ms) FILTER (WHERE is_warmup = 1), 2) AS warm_up_ms,
  round(avg_itl(mean_itl_ms) FILTER (WHERE is_warmup = 0), 2) AS measured_ms
FROM telemetry
WHERE batch_id <> '' AND is_streaming
GROUP BY model_id;
