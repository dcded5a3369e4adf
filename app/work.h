/* work.h: long work on a file: its line on a terminal, and Ctrl-C or SIGTERM, after which it ends in good order: what it
 * has found by then is printed, files are complete up to there.
 *
 *   work_begin -> work_goes_on, again and again -> work_end
 *
 * Between the two neither signal ends the process, so the work has to ask often.
 */
#ifndef RT386_APP_WORK_H
#define RT386_APP_WORK_H

#include "ctrlc.h"
#include "progress.h"

struct work {
    struct app *app;
    const char *path;
    struct progress progress;
    struct interrupt interrupt;
    uint64_t done;
    unsigned asked;
};

/* From instruction `first` to `end`; 0, 0: instructions are run again, and nobody knows how many. The path stays the
 * caller's. */
void work_begin(struct work *w, struct app *app, const char *path, uint64_t first, uint64_t end);
/* At instruction `done`. False: it is to end. For each item of a trace: cheap, and looks up now and then only. */
bool work_goes_on(struct work *w, uint64_t done);
/* The same for pieces of some milliseconds; rt386_look. */
bool work_look(void *work, uint64_t done);
/* `status`, or 130 or 143 and a sentence. */
int work_end(struct work *w, int status);

#endif
