/* past.h: a recorded run of a guest, what observers have seen of it, and a machine that can go back in it. */
#ifndef TEST_MACHINE_PAST_H
#define TEST_MACHINE_PAST_H

#include <rt386/reverse.h>

#include "guest.h"
#include "recorded.h"
#include "trace_inside.h"

/* Each instruction that began: where, and with which registers. */
struct begun {
    rt386_place at;
    uint32_t linear;
    uint64_t registers;
};
struct seen {
    rt386 *m;
    struct begun *begun;
    size_t n, room;
    rt386_place event[4096]; /* by their numbers, the last ones */
    uint8_t vector[4096];
    unsigned events;
    unsigned calls;
};

static inline uint64_t registers(const rt386 *m)
{
    static const char *const name[] = {"eax", "ecx", "edx", "ebx", "esp",    "ebp", "esi",
                                       "edi", "cs",  "ds",  "ss",  "eflags", "eip", "cr3"};
    uint64_t h = 0, v = 0;
    for (unsigned i = 0; i < sizeof name / sizeof *name; i++) {
        rt386_reg_get(m, name[i], &v);
        h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

static inline void see_insn(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 1024;
        s->begun = realloc(s->begun, s->room * sizeof *s->begun);
    }
    s->begun[s->n++] = (struct begun){.at = {rt386_insns(s->m), rt386_clocks(s->m)},
                                      .linear = e->linear,
                                      .registers = registers(s->m)};
}

static inline void see_event(void *ctx, const rt386_event_event *e)
{
    struct seen *s = ctx;
    s->event[s->events % 4096] = (rt386_place){rt386_insns(s->m), rt386_clocks(s->m)};
    s->vector[s->events++ % 4096] = e->vector;
}

static inline void see_call(void *ctx, const rt386_call_event *e)
{
    struct seen *s = ctx;
    s->calls += !e->leaving;
}

/* A recorded run, and one that can go back in it. */
struct past {
    struct seen seen;
    struct bytes bytes;
    rt386_place end;
    rt386_trace *t;
    struct run *r;
    rt386_reverse *back;
};

static inline void past_begin(struct past *p, const char *guest)
{
    rt386_config config = {.size = sizeof config};
    bool network;
    *p = (struct past){0};
    const rt386_observer o = {
        .size = sizeof o, .ctx = &p->seen, .insn = see_insn, .event = see_event, .call = see_call};
    struct run *was = run_new(&config, false);
    p->seen.m = was->m;
    record_run(was, guest, &o, false, &p->bytes);
    p->end = (rt386_place){rt386_insns(was->m), rt386_clocks(was->m)};
    run_free(was);
    p->t = bytes_open(&p->bytes);
    config = (rt386_config){.size = sizeof config};
    cr_assert_eq(rt386_trace_config(p->t, &config, &network), RT386_OK);
    p->r = run_new(&config, network);
    cr_assert_eq(rt386_reverse_open(p->r->m, p->t, &p->back), RT386_OK, "%s", rt386_error(p->r->m));
}

static inline void past_end(struct past *p)
{
    rt386_reverse_close(p->back);
    rt386_trace_close(p->t);
    run_free(p->r);
    free(p->bytes.p);
    free(p->seen.begun);
}

#define OK(p, call)                                                                                \
    do {                                                                                           \
        rt386_status status_ = call;                                                               \
        cr_assert_eq(status_, RT386_OK, "%s: %s", #call, rt386_error((p)->r->m));                  \
    } while (0)

static inline void stands_at(const struct past *p, const struct begun *b)
{
    rt386_place at = rt386_reverse_place(p->back);
    cr_assert_eq(at.insns, b->at.insns);
    cr_assert_eq(at.clocks, b->at.clocks);
    cr_assert_eq(registers(p->r->m), b->registers, "at instruction %llu",
                 (unsigned long long)at.insns);
}

#endif
