-- The rows that every driver is asked about, after sql/schema.sql. Every number is a short sum of powers of two, and token
-- counts are chosen so that each quotient in the transcript ends after a few digits and is never whole:
-- then every language prints it in the same way, whether it tells 4 from 4.0 or not.
-- 1767225600 is 2026-01-01 00:00:00 UTC.
INSERT INTO telemetry (timestamp, model_id, engine, prompt_tokens, completion_tokens, total_tokens, latency_seconds, ttft,
    cost_usd, energy_joules, gpu_utilization_pct, throughput_tok_per_sec, mean_itl_ms, median_itl_ms, p95_itl_ms,
    batch_id, is_warmup, token_counting_version, metadata)
VALUES
    (1767225600.0, 'llama3.2:3b', 'ollama', 12, 4, 16, 1.25, 0.125, 0.0,   1.25,  50.5, 3.5, 12.5,  12.0, 14.5, 'b-1', 1, 2, '{}'),
    (1767229200.0, 'llama3.2:3b', 'ollama', 10, 6, 16, 2.5,  0.25,  0.0,   2.5,   60.5, 2.5, 10.25, 10.0, 11.5, 'b-1', 0, 2, '{}'),
    (1767232800.5, 'llama3.2:3b', 'ollama', 12, 4, 16, 0.75, 0.125, 0.0,   0.75,  70.5, 5.5, 11.5,  11.0, 12.5, 'b-2', 0, 2, '{}'),
    (1767312000.0, 'Qwen3-8B',    'vllm',   10, 6, 16, 1.5,  0.5,   0.125, 4.25,  80.5, 4.5, 20.5,  20.0, 24.5, 'b-2', 0, 2, '{}'),
    (1767315600.0, 'Qwen3-8B',    'vllm',   12, 4, 16, 1.25, 0.25,  0.25,  3.5,   90.5, 3.5, 22.5,  22.0, 26.5, 'b-2', 0, 1, '{}'),
    (1767398400.0, 'llama3.2:3b', 'vllm',   10, 6, 16, 3.25, 0.75,  0.0,   5.125, 40.5, 1.5, 16.5,  16.0, 18.5, 'b-2', 0, 2, '{}'),
    (1767402000.0, 'Qwen3-8B',    'vllm',   12, 4, 16, 2.75, 0.25,  0.5,   1.0,   30.5, 1.5, 30.5,  30.0, 36.5, '',    0, NULL, '{}'),
    (1767405600.0, 'größe-7b „中文“ 🦙', 'ollama', 10, 6, 16, 1.75, 0.25, 0.0, 2.25, 20.5, 2.5, 14.75, 14.0, 16.5, '', 0, 2,
     '{"frage": "Wie groß ist 中国? 🦙"}');
