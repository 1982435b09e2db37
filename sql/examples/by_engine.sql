-- How do the engines compare for someone waiting for an answer?
SELECT engine, call_count, round(avg_ttft, 3) AS ttft_s, round(avg_throughput_tok_per_sec, 1) AS tokens_per_s
FROM engine_stats()
ORDER BY avg_ttft;
