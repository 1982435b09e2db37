-- A telemetry table with 12,000 made-up calls over the 30 days before 2026-11-01 00:00 UTC: 160
-- batches of 64 calls in flight together, and single ones. The same rows on every machine, no
-- extension needed:
--
--     sqlite3 target/demo.db < sql/demo.sql     (from the project's root; does nothing to a table with rows)
--
-- After published figures, so that the numbers look like a real installation's:
--   * models, GPUs, joules per output token, inter-token latency: ML.ENERGY Benchmark v3, concurrency 64
--     (Chung et al., "The ML.ENERGY Benchmark", NeurIPS Datasets and Benchmarks 2025);
--   * prompt and answer lengths: Azure Public Dataset, "Azure LLM inference trace 2023", CC-BY (Patel et al.,
--     "Splitwise: Efficient generative LLM inference using phase splitting", ISCA 2024).
-- Made up: which model is used how often, by whom and when; the share of warm-up and unmeasured
-- calls; the spread of each call around its model's figures.
--
-- Each row is as OpenJarvis's writers leave it. A call books the whole device while it runs: power
-- times time, so calls in flight together book the same joules again and again. A batch's power is
-- such that the device's own energy over the tokens of the answers is the published figure: split
-- by the calls in flight, the joules per output token come back to it (deepseek-ai/DeepSeek-V3.1:
-- 3.5; the booked ones are many times that). A streamed answer leaves prompt, total and cost at 0.
-- One that is not streamed has no TTFT or ITL, but for Ollama (its prefill, and decode / n) and the
-- cloud (the whole call, and what is left between two clocks). One batch in twelve, and some single
-- calls, were not measured. Rows before the fourth day do not say how tokens were counted.
--
-- Planted, for whoever looks for what is wrong in a table (all on single calls, the counts in
-- parentheses):
--   duplicate_rows and near_duplicates (12 bare twins of an early release, beside their calls)
--   research_runs (8)          energy_negative (2)        energy_impossible (2)     time_not_positive (2)
--   timestamp_odd (2)          text_in_number (1)         buffered_stream (8)       total_disagrees (3, of
--   those not streamed: a streamed answer's total is 0)
--   empty_answer (9)           evaluated_over_prompt (2)  energy_zero (6)           energy_modelled (10)
--   energy_of_remote_call (14) energy_outlier (1)         ttft_over_latency (1)     engine_hidden (20)
.bail on
BEGIN;
.read sql/schema.sql

CREATE TEMP TABLE demo_new AS SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM telemetry);

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
  FROM g WHERE n < 12380
)
SELECT n - 400 AS n,                                -- the first steps still show the seeds
  a * 1e2 / 2147483647 AS prompt, b * 1e2 / 2147483647 AS answer, c * 1e2 / 2147483647 AS pace,
  d * 1e2 / 2147483647 AS energy, e * 1e2 / 2147483399 AS measured, f * 1e2 / 2147483563 AS start,
  g * 1e2 / 2147483563 AS choice, h * 1e2 / 2147483647 AS load
FROM g WHERE n > 400;

-- The batches: one model each, code completion (not streamed) or conversation (streamed, but for a
-- third)
CREATE TEMP TABLE demo_batch AS
SELECT
  n AS batch,
  choice AS model_share,
  CASE WHEN prompt < 35 THEN 'code' ELSE 'conversation' END AS kind,
  prompt >= 35 AND answer >= 28 AS is_streaming,
  measured >= 8 AS is_measured,
  1793491200 - 30 * 86400 + 30 * 86400 * (n - 1 + start / 100) / 161 AS start
FROM demo_chance WHERE n <= 160;

