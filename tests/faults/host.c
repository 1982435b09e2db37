#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const QUESTIONS[] = {
    "SELECT jarvis_stats_version(), length(jarvis_stats_debug()) > 100",
    "SELECT record_count(), record_count('recent'), record_count('main.telemetry')",
    "SELECT energy_per_token(energy_joules, total_tokens),"
    " energy_per_token(energy_joules, prompt_tokens, completion_tokens), avg_itl(mean_itl_ms),"
    " avg_itl(mean_itl_ms, completion_tokens) FROM telemetry",
    "SELECT engine, avg_itl(DISTINCT mean_itl_ms), energy_per_token(CASE WHEN id % 3 THEN energy_joules END, total_tokens)"
    " FROM telemetry GROUP BY engine",
    "SELECT id, avg_itl(mean_itl_ms, completion_tokens) OVER w, energy_per_token(energy_joules, total_tokens) OVER w"
    " FROM telemetry WINDOW w AS (PARTITION BY engine ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
    "SELECT avg_itl(x) OVER (ORDER BY i ROWS 1 PRECEDING) FROM"
    " (SELECT 1 AS i, 1e308 AS x UNION SELECT 2, 1e308 UNION SELECT 3, -9e999 UNION SELECT 4, 1e-300)",
    "SELECT * FROM model_stats()",
    "SELECT * FROM model_stats('2026-11-01', '2030-01-01 12:30', 1)",
    "SELECT model_id, call_count FROM model_stats('0', '9e9', 'true', 'recent')",
    "SELECT * FROM engine_stats WHERE since = 0 AND until = '2100-01-01'",
    "SELECT * FROM aggregated_stats()",
    "SELECT total_calls FROM aggregated_stats('-100 years', 'now')",
    "SELECT json_extract(value, '$.model_id') FROM aggregated_stats, json_each(per_model)",
    "SELECT * FROM batch_stats(NULL, NULL, 1)",
    "SELECT * FROM top_models(2)",
    "SELECT record FROM export_records()",
    "SELECT length(record) FROM export_records(0, '2100-01-01', 'recent')",
    "SELECT record FROM export_records LIMIT 2",
    "SELECT t.n, model_id FROM (SELECT 1 AS n UNION SELECT 2) AS t, top_models(t.n) ORDER BY 1, 2",
    "SELECT since, count(*) FROM model_stats WHERE since IN (0, 1793491203, NULL, '2026-11-01') GROUP BY since",
    "SELECT telemetry.id, call_count FROM telemetry LEFT JOIN model_stats USING (model_id)",
    "SELECT * FROM by_model",
    "SELECT * FROM rollup_status()",
    "SELECT a.batch_id FROM batch_stats AS a JOIN batch_stats AS b USING (batch_id)"
    " WHERE a.source = 'telemetry' AND b.source = 'recent'",
    "SELECT count(*) FROM telemetry WHERE model_id IN (SELECT model_id FROM top_models(1))",
    NULL,
};

static const char SCRIPT[] =
    "INSERT INTO telemetry(timestamp, model_id, engine, prompt_tokens, completion_tokens, total_tokens, latency_seconds,"
    " ttft, cost_usd, energy_joules, mean_itl_ms, p95_itl_ms, batch_id, is_warmup, token_counting_version, metadata)"
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)"
    " SELECT 1793491200 + i %% 7, CASE i %% 5 WHEN 0 THEN 'a' || char(0) || (i %% 3) WHEN 1 THEN x'ff00' WHEN 2 THEN 'é模型' ELSE"
    " 'model-' || (i %% 4) END, 'engine ' || (i %% 3), i * 7 %% 13, i * 5 %% 11, i * 7 %% 13 + i * 5 %% 11, i / 7.0, 1e-300 * i,"
    " CASE i %% 4 WHEN 0 THEN 1e300 ELSE 0.1 END, i * 1e-3, CASE i %% 6 WHEN 5 THEN 9e999 ELSE i / 3.0 END, 'text',"
    " 'batch ' || (i / 4), i %% 4 = 3, 1 + i %% 2, printf('%%.*c', 40, 'm') FROM n;";

static int passed, failed;

void run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "%s\nin: %s\n", message ? message : "?", sql);
        exit(2);
    }
}

