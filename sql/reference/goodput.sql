-- goodput(ttft_ms, tpot_ms, e2el_ms, since, until, 'model_id') in plain SQL, over a view `calls`
-- made of parts/calls.sql; limits that are NULL are no limits. For another column, put its name in place
-- of model_id in the first SELECT. A call is bad when one measured metric is over its limit, good
-- when all are measured and within, else unknown. An answer of one token has no gap between tokens:
-- that limit is met.
WITH counted AS (
  SELECT c.*, c.model_id AS key
  FROM calls AS c JOIN telemetry AS t USING (id)
  WHERE c.is_warmup = 0
    AND NOT (t.agent = 'research' AND t.is_streaming = 1 AND t.ttft = 0
      AND t.token_counting_version IS NULL)
    AND (:since IS NULL OR c.timestamp >= :since)
    AND (:until IS NULL OR c.timestamp <= :until)
),
judged AS (
  SELECT
    key,
    timestamp AS start,
    timestamp + latency_seconds AS end,
    CASE
      WHEN 1000 * ttft > :ttft_ms OR tpot_ms > :tpot_ms OR 1000 * latency_seconds > :e2el_ms
        THEN 'bad'
      WHEN (:ttft_ms IS NULL OR ttft IS NOT NULL)
        AND (:tpot_ms IS NULL OR tpot_ms IS NOT NULL OR completion_tokens = 1)
        AND (:e2el_ms IS NULL OR latency_seconds IS NOT NULL) THEN 'good'
      ELSE 'unknown'
    END AS verdict
  FROM counted
),
-- the union of the calls: what each adds beyond the latest end before it
reached AS (
  SELECT
    key,
    start,
    end,
    MAX(end) OVER (
      PARTITION BY key ORDER BY start, end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
  FROM judged WHERE end IS NOT NULL
),
busy AS (
  SELECT key, SUM(MAX(0.0, end - MAX(start, COALESCE(before, start)))) AS busy_seconds
  FROM reached GROUP BY key
),
counts AS (
  SELECT
    key,
    COUNT(*) AS calls,
    SUM(verdict = 'good') AS good,
    SUM(verdict = 'bad') AS bad,
    SUM(verdict = 'unknown') AS unknown
  FROM judged GROUP BY key COLLATE BINARY
)
SELECT
  key,
  calls,
  good,
  bad,
  unknown,
  good * 1.0 / NULLIF(good + bad, 0) AS good_fraction,
  good * 1.0 / calls AS good_fraction_low,
  busy_seconds,
  good / NULLIF(busy_seconds, 0.0) AS good_per_second
FROM counts LEFT JOIN busy USING (key)
ORDER BY calls DESC, key COLLATE BINARY;
