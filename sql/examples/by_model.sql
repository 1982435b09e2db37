-- Which models run most, and what do they take?
SELECT model_id, call_count, total_tokens, round(avg_latency, 2) AS seconds, round(total_energy_joules) AS joules
FROM model_stats();
