-- How many joules does one token of the answer take, over the calls whose energy was measured?
SELECT model_id, count(*) AS measured_calls,
  round(energy_per_token(energy_joules, completion_tokens), 3) AS joules_per_output_token
FROM telemetry
WHERE energy_joules > 0
GROUP BY model_id
ORDER BY joules_per_output_token;
