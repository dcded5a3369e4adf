#include "loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define FRAME 16666667u /* ns */

uint64_t stage_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void stage_draw(struct stage *s)
{
    float w, h;
    s->ops->rescale(s->screen, s->lab->scale);
    struct canvas c = s->ops->begin(s->screen, s->lab->palette, &w, &h);
    lab_draw(s->lab, &c, w, h);
}

bool stage_save(struct stage *s, const char *path)
{
    char err[300];
    stage_draw(s);
    if (s->ops->save(s->screen, path, err, sizeof err)) return true;
    app_error(s->lab->app, "%s", err);
    return false;
}

/* Where the guest stands is told to whoever sees the window's name only. */
static void name(struct stage *s)
{
    char now[sizeof s->name];
    const struct lab *l = s->lab;
    if (l->running)
        snprintf(now, sizeof now, "%.60s runs - rt386 lab", l->title);
    else
        snprintf(now, sizeof now, "%.60s at %llu - rt386 lab", l->title,
                 (unsigned long long)debugger_place(l->d).insns);
    if (!strcmp(now, s->name)) return;
    memcpy(s->name, now, sizeof now);
    s->ops->name(s->screen, now);
}

static void event(struct lab *l, const struct screen_event *e)
{
    switch (e->kind) {
    case SCREEN_QUIT: l->over = true; break;
    case SCREEN_KEY: (void)lab_key(l, e->name); break;
    case SCREEN_TEXT: lab_typed(l, e->name); break;
    case SCREEN_CLICK: lab_click(l, e->x, e->y, e->count > 1); break;
    case SCREEN_WHEEL: lab_wheel(l, e->x, e->y, e->count); break;
    case SCREEN_MOVED:
    case SCREEN_RESIZED:
    case SCREEN_NOTHING: break;
    }
}

/* What is left of a sixtieth of a second, when so much went for the last picture, is the guest's. */
static uint64_t share(uint64_t drawn)
{
    uint64_t kept = drawn + 2000000;
    return kept < FRAME - 3000000 ? FRAME - kept : 3000000;
}

static void running(struct stage *s, uint64_t begin, uint64_t drawn)
{
    uint64_t took;
    lab_tick(s->lab, share(drawn));
    took = stage_now() - begin;
    s->frames++;
    s->drawing += drawn;
    s->waited += took;
    s->late += took > FRAME + FRAME / 10;
    if (took > s->longest) s->longest = took;
}

/* ---- a move that may take long: it has a thread, and the window goes on to hear ---------------------------------- */

struct errand {
    void (*job)(void *arg);
    void *arg;
    atomic_bool done;
};

static void *errand_thread(void *ctx)
{
    struct errand *e = ctx;
    e->job(e->arg);
    atomic_store(&e->done, true);
    return NULL;
}

/* Nothing may look at the machine meanwhile: the last picture stays, with a word on it. */
static void errand_word(struct stage *s)
{
    float w, h;
    static const char words[] = "working; Esc stops it";
    struct canvas c = s->ops->over(s->screen, &w, &h);
    struct box at = {w / 2 - 110, h / 2 - 20, 220, 40};
    canvas_fill(&c, at, INK_PANEL, 8);
    canvas_frame(&c, at, INK_FOCUS, 8, 2);
    canvas_text(&c, w / 2, at.y + 25, ALIGN_MIDDLE, (struct type){FACE_BOLD, 13}, INK_TEXT, words);
    s->ops->show(s->screen);
}

static bool errand_ends(const struct screen_event *e)
{
    return e->kind == SCREEN_QUIT || (e->kind == SCREEN_TEXT && !strcmp(e->name, " ")) ||
           (e->kind == SCREEN_KEY && (!strcmp(e->name, "escape") || !strcmp(e->name, "ctrl+c")));
}

static void errand_run(void *host, void (*job)(void *arg), void *arg)
{
    struct stage *s = host;
    struct errand errand = {.job = job, .arg = arg};
    struct screen_event e;
    pthread_t thread;
    if (pthread_create(&thread, NULL, errand_thread, &errand) != 0) {
        job(arg);
        return;
    }
    uint64_t begin = stage_now();
    bool told = false;
    while (!atomic_load(&errand.done)) {
        bool patient = stage_now() - begin < 2 * FRAME;
        if (patient) {
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
            continue;
        }
        if (!told && stage_now() - begin > 12 * FRAME) {
            errand_word(s);
            told = true;
        }
        if (!s->ops->event(s->screen, 5, &e) || !errand_ends(&e)) continue;
        s->lab->over |= e.kind == SCREEN_QUIT;
        debugger_call(s->lab->d);
    }
    pthread_join(thread, NULL);
}

void stage_loop(struct stage *s)
{
    s->lab->host_run = errand_run;
    s->lab->host = s;
    struct lab *l = s->lab;
    struct screen_event e;
    bool changed = true;
    while (!l->over) {
        bool was = l->running;
        uint64_t begin = stage_now();
        if (changed || was) {
            stage_draw(s);
            s->ops->show(s->screen);
            name(s);
        }
        uint64_t drawn = stage_now() - begin;
        changed = false;
        if (was) running(s, begin, drawn);
        for (int wait = was ? 0 : 200; s->ops->event(s->screen, wait, &e); wait = 0) {
            event(l, &e);
            changed |= e.kind != SCREEN_MOVED;
        }
        changed |= was;
    }
}
