-- How many calls does each hour of the busiest day have, and how many ran at once? Hours without
-- calls have a row, too.
WITH busiest AS (
  SELECT start FROM usage_stats() ORDER BY calls DESC, start LIMIT 1
)
SELECT start_utc AS hour, calls, output_tokens, round(busy_seconds) AS busy_seconds,
  peak_concurrency AS peak
FROM busiest, usage_stats(busiest.start, busiest.start + 86399, '1 hour');
