-- quantile(x, p) in plain SQL, here of latency_seconds: the values in order, and between the two that
-- lie around place p * (n - 1) the point that far along. What SQLite's percentile_cont gives, where it
-- has it.
WITH measured AS (
  SELECT CAST(latency_seconds AS REAL) AS x
  FROM telemetry
  WHERE latency_seconds IS NOT NULL
    AND (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
), place(h, i) AS (
  SELECT 0.95 * (COUNT(*) - 1), CAST(0.95 * (COUNT(*) - 1) AS INTEGER) FROM measured
)
SELECT CASE WHEN h = i OR low = high THEN low ELSE low + (high - low) * (h - i) END AS quantile
FROM (
  SELECT h, i,
    (SELECT x FROM measured ORDER BY x LIMIT 1 OFFSET (SELECT i FROM place)) AS low,
    (SELECT x FROM measured ORDER BY x LIMIT 1 OFFSET (SELECT i + 1 FROM place)) AS high
  FROM place
);
