/* progress.h: one line on stderr that says how far long work is, for people only.
 *
 *   00.MOO.gz  [======>             ]  34 %, 1.7 of 5.0 M tests, 312,000 tests/s
 *
 * It is drawn on a terminal alone, at most five times a second, and wiped before anything else is printed: what is
 * redirected never sees it. The same for runs, in instructions: progress_show is cheap enough for any loop that does
 * some thousand of them between two calls.
 *
 * While standard output is a terminal, too, nothing is drawn behind text that does not end its line, and nothing more
 * at all after an escape character: then the screen is the guest's.
 */
#ifndef RT386_APP_PROGRESS_H
#define RT386_APP_PROGRESS_H

#include "app.h"

struct progress {
    struct app *app;
    FILE *to;         /* NULL: nobody looks */
    const char *what; /* a file, a guest */
    const char *unit; /* "tests", "instructions" */
    uint64_t first;   /* where it began */
    uint64_t total;   /* 0: not known */
    double began, next;
    bool drawn;
    bool shared;    /* with standard output */
    bool open_line; /* of what came there */
};

/* Silent with -q, and where stderr is no terminal, or a dumb one. The strings stay the caller's. */
void progress_begin(struct progress *p, struct app *app, const char *what, const char *unit,
                    uint64_t total);
void progress_show(struct progress *p, uint64_t done);
/* Before other output: the line is gone, and comes back with the next progress_show. */
void progress_wipe(struct progress *p);
/* The same before bytes on standard output. */
void progress_output(struct progress *p, const char *bytes, size_t n);
void progress_end(struct progress *p);

/* The line itself, without an end; at most `size` bytes with the zero. */
void progress_line(char *to, size_t size, const struct progress *p, uint64_t done, double seconds);

#endif
