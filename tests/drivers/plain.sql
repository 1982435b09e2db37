-- The transcript's numbers once more without the extension: the sqlite3 shell runs this before any driver is asked, and its
-- output must equal the steps of the same label in expected.txt. Bound values are written out; times are converted by hand.
.nullvalue NULL
.print == count
SELECT COUNT(*) FROM telemetry;
.print == energy-plain
SELECT SUM(energy_joules) / SUM(completion_tokens) FROM telemetry;
.print == energy-three
SELECT SUM(energy_joules) / SUM(prompt_tokens + completion_tokens) FROM telemetry WHERE timestamp < 1767315600;
.print == energy-grouped
SELECT model_id, SUM(energy_joules) / SUM(completion_tokens) FROM telemetry GROUP BY model_id ORDER BY model_id;
.print == energy-window
SELECT id, SUM(energy_joules) OVER w / SUM(completion_tokens) OVER w FROM telemetry WINDOW w AS (ORDER BY id ROWS 1 PRECEDING) ORDER BY id;
.print == energy-bound
SELECT 7.5 / 4;
.print == energy-none
SELECT SUM(energy_joules) / SUM(completion_tokens) FROM telemetry WHERE id > 1000;
.print == itl-plain
SELECT AVG(mean_itl_ms), SUM(mean_itl_ms * (completion_tokens - 1)) / SUM(completion_tokens - 1) FROM telemetry;
.print == itl-grouped
SELECT engine, AVG(mean_itl_ms), SUM(mean_itl_ms * (completion_tokens - 1)) / SUM(completion_tokens - 1)
FROM telemetry GROUP BY engine ORDER BY engine;
.print == itl-window
SELECT id, AVG(mean_itl_ms) OVER (ORDER BY id ROWS 1 PRECEDING) FROM telemetry WHERE engine = 'ollama' ORDER BY id;
.print == quantile
SELECT (SELECT SUM(latency_seconds) / 2 FROM (SELECT latency_seconds FROM telemetry ORDER BY 1 LIMIT 2 OFFSET 3)),
    (SELECT latency_seconds FROM telemetry ORDER BY 1 LIMIT 1 OFFSET 5) * 0.75 + (SELECT latency_seconds FROM telemetry ORDER BY 1 LIMIT 1 OFFSET 6) * 0.25;
