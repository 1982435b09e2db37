"""SQL over the whole surface from a grammar. There is no oracle for an arbitrary query; what must
hold is that nothing crashes or hangs, that every error has a text of its own and none is internal,
that the same query gives the same answer again, and that an answer whose rows have no order of
their own depends neither on the order of the rows in the table nor on a roll-up of it, which stays
true to its rows.
"""

import re
import sqlite3

import oracle
import values
from oracle import Difference

import tables
from tables import RELEASE

FUNCTIONS = {entry.name: len(entry.arguments) for entry in oracle.catalogue("table")}
COLUMNS = {name: [d[0] for d in oracle.connect().execute(f"SELECT * FROM {name} LIMIT 0").description] for name in FUNCTIONS}
AGGREGATES = {name: [len(e.arguments) for e in oracle.catalogue("aggregate") if e.name == name] for name in oracle.names("aggregate")}
# (What writes does not answer twice alike.)
SCALAR_FORMS = [(entry.name, len(entry.arguments)) for entry in oracle.catalogue("scalar") if entry.flag != "direct"]
SOURCES = ["telemetry", "recent", "other.telemetry", "main.telemetry", "nested", "loop", "nothing", "wide", "scratch", "model_stats",
           "sqlite_master", "other.nothing", "temp.recent", "a.b.c", "", "%s%n", "\"telemetry\""]
LITERALS = ["NULL", "0", "1", "-1", "2.0", "1e308", "9e999", "-9e999", "9223372036854775807", "5e-324", "''", "'a'", "'1'", "' 2 '", "'true'",
            "'2026-11-01'", "'now'", "'-7 days'", "'start of month'", "'soon'", "x''", "x'00ff'", "x'31'", "'%s%n%d'", "char(0)",
            "'a' || char(0) || 'b'", "zeroblob(1000)", "printf('%.*c', 5000, 'z')", "1793491205", "random() % 3 * 0", "CURRENT_TIMESTAMP"]
SCALARS = ["abs(%s)", "typeof(%s)", "coalesce(%s, 1)", "CAST(%s AS TEXT)", "CAST(%s AS REAL)", "CAST(%s AS BLOB)", "hex(%s)", "length(%s)", "-%s",
           "NOT %s", "(%s) IS NULL", "quote(%s)", "json_valid(%s)", "upper(%s)", "likely(%s)", "%s COLLATE NOCASE"]
