-- One call of each kind, with figures that can be checked in the head; the peer's table must be there.
INSERT INTO telemetry (timestamp, model_id, engine, agent, is_streaming, is_warmup, token_counting_version,
  prompt_tokens, completion_tokens, latency_seconds, ttft, mean_itl_ms, std_itl_ms)
VALUES
  (1000, 'a', 'vllm',         '', 1, 0, 2,    0,  5, 3.0, 1.0, 500, 100),  -- streamed: TPOT 500
  (1001, 'a', 'vllm',         '', 1, 0, 2,    0,  3, 2.0, 1.5, 250,   0),  -- streamed: TPOT 250
  (1010, 'a', 'vllm',         '', 1, 0, 2,    0,  2, 1.5, 0.5, 1000,  0),  -- one gap
  (1020, 'a', 'vllm',         '', 1, 0, 2,    0,  1, 0.5, 0.5,   0,   0),  -- one token: no gap
  (1030, 'a', 'vllm',         '', 0, 0, 2,   10, 10, 2.0, 0.0, 200,   0),  -- plain: no TTFT, no ITL
  (1040, 'a', 'cloud',        '', 0, 0, 2,   10,  4, 4.0, 4.0, 0.001, 0),  -- cloud: the whole call as TTFT
  (1050, 'a', 'ollama',       '', 0, 0, 2,   10,  4, 1.0, 0.25, 0,    0),  -- the server's prefill as TTFT
  (1060, 'a', 'afm',          '', 0, 0, 2,   10,  5, 1.0, 0.5,   0,   0),  -- times its first token: TPOT 125
  (1070, 'a', 'vllm',         '', 1, 0, 2,    0,  5, 1.0, 2.0,   0,   0),  -- TTFT over the latency
  (1080, 'a', 'vllm',         '', 1, 0, 2,    0,  5, 0.0, 0.0,   0,   0),  -- no time
  (1000, 'a', 'instrumented', '', 0, 0, NULL, 0,  5, 3.0, 0.0,   0,   0),  -- bare twin
  (1090, 'a', 'vllm', 'research', 1, 0, NULL, 99, 99, 60.0, 0.0, 0,   0),  -- research run
  (1095, 'a', 'vllm',         '', 1, 1, 2,    0,  5, 9.0, 8.0,   9,   9),  -- warm-up
  (1100, 'b', 'vllm',         '', 0, 0, 2,   10,  0, 0.0, 0.0,   0,   0);  -- nothing measured