.print == quantile-window
SELECT id, MIN(latency_seconds) OVER w * 0.25 + MAX(latency_seconds) OVER w * 0.75 FROM telemetry WINDOW w AS (ORDER BY id ROWS 1 PRECEDING) ORDER BY id;
.print == time-bucket
SELECT CAST(strftime('%s', timestamp, 'unixepoch', 'start of day') AS INTEGER), COUNT(*) FROM telemetry GROUP BY 1 ORDER BY 1;
.print == time-bucket-hour
SELECT 1767232800;
.print == batch
SELECT batch_id, COUNT(*), SUM(prompt_tokens + completion_tokens), SUM(energy_joules), SUM(energy_joules) / SUM(prompt_tokens + completion_tokens)
FROM telemetry WHERE batch_id <> '' GROUP BY batch_id ORDER BY 2 DESC, 1;
.print == batch-measured
SELECT batch_id, COUNT(*), SUM(prompt_tokens + completion_tokens), SUM(energy_joules), SUM(energy_joules) / SUM(prompt_tokens + completion_tokens)
FROM telemetry WHERE batch_id <> '' AND is_warmup = 0 AND timestamp BETWEEN 1767225600.0 AND 1767398400 GROUP BY batch_id ORDER BY 2 DESC, 1;
.print == batch-true
SELECT batch_id, COUNT(*) FROM telemetry WHERE batch_id <> '' AND is_warmup = 0 GROUP BY batch_id ORDER BY 2 DESC, 1;
.print == model-integer
SELECT model_id, COUNT(*), SUM(total_tokens), SUM(energy_joules), AVG(mean_itl_ms)
FROM telemetry WHERE timestamp >= 1767229200 GROUP BY model_id ORDER BY 2 DESC, 1;
.print == model-float
SELECT model_id, COUNT(*) FROM telemetry WHERE timestamp BETWEEN 1767229200.5 AND 1767398400.0 GROUP BY model_id ORDER BY 2 DESC, 1;
.print == model-text
SELECT model_id, COUNT(*) FROM telemetry WHERE timestamp BETWEEN 1767229200 AND 1767402000 GROUP BY model_id ORDER BY 2 DESC, 1;
.print == model-date
SELECT model_id, COUNT(*) FROM telemetry WHERE timestamp >= 1767312000 GROUP BY model_id ORDER BY 2 DESC, 1;
.print == model-current
SELECT model_id, COUNT(*), AVG(latency_seconds) FROM telemetry WHERE token_counting_version = 2 GROUP BY model_id ORDER BY 2 DESC, 1;
.print == model-source
SELECT model_id, COUNT(*) FROM telemetry GROUP BY model_id ORDER BY 2 DESC, 1;
.print == model-where
SELECT model_id, SUM(prompt_tokens), SUM(completion_tokens) FROM telemetry WHERE timestamp BETWEEN 1767225600 AND 1767405600.0 GROUP BY model_id ORDER BY model_id;
.print == engine
SELECT engine, COUNT(*), SUM(latency_seconds), AVG(ttft), AVG(p95_itl_ms) FROM telemetry WHERE timestamp <= 1767484800 GROUP BY engine ORDER BY 2 DESC, 1;
.print == engine-in
SELECT engine, COUNT(*) FROM (VALUES (1767402000), (1767405600)) AS bound JOIN telemetry ON timestamp >= column1 GROUP BY column1, engine ORDER BY column1, engine;
.print == aggregated
SELECT COUNT(*), SUM(total_tokens), SUM(cost_usd), SUM(latency_seconds), SUM(energy_joules), AVG(mean_itl_ms)
FROM telemetry WHERE timestamp BETWEEN 1767312000 AND 1767484800;
.print == per-model
SELECT json_group_array(json_object('model_id', model_id, 'call_count', 1, 'total_tokens', total_tokens, 'prompt_tokens', prompt_tokens,
    'completion_tokens', completion_tokens, 'total_latency', latency_seconds, 'avg_latency', latency_seconds, 'total_cost', cost_usd,
    'avg_ttft', ttft, 'total_energy_joules', energy_joules, 'avg_gpu_utilization_pct', gpu_utilization_pct,
    'avg_throughput_tok_per_sec', throughput_tok_per_sec, 'avg_tokens_per_joule', 0.0, 'avg_energy_per_output_token_joules', 0.0,
    'avg_throughput_per_watt', 0.0, 'total_prefill_energy_joules', 0.0, 'total_decode_energy_joules', 0.0, 'avg_mean_itl_ms', mean_itl_ms,
    'avg_median_itl_ms', median_itl_ms, 'avg_p95_itl_ms', p95_itl_ms, 'prompt_tokens_evaluated', 0, 'total_ane_energy_joules', 0.0,
    'total_soc_energy_joules', 0.0))
FROM (SELECT * FROM telemetry WHERE timestamp >= 1767398400 ORDER BY model_id);  -- one call of each model
.print == top
SELECT model_id, COUNT(*) FROM telemetry GROUP BY model_id ORDER BY 2 DESC, 1 LIMIT 2;
.print == top-text
SELECT model_id, SUM(energy_joules) FROM telemetry GROUP BY model_id ORDER BY COUNT(*) DESC, 1 LIMIT 1;
.print == top-float
SELECT model_id, COUNT(*) FROM telemetry GROUP BY model_id ORDER BY 2 DESC, 1 LIMIT 1;
.print == join
SELECT id, (SELECT COUNT(*) FROM telemetry s WHERE s.model_id = t.model_id) FROM telemetry t WHERE batch_id = 'b-1' ORDER BY id;
.print == export-text
SELECT model_id, metadata FROM telemetry WHERE timestamp >= 1767405600;
.print == still-there
SELECT COUNT(*) FROM telemetry GROUP BY model_id ORDER BY 1 DESC LIMIT 1;
.print == reopened
SELECT model_id, COUNT(*) FROM telemetry GROUP BY model_id ORDER BY 2 DESC, 1;