BINARY = ["+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "IS", "IS NOT", "AND", "OR", "LIKE", "&", "<<", "->>"]
FRAMES = ["", "ROWS 2 PRECEDING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN 3 FOLLOWING AND 5 FOLLOWING",
          "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "RANGE BETWEEN 1.5 PRECEDING AND CURRENT ROW",
          "RANGE UNBOUNDED PRECEDING", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES", "ROWS BETWEEN CURRENT ROW AND 4 FOLLOWING",
          "GROUPS 2 PRECEDING EXCLUDE CURRENT ROW", "ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING EXCLUDE GROUP", "ROWS -1 PRECEDING"]
TELEMETRY = list(RELEASE)
MOST_ROWS = 2000
CHUNK = 65_536


def text(value):
    return "'" + value.replace("'", "''") + "'"


class Query:
    """One random statement; `in_order` says whether its answer may depend on the order of the table's rows."""

    def __init__(self, random):
        self.random, self.depth, self.in_order, self.aliases = random, 0, False, 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, p):
        return self.random.random() < p

    def columns(self, scope):
        """Column references that may be in scope, sometimes of anything else."""
        if not scope or self.chance(0.01):
            return self.pick("x", "rowid", "since", "source", "model_id", "record")
        alias, names = self.random.choice(scope)
        return f"{alias}.{self.random.choice(names)}"

    def expression(self, scope, aggregates=False):
        self.depth += 1
        try:
            if self.depth > 5 or self.chance(0.3):
                return self.columns(scope) if self.chance(0.65) else self.random.choice(LITERALS)
            kind = self.random.randrange(16)
            sub = lambda: self.expression(scope, aggregates)  # noqa: E731
            if kind < 3:
                return self.columns(scope)
            if kind < 6:
                return f"({sub()} {self.random.choice(BINARY)} {sub()})"
            if kind < 8:
                return self.random.choice(SCALARS).replace("%s", sub())
            if kind == 8:
                return f"CASE WHEN {sub()} THEN {sub()} ELSE {sub()} END"
            if kind == 9:
                return f"({self.select(scope, 1)})"
            if kind == 10:
                return f"{sub()} {self.pick('IN', 'NOT IN')} ({self.pick(self.select(scope, 1), f'{sub()}, {sub()}')})"
            if kind == 11:
                return f"{self.pick('', 'NOT ')}EXISTS ({self.select(scope)})"
            if kind == 12:
                source = self.random.choice([text(s) for s in SOURCES] + [sub()])
                if self.chance(0.1):
                    return self.pick(f"jarvis_stats_scan({sub()})", f"record_count({sub()}, {sub()})", f"jarvis_stats_version({sub()})")
                if self.chance(0.4):
                    return self.pick(f"time_bucket({self.pick('60', text('1 day +02:00'), text('month'), sub())}, {sub()})",
                                     f"sketch_count({sub()})", f"sketch_quantile({sub()}, {sub()})")
                name, count = self.random.choice(SCALAR_FORMS)
                call = f"{name}({', '.join([*(sub() for _ in range(count - 1)), source][:count])})"
                return f"length({call})" if name == "jarvis_stats_debug" else call
            if kind == 13 and aggregates:
                self.in_order = True  # a bare column beside it comes from any row
                return self.aggregate(scope)
            if kind == 14:
                return f"{sub()} BETWEEN {sub()} AND {sub()}"
            return sub()
        finally:
            self.depth -= 1

    def aggregate(self, scope):
        if self.chance(0.3):
            return self.distribution(scope)
        function = self.pick(*2 * list(AGGREGATES), "sum", "count", "max", "group_concat")
        forms = AGGREGATES.get(function, [1])
        wrong = [min(forms) - 1, max(forms) + 1] if function in AGGREGATES else []  # once in a while
        count = self.random.choice(9 * forms + wrong)
        numbers = ["energy_joules", "total_tokens", "prompt_tokens", "completion_tokens", "mean_itl_ms", "p95_itl_ms"]
        arguments = []
        for _ in range(count):
            fitting = [f"{alias}.{name}" for alias, names in scope for name in names if name in numbers or name.startswith(("avg_", "total_"))]
            arguments.append(self.random.choice(fitting) if fitting and self.chance(0.85) else self.expression(scope))
        self.in_order |= function in ("sum", "group_concat")
        window = self.chance(0.4)
        distinct = "DISTINCT " if count and (count == 1 and not window and self.chance(0.3) or self.chance(0.01)) else ""
        call = f"{function}({distinct}{', '.join(arguments)})"
        if self.chance(0.2):
            call += f" FILTER (WHERE {self.expression(scope)})"
        if window:
            self.in_order = True
            partition = f"PARTITION BY {self.columns(scope)} " if self.chance(0.4) else ""
            order = f"ORDER BY {self.columns(scope)} " if self.chance(0.8) else ""
            call += f" OVER ({partition}{order}{self.random.choice(FRAMES)})"
        return call

    def distribution(self, scope):
        """A call of a percentile or a sketch."""
        x = self.columns(scope) if self.chance(0.8) else self.expression(scope)
        p = self.pick("0.5", "0.95", "'[0,0.5,1]'", "1", "'0.9'", "95", "NULL", "'[]'", self.columns(scope))
        call = self.pick(f"quantile({x}, {p})", f"quantile_ci({x}, {p})", f"quantile_ci({x}, 0.5, {p})", f"sketch({x})", f"sketch_merge({x})")
        if self.chance(0.4):
            self.in_order = True
            call += f" OVER (ORDER BY {self.columns(scope)} {self.random.choice(FRAMES)})"
        reading = self.pick("%s", f"sketch_quantile(%s, {p})", "sketch_count(%s)", "(SELECT sum(count) FROM sketch_buckets(%s))")
        return reading % call if call.startswith("sketch") else call

    def table(self, scope):
        """(FROM text, (alias, its columns))"""
        self.aliases += 1
        alias = f"t{self.aliases}"
        if self.depth < 3 and self.chance(0.1):
            return f"({self.select(scope, 2)}) AS {alias}", (alias, ["c1", "c2"])
        if self.chance(0.35):
            name = self.pick("telemetry", "telemetry", "recent", "other.telemetry", "wide", "nested", "small")
            return f"{name} AS {alias}", (alias, TELEMETRY + ["id"] if name != "small" else ["x", "y"])
        function = self.random.choice(list(FUNCTIONS))
        self.in_order |= function == "export_records"
        call = function
        if self.chance(0.7):
            most = FUNCTIONS[function]
            count = self.random.choice([0, 1, 1, 2, 3, 3, most, most, most + 1])
            arguments = [self.argument(scope, position, most) for position in range(count)]
            call += f"({', '.join(arguments)})"
        return f"{call} AS {alias}", (alias, COLUMNS[function] + (["since", "until", "source"] if self.chance(0.3) else []))

    def hidden_form(self, alias, outer):
        """What SQLite may or may not turn into arguments: OR, rows of values, NOT."""
        one, other = (f"{alias}.{name}" for name in self.pick(("since", "until"), ("until", "since"), ("since", "source")))
        value = lambda: self.pick("1", "1793491205", "'telemetry'", "NULL", self.expression(outer))  # noqa: E731
        return self.pick(
            f"({one} = {value()} OR {other} = {value()})",
            f"(({one} = {value()} AND {other} = {value()}) OR ({one} = {value()} AND {other} = {value()}))",
            f"({one} = {value()} OR {one} IS NULL)", f"({value()} IS NULL OR {one} = {value()})",
            f"({one}, {other}) = ({value()}, {value()})", f"({one}, {other}) IN (VALUES ({value()}, {value()}), (1, 2))",
            f"({one}, {other}) IN (SELECT x, y FROM small)", f"({one}, {other}) IN (SELECT 1, 1 UNION ALL SELECT x, y FROM small)",
            f"NOT ({one} = {value()})", f"NOT ({one} IS NULL)", f"coalesce({one}, {value()}) = {value()}")

    def argument(self, scope, position, count):
        if position == count - 1 and self.chance(0.8):
            return text(self.random.choice(SOURCES)) if self.chance(0.8) else self.expression(scope)
        if scope and self.chance(0.15):
            return self.columns(scope)
        return self.random.choice(LITERALS) if self.chance(0.7) else self.expression(scope)

    def select(self, outer=(), width=0, part=False):
        self.depth += 1
        tables_text, scope = self.table(list(outer))
        mine = [scope]
        for _ in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            more, scope = self.table(list(outer) + mine)
            join = self.pick(",", "JOIN", "LEFT JOIN", "CROSS JOIN", "NATURAL JOIN", "NATURAL LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT JOIN")
            tables_text += f" {join} {more}"
            mine.append(scope)
            if "NATURAL" not in join and join not in (",", "CROSS JOIN"):
                shared = [name for name in scope[1] if all(name in names for _, names in mine[:-1])]
                if shared and self.chance(0.6):
                    name = self.random.choice(shared)
                    tables_text += self.pick(f" USING ({name})", f" ON {mine[0][0]}.{name} = {scope[0]}.{name}")
                else:
                    tables_text += f" ON {self.expression(mine)}"
        everything = list(outer) + mine
        where = ""
        if self.chance(0.5):
            hidden = f"{mine[-1][0]}.{self.pick('since', 'since', 'source', self.pick('until', 'n', 'exclude_warmup', 'current_methodology_only'))}"
            test = self.pick(f"= {self.expression(outer)}", f"IN ({self.expression(outer)}, NULL, 1)", "IS NULL", f"> {self.expression(outer)}",
                             f"NOT IN ({self.expression(outer)}, 1)", "NOT IN (7)", "NOT IN (SELECT x FROM small)",
                             "IN (SELECT x FROM small)", "IS NOT NULL", "LIKE 'a'", "BETWEEN 1 AND 2", f"= {self.columns(mine)}", "= 'recent'")
            if self.chance(0.25):
                where = f" WHERE {self.hidden_form(mine[-1][0], outer)}"
                if self.chance(0.3):
                    where += f" AND {hidden} {test}"
            else:
                where = f" WHERE {self.pick(f'{hidden} {test}', self.expression(everything), f'{hidden} {test} AND {self.expression(everything)}')}"
        group = self.chance(0.35)
        count = width or self.random.choice([1, 2, 3, 5])
        if group or self.chance(0.3):
            columns = [self.aggregate(everything) for _ in range(count)]
        else:
            columns = [self.expression(everything, aggregates=True) for _ in range(count)]
        if not width and self.chance(0.1):
            columns = ["*"]
        distinct = self.pick("", "", "", "DISTINCT ")
        self.in_order |= bool(distinct)  # 0 and -0.0 are one, and either may show
        names = [f"{c} AS c{n + 1}" if c != "*" else c for n, c in enumerate(columns)]
        sql = f"SELECT {distinct}{', '.join(names)} FROM {tables_text}{where}"
        if group:
            self.in_order = True  # the groups' own order, and whether 0 or -0.0 stands for one
            sql += f" GROUP BY {self.columns(mine)}"
            if self.chance(0.3):
                sql += f" HAVING {self.aggregate(everything)} {self.pick('> 0', 'IS NULL', 'IS NOT NULL')}"
        if not part and self.depth == 1 and columns != ["*"] and self.chance(0.1):
            sql += f" {self.pick('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')} {self.select((), len(columns), part=True)}"
        elif not part and self.chance(0.3):
            sql += f" ORDER BY {self.pick('1', '1 DESC', self.columns(mine))}"
        if not part and self.chance(0.25):
            self.in_order = True
            sql += f" LIMIT {self.pick(0, 1, 3, 10)}{self.pick('', ' OFFSET 1')}"
        self.depth -= 1
        return sql

    def reads_what_it_writes(self):
        """Changes telemetry, or a table that a source may name, while it asks about it."""
        function = self.random.choice(list(FUNCTIONS))
        return self.pick(
            f"INSERT INTO telemetry(timestamp, model_id) {self.select((), 2)}",
            f"INSERT INTO telemetry(timestamp, model_id) SELECT 1, m.since FROM small CROSS JOIN {function}(small.x) AS m",
            f"INSERT INTO telemetry(timestamp, model_id) SELECT small.x, (SELECT count(*) FROM {function}(small.x)) FROM small",
            "INSERT OR REPLACE INTO telemetry(id, timestamp, model_id) SELECT json_extract(record, '$.id'), "
            "json_extract(record, '$.timestamp') + 10, 'moved' FROM export_records",
            f"UPDATE telemetry SET agent = (SELECT count(*) FROM {function}) WHERE {self.expression([('telemetry', TELEMETRY)])}",
            f"DELETE FROM telemetry WHERE id % 7 = 0 AND (SELECT count(*) FROM {function}) > {self.pick(0, 3, 20)}",
            f"DELETE FROM telemetry WHERE record_count({self.pick('', text('recent'), text('other.telemetry'))}) > 20",
            f"DELETE FROM other.telemetry WHERE id IN (SELECT {self.columns([('m', ['since', 'source'])])} FROM {function}(1) AS m)",
            f"INSERT INTO scratch SELECT x, (SELECT count(*) FROM {function}(NULL, NULL, {self.pick(text('scratch'), text('small'))})) FROM small",
            f"INSERT INTO scratch SELECT x, {self.roll_up()} FROM small",
        )

    def roll_up(self):
        """Makes a roll-up, brings it up to date, looks at it, takes it away: mostly that of the
        table that is asked about."""
        source = self.pick("", "", "", "", *map(text, SOURCES), *LITERALS)
        function = self.pick(*4 * ["rollup_refresh"], "rollup_verify", "rollup_drop")
        return f"{function}({source})"

    def statement(self, last):
        if not last and self.chance(0.92):
            return self.select()
        self.in_order = True
        function = self.random.choice(list(FUNCTIONS))
        if not last:
            return self.pick(
                f"WITH c(a, b) AS ({self.select((), 2)}) SELECT * FROM c, c AS d LIMIT 20",
                "WITH RECURSIVE c(a, b) AS (SELECT 1, 2 UNION ALL SELECT a + 1, (SELECT call_count FROM model_stats(a) LIMIT 1)"
                f" FROM c WHERE a < 9) {self.select()}",
                f"EXPLAIN QUERY PLAN {self.select()}", f"EXPLAIN {self.select()}", f"INSERT INTO scratch {self.select((), 2)}",
                self.reads_what_it_writes(), self.reads_what_it_writes(),
                f"VALUES ({self.roll_up()})",
            )
        return self.pick(
            f"CREATE TABLE made AS {self.select()}", f"CREATE TEMP VIEW made AS {self.select()}",
            f"UPDATE scratch SET c1 = ({self.select((), 1)})", f"DELETE FROM scratch WHERE c1 IN ({self.select((), 1)})",
            f"PRAGMA table_xinfo({function})", f"PRAGMA index_list({function})",
            f"UPDATE {function} SET model_id = 1", f"DELETE FROM {function}", f"INSERT INTO {function} VALUES(1)", f"DROP TABLE {function}",
            f"CREATE VIRTUAL TABLE v USING {function}", f"CREATE VIRTUAL TABLE v USING {function}(1, 2)", f"CREATE INDEX i ON {function}(1)",
            f"CREATE TABLE {function}(model_id)", f"ALTER TABLE {function} RENAME TO q", f"ANALYZE {function}",
            f"SELECT * FROM {function} INDEXED BY x",
            f"CREATE TRIGGER tr AFTER INSERT ON scratch BEGIN INSERT INTO small SELECT 1, count(*) FROM {function}; END",
            "CREATE TABLE cc(x CHECK (x <> record_count()), y AS (jarvis_stats_version()))",
            "CREATE INDEX ii ON telemetry(jarvis_stats_version())", "CREATE INDEX ii ON telemetry(record_count())",
            f"SELECT energy_per_token FROM {function}", f"VALUES ((SELECT count(*) FROM {function}), jarvis_stats_version())",
            "PRAGMA trusted_schema = OFF", "DELETE FROM telemetry WHERE id % 5 = 0", "ALTER TABLE telemetry DROP COLUMN agent",
            "VACUUM", "ROLLBACK", "BEGIN", "SAVEPOINT s", "ROLLBACK TO s", "DROP VIEW recent", "ALTER TABLE telemetry RENAME TO gone", "REINDEX",
        )


