/* Things that end early or live long: statements that are reset in mid-answer or outlive their connection, a thread with a stack of 64 kB, a
   connection that moves between threads, and views eight deep on both. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "host.h"

/* Steps a little, resets, and asks again from the start. */
static void reset_in_mid_answer(sqlite3 *db) {
    for (const char *const *question = QUESTIONS; *question; question++) {
        sqlite3_stmt *statement = NULL;
        sqlite3_prepare_v2(db, *question, -1, &statement, NULL);
        for (int steps = 0; steps < 5; steps++) {
            for (int i = 0; i < steps && sqlite3_step(statement) == SQLITE_ROW; i++) {}
            check(sqlite3_reset(statement) == SQLITE_OK, "reset after %d steps: %s: %s", steps, sqlite3_errmsg(db), *question);
        }
        int rows = 0;
        while (sqlite3_step(statement) == SQLITE_ROW) rows++;
        Answer right = ask(db, *question);
        check(rows == right.rows, "after resets: %d rows of %d: %s", rows, right.rows, *question);
        sqlite3_finalize(statement);
    }
}

/* sqlite3_close_v2 keeps the connection until the last statement ends; the answer goes on. */
static void outlive_the_connection(void) {
    for (const char *const *question = QUESTIONS; *question; question++) {
        sqlite3 *db = open_loaded(":memory:", NULL);
        fill(db, 24);
        Answer right = ask(db, *question);
        sqlite3_stmt *statement = NULL;
        sqlite3_prepare_v2(db, *question, -1, &statement, NULL);
        int rows = sqlite3_step(statement) == SQLITE_ROW;
        check(sqlite3_close_v2(db) == SQLITE_OK, "close_v2: %s", *question);
        while (rows > 0 && sqlite3_step(statement) == SQLITE_ROW) rows++;
        check(rows == right.rows, "after close_v2: %d rows of %d: %s", rows, right.rows, *question);
        sqlite3_finalize(statement);
    }
}

static void *ask_everything(void *db) {
    for (const char *const *question = QUESTIONS; *question; question++) {
        Answer got = ask(db, *question);
        check(got.code == SQLITE_DONE, "on a small stack: %s: %s", got.message, *question);
    }
    Answer deep = ask(db, "SELECT call_count FROM model_stats(NULL, NULL, NULL, 'v8')");
    check(deep.code == SQLITE_DONE && deep.rows == 1, "views eight deep: %s", deep.message);
    Answer loop = ask(db, "SELECT * FROM model_stats(NULL, NULL, NULL, 'itself')");
    check(loop.code == SQLITE_ERROR && strstr(loop.message, "nest deeper"), "a view that reads itself: %s", loop.message);
    return NULL;
}

static void small_stacks(sqlite3 *db) {
    run(db, "CREATE VIEW v0 AS SELECT 'm' AS model_id, 1 AS timestamp;"
            "CREATE VIEW itself AS SELECT model_id, 1 AS timestamp FROM model_stats(NULL, NULL, NULL, 'itself')");
    for (int depth = 1; depth <= 8; depth++) {
        char sql[256];
        snprintf(sql, sizeof sql, "CREATE VIEW v%d AS SELECT model_id, 1 AS timestamp FROM model_stats(NULL, NULL, NULL, 'v%d')", depth, depth - 1);
        run(db, sql);
    }
    for (size_t kilobytes = 1024; kilobytes >= (size_t)setting("STACK", 64); kilobytes /= 2) {
        pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, kilobytes * 1024);
        bool started = pthread_create(&thread, &attributes, ask_everything, db) == 0;
        if (check(started, "a thread with %zu kB of stack", kilobytes)) pthread_join(thread, NULL);
        pthread_attr_destroy(&attributes);
    }
}

int main(void) {
    sqlite3 *db = open_loaded(":memory:", NULL);
    fill(db, 24);
    reset_in_mid_answer(db);
    small_stacks(db);
    close_database(db);
    outlive_the_connection();
    check(sqlite3_memory_used() == 0, "SQLite still holds %lld bytes", (long long)sqlite3_memory_used());
    return verdict();
}
