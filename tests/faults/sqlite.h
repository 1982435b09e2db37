/* The part of SQLite's C interface that these hosts use, declared here so that they build where only the library is
   installed and not its headers. Structures are cut after the last field of the version that is asked for. */
#ifndef SQLITE_H
#define SQLITE_H

#include <stdint.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
typedef int64_t sqlite3_int64;
typedef uint64_t sqlite3_uint64;

enum {
    SQLITE_OK = 0, SQLITE_ERROR = 1, SQLITE_BUSY = 5, SQLITE_LOCKED = 6, SQLITE_NOMEM = 7, SQLITE_INTERRUPT = 9,
    SQLITE_IOERR = 10, SQLITE_CORRUPT = 11, SQLITE_FULL = 13, SQLITE_CANTOPEN = 14, SQLITE_PROTOCOL = 15,
    SQLITE_TOOBIG = 18, SQLITE_AUTH = 23, SQLITE_NOTADB = 26, SQLITE_ROW = 100, SQLITE_DONE = 101,

    SQLITE_IOERR_READ = SQLITE_IOERR | 1 << 8, SQLITE_IOERR_SHORT_READ = SQLITE_IOERR | 2 << 8,
    SQLITE_IOERR_WRITE = SQLITE_IOERR | 3 << 8, SQLITE_IOERR_FSYNC = SQLITE_IOERR | 4 << 8,
    SQLITE_IOERR_TRUNCATE = SQLITE_IOERR | 6 << 8, SQLITE_IOERR_FSTAT = SQLITE_IOERR | 7 << 8,
    SQLITE_IOERR_RDLOCK = SQLITE_IOERR | 9 << 8, SQLITE_IOERR_ACCESS = SQLITE_IOERR | 13 << 8,
    SQLITE_IOERR_SHMMAP = SQLITE_IOERR | 21 << 8,

    SQLITE_INTEGER = 1, SQLITE_FLOAT = 2, SQLITE_TEXT = 3, SQLITE_BLOB = 4, SQLITE_NULL = 5,
    SQLITE_OPEN_READWRITE = 2, SQLITE_OPEN_CREATE = 4, SQLITE_OPEN_URI = 0x40, SQLITE_OPEN_MAIN_DB = 0x100,
    SQLITE_CONFIG_MALLOC = 4, SQLITE_CONFIG_LOOKASIDE = 13, SQLITE_CONFIG_SINGLETHREAD = 1,
#define SQLITE_CONFIG_GETMALLOC 5
    SQLITE_DENY = 1, SQLITE_IGNORE = 2, SQLITE_READ = 20,
};

typedef struct {
    void *(*xMalloc)(int);
    void (*xFree)(void *);
    void *(*xRealloc)(void *, int);
    int (*xSize)(void *);
    int (*xRoundup)(int);
    int (*xInit)(void *);
    void (*xShutdown)(void *);
    void *pAppData;
} sqlite3_mem_methods;

typedef struct sqlite3_io_methods sqlite3_io_methods;
typedef struct sqlite3_file { const sqlite3_io_methods *pMethods; } sqlite3_file;
struct sqlite3_io_methods {
    int iVersion;
    int (*xClose)(sqlite3_file *);
    int (*xRead)(sqlite3_file *, void *, int, sqlite3_int64);
    int (*xWrite)(sqlite3_file *, const void *, int, sqlite3_int64);
    int (*xTruncate)(sqlite3_file *, sqlite3_int64);
    int (*xSync)(sqlite3_file *, int);
    int (*xFileSize)(sqlite3_file *, sqlite3_int64 *);
    int (*xLock)(sqlite3_file *, int);
    int (*xUnlock)(sqlite3_file *, int);
    int (*xCheckReservedLock)(sqlite3_file *, int *);
    int (*xFileControl)(sqlite3_file *, int, void *);
    int (*xSectorSize)(sqlite3_file *);
    int (*xDeviceCharacteristics)(sqlite3_file *);
    int (*xShmMap)(sqlite3_file *, int, int, int, void volatile **);
    int (*xShmLock)(sqlite3_file *, int, int, int);
    void (*xShmBarrier)(sqlite3_file *);
    int (*xShmUnmap)(sqlite3_file *, int);
};

typedef struct sqlite3_vfs sqlite3_vfs;
struct sqlite3_vfs {
    int iVersion, szOsFile, mxPathname;
    sqlite3_vfs *pNext;
    const char *zName;
    void *pAppData;
    int (*xOpen)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *);
    int (*xDelete)(sqlite3_vfs *, const char *, int);
    int (*xAccess)(sqlite3_vfs *, const char *, int, int *);
    int (*xFullPathname)(sqlite3_vfs *, const char *, int, char *);
    void *(*xDlOpen)(sqlite3_vfs *, const char *);
    void (*xDlError)(sqlite3_vfs *, int, char *);
    void (*(*xDlSym)(sqlite3_vfs *, void *, const char *))(void);
    void (*xDlClose)(sqlite3_vfs *, void *);
    int (*xRandomness)(sqlite3_vfs *, int, char *);
    int (*xSleep)(sqlite3_vfs *, int);
    int (*xCurrentTime)(sqlite3_vfs *, double *);
    int (*xGetLastError)(sqlite3_vfs *, int, char *);
    int (*xCurrentTimeInt64)(sqlite3_vfs *, sqlite3_int64 *);
};

int sqlite3_config(int, ...);
int sqlite3_initialize(void);
int sqlite3_shutdown(void);
int sqlite3_open_v2(const char *, sqlite3 **, int, const char *);
int sqlite3_close(sqlite3 *);
int sqlite3_close_v2(sqlite3 *);
int sqlite3_reset(sqlite3_stmt *);
int sqlite3_exec(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
int sqlite3_enable_load_extension(sqlite3 *, int);
int sqlite3_load_extension(sqlite3 *, const char *, const char *, char **);
void sqlite3_free(void *);
int sqlite3_prepare_v2(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
int sqlite3_step(sqlite3_stmt *);
int sqlite3_finalize(sqlite3_stmt *);
int sqlite3_column_count(sqlite3_stmt *);
int sqlite3_column_type(sqlite3_stmt *, int);
sqlite3_int64 sqlite3_column_int64(sqlite3_stmt *, int);
double sqlite3_column_double(sqlite3_stmt *, int);
const void *sqlite3_column_blob(sqlite3_stmt *, int);
int sqlite3_column_bytes(sqlite3_stmt *, int);
int sqlite3_extended_errcode(sqlite3 *);
int sqlite3_extended_result_codes(sqlite3 *, int);
const char *sqlite3_errmsg(sqlite3 *);
const char *sqlite3_errstr(int);
const char *sqlite3_libversion(void);
sqlite3_int64 sqlite3_memory_used(void);
void sqlite3_interrupt(sqlite3 *);
void sqlite3_progress_handler(sqlite3 *, int, int (*)(void *), void *);
int sqlite3_get_autocommit(sqlite3 *);
int sqlite3_busy_timeout(sqlite3 *, int);
int sqlite3_set_authorizer(sqlite3 *, int (*)(void *, int, const char *, const char *, const char *, const char *), void *);
int sqlite3_limit(sqlite3 *, int, int);
sqlite3_vfs *sqlite3_vfs_find(const char *);
int sqlite3_vfs_register(sqlite3_vfs *, int);

#endif
