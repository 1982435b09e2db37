-- What a telemetry table says: overall, by model, by engine and by batch. Reads only, so also for your own file:
--
--     sqlite3 -readonly telemetry.db < sql/demo_report.sql        (from the project's root, after make)
--
-- Needs the sqlite3 shell 3.33 or newer. An empty cell is a figure that no call has: telemetry writes 0 for what was
-- not measured, and averages count those calls. "Booked J/output token" leaves them out: it is the joules over the
-- tokens of the answers, of the local calls whose energy is above 0. Calls in flight together each book the whole device,
-- so with overlapping calls it is many times what the device used.
.load ./libjarvis_stats
.mode box
.headers on

.print
.print Overall
SELECT
  printf('%,d', total_calls) AS calls,
  (SELECT date(min(timestamp), 'unixepoch') || ' to ' || date(max(timestamp), 'unixepoch') FROM telemetry
    WHERE timestamp BETWEEN 1672531200 AND 4102444800) AS period,
  printf('%,d', total_tokens) AS tokens,
  printf('%.2f', total_latency / 3600) AS "hours of calls",
  printf('%.3f', total_energy_joules / 3.6e6) AS "energy, kWh",
  printf('%.2f', total_cost) AS "cost, USD"
FROM aggregated_stats();

.print
.print By model (the first 25)
SELECT
  substr(s.model_id, 1, 48) AS model,
  printf('%7d', call_count) AS calls,
  printf('%11d', total_tokens) AS tokens,
  iif(avg_latency = 0, '', printf('%10.2f', avg_latency)) AS "latency, s",
  iif(avg_ttft = 0, '', printf('%7.3f', avg_ttft)) AS "TTFT, s",
  iif(avg_throughput_tok_per_sec = 0, '', printf('%8.1f', avg_throughput_tok_per_sec)) AS "tokens/s",
  iif(avg_mean_itl_ms = 0, '', printf('%7.1f', avg_mean_itl_ms)) AS "ITL, ms",
  iif(total_energy_joules = 0, '', printf('%11.1f', total_energy_joules)) AS joules,
  iif(m.joules IS NULL, '', printf('%21.3f', m.joules)) AS "booked J/output token",
  iif(total_cost = 0, '', printf('%8.4f', total_cost)) AS USD
FROM top_models(25) AS s
LEFT JOIN (
  SELECT model_id, energy_per_token(energy_joules, completion_tokens) AS joules
  FROM telemetry WHERE energy_joules > 0 AND engine <> 'cloud' GROUP BY model_id
) AS m ON m.model_id = s.model_id
ORDER BY call_count DESC, s.model_id;

.print
.print By engine
SELECT
  substr(engine, 1, 48) AS engine,
  printf('%7d', call_count) AS calls,
  printf('%11d', total_tokens) AS tokens,
  iif(avg_latency = 0, '', printf('%10.2f', avg_latency)) AS "latency, s",
  iif(avg_ttft = 0, '', printf('%7.3f', avg_ttft)) AS "TTFT, s",
  iif(avg_throughput_tok_per_sec = 0, '', printf('%8.1f', avg_throughput_tok_per_sec)) AS "tokens/s",
  iif(avg_gpu_utilization_pct = 0, '', printf('%6.1f', avg_gpu_utilization_pct)) AS "GPU, %",
  iif(total_energy_joules = 0, '', printf('%11.1f', total_energy_joules)) AS joules,
  iif(total_prefill_energy_joules = 0, '', printf('%17.1f', total_prefill_energy_joules)) AS "joules in prefill",
  iif(total_cost = 0, '', printf('%8.4f', total_cost)) AS USD
FROM engine_stats();

.print
.print By batch, without warm-up: the ten that took most energy
SELECT
  substr(batch_id, 1, 48) AS batch,
  printf('%8d', total_requests) AS requests,
  printf('%9d', total_tokens) AS tokens,
  printf('%10.1f', total_energy_joules) AS joules,
  iif(energy_per_token_joules = 0, '', printf('%26.4f', energy_per_token_joules)) AS "J/token, prompt and answer"
FROM batch_stats(NULL, NULL, 1)
ORDER BY total_energy_joules DESC, batch_id
LIMIT 10;

.headers off
.mode list
SELECT 'no call carries a batch_id' WHERE NOT EXISTS (SELECT 1 FROM batch_stats());
SELECT printf('%sjarvis_stats %s, SQLite %s', char(10), jarvis_stats_version(), sqlite_version());
