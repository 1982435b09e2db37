-- How are the times to the first token spread? Of the calls that measured one, in steps of a quarter
-- of a second up to 2 s.
SELECT min(CAST(ttft * 4 AS INTEGER), 8) / 4.0 AS from_seconds, count(*) AS calls,
  printf('%.*c', 1 + count(*) / 100, '#') AS bar
FROM measured_calls()
WHERE ttft IS NOT NULL
GROUP BY from_seconds
ORDER BY from_seconds;
