-- What did the last seven days cost? (Any SQLite time value or modifier will do: '2026-10-01', 'start of day'.)
SELECT total_calls, total_tokens, round(total_cost, 2) AS usd, round(total_energy_joules / 3.6e6, 3) AS kwh
FROM aggregated_stats('-7 days');
