-- Calls whose shares of a device of 100 W can be checked in the head; the peer's table must be there.
INSERT INTO telemetry (id, timestamp, model_id, engine, agent, is_streaming, is_warmup, token_counting_version,
  prompt_tokens, completion_tokens, latency_seconds, energy_joules, power_watts, energy_method, energy_vendor)
VALUES
  ( 1, 1000, 'a', 'vllm',  '', 0, 0, 2, 30, 10, 2.0, 200, 100, 'hw_counter', 'nvidia'), -- 1000 to 1002, with 2: 3/4
  ( 2, 1001, 'a', 'vllm',  '', 1, 0, 2,  0, 20, 2.0, 200, 100, 'hw_counter', 'nvidia'), -- 1001 to 1003: 3/4; no prompt
  ( 3, 1003, 'b', 'vllm',  '', 0, 0, 2, 10,  0, 4.0, 400, 100, 'hw_counter', 'nvidia'), -- begins as 2 ends; with 4: 3/4
  ( 4, 1005, 'b', 'vllm',  '', 0, 1, 2, 10, 10, 2.0, 200, 100, 'hw_counter', 'nvidia'), -- warm-up: in flight, not counted
  ( 5, 1005, 'b', 'vllm',  '', 0, 0, 2, 10,  8, 2.0,  60, 100, 'hw_counter', 'nvidia'), -- below half: its own part already
  ( 6, 1005, 'a', 'vllm',  '', 0, 0, 2, 10, 10, 2.0,  40,   0, 'ioreport',   'apple'),  -- another device: alone
  ( 7, 1005, 'c', 'cloud', '', 0, 0, 2, 10, 10, 2.0, 200, 100, 'hw_counter', 'nvidia'), -- remote: not measured
  ( 8, 1005, 'd', 'vllm',  '', 0, 0, 2, 10, 10, 2.0, -50, 100, 'hw_counter', 'nvidia'), -- a counter that failed
  ( 9, 1005, 'd', 'vllm',  '', 0, 0, 2, 10, 10, 2.0, 9e9, 100, 'hw_counter', 'nvidia'), -- its whole life
  (10, 1030, 'e', 'vllm', 'research', 1, 0, NULL, 50, 50, 10.0, 1000, 100, '', ''),     -- 1020 to 1030
  (11, 1025, 'e', 'vllm',  '', 0, 0, 2, 10, 10, 5.0, 500, 100, '', ''),                 -- 1025 to 1030: 1/2
  (12, 1000, 'a', 'instrumented', '', 0, 0, NULL, 30, 10, 2.0, 0, 0, '', '');           -- bare twin
