-- What a telemetry table says: overall, by model, by engine and by batch. Reads only, so also for your own file:
--
--     sqlite3 -readonly telemetry.db < sql/demo_report.sql        (from the project's root, after make)
--
-- Needs the sqlite3 shell 3.33 or newer. An empty cell is a figure that no call has: telemetry writes 0 for what was
-- not measured, and the averages of "By model" and "By engine", which are those of OpenJarvis, count those calls. The
-- tables of speed and energy count what was measured, and energy that calls in flight together booked is split.
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
  printf('%.3f', total_energy_joules / 3.6e6) AS "booked, kWh",
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
  iif(total_cost = 0, '', printf('%8.4f', total_cost)) AS USD
FROM top_models(25) AS s;

.print
.print Speed of the calls that were measured, by model (the first 25)
WITH speed AS (
  SELECT
    key,
    max(calls) AS calls,
    max(measured) FILTER (WHERE metric = 'ttft') AS streamed,
    max(p50) FILTER (WHERE metric = 'ttft') AS ttft_p50,
    max(p95) FILTER (WHERE metric = 'ttft') AS ttft_p95,
    max(p50) FILTER (WHERE metric = 'tpot') AS tpot_p50,
    max(p95) FILTER (WHERE metric = 'tpot') AS tpot_p95,
    max(measured) FILTER (WHERE metric = 'e2el') AS measured,
    max(p50) FILTER (WHERE metric = 'e2el') AS e2el_p50,
    max(p95) FILTER (WHERE metric = 'e2el') AS e2el_p95,
    max(p99) FILTER (WHERE metric = 'e2el') AS e2el_p99
  FROM latency_stats()
  GROUP BY key
)
SELECT
  substr(key, 1, 48) AS key,
  printf('%8d', streamed) AS streamed,
  iif(ttft_p50 IS NULL, '', printf('%11.3f', ttft_p50)) AS "TTFT p50, s",
  iif(ttft_p95 IS NULL, '', printf('%7.3f', ttft_p95)) AS "p95, s",
  iif(tpot_p50 IS NULL, '', printf('%12.1f', tpot_p50)) AS "TPOT p50, ms",
  iif(tpot_p95 IS NULL, '', printf('%7.1f', tpot_p95)) AS "p95, ms",
  printf('%8d', measured) AS measured,
  iif(e2el_p50 IS NULL, '', printf('%14.2f', e2el_p50)) AS "latency p50, s",
  iif(e2el_p95 IS NULL, '', printf('%7.2f', e2el_p95)) AS "p95, s",
  iif(e2el_p99 IS NULL, '', printf('%7.2f', e2el_p99)) AS "p99, s"
FROM speed
ORDER BY calls DESC, key
LIMIT 25;

.print
.print Energy that was measured, by model and instrument (the first 25)
SELECT
  substr(key, 1, 48) AS key,
  ifnull(energy_method, '') AS method,
  printf('%8d', measured_calls) AS measured,
  iif(joules IS NULL, '', printf('%13.1f', booked_joules)) AS "joules booked",
  iif(joules IS NULL, '', printf('%12.1f', joules)) AS "joules split",
  iif(j_per_output_token IS NULL, '', printf('%14.3f', j_per_output_token)) AS "J/output token",
  iif(joules IS NULL, '', printf('%9.1f', j_per_request)) AS "J/request",
  iif(joules IS NULL, '', printf('%6.1f', mean_watts)) AS watts
FROM energy_stats()
LIMIT 25;

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

.print
.print What is wrong with the data: the worst ten; make doctor says why, what to do, and which rows
SELECT
  severity,
  trap,
  printf('%7d', calls) AS calls,
  iif(share = 0, '', printf('%6.1f', 100 * share)) AS "of all, %",
  ifnull(first_id, '') AS "first id"
FROM telemetry_doctor()
LIMIT 10;

.headers off
.mode list
SELECT 'no call carries a batch_id' WHERE NOT EXISTS (SELECT 1 FROM batch_stats());
SELECT printf('%sjarvis_stats %s, SQLite %s', char(10), jarvis_stats_version(), sqlite_version());
