-- goodput(:ttft_ms, :tpot_ms, :e2el_ms, :since, :until) by model_id in plain SQL; NULL is no such limit. The time in
-- which calls ran: a call starts a new stretch where it starts after all earlier ones have ended.
WITH
calls AS (
  SELECT model_id AS key, timestamp + 0.0 AS start, latency_seconds + 0.0 AS latency, completion_tokens AS n,
    CASE WHEN (is_streaming = 1 OR engine = 'afm') AND ttft > 0 AND ttft <= latency_seconds THEN ttft END AS ttft
  FROM telemetry
  WHERE (:since IS NULL OR timestamp >= :since) AND (:until IS NULL OR timestamp <= :until)
    AND engine IS NOT 'instrumented' AND is_warmup IS NOT 1
    AND NOT (is_streaming IS 1 AND ttft IS 0.0 AND token_counting_version IS NULL AND agent IS 'research')
),
metric AS (
  SELECT key, start, CASE WHEN latency > 0 THEN latency END AS latency, 1000 * ttft AS ttft,
    CASE WHEN n = 1 THEN 0.0 WHEN n >= 2 THEN 1000 * (latency - ttft) / (n - 1) END AS tpot,
    CASE WHEN latency > 0 THEN 1000 * latency END AS e2el
  FROM calls
),
judged AS (
  SELECT *, coalesce(ttft > :ttft_ms OR tpot > :tpot_ms OR e2el > :e2el_ms, 0) AS bad,
    (:ttft_ms IS NULL OR coalesce(ttft <= :ttft_ms, 0)) AND (:tpot_ms IS NULL OR coalesce(tpot <= :tpot_ms, 0))
      AND (:e2el_ms IS NULL OR coalesce(e2el <= :e2el_ms, 0)) AS good
  FROM metric
),
ended AS (
  SELECT *, max(start + latency) OVER (PARTITION BY key ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    AS before
  FROM judged
),
busy AS (
  SELECT key, total(max(0.0, start + latency - max(start, coalesce(before, start)))) AS seconds
  FROM ended WHERE latency > 0 GROUP BY key
)
SELECT j.key, count(*) AS calls, sum(good) AS good, sum(bad) AS bad, count(*) - sum(good) - sum(bad) AS unknown,
  1.0 * sum(good) / nullif(sum(good) + sum(bad), 0) AS good_fraction, 1.0 * sum(good) / count(*) AS good_fraction_low,
  coalesce(max(seconds), 0.0) AS busy_seconds, 1.0 * sum(good) / nullif(max(seconds), 0.0) AS good_per_second
FROM judged AS j LEFT JOIN busy AS b ON b.key IS j.key
GROUP BY j.key ORDER BY calls DESC, j.key COLLATE BINARY;
