-- Six calls whose totals and averages can be checked in the head; the peer's table (sql/schema.sql) must be there.
INSERT INTO telemetry (timestamp, model_id, engine, prompt_tokens, prompt_tokens_evaluated, completion_tokens,
  total_tokens, latency_seconds, ttft, cost_usd, energy_joules, gpu_utilization_pct, throughput_tok_per_sec,
  tokens_per_joule, energy_per_output_token_joules, throughput_per_watt, prefill_energy_joules, decode_energy_joules,
  mean_itl_ms, median_itl_ms, p95_itl_ms, ane_energy_joules, soc_energy_joules, batch_id, is_warmup,
  token_counting_version)
VALUES
  (1000, 'llama', 'vllm',   100,  90, 20, 120, 2.0, 0.5,   0.25,  40, 80,  10, 0.5,  2.0,  0.25,  8,  32, 16, 15, 30, 0, 0, 'b1', 1, NULL),
  (1001, 'llama', 'vllm',    50,  40, 10,  60, 1.0, 0.25,  0.125, 24, 60,  10, 0.25, 2.5,  0.125, 4,  20, 12, 11, 24, 0, 0, 'b1', 0, 2),
  (1002, 'llama', 'ollama',  30,  30, 30,  60, 3.0, 0.75,  0.0,   12, 40,  10, 2.25, 0.75, 0.75,  6,   6, 20, 19, 36, 0, 0, 'b2', 0, 2),
  (1003, 'qwen',  'vllm',   200, 100, 56, 256, 3.0, 0.75,  1.0,   64, 100, 16, 0.75, 1.5,  0.75,  10, 54,  8,  7, 12, 0, 0, 'b2', 0, 2),
  (1004, 'qwen',  'ollama',   0,   0,  8,   8, 0.5, 0.125, 0.0,    0, 0,   16, 0.0,  0.0,  0.0,   0,   0,  4,  3,  6, 0, 0, '',   0, NULL),
  (1005, 'phi',   'mlx',     64,  64, 16,  80, 1.5, 0.75,  0.0,    5, 20,  10, 3.25, 0.75, 1.5,   1,   4, 36, 35, 48, 3, 5, 'b3', 0, 2);
