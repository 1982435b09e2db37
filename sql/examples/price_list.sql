-- What would the same tokens have cost elsewhere? A price list joined to the figures, in one scan of the table.
WITH price(model_id, usd_per_million) AS (
  VALUES ('meta-llama/Llama-3.1-8B-Instruct', 0.05), ('Qwen/Qwen3-32B', 0.20), ('never/called', 1.00)
)
SELECT price.model_id, call_count, round(total_tokens * usd_per_million / 1e6, 4) AS usd
FROM price
LEFT JOIN model_stats ON model_stats.model_id = price.model_id;
