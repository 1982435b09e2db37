/* A host whose nth file operation fails: a shim over the default VFS that answers I/O errors, short reads and a full disk, in
   the database, its journal, its WAL and the temporary files of the sorter. Promised: SQLite's own code and text, never a part of an
   answer; the connection works on when the fault is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum Fault { NONE, READ, SHORT_READ, WRITE, FULL, SIZE, LOCK, ACCESS, OPEN, SHARED_MEMORY, FAULTS };
static const char *const NAMES[] = {"none", "read", "short read", "write", "disk full", "file size", "lock", "access", "open", "shared memory"};
static const int CODES[] = {
    SQLITE_OK, SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_IOERR_FSTAT,
    SQLITE_IOERR_RDLOCK, SQLITE_IOERR_ACCESS, SQLITE_CANTOPEN, SQLITE_IOERR_SHMMAP,
};

static enum Fault planted;
static long countdown = -1, faults;
static bool for_good;
static sqlite3_vfs *below;

static bool fails(enum Fault fault) {
    if (planted != fault || countdown < 0 || countdown-- > 0) return false;
    countdown = for_good ? 0 : -1;
    faults++;
    return true;
}

typedef struct { sqlite3_file base; sqlite3_file *below; } File;
#define BELOW(file) (((File *)(file))->below)
#define PASS(file, method, ...) BELOW(file)->pMethods->method(BELOW(file), ##__VA_ARGS__)

static int shim_close(sqlite3_file *f) { return PASS(f, xClose); }
static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) {
    if (fails(READ)) return SQLITE_IOERR_READ;
    if (fails(SHORT_READ)) { memset(to, 0, (size_t)n); return SQLITE_IOERR_SHORT_READ; }
    return PASS(f, xRead, to, n, at);
}
static int shim_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
    if (fails(WRITE)) return SQLITE_IOERR_WRITE;
    if (fails(FULL)) return SQLITE_FULL;
    return PASS(f, xWrite, from, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 size) { return PASS(f, xTruncate, size); }
static int shim_sync(sqlite3_file *f, int flags) { return PASS(f, xSync, flags); }
static int shim_size(sqlite3_file *f, sqlite3_int64 *size) { return fails(SIZE) ? SQLITE_IOERR_FSTAT : PASS(f, xFileSize, size); }
static int shim_lock(sqlite3_file *f, int level) { return fails(LOCK) ? SQLITE_IOERR_RDLOCK : PASS(f, xLock, level); }
static int shim_unlock(sqlite3_file *f, int level) { return PASS(f, xUnlock, level); }
static int shim_reserved(sqlite3_file *f, int *out) { return PASS(f, xCheckReservedLock, out); }
static int shim_control(sqlite3_file *f, int op, void *data) { return PASS(f, xFileControl, op, data); }
static int shim_sector(sqlite3_file *f) { return PASS(f, xSectorSize); }
static int shim_device(sqlite3_file *f) { return PASS(f, xDeviceCharacteristics); }
static int shim_map(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
    return fails(SHARED_MEMORY) ? SQLITE_IOERR_SHMMAP : PASS(f, xShmMap, page, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags) { return PASS(f, xShmLock, at, n, flags); }
static void shim_barrier(sqlite3_file *f) { PASS(f, xShmBarrier); }
static int shim_unmap(sqlite3_file *f, int remove) { return PASS(f, xShmUnmap, remove); }

static const sqlite3_io_methods METHODS = {
    2, shim_close, shim_read, shim_write, shim_truncate, shim_sync, shim_size, shim_lock, shim_unlock, shim_reserved,
    shim_control, shim_sector, shim_device, shim_map, shim_shm_lock, shim_barrier, shim_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    file->pMethods = NULL;
    if (!(flags & SQLITE_OPEN_MAIN_DB) && fails(OPEN)) return SQLITE_CANTOPEN;
    BELOW(file) = (sqlite3_file *)((File *)file + 1);
    int code = below->xOpen(below, name, BELOW(file), flags, out);
    if (BELOW(file)->pMethods) file->pMethods = &METHODS;
    return code;
}
static int shim_delete(sqlite3_vfs *v, const char *name, int sync) { (void)v; return below->xDelete(below, name, sync); }
static int shim_access(sqlite3_vfs *v, const char *name, int flags, int *out) {
    (void)v;
    return fails(ACCESS) ? SQLITE_IOERR_ACCESS : below->xAccess(below, name, flags, out);
}
static int shim_path(sqlite3_vfs *v, const char *name, int n, char *out) { (void)v; return below->xFullPathname(below, name, n, out); }

/* Small pages and a cache of ten, so that every question reads, and sorting 4,000 records goes to a file. */
static sqlite3 *open_small(const char *path) {
    sqlite3 *db = open_loaded(path, "shim");
    run(db, "PRAGMA cache_size = 10; PRAGMA temp_store = FILE; PRAGMA mmap_size = 0");
    return db;
}

