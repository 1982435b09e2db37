-- Percentiles over many files where the extension is not: plain SQL for DuckDB and Spark SQL (and
-- SQLite with its math functions, though there sketch_merge is the shorter way).
--
-- Wants a table or view `partial_buckets` of any number of files: model_id, engine, current,
-- latency ('ttft' and 'e2el' in seconds, 'tpot' in milliseconds), low, high, count: the rows of
-- sketch_buckets() over the sketches of partial_stats(). Makes the view fleet_latency, a row per
-- model and latency: measured calls and p50, p90, p95, p99, each within 0.5416 % of the exact one,
-- and as in latency_stats() NULL until the calls bound it: from 29, 59, 299 calls on.
--
-- For another key put its name in place of model_id.

CREATE TEMPORARY VIEW fleet_buckets AS
SELECT
  model_id,
  latency,
  CASE WHEN low = high THEN low ELSE low * (2 * (high / low) / (1 + high / low)) END AS value,
  SUM(count) AS count
FROM partial_buckets
GROUP BY model_id, latency, low, high;

-- The value at rank r, from 0, stands in the first bucket that has more than r values up to it.
CREATE TEMPORARY VIEW fleet_ranks AS
SELECT
  model_id,
  latency,
  value,
  SUM(count) OVER (PARTITION BY model_id, latency ORDER BY value) AS upto,
  SUM(count) OVER (PARTITION BY model_id, latency) AS measured
FROM fleet_buckets;

-- With h = p * (n - 1) and i = floor(h): v(i) + (v(i + 1) - v(i)) * (h - i).
CREATE TEMPORARY VIEW fleet_latency AS
WITH
levels AS (
  SELECT CAST(0.5 AS DOUBLE) AS p, 1 AS needed
  UNION ALL SELECT CAST(0.9 AS DOUBLE), 29
  UNION ALL SELECT CAST(0.95 AS DOUBLE), 59
  UNION ALL SELECT CAST(0.99 AS DOUBLE), 299
),
places AS (
  SELECT
    model_id,
    latency,
    measured,
    p,
    needed,
    p * (measured - 1) - FLOOR(p * (measured - 1)) AS part,
    MIN(CASE WHEN upto > p * (measured - 1) THEN value END) AS lower_value,
    MIN(CASE WHEN upto - 1 > p * (measured - 1) THEN value END) AS upper_value
  FROM fleet_ranks CROSS JOIN levels
  GROUP BY model_id, latency, measured, p, needed
),
percentiles AS (
  SELECT
    model_id,
    latency,
    measured,
    p,
    CASE
      WHEN measured < needed THEN NULL
      WHEN part = 0 OR lower_value = upper_value THEN lower_value
      ELSE lower_value + (upper_value - lower_value) * part
    END AS value
  FROM places
)
SELECT
  model_id,
  latency,
  measured,
  MAX(CASE WHEN p = CAST(0.5 AS DOUBLE) THEN value END) AS p50,
  MAX(CASE WHEN p = CAST(0.9 AS DOUBLE) THEN value END) AS p90,
  MAX(CASE WHEN p = CAST(0.95 AS DOUBLE) THEN value END) AS p95,
  MAX(CASE WHEN p = CAST(0.99 AS DOUBLE) THEN value END) AS p99
FROM percentiles
GROUP BY model_id, latency, measured
ORDER BY measured DESC, model_id, latency;
