-- A telemetry table with 12,000 made-up calls: 160 batches of 64, and 1,760 single ones, over the 30 days
-- before 2026-11-01 00:00 UTC. The same rows on every machine, no extension needed:
--
--     sqlite3 target/demo.db < sql/demo.sql        (from the project's root; does nothing to a table with rows)
--
-- After published figures, so that the numbers look like a real installation's:
--   * models, GPUs, joules per output token, inter-token latency, watts: ML.ENERGY Benchmark v3, concurrency 64
--     (Chung et al., "The ML.ENERGY Benchmark", NeurIPS Datasets and Benchmarks 2025);
--   * prompt and answer lengths: Azure Public Dataset, "Azure LLM inference trace 2023", CC-BY (Patel et al.,
--     "Splitwise: Efficient generative LLM inference using phase splitting", ISCA 2024).
-- Made up: which model is used how often, by whom and when; the share of warm-up and unmeasured calls; the
-- spread of each call around its model's figures.
.bail on
BEGIN;
.read sql/schema.sql

CREATE TEMP TABLE demo_model(
  model_id, engine, share_from, share_to, gpus,     -- shares of the batches, in percent
  joules_per_output_token, itl_p50, itl_p90, itl_p95, itl_p99, watts);
INSERT INTO demo_model VALUES
  ('meta-llama/Llama-3.1-8B-Instruct',  'vllm',    0,  24, 1, 0.119, 11.5, 13.2, 14.8, 25.7,  610),
  ('openai/gpt-oss-20b',                'vllm',   24,  42, 1, 0.102, 11.2, 12.3, 13.5, 19.0,  564),
  ('Qwen/Qwen3-8B',                     'vllm',   42,  55, 1, 0.267, 26.6, 29.3, 30.5, 34.1,  670),
  ('google/gemma-3-12b-it',             'sglang', 55,  66, 1, 0.245, 21.3, 45.3, 54.8, 59.6,  646),
  ('Qwen/Qwen3-32B',                    'vllm',   66,  75, 2, 0.536, 32.3, 33.9, 34.3, 35.2, 1114),
  ('meta-llama/Llama-3.1-70B-Instruct', 'vllm',   75,  83, 4, 0.797, 22.4, 24.4, 32.0, 90.5, 2002),
  ('openai/gpt-oss-120b',               'sglang', 83,  90, 1, 0.181, 14.0, 22.2, 25.5, 32.2,  762),
  ('google/gemma-3-27b-it',             'sglang', 90,  94, 1, 0.344, 24.2, 56.3, 68.0, 94.6,  746),
  ('nvidia/NVIDIA-Nemotron-Nano-9B-v2', 'vllm',   94,  97, 1, 0.151, 18.0, 19.1, 20.6, 23.6,  518),
  ('deepseek-ai/DeepSeek-V3.1',         'sglang', 97, 100, 8, 3.517, 37.5, 44.2, 45.2, 46.8, 6041);

-- How long prompts and answers are, as straight lines between percentiles of the Azure trace
CREATE TEMP TABLE demo_length(kind, p_from, p_to, prompt_from, prompt_to, answer_from, answer_to);
INSERT INTO demo_length VALUES
  ('code',         0,   5,    3,   75,   6,    6),
  ('code',         5,  25,   75,  578,   6,    9),
  ('code',        25,  50,  578, 1469,   9,   13),
  ('code',        50,  75, 1469, 2745,  13,   24),
  ('code',        75,  95, 2745, 7302,  24,   90),
  ('code',        95,  99, 7302, 7436,  90,  252),
  ('code',        99, 100, 7436, 7437, 252, 1899),
  ('conversation', 0,   5,    2,  181,   7,   41),
  ('conversation', 5,  25,  181,  396,  41,   85),
  ('conversation',25,  50,  396, 1020,  85,  129),
  ('conversation',50,  75, 1020, 1189, 129,  395),
  ('conversation',75,  95, 1189, 4083, 395,  451),
  ('conversation',95,  99, 4083, 4142, 451,  601),
  ('conversation',99, 100, 4142, 14050, 601, 1000);

-- Chance: eight multiplicative generators side by side, one step a call, each giving 0 <= u < 100
CREATE TEMP TABLE demo_chance AS
WITH RECURSIVE g(n, a, b, c, d, e, f, g, h) AS (
  SELECT 1, 19991, 27011, 30977, 41117, 52027, 60013, 70001, 81077
  UNION ALL
  SELECT n + 1,
    a * 48271 % 2147483647, b * 69621 % 2147483647, c * 16807 % 2147483647, d * 39373 % 2147483647,
    e * 40692 % 2147483399, f * 40014 % 2147483563, g * 45742 % 2147483563, h * 26640 % 2147483647
  FROM g WHERE n < 12400
)
SELECT n - 400 AS n,                                -- the first steps still show the seeds
  a * 1e2 / 2147483647 AS prompt, b * 1e2 / 2147483647 AS answer, c * 1e2 / 2147483647 AS pace,
  d * 1e2 / 2147483647 AS energy, e * 1e2 / 2147483399 AS measured, f * 1e2 / 2147483563 AS start,
  g * 1e2 / 2147483563 AS choice, h * 1e2 / 2147483647 AS load
FROM g WHERE n > 400;

-- The batches: one model each, code completion (not streamed) or conversation (streamed, but for a third)
CREATE TEMP TABLE demo_batch AS
SELECT
  n AS batch,
  choice AS model_share,
  CASE WHEN prompt < 35 THEN 'code' ELSE 'conversation' END AS kind,
  prompt >= 35 AND answer >= 33 AS is_streaming,
  1793491200 - 30 * 86400 + 30 * 86400 * (n - 1 + start / 100) / 161 AS start
FROM demo_chance WHERE n <= 160;

-- What was asked: batched calls, then single ones that people make (on a workstation's ollama or in the cloud)
CREATE TEMP TABLE demo_call AS
SELECT
  c.n, c.prompt, c.answer, c.pace, c.energy, c.measured, c.load,
  b.kind, b.is_streaming,
  b.start + (c.n - 1) % 64 * 0.4 + c.start / 500 AS timestamp,
  printf('batch-%04d', b.batch) AS batch_id,
  (c.n - 1) % 64 < 2 AS is_warmup,
  m.model_id, m.engine, m.gpus, m.joules_per_output_token, m.itl_p50, m.itl_p90, m.itl_p95, m.itl_p99, m.watts,
  0.0 AS usd_per_prompt_token, 0.0 AS usd_per_completion_token,
  CASE b.kind WHEN 'code' THEN 'coder' ELSE '' END AS agent
FROM demo_chance AS c
JOIN demo_batch AS b ON b.batch = (c.n - 1) / 64 + 1
JOIN demo_model AS m ON b.model_share >= m.share_from AND b.model_share < m.share_to
UNION ALL
SELECT
  n, prompt, answer, pace, energy, measured, load,
  'conversation', choice < 45 AND choice >= 15,
  1793491200 - 30 * 86400 * start / 100,
  '', 0,
  CASE WHEN choice < 45 THEN 'qwen3:8b' ELSE 'gpt-4o-mini' END,
  CASE WHEN choice < 45 THEN 'ollama' ELSE 'cloud' END,
  choice < 45, CASE WHEN choice < 45 THEN 0.9 END,
  CASE WHEN choice < 45 THEN 31.0 ELSE 14.0 END, 36.0, 41.0, 60.0, CASE WHEN choice < 45 THEN 260 END,
  CASE WHEN choice < 45 THEN 0.0 ELSE 0.15e-6 END,  -- OpenAI's list price in US dollars a token
  CASE WHEN choice < 45 THEN 0.0 ELSE 0.60e-6 END,
  CASE WHEN load < 30 THEN 'researcher' ELSE '' END
FROM demo_chance WHERE n > 160 * 64;

-- What came back. Every figure follows from the lengths, the model's figures, and one throw for the pace and
-- one for the energy of the call. 8 % of the local calls, and all cloud calls, have no energy reading.
CREATE TEMP TABLE demo_answer AS
SELECT
  *,
  prefill + decode AS latency,
  CASE engine WHEN 'cloud' THEN prefill + decode ELSE prefill END AS ttft,  -- the cloud engine knows no better
  CASE
    WHEN engine = 'cloud' OR measured < 8 THEN 0.0
    ELSE joules_per_output_token * completion_tokens * (0.8 + energy / 250)
  END AS joules
FROM (
  SELECT
    *,
    0.04 + prompt_tokens * itl_p50 / 40000 AS prefill,
    (completion_tokens - 1) * itl_p50 * slow * 1.05 / 1000 AS decode
  FROM (
    SELECT
      q.*,
      0.85 + q.pace / 333 AS slow,
      CAST(p.prompt_from + (p.prompt_to - p.prompt_from) * (q.prompt - p.p_from) / (p.p_to - p.p_from) AS INTEGER)
        AS prompt_tokens,
      CAST(a.answer_from + (a.answer_to - a.answer_from) * (q.answer - a.p_from) / (a.p_to - a.p_from) AS INTEGER)
        AS completion_tokens
    FROM demo_call AS q
    JOIN demo_length AS p ON p.kind = q.kind AND q.prompt >= p.p_from AND q.prompt < p.p_to
    JOIN demo_length AS a ON a.kind = q.kind AND q.answer >= a.p_from AND q.answer < a.p_to
  )
);

-- As OpenJarvis writes it: a streamed answer leaves prompt_tokens, total_tokens and the cost at 0, one that was
-- not streamed has only the mean of its inter-token latencies, and rows before a certain day (here the fourth)
-- do not say how tokens were counted.
INSERT INTO telemetry(
  timestamp, model_id, engine, agent,
  prompt_tokens, prompt_tokens_evaluated, completion_tokens, total_tokens,
  latency_seconds, ttft, cost_usd,
  energy_joules, power_watts, gpu_utilization_pct, gpu_memory_used_gb, gpu_temperature_c,
  throughput_tok_per_sec, prefill_latency_seconds, decode_latency_seconds,
  energy_method, energy_vendor, batch_id, is_warmup, gpu_energy_joules, soc_energy_joules, energy_basis,
  tokens_per_joule, energy_per_output_token_joules, throughput_per_watt, prefill_energy_joules, decode_energy_joules,
  mean_itl_ms, median_itl_ms, p90_itl_ms, p95_itl_ms, p99_itl_ms, std_itl_ms,
  is_streaming, token_counting_version)
SELECT
  round(timestamp, 3), model_id, engine, agent,
  prompt_tokens * NOT is_streaming, prompt_tokens * NOT is_streaming, completion_tokens,
  (prompt_tokens + completion_tokens) * NOT is_streaming,
  round(latency, 4), round(ttft, 4),
  (prompt_tokens * usd_per_prompt_token + completion_tokens * usd_per_completion_token) * NOT is_streaming,
  round(joules, 3),
  CASE WHEN joules > 0 THEN round(watts * (0.9 + load / 500), 1) ELSE 0.0 END,
  CASE WHEN joules > 0 THEN round(62 + load / 3, 1) ELSE 0.0 END,
  CASE WHEN joules > 0 THEN gpus * 71.5 ELSE 0.0 END,
  CASE WHEN joules > 0 THEN round(54 + load / 5, 1) ELSE 0.0 END,
  completion_tokens / latency, round(ttft, 4), latency - ttft,
  CASE WHEN joules > 0 THEN 'hw_counter' ELSE '' END, CASE WHEN joules > 0 THEN 'nvidia' ELSE '' END,
  batch_id, is_warmup, round(joules, 3), round(joules, 3), CASE WHEN joules > 0 THEN 'gpu' ELSE '' END,
  COALESCE(completion_tokens / joules, 0.0), joules / completion_tokens,
  CASE WHEN joules > 0 THEN completion_tokens / latency / watts ELSE 0.0 END,
  joules * ttft / latency, joules * (1 - ttft / latency),
  CASE WHEN is_streaming THEN itl_p50 * slow * 1.05 ELSE (latency - ttft) * 1000 / completion_tokens END,
  itl_p50 * slow * is_streaming, itl_p90 * slow * is_streaming, itl_p95 * slow * is_streaming,
  itl_p99 * slow * is_streaming, (itl_p90 - itl_p50) * 0.6 * slow * is_streaming,
  is_streaming, CASE WHEN timestamp >= 1793491200 - 26 * 86400 THEN 2 END
FROM demo_answer
WHERE NOT EXISTS (SELECT 1 FROM telemetry)
ORDER BY timestamp;
COMMIT;
