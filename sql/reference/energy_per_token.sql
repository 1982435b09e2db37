-- energy_per_token in plain SQL, both forms, over the whole table. CASE instead of FILTER, which plain
-- aggregates have only from SQLite 3.30. A row counts where energy and tokens are both there.
SELECT
  CASE WHEN tokens > 0 THEN energy / tokens END AS per_completion_token,
  CASE WHEN parts > 0 THEN parts_energy / parts END AS per_token_of_both
FROM (
  SELECT
    SUM(CASE WHEN energy_joules IS NOT NULL THEN completion_tokens END) AS tokens,
    TOTAL(CASE WHEN completion_tokens IS NOT NULL THEN energy_joules END) AS energy,
    SUM(CASE WHEN energy_joules IS NOT NULL THEN prompt_tokens + completion_tokens END) AS parts,
    TOTAL(CASE WHEN prompt_tokens + completion_tokens IS NOT NULL THEN energy_joules END) AS parts_energy
  FROM telemetry
  WHERE (:since IS NULL OR timestamp >= :since)
    AND (:until IS NULL OR timestamp <= :until)
);
