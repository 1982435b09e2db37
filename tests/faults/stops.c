/* A host that stops a query: by a progress handler at every instruction, by sqlite3_interrupt from another thread, by locks, by an
   authorizer at every access, by limits. Promised: SQLite's own code and text, never a part of an answer, and the connection
   works on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

static long stops;

/* From 3.41 on a stop may come while SQLite compiles, and a query with a window (of any function) then says this. */
static bool is_of_the_compiler(const Answer *got) {
    return got->code == SQLITE_ERROR && strncmp(got->message, "expected 0 columns for ''", 25) == 0;
}

static bool check_stopped(const Answer *got, const Answer *right, const char *where, const char *question) {
    return is_of_the_compiler(got) || check_answer_or(got, right, SQLITE_INTERRUPT, where, question);
}

static long countdown;
static int counting_handler(void *data) { (void)data; return countdown-- <= 0; }

static void by_progress_handler(sqlite3 *db, int step) {
    for (const char *const *question = QUESTIONS; *question; question++) {
        Answer right = ask(db, *question);
        bool stopped = true;
        for (long n = 0; stopped; n += step) {
            char where[64];
            snprintf(where, sizeof where, "stopped after instruction %ld", n);
            countdown = n;
            sqlite3_progress_handler(db, 1, counting_handler, NULL);
            Answer got = ask(db, *question);
            stopped = countdown < 0;
            sqlite3_progress_handler(db, 0, NULL, NULL);
            if (!stopped) break;
            check_stopped(&got, &right, where, *question);
            stops++;
            if (n % 16 == 0) {
                Answer again = ask(db, *question);
                check(same(&again, &right), "%s: the connection does not recover: %s: %s", where, again.message, *question);
            }
        }
    }
}

static volatile bool finished;
static sqlite3 *interrupted;
static void *interrupt_often(void *data) {
    unsigned seed = *(unsigned *)data;
    while (!finished) {
        usleep(rand_r(&seed) % 900);
        sqlite3_interrupt(interrupted);
    }
    return NULL;
}

static void by_interrupt(sqlite3 *db, int rounds) {
    unsigned seed = (unsigned)setting("SEED", 1);
    int count = 0;
    Answer right[64];
    for (; QUESTIONS[count]; count++) right[count] = ask(db, QUESTIONS[count]);
    pthread_t thread;
    finished = false;
    interrupted = db;
    pthread_create(&thread, NULL, interrupt_often, &seed);
    for (int round = 0; round < rounds; round++) {
        Answer got = ask(db, QUESTIONS[round % count]);
        stops += check_stopped(&got, &right[round % count], "interrupted", QUESTIONS[round % count]);
    }
    finished = true;
    pthread_join(thread, NULL);
    for (int i = 0; i < count; i++) {
        Answer again = ask(db, QUESTIONS[i]);
        check(same(&again, &right[i]), "after interrupts: %s: %s", again.message, QUESTIONS[i]);
    }
}

/* What a plain SELECT meets on the same connection is what ours must meet. */
static void as_plain_select(sqlite3 *db, const char *where) {
    Answer plain = ask(db, "SELECT * FROM main.telemetry");
    check(plain.code != SQLITE_DONE, "%s: a plain SELECT is not stopped", where);
    for (const char *const *question = QUESTIONS; *question; question++) {
        if (!reads_a_table(*question)) continue;
        Answer got = ask(db, *question);
        check(got.code == plain.code && strcmp(got.message, plain.message) == 0,
              "%s: wanted %d \"%s\", got %d \"%s\": %s", where, plain.code, plain.message, got.code, got.message, *question);
        stops++;
    }
}

