-- The calls as JSON, one object a line, oldest first: here the first two of a day, of each some fields.
SELECT json_extract(record, '$.model_id', '$.completion_tokens', '$.latency_seconds') AS fields
FROM export_records('2026-10-31')
LIMIT 2;
