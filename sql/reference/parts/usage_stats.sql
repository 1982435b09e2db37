-- usage_stats(since, until, width in seconds, 'none') in plain SQL, over a view `calls` made of
-- calls.sql: the columns that need no sort, but for the percentiles (those of latency_stats.sql,
-- per bucket) and joules (tests/truth/oracle.py has them and the sorted columns). Timestamps that
-- are out of the question are out.
WITH RECURSIVE counted AS (
  SELECT *, CAST(FLOOR(timestamp / :width) AS INTEGER) * :width AS start
  FROM calls
  WHERE timestamp BETWEEN 1672531200 AND CAST(strftime('%s', 'now') AS INTEGER) + 86400
    AND (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
),
bucket(start) AS (
  SELECT CAST(FLOOR(COALESCE(:since, MIN(timestamp)) / :width) AS INTEGER) * :width
  FROM counted HAVING COUNT(*) > 0
  UNION ALL
  SELECT start + :width FROM bucket
  WHERE start + :width <= COALESCE(:until, (SELECT MAX(timestamp) FROM counted))
)
SELECT
  bucket.start,
  datetime(bucket.start, 'unixepoch') AS start_utc,
  COUNT(id) AS calls,
  COUNT(prompt_tokens) AS prompt_calls,
  COUNT(cost_usd) AS priced_calls,
  COUNT(energy_joules) AS energy_calls,
  SUM(prompt_tokens) AS prompt_tokens,
  SUM(completion_tokens) AS output_tokens,
  SUM(cost_usd) AS cost_usd
FROM bucket LEFT JOIN counted ON counted.start = bucket.start
GROUP BY bucket.start
ORDER BY bucket.start;