-- What was asked: batched calls, then single ones that people make (on a workstation's ollama or in
-- the cloud)
CREATE TEMP TABLE demo_call AS
SELECT
  c.n, c.prompt, c.answer, c.pace, c.energy, c.measured, c.load,
  b.kind, b.is_streaming, b.is_measured,
  b.start + (c.n - 1) % 64 * 0.02 + c.start / 500 AS timestamp,
  printf('batch-%04d', b.batch) AS batch_id,
  (c.n - 1) % 64 < 2 AS is_warmup,
  m.model_id, m.engine, m.gpus, m.joules_per_output_token, m.itl_p50, m.itl_p90, m.itl_p95, m.itl_p99,
  NULL AS watts,
  0.0 AS usd_per_prompt_token, 0.0 AS usd_per_completion_token,
  CASE b.kind WHEN 'code' THEN 'coder' ELSE '' END AS agent
FROM demo_chance AS c
JOIN demo_batch AS b ON b.batch = (c.n - 1) / 64 + 1
JOIN demo_model AS m ON b.model_share >= m.share_from AND b.model_share < m.share_to
UNION ALL
SELECT
  n, prompt, answer, pace, energy, measured, load,
  'conversation', choice >= 15 AND choice < 45 OR choice >= 70, choice < 45 AND measured >= 20,
  1793491200 - 30 * 86400 * start / 100,
  '', 0,
  CASE WHEN choice < 45 THEN 'qwen3:8b' ELSE 'gpt-4o-mini' END,
  CASE WHEN choice < 45 THEN 'ollama' ELSE 'cloud' END,
  choice < 45, NULL,
  CASE WHEN choice < 45 THEN 31.0 ELSE 14.0 END, 36.0, 41.0, 60.0, CASE WHEN choice < 45 THEN 260 END,
  CASE WHEN choice < 45 THEN 0.0 ELSE 0.15e-6 END,  -- OpenAI's list price in US dollars a token
  CASE WHEN choice < 45 THEN 0.0 ELSE 0.60e-6 END,
  CASE WHEN load < 30 THEN 'researcher' ELSE '' END
FROM demo_chance WHERE n > 160 * 64;

-- What came back. Every figure follows from the lengths, the model's figures, and one throw for the
-- pace.
CREATE TEMP TABLE demo_answer AS
SELECT
  *,
  round(begin, 3) AS timestamp,
  round(prefill + decode, 4) AS latency
