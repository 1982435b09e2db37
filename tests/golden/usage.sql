-- Calls of four days from 2023-11-15 00:00 on (1700006400), with figures that can be checked in the head.
INSERT INTO telemetry (timestamp, model_id, engine, agent, is_streaming, is_warmup, token_counting_version,
  prompt_tokens, completion_tokens, latency_seconds, ttft, cost_usd, energy_joules, power_watts, energy_method, energy_vendor)
VALUES
  (1700006410, 'a', 'vllm',         '', 0, 0, 2,    10,  20,  4, 0,   0,    400, 100, 'hw_counter', 'nvidia'),  -- 2 s alone, 2 s with the next
  (1700006412, 'a', 'vllm',         '', 0, 0, 2,    10,   4,  4, 0,   0,    400, 100, 'hw_counter', 'nvidia'),
  (1700006416, 'b', 'vllm',         '', 1, 0, 2,     0,   6,  2, 0.5, 0,      0,   0, '',           ''),        -- starts as that one ends
  (1700006420, 'b', 'vllm',         '', 0, 0, 2,     3,   3,  0, 0,   0,      0,   0, '',           ''),        -- no time
  (1700092790, 'a', 'vllm',         '', 0, 0, 2,     5,   0, 20, 0,   0,      0,   0, '',           ''),        -- 10 s until midnight, 10 after
  (1700092800, 'b', 'cloud',        '', 0, 0, 2,   100,  50,  5, 5,   0.25,  70, 100, 'hw_counter', 'nvidia'),  -- at midnight; ran elsewhere
  (1700265700, 'a', 'vllm',         '', 0, 1, 2,     1,   1,  1, 0,   0,      0,   0, '',           ''),        -- warm-up
  (1700265900, 'a', 'vllm', 'research', 1, 0, NULL, 99,  99, 60, 0,   0,      0,   0, '',           ''),        -- starts a minute before
  (1700006410, 'a', 'instrumented', '', 0, 0, NULL, 10,  20,  4, 0,   0,      0,   0, '',           ''),        -- bare twin
  (1700006400000, 'c', 'vllm',      '', 0, 0, 2,    10,  20,  4, 0,   0,      0,   0, '',           ''),        -- milliseconds
  (1672531199, 'c', 'vllm',         '', 0, 0, 2,    10,  20,  4, 0,   0,      0,   0, '',           ''),        -- before 2023
  ('soon',     'c', 'vllm',         '', 0, 0, 2,    10,  20,  4, 0,   0,      0,   0, '',           '');        -- no number
