/* What all the hosts here share: a database with the extension in it, questions over the whole surface, and an
   answer reduced to what can be compared. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include "sqlite.h"

typedef struct {
    int code;            /* SQLITE_DONE, or SQLite's extended code */
    char message[512];   /* sqlite3_errmsg when it failed */
    int rows;            /* rows that came, also before a failure */
    uint64_t digest;     /* of their values and types */
} Answer;

/* Written by questions.py from the catalogue of the extension; the last of each is NULL. */
/* Questions over every function, join, view and window. Each gives at least one row. */
extern const char *const QUESTIONS[];
/* Names: what contains one of them reads a table. */
extern const char *const READING[];
/* Names, each with a sample call after it. */
extern const char *const SCALARS[], *const AGGREGATES[], *const TABLES[];
bool reads_a_table(const char *question);

/* The database that they ask: `rows` calls, some of them hostile. Without the extension. */
void fill(sqlite3 *db, int rows);
/* Opens `path` through `vfs` (NULL: the default), for reading and writing. */
sqlite3 *open_database(const char *path, const char *vfs);
/* Loads the extension; the reason of a failure goes to `reason`, "" for none. */
int load(sqlite3 *db, char reason[512]);
sqlite3 *open_loaded(const char *path, const char *vfs);
/* Closes; an open statement or a second close would be a failure. */
void close_database(sqlite3 *db);
void run(sqlite3 *db, const char *sql);

Answer ask(sqlite3 *db, const char *question);
bool same(const Answer *one, const Answer *other);

/* Counts a passed or failed check; a failed one is printed. */
bool check(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Checks that `got` is the whole right answer, or the failure `primary` with SQLite's own text; true if it failed. */
bool check_answer_or(const Answer *got, const Answer *right, int primary, const char *where, const char *question);
/* Prints "N passed, N failed"; the exit code. */
int verdict(void);

/* An option of the environment. */
int setting(const char *name, int otherwise);

#endif
