-- Is the time between tokens getting longer? A moving average over each model's last 100 streamed calls.
SELECT datetime(timestamp, 'unixepoch') AS utc, model_id,
  round(avg_itl(mean_itl_ms, completion_tokens) OVER (
    PARTITION BY model_id ORDER BY timestamp ROWS 99 PRECEDING), 2) AS itl_ms
FROM telemetry
WHERE is_streaming = 1
ORDER BY timestamp DESC
LIMIT 10;
