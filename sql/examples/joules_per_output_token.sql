-- How many joules did one token of the answer take, and how many were booked for it? Calls in flight
-- together each book the whole device; energy_stats gives each its share.
SELECT key AS model, energy_method AS method, measured_calls,
  round(j_per_output_token, 3) AS joules_per_output_token,
  round(booked_joules / output_tokens, 3) AS booked
FROM energy_stats()
WHERE measured_calls > 0
ORDER BY joules_per_output_token;
