-- Odd values, arguments of every kind and every kind of error once, for a run under memcheck; a call of every function follows from
-- the catalogue (run.sh).
.bail off
.read sql/schema.sql
INSERT INTO telemetry(timestamp, model_id, engine, prompt_tokens, completion_tokens, total_tokens, energy_joules, mean_itl_ms, batch_id)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  SELECT 1793491200 + i, CASE i % 4 WHEN 0 THEN x'ff' WHEN 1 THEN 'a' || char(0) || (i % 3) ELSE 'm' || (i % 3) END, 'e' || (i % 2), i, 2 * i, 3 * i,
    CASE i % 9 WHEN 0 THEN 9e999 WHEN 1 THEN 1e308 WHEN 2 THEN 1e-308 WHEN 3 THEN 'text' ELSE i / 7.0 END, 1.0 / i, 'b' || (i / 8) FROM n;
SELECT engine, energy_per_token(mean_itl_ms, total_tokens), energy_per_token(mean_itl_ms, prompt_tokens, completion_tokens), avg_itl(mean_itl_ms),
  avg_itl(mean_itl_ms, completion_tokens) FROM telemetry GROUP BY engine;
SELECT sum(x IS NULL), sum(y IS NULL) FROM (SELECT
  avg_itl(CASE id % 9 WHEN 0 THEN 9e999 WHEN 1 THEN 1e308 ELSE mean_itl_ms END, total_tokens) OVER (ORDER BY id ROWS 5 PRECEDING) AS x,
  energy_per_token(CASE id % 5 WHEN 0 THEN -9e999 ELSE 1e-300 END, 9223372036854775807) OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 4 FOLLOWING) AS y
  FROM telemetry);
SELECT quantile(mean_itl_ms, 0.95), quantile(mean_itl_ms, '[0,0.5,1]'), quantile_ci(mean_itl_ms, 0.5), quantile_ci(mean_itl_ms, 0.5, 0.9) FROM telemetry;
SELECT id, quantile(mean_itl_ms, 0.5) OVER w, length(sketch(mean_itl_ms) OVER w) FROM telemetry WINDOW w AS (ORDER BY id ROWS 5 PRECEDING);
SELECT length(sketch_merge(s)), sketch_quantile(max(s), 0.5), sum(sketch_count(s)) FROM (SELECT sketch(mean_itl_ms) AS s FROM telemetry GROUP BY engine);
SELECT sum(count), max(high) FROM sketch_buckets((SELECT sketch(mean_itl_ms) FROM telemetry));
SELECT time_bucket('1 week -05:00', timestamp), time_bucket(0.5, timestamp), count(*) FROM telemetry GROUP BY 1 LIMIT 3;
SELECT count(*), sum(length(quote(model_id))) FROM model_stats('2026-11-01', 'now', 1);
SELECT * FROM batch_stats(0, 9e9, 'true');
SELECT * FROM top_models(2, '-100 years', 'main.telemetry');
SELECT sum(length(record)) FROM export_records('2026-11-01');
SELECT record FROM export_records LIMIT 1;
SELECT count(*) FROM telemetry LEFT JOIN model_stats USING (model_id);
SELECT count(*) FROM model_stats AS a JOIN engine_stats AS b ON a.since = b.call_count WHERE a.since IN (1, 2, NULL, 'now');
INSERT INTO telemetry(id, timestamp, model_id, engine) VALUES (70000, 1, 'a', 'b'), (140000, 1, 'a', 'b');
SELECT json_remove(rollup_refresh('main.telemetry'), '$.seconds'), rollup_verify();
UPDATE telemetry SET engine = 'c' WHERE id = 70000;
SELECT total_calls, per_model, per_engine FROM aggregated_stats(1793491203, NULL, 0);
SELECT count(*) FROM model_stats;
SELECT is_used, covered_rows, tail_rows, dirty_chunks FROM rollup_status;
UPDATE jarvis_rollup_chunks_telemetry SET sums = x'00';
SELECT rollup_verify(), rollup_refresh('nothing');
SELECT count(*) FROM engine_stats;
SELECT rollup_drop();
SELECT * FROM model_stats('soon');
SELECT * FROM model_stats(x'00');
SELECT * FROM top_models(-1);
SELECT * FROM batch_stats(0, 0, 2);
SELECT * FROM engine_stats(1, 2, 3, 4, 5);
SELECT * FROM model_stats WHERE since > 5;
SELECT * FROM model_stats(NULL, NULL, NULL, 'nothing');
SELECT * FROM export_records(NULL, NULL, '');
SELECT record_count(5);
SELECT quantile(1, 95);
SELECT quantile(1, '[0.5, 2]');
SELECT quantile_ci('x', 0.5);
SELECT sketch_merge(x'4a5153010600000000017e');
SELECT sketch_quantile(x'4a51530206', 0.5);
SELECT * FROM sketch_buckets('x');
SELECT time_bucket('fortnight', 1);
SELECT avg_itl('x'), energy_per_token(1, x'00'), jarvis_stats_scan(1);
SELECT energy_per_token(1, 'x') OVER () FROM telemetry;
SELECT avg_itl(DISTINCT mean_itl_ms) FROM telemetry;
CREATE VIEW v AS SELECT model_id, 1 AS engine, 1 AS batch_id, 1 AS timestamp FROM model_stats(NULL, NULL, NULL, 'v');
SELECT * FROM batch_stats(NULL, NULL, NULL, 'v');
PRAGMA table_xinfo(batch_stats);
INSERT INTO batch_stats VALUES (1);