def database(rows, strict, far_apart):
    """A connection to ask, and what counts its steps. Rows that are far apart fill a roll-up: three
    to a chunk of ids."""
    db = tables.connect()
    db.enable_load_extension(True)
    db.load_extension(oracle.EXTENSION)
    definition = ", ".join(f"{name} {kind}" if strict else name for (name, kind), strict in zip(RELEASE.items(), strict))
    db.execute("ATTACH ':memory:' AS other")
    for schema in ("main", "other"):
        db.execute(f"CREATE TABLE {schema}.telemetry(id INTEGER PRIMARY KEY, {definition})")
    for number, row in enumerate(rows, 1):
        slots, bound = zip(*(tables.slot(value, True) for value in row))
        place = number // 3 * CHUNK + number if far_apart else number
        for schema in ("main", "other"):
            try:
                db.execute(f"INSERT INTO {schema}.telemetry(id, {', '.join(RELEASE)}) "
                           f"VALUES ({place}, {', '.join(slots)})", bound)
            except sqlite3.IntegrityError:
                pass
    others = "'e' AS engine, 'b' AS batch_id, 1 AS timestamp"
    db.executescript(f"""
        CREATE VIEW recent AS SELECT * FROM telemetry WHERE timestamp > 1793491205;
        CREATE VIEW wide AS SELECT *, 1 AS a, 2 AS b FROM telemetry;
        CREATE VIEW nested AS SELECT model_id, call_count AS total_tokens, {others} FROM model_stats;
        CREATE VIEW loop AS SELECT model_id, {others} FROM model_stats(NULL, NULL, NULL, 'loop');
        CREATE TABLE scratch(c1, c2); CREATE TABLE small(x, y);
        INSERT INTO small VALUES (1, 'a'), (NULL, 'telemetry'), (1793491205, 'recent')""")
    # A query that would take for ever is stopped, which is one more thing it may meet.
    steps = [0]
    db.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1) or steps[0] > 200, 2000)
    return db, steps


