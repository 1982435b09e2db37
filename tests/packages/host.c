/* A program with an SQLite of its own, to try a library built for another platform:
 *
 *     host LIBRARY DATABASE < STATEMENTS      one statement a line; prints every value of every row
 *
 * A double is printed by its bits, so that two platforms can be compared to the last one.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sqlite3.h"

static int complain(const char *what, const char *text) {
    fprintf(stderr, "%s: %s\n", what, text);
    return 1;
}

static void print(sqlite3_stmt *statement, int column) {
    double real;
    uint64_t bits;
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        printf("NULL");
        break;
    case SQLITE_FLOAT:
        real = sqlite3_column_double(statement, column);
        memcpy(&bits, &real, sizeof bits);
        printf("%016" PRIx64, bits);
        break;
    case SQLITE_BLOB:
        printf("%d bytes", sqlite3_column_bytes(statement, column));
        break;
    default:
        printf("%s", (const char *)sqlite3_column_text(statement, column));
    }
}

int main(int count, char **words) {
    static char line[1 << 20];
    sqlite3 *db;
    char *error = NULL;
    if (count != 3) return complain("usage", "host LIBRARY DATABASE");
    if (sqlite3_open(words[2], &db) != SQLITE_OK) return complain("open", sqlite3_errmsg(db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    if (sqlite3_load_extension(db, words[1], NULL, &error) != SQLITE_OK) {
        return complain("load", error ? error : "no reason");
    }
    while (fgets(line, sizeof line, stdin)) {
        sqlite3_stmt *statement;
        int code;
        if (sqlite3_prepare_v2(db, line, -1, &statement, NULL) != SQLITE_OK) {
            printf("error: %s\n", sqlite3_errmsg(db));
            continue;
        }
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            for (int column = 0; column < sqlite3_column_count(statement); column++) {
                printf(column ? "|" : "");
                print(statement, column);
            }
            printf("\n");
        }
        if (code != SQLITE_DONE) printf("error: %s\n", sqlite3_errmsg(db));
        sqlite3_finalize(statement);
    }
    return sqlite3_close(db) == SQLITE_OK ? 0 : complain("close", sqlite3_errmsg(db));
}
