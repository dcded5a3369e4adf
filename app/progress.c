#include "progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY 0.2 /* seconds between two drawings; nothing is drawn before the first */
#define BAR   20u
#define WIDTH 79u

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct progress *p, const struct app *app, const char *what, const char *unit,
                    uint64_t total)
{
    const char *term = getenv("TERM");
    bool terminal = isatty(fileno(app->err)) && term && strcmp(term, "dumb") != 0;
    const char *slash = strrchr(what, '/');
    *p = (struct progress){.to = terminal && app->verbosity ? app->err : NULL,
                           .what = slash ? slash + 1 : what,
                           .unit = unit,
                           .total = total,
                           .began = now()};
    p->next = p->began + EVERY;
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

static void bar(char to[BAR + 1], double part)
{
    unsigned full = (unsigned)(part * BAR);
    for (unsigned i = 0; i < BAR; i++)
        to[i] = i < full ? '=' : i == full ? '>' : ' ';
    to[BAR] = 0;
}

void progress_line(char *to, size_t size, const struct progress *p, uint64_t done, double seconds)
{
    char have[32], all[32], rate[32], drawn[BAR + 1];
    number(have, sizeof have, (double)done);
    number(all, sizeof all, (double)p->total);
    number(rate, sizeof rate, seconds > 0 ? (double)done / seconds : 0);
    if (done > p->total) done = p->total;
    double part = p->total ? (double)done / (double)p->total : 0;
    bar(drawn, part);
    if (p->total)
        snprintf(to, size, "%.20s  [%s] %3.0f %%, %s of %s, %s %s/s", p->what, drawn, 100 * part,
                 have, all, rate, p->unit);
    else
        snprintf(to, size, "%.20s  %s %s, %s %s/s", p->what, have, p->unit, rate, p->unit);
}

void progress_show(struct progress *p, uint64_t done)
{
    char line[WIDTH + 1];
    if (!p->to) return;
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

void progress_end(struct progress *p)
{
    progress_wipe(p);
    p->to = NULL;
}
