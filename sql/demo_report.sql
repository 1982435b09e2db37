-- What a telemetry table says: overall, by model, by engine and by batch. Reads only, so also for your own file:
--
--     sqlite3 -readonly telemetry.db < sql/demo_report.sql        (from the project's root, after make)
--
-- An empty cell is a figure that no call has: telemetry writes 0 for what was not measured.
.load ./libjarvis_stats
.mode box
.headers on
.nullvalue ''

.print
.print Overall
SELECT
  printf('%,d', total_calls) AS calls,
  (SELECT date(min(timestamp), 'unixepoch') || ' to ' || date(max(timestamp), 'unixepoch') FROM telemetry) AS period,
  printf('%,d', total_tokens) AS tokens,
  printf('%.2f', total_latency / 3600) AS "hours of calls",
  printf('%.3f', nullif(total_energy_joules, 0) / 3.6e6) AS "energy, kWh",
  printf('%.2f', total_cost) AS "cost, USD",
  printf('%.1f', avg_throughput_tok_per_sec) AS "tokens/s of a call"
FROM aggregated_stats();

.print
.print By model (at most 25)
SELECT
  model_id AS model,
  printf('%7d', call_count) AS calls,
  printf('%11d', total_tokens) AS tokens,
  printf('%9.2f', nullif(avg_latency, 0)) AS "latency, s",
  printf('%6.3f', nullif(avg_ttft, 0)) AS "TTFT, s",
  printf('%7.1f', nullif(avg_throughput_tok_per_sec, 0)) AS "tokens/s",
  printf('%7.1f', nullif(avg_mean_itl_ms, 0)) AS "ITL, ms",
  printf('%11.1f', nullif(total_energy_joules, 0)) AS joules,
  printf('%7.3f', nullif(avg_energy_per_output_token_joules, 0)) AS "J/output token",
  printf('%8.4f', nullif(total_cost, 0)) AS USD
FROM model_stats()
LIMIT 25;

.print
.print By engine
SELECT
  engine,
  printf('%7d', call_count) AS calls,
  printf('%11d', total_tokens) AS tokens,
  printf('%9.2f', nullif(avg_latency, 0)) AS "latency, s",
  printf('%6.3f', nullif(avg_ttft, 0)) AS "TTFT, s",
  printf('%7.1f', nullif(avg_throughput_tok_per_sec, 0)) AS "tokens/s",
  printf('%5.1f', nullif(avg_gpu_utilization_pct, 0)) AS "GPU, %",
  printf('%11.1f', nullif(total_energy_joules, 0)) AS joules,
  printf('%11.1f', nullif(total_prefill_energy_joules, 0)) AS "of it prefill",
  printf('%8.4f', nullif(total_cost, 0)) AS USD
FROM engine_stats();

.print
.print By batch, without warm-up: the ten that took most energy
SELECT
  batch_id AS batch,
  printf('%8d', total_requests) AS requests,
  printf('%9d', total_tokens) AS tokens,
  printf('%10.1f', total_energy_joules) AS joules,
  printf('%8.4f', nullif(energy_per_token_joules, 0)) AS "J/token, prompt and answer"
FROM batch_stats(NULL, NULL, 1)
ORDER BY total_energy_joules DESC, batch_id
LIMIT 10;

.headers off
.mode list
SELECT 'no call carries a batch_id' WHERE NOT EXISTS (SELECT 1 FROM batch_stats());
SELECT printf(char(10) || 'jarvis_stats %s, SQLite %s', jarvis_stats_version(), sqlite_version());
