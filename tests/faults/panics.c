/* A panic planted in every callback (the test build with `planted-faults`) is an SQL error that names the function and the callback;
   the host lives, the connection works on. Closing a cursor cannot report an error, so there the answer is the right one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static const char *const AGGREGATES[] = {"energy_per_token", "avg_itl", NULL};
static const char *const TABLES[] = {
    "batch_stats", "model_stats", "engine_stats", "aggregated_stats", "top_models", "export_records", "rollup_status", NULL,
};
static const char *const SCALARS[] = {"record_count", "rollup_drop", "jarvis_stats_version", "jarvis_stats_debug", NULL};

static int planted;

static void expect_panic(sqlite3 *db, const char *function, const char *callback, const char *question) {
    char fault[128], named[160];
    snprintf(fault, sizeof fault, "%s:%s", function, callback);
    snprintf(named, sizeof named, "%s: internal error in %s", function, callback);
    Answer right = ask(db, question);
    check(right.code == SQLITE_DONE && right.rows > 0, "%s: %s", right.message, question);
    setenv("JARVIS_STATS_PANIC", fault, 1);
    Answer got = ask(db, question);
    unsetenv("JARVIS_STATS_PANIC");
    planted++;
    if (strcmp(callback, "xClose") == 0) {
        check(same(&got, &right), "%s: %d \"%s\"", fault, got.code, got.message);
    } else {
        check(got.code == SQLITE_ERROR && strncmp(got.message, named, strlen(named)) == 0, "%s: %d \"%s\"", fault, got.code, got.message);
    }
    Answer again = ask(db, question);
    check(same(&again, &right), "after %s: %s", fault, again.message);
}

int main(void) {
    char sql[512], reason[512];
    setenv("JARVIS_STATS_PANIC", "jarvis_stats:load", 1);
    sqlite3 *db = open_database(":memory:", NULL);
    check(load(db, reason) == SQLITE_ERROR && strstr(reason, "jarvis_stats: internal error in load"), "load: \"%s\"", reason);
    unsetenv("JARVIS_STATS_PANIC");
    planted++;
    check(load(db, reason) == SQLITE_OK, "loading after a panic: %s", reason);
    fill(db, 24);
    for (const char *const *name = AGGREGATES; *name; name++) {
        snprintf(sql, sizeof sql, "SELECT %s(energy_joules, total_tokens) FROM telemetry", *name);
        expect_panic(db, *name, "xStep", sql);
        expect_panic(db, *name, "xFinal", sql);
        snprintf(sql, sizeof sql, "SELECT %s(energy_joules, total_tokens) OVER (ORDER BY id ROWS 2 PRECEDING) FROM telemetry", *name);
        expect_panic(db, *name, "xStep", sql);
        expect_panic(db, *name, "xInverse", sql);
        expect_panic(db, *name, "xValue", sql);
    }
    for (const char *const *name = SCALARS; *name; name++) {
        snprintf(sql, sizeof sql, "SELECT %s()", *name);
        expect_panic(db, *name, "xFunc", sql);
    }
    const char *callbacks[] = {"xBestIndex", "xFilter", "xColumn", "xNext", "xClose", NULL};
    for (const char *const *name = TABLES; *name; name++) {
        for (const char *const *callback = callbacks; *callback; callback++) {
            snprintf(sql, sizeof sql, "SELECT * FROM %s", *name);
            expect_panic(db, *name, *callback, sql);
            snprintf(sql, sizeof sql, "SELECT * FROM telemetry LEFT JOIN %s AS x LIMIT 30", *name);
            expect_panic(db, *name, *callback, sql);
        }
        /* A table connects once for each connection, so this one needs a new one. */
        sqlite3 *fresh = open_loaded(":memory:", NULL);
        fill(fresh, 6);
        snprintf(sql, sizeof sql, "%s:xConnect", *name);
        setenv("JARVIS_STATS_PANIC", sql, 1);
        snprintf(sql, sizeof sql, "SELECT * FROM %s", *name);
        Answer got = ask(fresh, sql);
        unsetenv("JARVIS_STATS_PANIC");
        planted++;
        check(got.code == SQLITE_ERROR && strstr(got.message, *name) && strstr(got.message, "internal error in xConnect"), "%s xConnect: \"%s\"", *name, got.message);
        got = ask(fresh, sql);
        check(got.code == SQLITE_DONE, "after %s xConnect: %s", *name, got.message);
        close_database(fresh);
    }
    expect_panic(db, "jarvis_stats_scan", "xStep", "SELECT * FROM model_stats");
    close_database(db);
    check(sqlite3_memory_used() == 0, "SQLite still holds %lld bytes", (long long)sqlite3_memory_used());
    printf("panics: %d planted (SQLite %s)\n", planted, sqlite3_libversion());
    return verdict();
}
