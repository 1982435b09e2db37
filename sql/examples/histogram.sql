-- How are the times to the first token spread? Streamed calls, in steps of a quarter of a second up
-- to 2 s.
SELECT min(CAST(ttft * 4 AS INTEGER), 8) / 4.0 AS from_seconds, count(*) AS calls,
  printf('%.*c', 1 + count(*) / 100, '#') AS bar
FROM telemetry
WHERE is_streaming AND ttft > 0 AND ttft <= latency_seconds
GROUP BY from_seconds
ORDER BY from_seconds;
