-- Several machines' files as one: attach each, and give the functions a view of all of them. Here
-- one file twice.
ATTACH 'target/examples/demo.db' AS laptop;
ATTACH 'target/examples/demo.db' AS workstation;
CREATE TEMP VIEW every_machine AS
  SELECT 'laptop' AS machine, * FROM laptop.telemetry
  UNION ALL
  SELECT 'workstation', * FROM workstation.telemetry;
SELECT model_id, call_count, total_tokens
FROM model_stats(NULL, NULL, NULL, 'temp.every_machine') LIMIT 3;
SELECT machine, count(*) AS calls FROM every_machine GROUP BY machine;
