/* crash.h: files about INtime threads whose exception nobody took: a report for people, a core for gdb.
 *
 *   machine --calls--> the last ones are kept
 *           --fault--> DIR/PROCESS-N.crash and DIR/PROCESS-N.core, N the first that is free
 *
 * A file that is there is never written over. A fault that a handler of the program's own is called for makes no
 * files. After CRASH_FILES faults of a run no more are written.
 */
#ifndef RT386_APP_CRASH_H
#define RT386_APP_CRASH_H

#include "app.h"
#include "lately.h"

#include <rt386/rt386.h>

#define CRASH_FILES 16u
#define CRASH_CALLS 32u

struct crash;

struct crash_call { /* one that was made; newest last */
    const char *name;
    char process[16], arguments[160];
    uint16_t thread;
    bool back, waits; /* it has returned; it has not, and the thread waits */
    uint32_t result;
    const char *status;
};

struct crash_config {
    const char *folder;
    bool report, core;
    struct lately *lately; /* tells the last instructions; NULL: they are not told */
};

/* NULL: the host has no memory. `config` lives as long. */
struct crash *crash_new(struct app *app, rt386 *machine, const struct crash_config *config);
void crash_free(struct crash *c);
void crash_call(struct crash *c, const rt386_call_event *e);
void crash_fault(struct crash *c, const rt386_thread_fault *e);
/* Some file could not be written; a sentence was printed. */
bool crash_failed(const struct crash *c);

/* crash_text.c: the report. The calls are in their order. */
void crash_text(struct text *t, struct app *app, const rt386 *m, const rt386_thread_fault *e,
                const struct crash_call *calls, unsigned count);
/* core.c: an ELF core of the process. 0 or errno. *left_out: bytes of memory that it does not hold. `note` goes with
 * it. */
int core_write(FILE *f, const rt386 *m, const rt386_thread_fault *e, const struct text *note,
               uint64_t *left_out);

#endif
