/* A host whose nth SQLite allocation fails: for every n, once or from there on for good, over every question and over loading
   itself. Promised: the right answer all the same, or SQLITE_NOMEM "out of memory"; never a part of an answer, never a crash; the
   connection works on as soon as there is memory again, and nothing is kept. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static long countdown = -1; /* allocations until one fails; -1: never */
static bool for_good;
static long faults;

static bool fails(void) {
    if (countdown < 0 || countdown-- > 0) return false;
    countdown = for_good ? 0 : -1;
    faults++;
    return true;
}

static void *allocate(int size) { return fails() ? NULL : malloc((size_t)size); }
static void *reallocate(void *memory, int size) { return fails() ? NULL : realloc(memory, (size_t)size); }
static int size_of(void *memory) { return (int)malloc_usable_size(memory); }
static int round_up(int size) { return (size + 7) & ~7; }
static int start(void *data) { (void)data; return SQLITE_OK; }
static void stop(void *data) { (void)data; }

static bool fault_came(long before) { return faults > before; }

static void fault_questions(const char *path, int step) {
    sqlite3 *db = open_loaded(path, NULL);
    for (const char *const *question = QUESTIONS; *question; question++) {
        Answer right = ask(db, *question);
        check(right.code == SQLITE_DONE && right.rows > 0, "%s: %s", right.message, *question);
        for (int mode = 0; mode < 2; mode++) {
            for_good = mode;
            for (long n = 0;; n += step) {
                long before = faults;
                countdown = n;
                Answer got = ask(db, *question);
                countdown = -1;
                if (!fault_came(before)) break;
                char where[64];
                snprintf(where, sizeof where, "allocation %ld fails%s", n, mode ? " and all after it" : "");
                if (check_answer_or(&got, &right, SQLITE_NOMEM, where, *question)) {
                    Answer again = ask(db, *question);
                    check(same(&again, &right), "%s: the connection does not recover: %s %s", where, again.message, *question);
                }
            }
        }
    }
    close_database(db);
}

/* Loading, into a fresh connection and a second time into one that has the extension. */
static void fault_loading(const char *path, bool second, int step) {
    const char *question = "SELECT avg_itl(mean_itl_ms), energy_per_token(energy_joules, total_tokens) FROM telemetry";
    sqlite3 *db = open_loaded(path, NULL);
    Answer right = ask(db, question);
    close_database(db);
    for (int mode = 0; mode < 2; mode++) {
        for (long n = 0;; n += step) {
            char reason[512], where[96];
            snprintf(where, sizeof where, "%s load, allocation %ld fails%s", second ? "second" : "first", n, mode ? " and all after it" : "");
            sqlite3 *loading = second ? open_loaded(path, NULL) : open_database(path, NULL);
            long before = faults;
            for_good = mode;
            countdown = n;
            int code = load(loading, reason);
            countdown = -1;
            if (code != SQLITE_OK) {
                bool says_why = *reason || mode || (code & 0xff) == SQLITE_NOMEM;
                check(says_why, "%s: code %d without a reason", where, code);
                if (second) {
                    Answer kept = ask(loading, question);
                    check(same(&kept, &right), "%s: what was loaded before is gone: %s", where, kept.message);
                }
                code = load(loading, reason);
                check(code == SQLITE_OK, "%s: loading again does not work: %s", where, reason);
            }
            for (const char *const *one = QUESTIONS; *one; one++) {
                Answer got = ask(loading, *one);
                check(got.code == SQLITE_DONE, "%s: afterwards: %s", where, got.message);
            }
            close_database(loading);
            if (!fault_came(before)) break;
        }
    }
}

int main(int count, char **arguments) {
    sqlite3_mem_methods methods = {allocate, free, reallocate, size_of, round_up, start, stop, NULL};
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* so that every allocation comes here */
    const char *path = count > 1 ? arguments[1] : "target/faults/allocations.db";
    int step = setting("STEP", 1);
    const char *encodings[] = {"UTF-8", "UTF-16le"};
    for (int i = 0; i < 2; i++) {
        char pragma[64];
        remove(path);
        sqlite3 *db = open_database(path, NULL);
        snprintf(pragma, sizeof pragma, "PRAGMA encoding = '%s'", encodings[i]);
        run(db, pragma);
        fill(db, setting("ROWS", 24));
        close_database(db);
        fault_questions(path, step);
        fault_loading(path, false, step);
        fault_loading(path, true, step);
    }
    check(sqlite3_memory_used() == 0, "SQLite still holds %lld bytes", (long long)sqlite3_memory_used());
    printf("allocations: %ld faults injected (SQLite %s)\n", faults, sqlite3_libversion());
    sqlite3_shutdown();
    return verdict();
}
