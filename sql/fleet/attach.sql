-- Up to ten telemetry files as one, in the sqlite3 shell and with every function of ours:
--
--     sqlite3 :memory: ".load ./libjarvis_stats" ".read attach.sql"
--
-- Put your own files here. mode=ro: they are only read, also while a program writes them.
ATTACH 'file:laptop.db?mode=ro' AS laptop;
ATTACH 'file:workstation.db?mode=ro' AS workstation;

-- The text of a view of them all, by the columns' names, for releases of OpenJarvis add columns: a
-- column that a file lacks is NULL in its rows. A file without the table is left out.
.mode list
.headers off
.once every_machine.sql
WITH
has AS (
  SELECT machine.seq, machine.name AS machine, has.name AS column_name
  FROM pragma_database_list AS machine CROSS JOIN pragma_table_info('telemetry') AS has
  WHERE has.schema = machine.name AND machine.name NOT IN ('main', 'temp')
),
every_column AS (
  SELECT column_name, min(seq) AS seq FROM has GROUP BY column_name COLLATE NOCASE
),
one AS (
  SELECT
    printf('SELECT %Q AS machine, ', machine)
    || (
      SELECT group_concat(
        CASE WHEN column_name COLLATE NOCASE IN (
          SELECT column_name FROM has WHERE has.machine = machines.machine
        ) THEN '' ELSE 'NULL AS ' END || printf('"%w"', column_name), ', '
      )
      FROM every_column
    )
    || printf(' FROM "%w".telemetry', machine) AS part
  FROM (SELECT DISTINCT machine FROM has) AS machines
)
SELECT 'CREATE TEMP VIEW every_machine AS ' || group_concat(part, ' UNION ALL ') || ';' FROM one;
.read every_machine.sql

.headers on
.mode column
SELECT model_id, call_count, total_tokens
FROM model_stats(NULL, NULL, NULL, 'temp.every_machine') LIMIT 5;
SELECT key, metric, measured, p50, p95
FROM latency_stats(NULL, NULL, 'machine', 'temp.every_machine') WHERE metric = 'e2el';
