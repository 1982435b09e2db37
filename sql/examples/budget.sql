-- On which day did what was spent in the month pass 10 cents, and how much was it by then?
WITH daily AS (
  SELECT date(timestamp, 'unixepoch') AS day, sum(cost_usd) AS usd
  FROM telemetry
  WHERE timestamp >= strftime('%s', '2026-10-01') + 0
  GROUP BY day HAVING day IS NOT NULL
),
running AS (SELECT day, usd, sum(usd) OVER (ORDER BY day) AS spent FROM daily)
SELECT day, round(usd, 4) AS usd, round(spent, 4) AS spent FROM running
WHERE spent > 0.10 ORDER BY day LIMIT 1;
