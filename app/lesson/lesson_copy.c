#include "lesson_copy.h"

/* ---- what it does ------------------------------------------------------------------------------------- */

struct watcher {
    rt386 *m;
    struct outcome *out;
};

static void see_event(void *ctx, const rt386_event_event *e)
{
    struct watcher *w = ctx;
    /* an INT that is refused is a fault: the exception follows within the same instruction */
    bool refused = w->out->event && w->out->first.source == 's' && e->source == 'f' &&
                   w->out->at_event == rt386_insns(w->m);
    if (w->out->event && !refused) return;
    w->out->event = true;
    w->out->first = *e;
    w->out->at_event = rt386_insns(w->m);
}

static void see_load(void *ctx, const rt386_explanation *e)
{
    struct watcher *w = ctx;
    /* the way to a fault's handler is another matter */
    bool handler = w->out->event && w->out->first.source == 'f';
    if (!handler && w->out->lookups < OUTCOME_LOADS) w->out->each[w->out->lookups++] = *e;
    if (w->out->loads && w->out->load.fault.raised) return;
    w->out->loads = true;
    w->out->load = *e;
}

static void see_mem(void *ctx, const rt386_mem_event *e)
{
    struct watcher *w = ctx;
    if (e->access == RT386_WRITE && w->out->writes < OUTCOME_WRITES)
        w->out->write[w->out->writes++] = *e;
}

static bool reached(rt386 *copy, const struct run_goal *goal)
{
    uint64_t eip = 0, base = 0;
    (void)rt386_reg_get(copy, "eip", &eip);
    (void)rt386_reg_get(copy, "cs_base", &base);
    return (uint32_t)(eip + base) == goal->linear;
}

bool outcome_run(rt386 *copy, const struct run_goal *goal, struct outcome *out)
{
    struct watcher w = {copy, out};
    rt386_observer o = {
        .size = sizeof o, .ctx = &w, .event = see_event, .segload = see_load, .mem = see_mem};
    uint64_t end = rt386_insns(copy) + goal->insns;
    bool there = false;
    *out = (struct outcome){0};
    if (rt386_observe(copy, &o) != RT386_OK) return false;
    while (!there && !out->ended && rt386_insns(copy) < end) {
        /* one step of the processor: the clock ends it behind the delivery of a fault */
        if (rt386_run(copy, 1, rt386_clocks(copy) + 1, &out->why) != RT386_OK) break;
        out->ended = out->why.kind != RT386_EXIT_BUDGET && out->why.kind != RT386_EXIT_TIME;
        there = goal->end == RUN_AT
                    ? reached(copy, goal)
                    : out->event || (goal->end == RUN_COUNT && rt386_insns(copy) >= end);
    }
    (void)rt386_observe(copy, NULL);
    return there || out->event || (out->ended && goal->end == RUN_COUNT);
}
