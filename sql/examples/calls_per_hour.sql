-- How many calls does each hour of the busiest day have?
WITH hourly AS (
  SELECT strftime('%Y-%m-%d %H:00', timestamp, 'unixepoch') AS hour, count(*) AS calls,
    sum(completion_tokens) AS output_tokens, count(nullif(is_streaming, 0)) AS streamed
  FROM telemetry GROUP BY hour
)
SELECT * FROM hourly
WHERE date(hour) = (SELECT date(hour) FROM hourly GROUP BY 1 ORDER BY sum(calls) DESC, 1 LIMIT 1)
ORDER BY hour;