def run(db, steps, sql):
    steps[0] = 0
    try:
        return db.execute(sql).fetchmany(MOST_ROWS), None
    except (sqlite3.Error, sqlite3.Warning) as error:
        return None, str(error)
    except OverflowError as error:  # of Python's own conversion
        return None, f"python: {error}"


def case(random, note):
    pool = values.Pool(random)
    # Of keys that are one (1 and 1.0, 0 and -0.0) SQLite's GROUP BY shows the first that came, so here is one of each.
    pool.keys = [key for key in pool.keys if not isinstance(key, float) or not key.is_integer()] or ["a"]
    rows = [[pool.value(name) for name in RELEASE] for _ in range(random.choice([0, 3, 25]))]
    strict = [random.random() < 0.5 for _ in RELEASE]
    # The same rows in another order; one of the two may have a roll-up.
    twins = [database(random.sample(rows, len(rows)), strict, apart) for apart in (True, False)]
    run(*twins[0], "SELECT rollup_refresh()")
    questions = compared = 0
    alike = True
    for number in range(50):
        query = Query(random)
        sql = query.statement(last=number >= 40)  # what changes the database comes last
        note(sql)
        (one, failure), (other, other_failure) = (run(db, steps, sql) for db, steps in twins)
        questions += 2
        for message in filter(None, (failure, other_failure)):
            check_error(sql, message)
        if not sql.startswith("SELECT"):
            # A statement that writes may take some rows and not others (LIMIT, an id): then the two differ from here on.
            alike = alike and contents(twins[0][0]) == contents(twins[1][0])
            check_roll_up(*twins[0], sql)
        if not sql.startswith("SELECT") or failure is not None or is_fickle(sql):
            continue
        again, again_failure = run(*twins[0], sql)
        questions += 1
        compared += len(one)
        if again != one and again_failure != "interrupted":
            raise Difference(f"another answer the second time: {one!r:.200} {again!r:.200} {again_failure}: {sql}")
        # A subquery in place of a value takes the first row of its table, whichever that is.
        names_rows = "*" in sql or re.search(r"\b(first_)?id\b|rowid|\(SELECT\b.*\bFROM (\w+\.)?(telemetry|recent)\b", sql)
        names_rows = names_rows or "rollup_status" in sql or "sqlite_master" in sql
        if not alike or query.in_order or names_rows or other_failure is not None or len(one) == MOST_ROWS:
            continue
        if sorted(map(repr, one)) != sorted(map(repr, other)):
            raise Difference(f"another answer with the rows in another order: {one!r:.300} {other!r:.300}: {sql}")
    for db, _ in twins:
        db.close()
    return questions, compared


def contents(db):
    """The rows of both tables without their ids, in no order; None where they cannot be read."""
    columns = ", ".join(RELEASE)
    try:
        return [sorted(map(repr, db.execute(f"SELECT {columns} FROM {schema}.telemetry")))
                for schema in ("main", "other")]
    except sqlite3.Error:
        return None


def check_roll_up(db, steps, sql):
    """Nothing that a statement does may leave a roll-up that is used and differs from its rows."""
    _, failure = run(db, steps, "SELECT rollup_verify()")
    if failure and ("differs" in failure or "damaged" in failure):
        raise Difference(f"{failure}: {sql}")


def is_fickle(sql):
    return any(word in sql for word in ("random", "now", "CURRENT_", "days", "start of"))


def check_error(sql, failure):
    if "internal error" in failure or not failure.strip() or failure in ("not an error", "unknown error"):
        raise Difference(f"{failure!r}: {sql}")
    if failure == "SQL logic error" and any(name in sql for name in FUNCTIONS):
        raise Difference(f"an error without a reason: {sql}")
