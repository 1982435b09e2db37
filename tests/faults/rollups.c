/* A host that is killed, stopped or refused in the middle of a refresh: at every write to a file,
   every instruction, every allocation. Promised: what is stored is right or not used, so that every
   answer is that of the scan, and no transaction is left open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

enum Fault { NONE, KILL, WRITE, FULL, MEMORY, STOP };
static const char *const NAMES[] = {
    "none", "killed at write", "failed write", "full disk at write", "allocation", "instruction",
};

static enum Fault planted;
static long countdown, faults;
static sqlite3_vfs *below;
static sqlite3_mem_methods memory;

static bool comes(enum Fault fault) {
    if (planted != fault || countdown-- != 0) return false;
    faults++;
    return true;
}

static int (*write_below)(sqlite3_file *, const void *, int, sqlite3_int64);
static int shim_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at) {
    if (comes(KILL)) {
        write_below(file, from, n / 2, at); /* a torn one */
        _exit(9);
    }
    if (comes(WRITE)) return SQLITE_IOERR_WRITE;
    if (comes(FULL)) return SQLITE_FULL;
    return write_below(file, from, n, at);
}
static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    int code = below->xOpen(below, name, file, flags, out);
    if (file->pMethods) {
        /* The default VFS has one table for a database, which is locked, and one for all else; both
           write alike. */
        static sqlite3_io_methods tables[2];
        sqlite3_io_methods *methods = &tables[(flags & SQLITE_OPEN_MAIN_DB) != 0];
        *methods = *file->pMethods;
        write_below = methods->xWrite;
        methods->xWrite = shim_write;
        file->pMethods = methods;
    }
    return code;
}
static void *allocate(int n) { return comes(MEMORY) ? NULL : memory.xMalloc(n); }
static void *reallocate(void *old, int n) { return comes(MEMORY) ? NULL : memory.xRealloc(old, n); }
static int stop(void *data) { (void)data; return comes(STOP); }

static const char *const BOTH[][2] = {
    {"SELECT * FROM model_stats()", "SELECT * FROM model_stats(NULL, NULL, NULL, 'plain')"},
    {"SELECT * FROM engine_stats(5, 1893491202, 1)",
     "SELECT * FROM engine_stats(5, 1893491202, 1, 'plain')"},
    {"SELECT * FROM aggregated_stats(1793491202, NULL, 1)",
     "SELECT * FROM aggregated_stats(1793491202, NULL, 1, 'plain')"},
};

/* Changes and a refresh that has chunks to take away, to build and to build anew. */
static const char *const WORK[] = {
    "UPDATE telemetry SET energy_joules = energy_joules + 1 WHERE id < 65536",
    "INSERT INTO telemetry(id, timestamp, model_id, engine)"
    " VALUES (131072, 1793491203, 'late', 'e'), (500000, 1793491204, 'new', 'e')",
    "SELECT rollup_refresh()",
    "DELETE FROM telemetry WHERE id = 131072",
    "SELECT rollup_drop()",
    "SELECT rollup_refresh()",
};
enum { WORKS = sizeof WORK / sizeof *WORK };

static void make(const char *path, const char *journal) {
    char name[512], pragma[64];
    const char *ends[] = {"", "-journal", "-wal", "-shm"};
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        remove(name);
    }
    sqlite3 *db = open_loaded(path, NULL);
    snprintf(pragma, sizeof pragma, "PRAGMA journal_mode = %s", journal);
    run(db, pragma);
    fill(db, setting("ROWS", 24));
    run(db, "UPDATE telemetry SET p95_itl_ms = 1, id = id % 4 * 65536 + id;"
            "SELECT rollup_refresh()");
    Answer used = ask(db, "SELECT 1 FROM rollup_status() WHERE is_used AND covered_rows > 9");
    check(used.rows == 1, "the roll-up is of no use");
    close_database(db);
}

/* Every answer over the table is that over a view of it, which has no roll-up. */
static void compare(sqlite3 *db, const char *where) {
    run(db, "CREATE TEMP VIEW IF NOT EXISTS plain AS SELECT * FROM telemetry");
    for (int i = 0; i < 3; i++) {
        Answer got = ask(db, BOTH[i][0]), right = ask(db, BOTH[i][1]);
        check(right.code == SQLITE_DONE && same(&got, &right), "%s: %s %s: %s", where, got.message,
              right.message, BOTH[i][0]);
    }
}

static void at_every(enum Fault fault, const char *path, const char *journal, int step) {
    for (long n = 0;; n += step) {
        char where[96];
        snprintf(where, sizeof where, "%s, %s %ld", journal, NAMES[fault], n);
        make(path, journal);
        long before = faults;
        bool came;
        if (fault == KILL) {
            fflush(stdout);
            pid_t child = fork();
            if (child == 0) {
                sqlite3 *db = open_loaded(path, "shim");
                planted = fault;
                countdown = n;
                for (int i = 0; i < WORKS; i++) ask(db, WORK[i]);
                _exit(0);
            }
            int status;
            waitpid(child, &status, 0);
            came = WIFEXITED(status) && WEXITSTATUS(status) == 9;
            faults += came;
            check(WIFEXITED(status), "%s: the host crashed", where);
        } else {
            sqlite3 *db = open_loaded(path, "shim");
            sqlite3_progress_handler(db, 1, fault == STOP ? stop : NULL, NULL);
            planted = fault;
            countdown = n;
            for (int i = 0; i < WORKS; i++) {
                Answer got = ask(db, WORK[i]);
                check(sqlite3_get_autocommit(db), "%s: a transaction is left open: %s: %s", where,
                      got.message, WORK[i]);
            }
            came = faults > before;
            planted = NONE;
            sqlite3_progress_handler(db, 0, NULL, NULL);
            compare(db, where);
            close_database(db);
        }
        sqlite3 *db = open_loaded(path, NULL);
        compare(db, where);
        Answer refreshed = ask(db, "SELECT rollup_refresh()");
        check(refreshed.code == SQLITE_DONE, "%s: no refresh: %s", where, refreshed.message);
        Answer verified = ask(db, "SELECT rollup_verify()");
        check(verified.code == SQLITE_DONE, "%s: %s", where, verified.message);
        compare(db, where);
        close_database(db);
        if (!came) break;
    }
}

