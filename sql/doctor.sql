-- What is wrong with a telemetry table, for reading: errors first, then what bends averages, then what to know. Reads
-- only, so also for your own file:
--
--     sqlite3 -readonly telemetry.db < sql/doctor.sql        (from the project's root, after make)
--
-- The same as rows: SELECT * FROM telemetry_doctor();
.load ./libjarvis_stats
.mode list
.headers off

WITH RECURSIVE
found AS (
  SELECT row_number() OVER () AS n, d.*, sum(severity <> 'ok') OVER () AS traps FROM telemetry_doctor() AS d
),
-- What is said of each trap: where a line starts, and the text, which is broken at 100 columns
said(n, part, margin, text) AS (
  SELECT 0, 0, '', CASE WHEN traps = 0 THEN 'Nothing found: ' || why ELSE
    printf('%d traps in %,d calls. error: the number is wrong; warn: averages bend; note: know this', traps,
      CAST(round(calls / share) AS INTEGER)) END
  FROM found WHERE n = 1
  UNION ALL
  SELECT n, 1, printf('%-5s  ', severity),
    trap || ': ' || printf('%,d', calls) || CASE calls WHEN 1 THEN ' call' ELSE ' calls' END
    || CASE WHEN share < 0.0005 THEN '' ELSE printf(', %.1f %%', 100 * share) END
    || CASE WHEN first_id IS NULL THEN '' WHEN calls = 1 THEN ', id ' || first_id ELSE ', first id ' || first_id END
  FROM found WHERE traps > 0
  UNION ALL SELECT n, 2, '       why    ', why FROM found WHERE traps > 0
  UNION ALL SELECT n, 3, '       do     ', advice FROM found WHERE traps > 0
  UNION ALL SELECT n, 4, '       WHERE  ', where_sql FROM found WHERE traps > 0 AND where_sql <> '1'
),
-- One step takes a line's piece, up to the last space that fits, the next one goes on after it
broken(n, part, step, margin, width, piece, rest) AS (
  SELECT n, part, 0, margin, 101 - length(margin), '', text FROM said
  UNION ALL
  SELECT n, part, step + 1,
    CASE WHEN step % 2 = 0 THEN margin WHEN part < 2 THEN '       ' ELSE '              ' END,
    width,
    CASE
      WHEN step % 2 = 1 THEN ''
      WHEN length(rest) < width THEN rest
      WHEN instr(substr(rest, 1, width), ' ') = 0 THEN substr(rest, 1, width - 1)
      ELSE rtrim(substr(rest, 1, width), replace(substr(rest, 1, width), ' ', ''))
    END,
    CASE step % 2 WHEN 0 THEN rest ELSE ltrim(substr(rest, length(piece) + 1)) END
  FROM broken WHERE rest <> ''
)
SELECT CASE WHEN step = 1 AND part < 2 THEN char(10) ELSE '' END || margin || rtrim(piece)
FROM broken WHERE step % 2 = 1
ORDER BY n, part, step;
