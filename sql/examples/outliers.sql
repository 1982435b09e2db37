-- Which calls took more than four times the median time per token of their model?
WITH usual AS (
  SELECT model_id, quantile(normalized_latency_ms, 0.5) AS median
  FROM measured_calls() WHERE completion_tokens >= 20 GROUP BY model_id
)
SELECT id, model_id, completion_tokens, round(normalized_latency_ms, 1) AS ms_per_token,
  round(median, 1) AS median, round(normalized_latency_ms / median, 1) AS times
FROM measured_calls() JOIN usual USING (model_id)
WHERE completion_tokens >= 20 AND normalized_latency_ms > 4 * median
ORDER BY times DESC, id LIMIT 5;
