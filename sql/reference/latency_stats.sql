-- latency_stats(since, until, 'model_id') in plain SQL, over a view `calls` made of parts/calls.sql. For
-- another column, put its name in place of model_id in the first SELECT. mean and std are sums of
-- doubles here, so they agree with the function's exact ones to about 1e-12; std is that of the
-- population.
WITH counted AS (
  SELECT c.*, c.model_id AS key
  FROM calls AS c JOIN telemetry AS t USING (id)
  WHERE c.is_warmup = 0
    AND NOT (t.agent = 'research' AND t.is_streaming = 1 AND t.ttft = 0
      AND t.token_counting_version IS NULL)
    AND (:since IS NULL OR c.timestamp >= :since)
    AND (:until IS NULL OR c.timestamp <= :until)
),
metrics(metric, unit, place) AS (
  VALUES ('ttft', 's', 1), ('tpot', 'ms', 2), ('itl', 'ms', 3), ('e2el', 's', 4),
    ('normalized_latency', 'ms', 5)
),
groups AS (
  SELECT key, COUNT(*) AS calls FROM counted GROUP BY key COLLATE BINARY
),
measured AS (
  SELECT
    key,
    metric,
    CASE metric
      WHEN 'ttft' THEN ttft
      WHEN 'tpot' THEN tpot_ms
      WHEN 'e2el' THEN latency_seconds
      WHEN 'normalized_latency' THEN normalized_latency_ms
    END AS value
  FROM counted CROSS JOIN metrics
),
ranked AS (
  SELECT
    key,
    metric,
    value,
    ROW_NUMBER() OVER (PARTITION BY key, metric ORDER BY value) - 1 AS r,
    COUNT(*) OVER (PARTITION BY key, metric) AS n,
    AVG(value) OVER (PARTITION BY key, metric) AS mean
  FROM measured WHERE value IS NOT NULL
),
summary AS (
  SELECT
    key,
    metric,
    n,
    mean,
    SQRT(AVG((value - mean) * (value - mean))) AS std,
    MIN(value) AS min,
    MAX(value) AS max
  FROM ranked GROUP BY key, metric
),
-- with h = p * (n - 1) and i = floor(h): v(i) + (v(i + 1) - v(i)) * (h - i)
percentiles(p, needed) AS (VALUES (0.5, 1), (0.9, 29), (0.95, 59), (0.99, 299)),
values_at AS (
  SELECT
    key,
    metric,
    p,
    MAX(CASE WHEN r = CAST(p * (n - 1) AS INTEGER) THEN value END) AS low,
    MAX(CASE WHEN r = CAST(p * (n - 1) AS INTEGER) + 1 THEN value END) AS high,
    p * (n - 1) - CAST(p * (n - 1) AS INTEGER) AS part
  FROM ranked JOIN percentiles ON n >= needed
  GROUP BY key, metric, p
),
percentile AS (
  SELECT
    key,
    metric,
    p,
    CASE WHEN part = 0 OR low = high THEN low ELSE low + (high - low) * part END AS value
  FROM values_at
),
-- all gaps of all calls as one list: a call of n chunks has m = n - 1 of them
itl_mean AS (
  SELECT
    key,
    COUNT(*) AS n,
    SUM((completion_tokens - 1) * mean_itl_ms) / SUM(completion_tokens - 1) AS mean
  FROM counted WHERE mean_itl_ms IS NOT NULL GROUP BY key COLLATE BINARY
),
itl AS (
  SELECT
    key,
    n,
    mean,
    CASE WHEN NOT MAX(completion_tokens >= 3 AND std_itl_ms IS NULL) THEN SQRT((
      TOTAL((completion_tokens - 2) * std_itl_ms * std_itl_ms)
      + SUM((completion_tokens - 1) * (mean_itl_ms - mean) * (mean_itl_ms - mean))
    ) / SUM(completion_tokens - 1)) END AS std
  FROM counted JOIN itl_mean USING (key) WHERE mean_itl_ms IS NOT NULL GROUP BY key
)
SELECT
  g.key,
  m.metric,
  m.unit,
  g.calls,
  COALESCE(s.n, i.n, 0) AS measured,
  COALESCE(s.mean, i.mean) AS mean,
  COALESCE(s.std, i.std) AS std,
  s.min,
  (SELECT value FROM percentile AS p
    WHERE p.key = g.key AND p.metric = m.metric AND p = 0.5) AS p50,
  (SELECT value FROM percentile AS p
    WHERE p.key = g.key AND p.metric = m.metric AND p = 0.9) AS p90,
  (SELECT value FROM percentile AS p
    WHERE p.key = g.key AND p.metric = m.metric AND p = 0.95) AS p95,
  (SELECT value FROM percentile AS p
    WHERE p.key = g.key AND p.metric = m.metric AND p = 0.99) AS p99,
  s.max
FROM groups AS g CROSS JOIN metrics AS m
LEFT JOIN summary AS s ON s.key = g.key AND s.metric = m.metric
LEFT JOIN itl AS i ON i.key = g.key AND m.metric = 'itl'
ORDER BY g.calls DESC, g.key COLLATE BINARY, m.place;
