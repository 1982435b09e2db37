-- Which batches spent most energy per token, warm-up calls left out?
SELECT batch_id, total_requests, total_tokens, round(energy_per_token_joules, 4) AS joules_per_token
FROM batch_stats
WHERE exclude_warmup = 1
ORDER BY energy_per_token_joules DESC
LIMIT 5;
