-- Which calls took more than four times the median time per token of their model?
WITH paced AS (
  SELECT id, model_id, completion_tokens, 1000 * latency_seconds / completion_tokens AS ms_per_token
  FROM telemetry WHERE completion_tokens >= 20 AND latency_seconds > 0 AND engine <> 'instrumented'
),
ranked AS (
  SELECT *, row_number() OVER model AS r, count(*) OVER (PARTITION BY model_id) AS n
  FROM paced WINDOW model AS (PARTITION BY model_id ORDER BY ms_per_token)
),
median AS (
  SELECT model_id, avg(ms_per_token) AS ms_per_token
  FROM ranked WHERE r IN ((n + 1) / 2, (n + 2) / 2) GROUP BY model_id
)
SELECT id, model_id, completion_tokens, round(paced.ms_per_token, 1) AS ms_per_token,
  round(median.ms_per_token, 1) AS median,
  round(paced.ms_per_token / median.ms_per_token, 1) AS times
FROM paced JOIN median USING (model_id)
WHERE paced.ms_per_token > 4 * median.ms_per_token
ORDER BY times DESC, id LIMIT 5;