void fill(sqlite3 *db, int rows) {
    char schema[16384], script[2048];
    FILE *file = fopen("sql/schema.sql", "r");
    if (!file) { perror("sql/schema.sql (run this from the root of the repository)"); exit(2); }
    schema[fread(schema, 1, sizeof schema - 1, file)] = 0;
    fclose(file);
    run(db, schema);
    snprintf(script, sizeof script, SCRIPT, rows);
    run(db, script);
    run(db, "CREATE VIEW recent AS SELECT * FROM telemetry WHERE timestamp >= 1793491203;"
            "CREATE VIEW by_model AS SELECT model_id, total_energy_joules FROM model_stats();");
}

sqlite3 *open_database(const char *path, const char *vfs) {
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, vfs);
    if (code != SQLITE_OK) { fprintf(stderr, "cannot open %s: %s\n", path, sqlite3_errstr(code)); exit(2); }
    sqlite3_extended_result_codes(db, 1);
    return db;
}

int load(sqlite3 *db, char reason[512]) {
    const char *file = getenv("JARVIS_STATS");
    char *message = NULL;
    sqlite3_enable_load_extension(db, 1);
    int code = sqlite3_load_extension(db, file ? file : "./libjarvis_stats", NULL, &message);
    snprintf(reason, 512, "%s", message ? message : "");
    sqlite3_free(message);
    return code;
}

sqlite3 *open_loaded(const char *path, const char *vfs) {
    char reason[512];
    sqlite3 *db = open_database(path, vfs);
    if (load(db, reason) != SQLITE_OK) { fprintf(stderr, "cannot load: %s\n", reason); exit(2); }
    return db;
}

void close_database(sqlite3 *db) {
    check(sqlite3_close(db) == SQLITE_OK, "a statement is still open: %s", sqlite3_errmsg(db));
}

static uint64_t mix(uint64_t digest, const void *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) digest = (digest ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return digest;
}

Answer ask(sqlite3 *db, const char *question) {
    Answer answer = {.digest = 14695981039346656037u};
    sqlite3_stmt *statement = NULL;
    answer.code = sqlite3_prepare_v2(db, question, -1, &statement, NULL);
    while (answer.code == SQLITE_OK || answer.code == SQLITE_ROW) {
        answer.code = sqlite3_step(statement);
        if (answer.code != SQLITE_ROW) break;
        answer.rows++;
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            int type = sqlite3_column_type(statement, column);
            double real = type == SQLITE_FLOAT ? sqlite3_column_double(statement, column) : 0;
            sqlite3_int64 integer = type == SQLITE_INTEGER ? sqlite3_column_int64(statement, column) : 0;
            answer.digest = mix(mix(mix(answer.digest, &type, sizeof type), &real, sizeof real), &integer, sizeof integer);
            if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
                const void *bytes = sqlite3_column_blob(statement, column);
                answer.digest = mix(answer.digest, bytes, bytes ? (size_t)sqlite3_column_bytes(statement, column) : 0);
            }
        }
    }
    if (answer.code != SQLITE_DONE) {
        answer.code = sqlite3_extended_errcode(db);
        snprintf(answer.message, sizeof answer.message, "%s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    return answer;
}

bool same(const Answer *one, const Answer *other) {
    return one->code == other->code && one->rows == other->rows && one->digest == other->digest;
}

bool check(bool holds, const char *format, ...) {
    if (holds) { passed++; return true; }
    va_list arguments;
    va_start(arguments, format);
    if (++failed <= 20) { printf("FAILED: "); vprintf(format, arguments); printf("\n"); }
    va_end(arguments);
    return false;
}

bool check_answer_or(const Answer *got, const Answer *right, int primary, const char *where, const char *question) {
    if (got->code == SQLITE_DONE) {
        check(same(got, right), "%s: a wrong answer without an error (%d rows of %d): %s", where, got->rows, right->rows, question);
        return false;
    }
    check((got->code & 0xff) == primary && strcmp(got->message, sqlite3_errstr(primary)) == 0,
          "%s: wanted \"%s\", got code %d \"%s\": %s", where, sqlite3_errstr(primary), got->code, got->message, question);
    return true;
}

int verdict(void) {
    if (failed > 20) printf("... and %d more\n", failed - 20);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

int setting(const char *name, int otherwise) {
    const char *value = getenv(name);
    return value && *value ? atoi(value) : otherwise;
}
