-- Statistics of only some calls: put the condition into a temporary view and name it as the source.
CREATE TEMP VIEW coder_calls AS SELECT * FROM telemetry WHERE agent = 'coder';
SELECT model_id, call_count, round(avg_latency, 2) AS seconds
FROM model_stats
WHERE source = 'coder_calls';
