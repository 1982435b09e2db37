-- What did a week take? (Any SQLite time value will do; on a live table '-7 days' alone is the last seven.)
SELECT total_calls, total_tokens, round(total_cost, 2) AS usd, round(total_energy_joules / 3.6e6, 3) AS kwh
FROM aggregated_stats('2026-10-25', '2026-10-31 23:59:59');
