-- energy_share and joules of measured_calls() in plain SQL, over a view or table `calls` made of
-- calls.sql: a running integral of 1/k, k the calls in flight, read off at each call's two ends.
-- Right to about 1e-9 of the time the lane was busy; tests/truth/oracle.py has the exact figures.
WITH booked AS (
  SELECT
    id,
    COALESCE(c.energy_vendor, '') AS lane,
    c.timestamp AS start,
    c.timestamp + t.latency_seconds AS end,
    c.energy_joules,
    -- else its energy is its own part already, and it is in nobody's way
    NOT t.power_watts > 0 OR c.energy_joules >= 0.5 * t.power_watts * t.latency_seconds AS whole
  FROM calls AS c JOIN telemetry AS t USING (id)
  WHERE c.energy_joules IS NOT NULL
),
edge AS (
  SELECT lane, at, SUM(step) AS step
  FROM (
    SELECT lane, start AS at, 1 AS step FROM booked WHERE whole
    UNION ALL
    SELECT lane, end, -1 FROM booked WHERE whole
  )
  GROUP BY lane, at
),
flight AS (
  SELECT lane, at, SUM(step) OVER (PARTITION BY lane ORDER BY at) AS k FROM edge
),
piece AS (
  SELECT
    lane,
    at,
    COALESCE((at - LAG(at) OVER lane_time) / NULLIF(LAG(k) OVER lane_time, 0), 0.0) AS part
  FROM flight
  WINDOW lane_time AS (PARTITION BY lane ORDER BY at)
),
integral AS MATERIALIZED (
  SELECT lane, at, SUM(part) OVER (PARTITION BY lane ORDER BY at) AS area FROM piece
),
share AS (
  SELECT
    b.id,
    b.energy_joules,
    CASE
      WHEN whole AND b.end > b.start THEN MIN(1.0, (e.area - s.area) / (b.end - b.start))
      ELSE 1.0
    END AS energy_share
  FROM booked AS b
  LEFT JOIN integral AS s ON s.lane = b.lane AND s.at = b.start
  LEFT JOIN integral AS e ON e.lane = b.lane AND e.at = b.end
)
SELECT id, energy_share, energy_joules * energy_share AS joules FROM share;