/* An interrupt that stands, in the caller's transaction and without one. */
static sqlite3 *interrupted;
static int interrupt(void *data) {
    (void)data;
    if (comes(STOP)) sqlite3_interrupt(interrupted);
    return 0;
}
static void interrupts(const char *path, int step) {
    for (int inside = 0; inside < 2; inside++) {
        for (long n = 0;; n += step) {
            char where[96];
            snprintf(where, sizeof where, "interrupted at %ld%s", n, inside ? ", inside" : "");
            make(path, "WAL");
            sqlite3 *db = interrupted = open_loaded(path, NULL);
            long before = faults;
            if (inside) run(db, "BEGIN");
            run(db, "UPDATE telemetry SET ttft = 3 WHERE id < 70000");
            sqlite3_progress_handler(db, 1, interrupt, NULL);
            planted = STOP;
            countdown = n;
            ask(db, "SELECT rollup_refresh()");
            planted = NONE;
            sqlite3_progress_handler(db, 0, NULL, NULL);
            check(inside || sqlite3_get_autocommit(db), "%s: a transaction is left open", where);
            compare(db, where);
            if (!sqlite3_get_autocommit(db)) run(db, n % 2 ? "COMMIT" : "ROLLBACK");
            compare(db, where);
            close_database(db);
            if (faults == before) break;
        }
    }
}

/* An authorizer that refuses the nth look at a column of the table, or has one read as NULL: what a
   scan may not see, sums must not tell. */
static int nth_column(void *data, int action, const char *table, const char *column,
                      const char *database, const char *view) {
    (void)data; (void)column; (void)database; (void)view;
    if (action != SQLITE_READ || !table || strcmp(table, "telemetry") != 0) return SQLITE_OK;
    return countdown-- == 0 ? SQLITE_DENY : SQLITE_OK;
}
static int one_column(void *data, int action, const char *table, const char *column,
                      const char *database, const char *view) {
    (void)database; (void)view;
    if (action != SQLITE_READ || strcmp(table, "telemetry") != 0) return SQLITE_OK;
    return strcmp(column, data) == 0 ? SQLITE_IGNORE : SQLITE_OK;
}
static void authorizers(const char *path) {
    make(path, "WAL");
    sqlite3 *db = open_loaded(path, NULL);
    run(db, "CREATE TEMP VIEW plain AS SELECT * FROM telemetry");
    for (int i = 0; i < 3; i++) {
        for (long n = 0;; n++) {
            countdown = n;
            sqlite3_set_authorizer(db, nth_column, NULL);
            Answer got = ask(db, BOTH[i][0]);
            bool came = countdown < 0;
            sqlite3_set_authorizer(db, NULL, NULL);
            if (!came) break;
            faults++;
            Answer right = ask(db, BOTH[i][1]);
            check(got.code == SQLITE_AUTH || same(&got, &right), "denied column %ld: %d %s", n,
                  got.code, got.message);
        }
    }
    static char *const columns[] = {
        "energy_joules", "ttft", "model_id", "engine", "timestamp", "token_counting_version", "id",
        "total_tokens",
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        sqlite3_set_authorizer(db, one_column, columns[i]);
        compare(db, columns[i]);
        sqlite3_set_authorizer(db, NULL, NULL);
        faults++;
    }
    close_database(db);
}

int main(int count, char **arguments) {
    const char *path = count > 1 ? arguments[1] : "target/faults/rollups.db";
    int step = setting("STEP", 1);
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    sqlite3_mem_methods failing = memory;
    failing.xMalloc = allocate;
    failing.xRealloc = reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    below = sqlite3_vfs_find(NULL);
    sqlite3_vfs shim = *below;
    shim.zName = "shim";
    shim.xOpen = shim_open;
    sqlite3_vfs_register(&shim, 0);
    const char *journals[] = {"DELETE", "WAL"};
    for (int i = 0; i < 2; i++) {
        at_every(KILL, path, journals[i], step);
        at_every(WRITE, path, journals[i], step);
        at_every(FULL, path, journals[i], step);
    }
    printf("rollups: %ld kills and failed writes\n", faults);
    at_every(MEMORY, path, "WAL", 7 * step);
    at_every(STOP, path, "WAL", 7 * step);
    interrupts(path, 3 * step);
    authorizers(path);
    printf("rollups: %ld faults injected (SQLite %s)\n", faults, sqlite3_libversion());
    return verdict();
}