/* A fault may show as another of SQLite's codes: a short read of a database is damage or no database at all. */
static bool is_allowed(enum Fault fault, int code) {
    int primary = code & 0xff, own = CODES[fault] & 0xff;
    return primary == own || primary == SQLITE_IOERR ||
           (fault == SHORT_READ && (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR)) ||
           (fault == SHARED_MEMORY && (primary == SQLITE_PROTOCOL || primary == SQLITE_CANTOPEN)) ||
           (fault == OPEN && primary == SQLITE_CANTOPEN);
}

static void fault_question(sqlite3 **db, const char *path, const char *question, enum Fault fault, int step) {
    Answer right = ask(*db, question);
    check(right.code == SQLITE_DONE, "%s: %s", right.message, question);
    for (int mode = 0; mode < 2; mode++) {
        for (long n = 0;; n += step) {
            /* A new connection has read nothing yet: every page and the schema come from the file. */
            close_database(*db);
            *db = open_small(path);
            long before = faults;
            planted = fault;
            for_good = mode;
            countdown = n;
            Answer got = ask(*db, question);
            planted = NONE;
            if (faults == before) break;
            if (got.code == SQLITE_DONE) {
                check(fault == SHORT_READ || same(&got, &right), "%s %ld: a wrong answer without an error: %s", NAMES[fault], n, question);
            } else {
                check(is_allowed(fault, got.code), "%s %ld: code %d \"%s\": %s", NAMES[fault], n, got.code, got.message, question);
                check(fault == SHORT_READ || strcmp(got.message, sqlite3_errstr(got.code & 0xff)) == 0,
                      "%s %ld: not SQLite's own text: \"%s\": %s", NAMES[fault], n, got.message, question);
            }
            if (fault == SHORT_READ) continue; /* zeros may stay in the page cache: what follows is about that */
            Answer again = ask(*db, question);
            check(same(&again, &right), "%s %ld: the connection does not recover: %s: %s", NAMES[fault], n, again.message, question);
        }
    }
}

int main(int count, char **arguments) {
    const char *path = count > 1 ? arguments[1] : "target/faults/files.db";
    int step = setting("STEP", 1);
    below = sqlite3_vfs_find(NULL);
    sqlite3_vfs shim = *below;
    shim.iVersion = 2;
    shim.zName = "shim";
    shim.szOsFile = (int)sizeof(File) + below->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    shim.xAccess = shim_access;
    shim.xFullPathname = shim_path;
    sqlite3_vfs_register(&shim, 0);
    const char *journals[] = {"DELETE", "WAL"};
    for (int journal = 0; journal < 2; journal++) {
        char name[512], pragma[64];
        for (const char *const *end = (const char *const[]){"", "-wal", "-shm", "-journal", NULL}; *end; end++) {
            snprintf(name, sizeof name, "%s%s", path, *end);
            remove(name);
        }
        sqlite3 *db = open_database(path, NULL);
        snprintf(pragma, sizeof pragma, "PRAGMA page_size = 512; PRAGMA journal_mode = %s", journals[journal]);
        run(db, pragma);
        fill(db, setting("ROWS", 24));
        run(db, "CREATE TABLE many AS SELECT * FROM telemetry WHERE 0;"
                "INSERT INTO many SELECT a.* FROM telemetry AS a, telemetry AS b, (SELECT id FROM telemetry LIMIT 7)");
        /* A second connection keeps the WAL from being checkpointed away. */
        sqlite3 *other = open_database(path, NULL);
        run(other, "SELECT count(*) FROM telemetry");
        close_database(db);
        db = open_small(path);
        for (enum Fault fault = READ; fault < FAULTS; fault++) {
            for (const char *const *question = QUESTIONS; *question; question++) fault_question(&db, path, *question, fault, step);
        }
        const char *sorted = "SELECT sum(length(record)) FROM export_records(NULL, NULL, 'many')";
        long before = faults;
        const enum Fault sorting[] = {READ, WRITE, FULL, OPEN};
        for (int i = 0; i < 4; i++) fault_question(&db, path, sorted, sorting[i], sorting[i] == OPEN ? 1 : 61 * step);
        check(faults - before >= 4, "the sorter did not go to a file: %ld faults", faults - before);
        close_database(db);
        close_database(other);
    }
    printf("files: %ld faults injected (SQLite %s)\n", faults, sqlite3_libversion());
    return verdict();
}
