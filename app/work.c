#include "work.h"

#define SELDOM 4096u /* items between two looks */

void work_begin(struct work *w, struct app *app, const char *path, uint64_t first, uint64_t end)
{
    *w = (struct work){.app = app, .path = path, .done = first};
    interrupt_begin(&w->interrupt);
    progress_begin(&w->progress, app, path, "instructions", end);
    w->progress.first = first;
}

bool work_look(void *work, uint64_t done)
{
    struct work *w = work;
    w->done = done;
    progress_show(&w->progress, done);
    return !interrupt_poll(&w->interrupt);
}

bool work_goes_on(struct work *w, uint64_t done)
{
    w->done = done;
    return ++w->asked % SELDOM ? !w->interrupt.taken : work_look(w, done);
}

int work_end(struct work *w, int status)
{
    progress_end(&w->progress);
    if (w->interrupt.taken)
        app_error(w->app, "%.120s: interrupted %s %llu", w->path,
                  w->progress.total ? "at instruction" : "after instructions run again:",
                  (unsigned long long)w->done);
    interrupt_end(&w->interrupt);
    return interrupt_status(&w->interrupt, status);
}
