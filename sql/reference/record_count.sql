-- record_count() in plain SQL.
SELECT COUNT(*) AS record_count FROM telemetry;
