-- quantile(x, p) in plain SQL, here of latency_seconds: the values in order, and between the two that lie around
-- place p * (n - 1) the point that far along. What SQLite's percentile_cont gives, where it has it.
WITH ordered AS (
  SELECT CAST(latency_seconds AS REAL) AS x, ROW_NUMBER() OVER (ORDER BY latency_seconds) - 1 AS rank, COUNT(*) OVER () AS n
  FROM telemetry
  WHERE latency_seconds IS NOT NULL
    AND (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
), place(p, h, i) AS (
  SELECT 0.95, 0.95 * (MAX(n) - 1), CAST(0.95 * (MAX(n) - 1) AS INTEGER) FROM ordered
)
SELECT CASE WHEN h = i OR low = high THEN low ELSE low + (high - low) * (h - i) END AS quantile
FROM (
  SELECT h, i, (SELECT x FROM ordered WHERE rank = i) AS low, (SELECT x FROM ordered WHERE rank = i + 1) AS high
  FROM place
);