FROM (
  SELECT
    *,
    0.04 + prompt_tokens * itl_p50 / 40000 AS prefill,
    (completion_tokens - 1) * itl_p50 * slow * 1.05 / 1000 AS decode
  FROM (
    SELECT
      q.n, q.timestamp AS begin, q.kind, q.is_streaming, q.is_measured, q.energy, q.load,
      q.batch_id, q.is_warmup, q.model_id, q.engine, q.gpus, q.joules_per_output_token,
      q.itl_p50, q.itl_p90, q.itl_p95, q.itl_p99, q.watts,
      q.usd_per_prompt_token, q.usd_per_completion_token, q.agent,
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

-- The device's power during each batch: published joules per token, times tokens, over the time in
-- which any of its calls ran (what each call adds beyond the latest end before it), a few percent
-- up or down
CREATE TEMP TABLE demo_power AS
WITH reached AS (
  SELECT *, MAX(timestamp + latency) OVER (
    PARTITION BY batch_id ORDER BY timestamp, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM demo_answer WHERE batch_id <> ''
)
SELECT
  batch_id,
  MAX(joules_per_output_token) * SUM(completion_tokens) * (0.97 + MAX(energy) % 6 / 100)
    / SUM(MAX(0.0, timestamp + latency - MAX(timestamp, COALESCE(before, timestamp)))) AS watts
FROM reached GROUP BY batch_id;

INSERT INTO telemetry(
  timestamp, model_id, engine, agent,
  prompt_tokens, prompt_tokens_evaluated, completion_tokens, total_tokens,
  latency_seconds, ttft, cost_usd,
  energy_joules, power_watts, gpu_utilization_pct, gpu_memory_used_gb, gpu_temperature_c,
  throughput_tok_per_sec, prefill_latency_seconds, decode_latency_seconds,
  energy_method, energy_vendor, batch_id, is_warmup, gpu_energy_joules, soc_energy_joules, energy_basis,
  tokens_per_joule, energy_per_output_token_joules, throughput_per_watt,
  prefill_energy_joules, decode_energy_joules,
  mean_itl_ms, median_itl_ms, p90_itl_ms, p95_itl_ms, p99_itl_ms, std_itl_ms,
  is_streaming, token_counting_version)
SELECT
  timestamp, model_id, engine, agent,
  prompt_tokens * NOT is_streaming, prompt_tokens * NOT is_streaming, completion_tokens,
  (prompt_tokens + completion_tokens) * NOT is_streaming,
  latency, ttft,
  (prompt_tokens * usd_per_prompt_token + completion_tokens * usd_per_completion_token) * NOT is_streaming,
  joules, watts_read,
  CASE WHEN is_measured THEN round(62 + load / 3, 1) ELSE 0.0 END,
  CASE WHEN is_measured THEN gpus * 71.5 ELSE 0.0 END,
  CASE WHEN is_measured THEN round(54 + load / 5, 1) ELSE 0.0 END,
  completion_tokens / latency, ttft, CASE WHEN ttft > 0 THEN latency - ttft ELSE 0.0 END,
  CASE WHEN is_measured THEN 'hw_counter' ELSE '' END, CASE WHEN is_measured THEN 'nvidia' ELSE '' END,
  batch_id, is_warmup, joules, joules, CASE WHEN is_measured THEN 'gpu' ELSE '' END,
  COALESCE(completion_tokens / joules, 0.0), joules / completion_tokens,
  COALESCE(completion_tokens / latency / watts_read, 0.0),
  joules * ttft / latency, CASE WHEN ttft > 0 THEN joules * (1 - ttft / latency) ELSE 0.0 END,
  CASE
    WHEN is_streaming THEN (completion_tokens > 1) * itl_p50 * slow * 1.05
    WHEN ttft > 0 THEN (latency - ttft) * 1000 / completion_tokens
    ELSE 0.0
  END,
  itl_p50 * slow * gaps, itl_p90 * slow * gaps, itl_p95 * slow * gaps, itl_p99 * slow * gaps,
  (itl_p90 - itl_p50) * 0.6 * slow * (gaps AND completion_tokens > 2),
  is_streaming, CASE WHEN timestamp >= 1793491200 - 26 * 86400 THEN 2 END
FROM (
  SELECT
    *,
    is_streaming AND completion_tokens > 1 AS gaps,
    CASE
      WHEN is_streaming OR engine = 'ollama' THEN round(prefill, 4)
      WHEN engine = 'cloud' THEN latency - 2e-6  -- two clocks around one call
      ELSE 0.0
    END AS ttft,
    CASE WHEN is_measured THEN round(COALESCE(p.watts, a.watts) * latency, 3) ELSE 0.0 END AS joules,
    CASE WHEN is_measured THEN round(COALESCE(p.watts, a.watts), 1) ELSE 0.0 END AS watts_read
  FROM demo_answer AS a LEFT JOIN demo_power AS p USING (batch_id)
)
WHERE EXISTS (SELECT 1 FROM demo_new)
ORDER BY timestamp, n;

-- What is wrong with real tables, on single calls, numbered in the order of their ids
CREATE TEMP TABLE demo_single AS
SELECT
  id,
  engine,
  is_streaming,
  token_counting_version IS NULL AS is_early,
  ROW_NUMBER() OVER (PARTITION BY engine, is_streaming, energy_joules > 0 ORDER BY id) AS k,
  energy_joules > 0 AS is_measured
FROM telemetry
WHERE batch_id = '' AND EXISTS (SELECT 1 FROM demo_new);

CREATE TEMP VIEW demo_ollama_plain AS
  SELECT * FROM demo_single WHERE engine = 'ollama' AND NOT is_streaming AND is_measured;
CREATE TEMP VIEW demo_cloud_plain AS
  SELECT * FROM demo_single WHERE engine = 'cloud' AND NOT is_streaming;
CREATE TEMP VIEW demo_ollama_stream AS
  SELECT * FROM demo_single WHERE engine = 'ollama' AND is_streaming AND is_measured;

UPDATE telemetry SET energy_joules = -3412.6
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k IN (30, 60));
UPDATE telemetry SET energy_joules = 30000 * latency_seconds, energy_vendor = 'nvidia'
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k IN (31, 61));
UPDATE telemetry SET latency_seconds = -2.4
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k IN (32, 62));
UPDATE telemetry SET timestamp = timestamp * 1000
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k IN (33, 63));
UPDATE telemetry SET ttft = 'n/a' WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k = 34);
UPDATE telemetry SET ttft = latency_seconds + 1
WHERE id IN (SELECT id FROM demo_ollama_stream WHERE k = 20);
UPDATE telemetry SET ttft = 0.99 * latency_seconds, mean_itl_ms = 0.02, median_itl_ms = 0.0
WHERE id IN (SELECT id FROM demo_ollama_stream WHERE k IN (30, 31, 32, 40, 41, 42)) AND latency_seconds > 0.5;
UPDATE telemetry SET total_tokens = total_tokens + 17
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k IN (35, 36, 37));
UPDATE telemetry SET total_tokens = total_tokens - completion_tokens, completion_tokens = 0
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k BETWEEN 40 AND 48);
UPDATE telemetry SET prompt_tokens_evaluated = prompt_tokens + 40
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k IN (50, 51));
UPDATE telemetry SET energy_joules = 0.0
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k BETWEEN 52 AND 57);
UPDATE telemetry SET energy_method = 'tdp_estimate', energy_vendor = 'apple', energy_joules = 18.0 * latency_seconds,
  power_watts = 18.0, gpu_memory_used_gb = 0.0, gpu_utilization_pct = 0.0, energy_basis = 'soc'
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k BETWEEN 70 AND 79);
UPDATE telemetry SET completion_tokens = 1, total_tokens = prompt_tokens + 1, energy_joules = 2500.0,
  latency_seconds = 9.6, power_watts = 260.0
WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k = 80);
UPDATE telemetry SET energy_joules = round(62.0 * latency_seconds, 3), power_watts = 62.0, gpu_memory_used_gb = 0.9,
  energy_method = 'hw_counter', energy_vendor = 'nvidia'
WHERE id IN (SELECT id FROM demo_cloud_plain WHERE k BETWEEN 40 AND 53);
UPDATE telemetry SET engine = 'multi'
WHERE id IN (SELECT id FROM demo_cloud_plain WHERE k BETWEEN 60 AND 79);

INSERT INTO telemetry(timestamp, model_id, engine, prompt_tokens, completion_tokens, total_tokens, latency_seconds)
SELECT timestamp - 1e-4, model_id, 'instrumented', prompt_tokens, completion_tokens, total_tokens, latency_seconds + 2e-4
FROM telemetry WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k <= 12);

INSERT INTO telemetry(
  timestamp, model_id, engine, agent, prompt_tokens, prompt_tokens_evaluated, completion_tokens, total_tokens,
  latency_seconds, energy_joules, gpu_energy_joules, power_watts, energy_method, energy_vendor, is_streaming)
SELECT
  timestamp + 100, 'qwen3:8b', 'ollama', 'research', 20 * prompt_tokens, 20 * prompt_tokens, 4 * completion_tokens,
  20 * prompt_tokens + 4 * completion_tokens, 95.0, 95.0 * 240, 95.0 * 240, 240.0, 'hw_counter', 'nvidia', 1
FROM telemetry WHERE id IN (SELECT id FROM demo_ollama_plain WHERE k BETWEEN 91 AND 98);
COMMIT;
