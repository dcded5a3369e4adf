#include "progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY 0.2 /* seconds between two drawings; nothing is drawn before the first */
#define BAR   20u /* columns at most */
#define WIDTH 79u

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct progress *p, struct app *app, const char *what, const char *unit,
                    uint64_t total)
{
    const char *term = getenv("TERM");
    bool terminal = isatty(fileno(app->err)) && term && strcmp(term, "dumb") != 0;
    const char *slash = strrchr(what, '/');
    *p = (struct progress){.app = app,
                           .to = terminal && app->verbosity ? app->err : NULL,
                           .what = slash ? slash + 1 : what,
                           .unit = unit,
                           .total = total,
                           .shared = isatty(fileno(app->out)),
                           .began = now()};
    p->next = p->began + EVERY;
    if (p->to) app->progress = p;
}

/* "312", "312,000", "4.1 M". */
static void number(char *to, size_t size, double v)
{
    if (v >= 1e6)
        snprintf(to, size, "%.1f M", v / 1e6);
    else if (v >= 1000)
        snprintf(to, size, "%u,%03u", (unsigned)v / 1000, (unsigned)v % 1000);
    else
        snprintf(to, size, "%.0f", v);
}

static void bar(char to[BAR + 1], unsigned columns, double part)
{
    unsigned full = (unsigned)(part * columns);
    for (unsigned i = 0; i < columns; i++)
        to[i] = i < full ? '=' : i == full ? '>' : ' ';
    to[columns] = 0;
}

void progress_line(char *to, size_t size, const struct progress *p, uint64_t done, double seconds)
{
    char have[32], all[32], rate[32], tail[120], drawn[BAR + 1];
    number(have, sizeof have, (double)done);
    number(all, sizeof all, (double)p->total);
    double here = done > p->first ? (double)(done - p->first) : 0;
    number(rate, sizeof rate, seconds > 0 ? here / seconds : 0);
    if (!p->total) {
        snprintf(to, size, "%.20s  %s %s, %s %s/s", p->what, have, p->unit, rate, p->unit);
        return;
    }
    if (done > p->total) done = p->total;
    double part = (double)done / (double)p->total;
    snprintf(tail, sizeof tail, "] %3.0f %%, %s of %s, %s %s/s", 100 * part, have, all, rate,
             p->unit);
    size_t taken = strnlen(p->what, 20) + strlen("  [") + strlen(tail) + 1;
    size_t room = size > taken ? size - taken : 0;
    bar(drawn, room < BAR ? (unsigned)room : BAR, part);
    snprintf(to, size, "%.20s  [%s%s", p->what, drawn, tail);
}

void progress_show(struct progress *p, uint64_t done)
{
    char line[WIDTH + 1];
    if (!p->to || p->open_line) return;
    double t = now();
    if (t < p->next) return;
    p->next = t + EVERY;
    progress_line(line, sizeof line, p, done, t - p->began);
    fprintf(p->to, "\r%-*s", (int)WIDTH, line);
    fflush(p->to);
    p->drawn = true;
}

void progress_wipe(struct progress *p)
{
    if (!p->to || !p->drawn) return;
    fprintf(p->to, "\r%-*s\r", (int)WIDTH, "");
    fflush(p->to);
    p->drawn = false;
}

void progress_output(struct progress *p, const char *bytes, size_t n)
{
    if (!p->to) return;
    progress_wipe(p);
    if (!p->shared) return;
    p->open_line = bytes[n - 1] != '\n';
    if (memchr(bytes, '\033', n)) p->to = NULL;
}

void progress_end(struct progress *p)
{
    progress_wipe(p);
    if (p->app && p->app->progress == p) p->app->progress = NULL;
    p->to = NULL;
}