static void by_locks(const char *path) {
    const char *plain_question = "SELECT * FROM model_stats()";
    sqlite3 *db = open_loaded(path, NULL), *writer = open_database(path, NULL);
    Answer right = ask(db, plain_question);
    run(writer, "BEGIN EXCLUSIVE");
    as_plain_select(db, "locked by another connection");
    run(writer, "ROLLBACK");
    Answer again = ask(db, plain_question);
    check(same(&again, &right), "after a lock: %s", again.message);
    close_database(writer);
    close_database(db);

    char uri[512];
    snprintf(uri, sizeof uri, "file:%s?cache=shared", path);
    db = open_loaded(uri, NULL);
    writer = open_database(uri, NULL);
    run(writer, "BEGIN; DELETE FROM telemetry");
    as_plain_select(db, "locked in a shared cache");
    run(writer, "ROLLBACK");
    again = ask(db, plain_question);
    check(same(&again, &right), "after a shared-cache lock: %s", again.message);
    close_database(writer);
    close_database(db);
}

/* Denies the nth question to the authorizer that is about reading the telemetry table's columns. */
static int deny_read(void *data, int action, const char *table, const char *column, const char *database, const char *view) {
    (void)data; (void)column; (void)database; (void)view;
    return action == SQLITE_READ && table && strcmp(table, "telemetry") == 0 && countdown-- == 0 ? SQLITE_DENY : SQLITE_OK;
}

static void by_authorizer(sqlite3 *db) {
    for (const char *const *question = QUESTIONS; *question; question++) {
        Answer right = ask(db, *question);
        for (long n = 0;; n++) {
            countdown = n;
            sqlite3_set_authorizer(db, deny_read, NULL);
            Answer got = ask(db, *question);
            bool denied = countdown < 0;
            sqlite3_set_authorizer(db, NULL, NULL);
            if (!denied) {
                check(same(&got, &right), "an authorizer that allows everything: %s: %s", got.message, *question);
                break;
            }
            stops++;
            bool says_so = strstr(got.message, "prohibited") || strcmp(got.message, "not authorized") == 0;
            check(got.code == SQLITE_AUTH && says_so, "denied column %ld: code %d \"%s\": %s", n, got.code, got.message, *question);
        }
        Answer again = ask(db, *question);
        check(same(&again, &right), "after a denial: %s: %s", again.message, *question);
    }
}

/* Every limit, set lower and lower: the answer, or an error with a text. */
static void by_limits(const char *path) {
    for (int limit = 0; limit < 12; limit++) {
        for (int value = 1; value < 4000; value = value * 3 / 2 + 1) {
            sqlite3 *db = open_loaded(path, NULL);
            for (const char *const *question = QUESTIONS; *question; question++) {
                Answer right = ask(db, *question);
                int before = sqlite3_limit(db, limit, value);
                Answer got = ask(db, *question);
                sqlite3_limit(db, limit, before);
                if (got.code == SQLITE_DONE) {
                    check(same(&got, &right), "limit %d at %d: a wrong answer: %s", limit, value, *question);
                } else {
                    check(*got.message && (got.code == SQLITE_ERROR || got.code == SQLITE_TOOBIG || got.code == SQLITE_NOMEM),
                          "limit %d at %d: code %d \"%s\": %s", limit, value, got.code, got.message, *question);
                    check(!strstr(got.message, "internal"), "limit %d at %d: \"%s\": %s", limit, value, got.message, *question);
                    stops++;
                }
            }
            close_database(db);
        }
    }
}

int main(int count, char **arguments) {
    const char *path = count > 1 ? arguments[1] : "target/faults/stops.db";
    int step = setting("STEP", 1);
    remove(path);
    sqlite3 *db = open_loaded(path, NULL);
    fill(db, setting("ROWS", 12));
    by_progress_handler(db, step);
    printf("stops: %ld by a progress handler\n", stops);
    stops = 0;
    by_interrupt(db, setting("ROUNDS", 20000) / step);
    printf("stops: %ld by an interrupt from another thread\n", stops);
    stops = 0;
    by_authorizer(db);
    printf("stops: %ld by an authorizer\n", stops);
    close_database(db);
    stops = 0;
    by_locks(path);
    by_limits(path);
    printf("stops: %ld by locks and limits (SQLite %s)\n", stops, sqlite3_libversion());
    check(sqlite3_memory_used() == 0, "SQLite still holds %lld bytes", (long long)sqlite3_memory_used());
    return verdict();
}
