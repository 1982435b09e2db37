/* Opens, loads, asks and closes, ten thousand times, from one thread and from eight: memory must stay flat (FLAT=0: under a tool that keeps
   memory of its own only the answers count). Then many statements on one
   connection. Prints what the process holds along the way. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

static const char *path;
static Answer right[64];

static long resident_kb(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void cycle(int number) {
    int count = 0;
    sqlite3 *db = open_loaded(path, NULL);
    while (QUESTIONS[count]) count++;
    for (int i = 0; i < 3; i++) {
        int which = (number * 3 + i) % count;
        Answer got = ask(db, QUESTIONS[which]);
        check(same(&got, &right[which]), "cycle %d: %s: %s", number, got.message, QUESTIONS[which]);
        got = ask(db, "SELECT * FROM model_stats('soon')");
        check(got.code == SQLITE_ERROR, "cycle %d: an error is expected", number);
    }
    close_database(db);
}

static int cycles_per_thread;
static void *cycles(void *data) {
    for (int i = 0; i < cycles_per_thread; i++) cycle((int)(intptr_t)data + i);
    return NULL;
}

static void in_threads(int threads, int cycles_in_all) {
    long before = 0;
    for (int part = 0; part < 4; part++) { /* the first part warms up */
        pthread_t running[64];
        cycles_per_thread = cycles_in_all / 4 / threads;
        for (int i = 0; i < threads; i++) pthread_create(&running[i], NULL, cycles, (void *)(intptr_t)(i * 7));
        for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
        long now = resident_kb();
        printf("  %d threads, %d cycles: %ld kB\n", threads, (part + 1) * threads * cycles_per_thread, now);
        if (part == 0) before = now;
        if (part == 3 && setting("FLAT", 1)) check(now - before < 1024 + 256 * threads, "%d threads: memory grew from %ld to %ld kB", threads, before, now);
    }
}

int main(int count, char **arguments) {
    path = count > 1 ? arguments[1] : "target/sanitize/cycles.db";
    int total = setting("CYCLES", 10000);
    remove(path);
    sqlite3 *db = open_loaded(path, NULL);
    fill(db, 24);
    for (int i = 0; QUESTIONS[i]; i++) right[i] = ask(db, QUESTIONS[i]);
    in_threads(1, total);
    in_threads(8, total);
    long before = 0;
    int statements = total * 10;
    for (int i = 0; i < statements; i++) {
        Answer got = ask(db, i % 2 ? "SELECT model_id FROM top_models(1)" : "SELECT avg_itl(mean_itl_ms) FROM telemetry");
        check(got.code == SQLITE_DONE, "%s", got.message);
        if (i == statements / 4) before = resident_kb();
    }
    printf("  %d statements on one connection: %ld, then %ld kB\n", statements, before, resident_kb());
    check(!setting("FLAT", 1) || resident_kb() - before < 512, "memory grew from %ld to %ld kB", before, resident_kb());
    close_database(db);
    check(sqlite3_memory_used() == 0, "SQLite still holds %lld bytes", (long long)sqlite3_memory_used());
    return verdict();
}
