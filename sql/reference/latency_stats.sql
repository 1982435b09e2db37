-- latency_stats(since, until) by model_id in plain SQL. NULL parameters mean "not given".
-- Naive sums: mean and std agree to rounding. Percentiles: linear between the ranks around p * (n - 1),
-- shown from the number of calls on whose largest bounds them with 95 % confidence.
WITH
calls AS (
  SELECT model_id AS key, latency_seconds + 0.0 AS latency, completion_tokens AS n,
    CASE WHEN is_streaming = 1 OR engine = 'afm' THEN ttft + 0.0 END AS ttft,
    CASE WHEN is_streaming = 1 AND mean_itl_ms > 0 AND completion_tokens >= 2 THEN mean_itl_ms END AS itl,
    CASE WHEN is_streaming = 1 AND mean_itl_ms > 0 AND completion_tokens >= 3 THEN std_itl_ms END AS itl_std
  FROM telemetry
  WHERE (:since IS NULL OR timestamp >= :since) AND (:until IS NULL OR timestamp <= :until)
    AND engine IS NOT 'instrumented' AND is_warmup IS NOT 1
    AND NOT (is_streaming IS 1 AND ttft IS 0.0 AND token_counting_version IS NULL AND agent IS 'research')
),
judged AS (
  SELECT key, n, latency, itl, itl_std, CASE WHEN ttft > 0 AND ttft <= latency THEN ttft END AS ttft FROM calls
),
value AS (
  SELECT key, 1 AS place, 'ttft' AS metric, 's' AS unit, ttft AS x FROM judged
  UNION ALL
  SELECT key, 2, 'tpot', 'ms', CASE WHEN n >= 2 THEN 1000.0 * (latency - ttft) / (n - 1) END FROM judged
  UNION ALL
  SELECT key, 4, 'e2el', 's', CASE WHEN latency > 0 THEN latency END FROM judged
  UNION ALL
  SELECT key, 5, 'normalized_latency', 'ms', CASE WHEN latency > 0 AND n >= 1 THEN 1000.0 * latency / n END FROM judged
),
ranked AS (
  SELECT key, place, metric, unit, x, count(x) OVER part AS measured, avg(x) OVER part AS mean,
    row_number() OVER (PARTITION BY key, place ORDER BY x IS NULL, x) - 1 AS rank
  FROM value WINDOW part AS (PARTITION BY key, place)
),
p(name, p, least) AS (VALUES ('p50', 0.5, 1), ('p90', 0.9, 29), ('p95', 0.95, 59), ('p99', 0.99, 299)),
percentile AS (
  SELECT key, place, name, CASE WHEN measured >= least THEN
    min(CASE WHEN rank = CAST(p * (measured - 1) AS INTEGER) THEN x END)
    + (min(CASE WHEN rank = min(CAST(p * (measured - 1) AS INTEGER) + 1, measured - 1) THEN x END)
       - min(CASE WHEN rank = CAST(p * (measured - 1) AS INTEGER) THEN x END))
      * (p * (measured - 1) - CAST(p * (measured - 1) AS INTEGER)) END AS x
  FROM ranked, p WHERE measured > 0 GROUP BY key, place, name, p, least, measured
),
plain AS (
  SELECT r.key, r.place, r.metric, r.unit, count(*) AS calls, max(measured) AS measured, max(mean) AS mean,
    sqrt(avg((x - mean) * (x - mean))) AS std, min(x) AS min,
    (SELECT x FROM percentile AS q WHERE q.key IS r.key AND q.place = r.place AND name = 'p50') AS p50,
    (SELECT x FROM percentile AS q WHERE q.key IS r.key AND q.place = r.place AND name = 'p90') AS p90,
    (SELECT x FROM percentile AS q WHERE q.key IS r.key AND q.place = r.place AND name = 'p95') AS p95,
    (SELECT x FROM percentile AS q WHERE q.key IS r.key AND q.place = r.place AND name = 'p99') AS p99, max(x) AS max
  FROM ranked AS r GROUP BY r.key, r.place
),
pooled AS (
  SELECT key, sum((n - 1) * itl) / sum(CASE WHEN itl IS NOT NULL THEN n - 1 END) AS mean FROM judged GROUP BY key
),
gaps AS (
  SELECT j.key, count(*) AS calls, count(itl) AS measured, mean,
    CASE WHEN sum(itl IS NOT NULL AND n >= 3 AND itl_std IS NULL) = 0 THEN
      sqrt((total((n - 2) * itl_std * itl_std) + sum((n - 1) * (itl - mean) * (itl - mean)))
        / sum(CASE WHEN itl IS NOT NULL THEN n - 1 END)) END AS std
  FROM judged AS j JOIN pooled AS m ON m.key IS j.key GROUP BY j.key
)
SELECT key, metric, unit, calls, measured, mean, std, min, p50, p90, p95, p99, max
FROM (
  SELECT * FROM plain
  UNION ALL
  SELECT key, 3, 'itl', 'ms', calls, measured, mean, std, NULL, NULL, NULL, NULL, NULL, NULL FROM gaps
)
ORDER BY calls DESC, key COLLATE BINARY, place;
