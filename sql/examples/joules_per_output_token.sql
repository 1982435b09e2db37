-- How many joules are booked for one token of the answer, over the local calls whose energy was measured?
-- Calls in flight together each book the whole device: with many of them it is many times what that used.
SELECT model_id, count(*) AS measured_calls,
  round(energy_per_token(energy_joules, completion_tokens), 3) AS booked_joules_per_output_token
FROM telemetry
WHERE energy_joules > 0 AND engine <> 'cloud'
GROUP BY model_id
ORDER BY booked_joules_per_output_token;
