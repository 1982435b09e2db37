-- What calls cost at list prices: a price table with validity, filled from LiteLLM's price list,
-- and the query.
--
--     curl -sLO https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json
--     sqlite3 telemetry.db < sql/prices.sql        (SQLite 3.38 or newer; adds the table `price` to your file)
--
-- A model without a price has NULL, not $0; calls whose prompt is not known (streamed ones) are
-- counted beside: their cost is not in usd, so usd is a lower bound. Tiers, cache reads and batch
-- discounts are not in it. What a local model would have cost elsewhere: INSERT its model_id with
-- the other's prices.
CREATE TABLE IF NOT EXISTS price(
  model_id TEXT,
  since REAL DEFAULT 0,  -- Unix seconds; holds until a later row of the same model
  usd_per_mtok_in REAL,
  usd_per_mtok_out REAL,
  PRIMARY KEY (model_id, since)
);

INSERT OR REPLACE INTO price(model_id, usd_per_mtok_in, usd_per_mtok_out)
SELECT key, value ->> 'input_cost_per_token' * 1e6, value ->> 'output_cost_per_token' * 1e6
FROM json_each(CAST(readfile('model_prices_and_context_window.json') AS TEXT))
WHERE value ->> 'input_cost_per_token' IS NOT NULL AND key <> 'sample_spec';

SELECT
  c.model_id,
  COUNT(*) AS calls,
  COUNT(p.model_id) AS priced,
  SUM(c.prompt_tokens = 0) AS prompt_unknown,
  SUM(CASE WHEN c.prompt_tokens > 0
    THEN c.prompt_tokens * p.usd_per_mtok_in + c.completion_tokens * p.usd_per_mtok_out
  END) / 1e6 AS usd,
  SUM(NULLIF(c.cost_usd, 0)) AS usd_recorded
FROM telemetry AS c
LEFT JOIN price AS p ON p.model_id = c.model_id
  AND p.since = (SELECT MAX(since) FROM price WHERE model_id = c.model_id AND since <= c.timestamp)
WHERE c.engine <> 'instrumented'  -- the second row of a call that releases up to 1.0.2 wrote twice
GROUP BY c.model_id;
