-- The summary and its models from one scan: open the JSON array that aggregated_stats carries.
SELECT json_extract(m.value, '$.model_id') AS model_id,
  json_extract(m.value, '$.call_count') AS calls,
  round(100.0 * json_extract(m.value, '$.call_count') / s.total_calls, 1) AS percent
FROM aggregated_stats() AS s, json_each(s.per_model) AS m;
