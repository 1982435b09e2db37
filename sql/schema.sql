-- The table that OpenJarvis 1.0.4 writes: one row per call of a language model.
--
-- Units are in the names: seconds, joules, watts, milliseconds, percent, gigabytes, US dollars. In nearly every
-- numeric column 0 means "not measured", not "none", since all are NOT NULL DEFAULT 0: an average over a
-- table in which only some rows were measured is pulled towards 0.
CREATE TABLE IF NOT EXISTS telemetry (
  -- The call
  id                             INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp                      REAL    NOT NULL,               -- start of the call, Unix seconds, UTC
  model_id                       TEXT    NOT NULL,               -- the model's name as the engine knows it
  engine                         TEXT    NOT NULL DEFAULT '',    -- the server that ran it: vllm, ollama, cloud, ...
  agent                          TEXT    NOT NULL DEFAULT '',    -- the agent that asked; '' for a plain call

  -- Tokens
  prompt_tokens                  INTEGER NOT NULL DEFAULT 0,     -- tokens sent; 0 on streaming rows
  prompt_tokens_evaluated        INTEGER NOT NULL DEFAULT 0,     -- of those, tokens not answered by the KV cache
  completion_tokens              INTEGER NOT NULL DEFAULT 0,     -- tokens received; on streaming rows, chunks
  total_tokens                   INTEGER NOT NULL DEFAULT 0,     -- prompt + completion; 0 on streaming rows

  -- Time and money
  latency_seconds                REAL    NOT NULL DEFAULT 0.0,   -- from sending the request to the last token
  ttft                           REAL    NOT NULL DEFAULT 0.0,   -- seconds to the first token, or (cloud) the whole latency
  cost_usd                       REAL    NOT NULL DEFAULT 0.0,   -- list price; 0 for local engines, and when streamed

  -- Energy: what the device's counters gained between start and end of the call. Calls that overlap each
  -- book the whole device.
  energy_joules                  REAL    NOT NULL DEFAULT 0.0,
  power_watts                    REAL    NOT NULL DEFAULT 0.0,   -- mean power during the call

  -- The GPUs during the call
  gpu_utilization_pct            REAL    NOT NULL DEFAULT 0.0,   -- mean, 0 to 100
  gpu_memory_used_gb             REAL    NOT NULL DEFAULT 0.0,   -- peak
  gpu_temperature_c              REAL    NOT NULL DEFAULT 0.0,   -- mean, degrees Celsius
  throughput_tok_per_sec         REAL    NOT NULL DEFAULT 0.0,   -- completion tokens / latency

  -- The two phases of a call: reading the prompt (up to the first token), then writing the answer
  prefill_latency_seconds        REAL    NOT NULL DEFAULT 0.0,
  decode_latency_seconds         REAL    NOT NULL DEFAULT 0.0,

  -- How the energy was measured
  energy_method                  TEXT    NOT NULL DEFAULT '',    -- hw_counter, polling, rapl, zeus; '' = not measured
  energy_vendor                  TEXT    NOT NULL DEFAULT '',    -- nvidia, amd, apple, ...

  -- Grouping
  batch_id                       TEXT    NOT NULL DEFAULT '',    -- the batch the call belongs to; '' for none
  is_warmup                      INTEGER NOT NULL DEFAULT 0,     -- 1 = a warm-up call, not part of the measurement

  -- Energy by part of the machine, joules; 0 where a machine has no such counter
  cpu_energy_joules              REAL    NOT NULL DEFAULT 0.0,
  gpu_energy_joules              REAL    NOT NULL DEFAULT 0.0,
  dram_energy_joules             REAL    NOT NULL DEFAULT 0.0,
  ane_energy_joules              REAL    NOT NULL DEFAULT 0.0,   -- Apple Neural Engine; since 1.0.4
  soc_energy_joules              REAL    NOT NULL DEFAULT 0.0,   -- every measured part together; since 1.0.4
  energy_basis                   TEXT    NOT NULL DEFAULT '',    -- which energy the figures below use: gpu or soc; '' = gpu

  -- Derived from the columns above when the row is written
  tokens_per_joule               REAL    NOT NULL DEFAULT 0.0,   -- completion tokens / joules
  energy_per_output_token_joules REAL    NOT NULL DEFAULT 0.0,   -- joules / completion tokens
  throughput_per_watt            REAL    NOT NULL DEFAULT 0.0,   -- tokens per second / watts
  prefill_energy_joules          REAL    NOT NULL DEFAULT 0.0,   -- energy split by the phases' share of the time
  decode_energy_joules           REAL    NOT NULL DEFAULT 0.0,

  -- Inter-token latency: the gaps between the tokens of this one answer, milliseconds. Rows that did not
  -- stream have at most the mean.
  mean_itl_ms                    REAL    NOT NULL DEFAULT 0.0,
  median_itl_ms                  REAL    NOT NULL DEFAULT 0.0,
  p90_itl_ms                     REAL    NOT NULL DEFAULT 0.0,
  p95_itl_ms                     REAL    NOT NULL DEFAULT 0.0,
  p99_itl_ms                     REAL    NOT NULL DEFAULT 0.0,
  std_itl_ms                     REAL    NOT NULL DEFAULT 0.0,   -- sample standard deviation
  is_streaming                   INTEGER NOT NULL DEFAULT 0,     -- 1 = the answer was streamed

  -- How tokens were counted: 2 is the current way, NULL a row from before the stamp existed (1.0.3)
  token_counting_version         INTEGER,
  mining_session_id              TEXT,                           -- since 1.0.2
  metadata                       TEXT    NOT NULL DEFAULT '{}'   -- a JSON object of the writer's own
);
