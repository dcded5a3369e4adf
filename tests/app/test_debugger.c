/* test_debugger.c: a guest under the debugger, moved about at random, against a list of where the instructions of the same run
 * began and with which registers. */
#include "debugger.h"
#include "guest_machine.h"

#include <stdio.h>
#include <stdlib.h>

#define INSNS 60000u

struct begun {
    rt386_place at;
    uint32_t linear;
    uint64_t registers;
};
struct seen {
    rt386 *m;
    struct begun *begun;
    size_t n;
    rt386_exit end;
};

static uint64_t registers(const rt386 *m)
{
    uint64_t h = 0, v = 0;
    const char *name;
    for (unsigned i = 0; (name = rt386_reg_name(i, NULL)); i++) {
        rt386_reg_get(m, name, &v);
        h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

static void see(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    s->begun[s->n++] =
        (struct begun){{rt386_insns(s->m), rt386_clocks(s->m)}, e->linear, registers(s->m)};
}

static void look(struct seen *s, const char *guest)
{
    *s = (struct seen){.m = machine_of(guest), .begun = calloc(2 * INSNS, sizeof *s->begun)};
    const rt386_observer o = {.size = sizeof o, .ctx = s, .insn = see};
    rt386_observe(s->m, &o);
    cr_assert_eq(rt386_run(s->m, INSNS, 0, &s->end), RT386_OK);
    rt386_destroy(s->m);
}

/* A debugger, and where in the list it stands: the first instruction that begins there or later. */
struct walk {
    struct seen seen;
    rt386 *live;
    struct debugger *d;
    size_t at;
    uint64_t random;
    struct debug_stop stop;
};

static uint32_t number(struct walk *w, uint32_t below)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((w->random >> 33) % below);
}

/* It may stand behind an instruction, before an interrupt: then registers are not in the list. */
static void locate(struct walk *w)
{
    const struct seen *s = &w->seen;
    rt386_place here = debugger_place(w->d);
    cr_assert_neq(w->stop.reason, DEBUG_FAILED, "%s", w->stop.text);
    w->at = 0;
    while (w->at < s->n && s->begun[w->at].at.clocks < here.clocks)
        w->at++;
    if (w->at == s->n || s->begun[w->at].at.clocks != here.clocks) return;
    cr_assert_eq(s->begun[w->at].registers, registers(debugger_machine(w->d)), "instruction %llu",
                 (unsigned long long)here.insns);
}

static void walk_begin(struct walk *w, const char *guest)
{
    look(&w->seen, guest);
    w->random = 20261129;
    w->live = machine_of(guest);
    w->d = debugger_new(w->live);
    cr_assert(w->d);
}

static void walk_end(struct walk *w)
{
    debugger_free(w->d);
    rt386_destroy(w->live);
    free(w->seen.begun);
}

static void steps(struct walk *w)
{
    uint32_t n = number(w, 4) ? 1 + number(w, 5) : 1 + number(w, 3000);
    size_t from = w->at;
    if (from + n + 60 >= w->seen.n) return;
    debugger_step(w->d, n, &w->stop);
    cr_assert_eq(w->stop.reason, DEBUG_STEPPED);
    locate(w);
    /* Behind so many, or before the interrupt or instruction that follows. */
    cr_assert_geq(w->at, from + n - 1, "%zu steps %u to %zu", from, n, w->at);
    cr_assert_leq(w->at, from + n + (n > 5 ? n / 50 + 2 : 0), "%zu steps %u to %zu", from, n,
                  w->at);
}

static void steps_back(struct walk *w)
{
    uint32_t n = number(w, 4) ? 1 + number(w, 5) : 1 + number(w, 3000);
    size_t from = w->at;
    debugger_back(w->d, n, &w->stop);
    locate(w);
    if (from < n) {
        cr_assert_eq(w->stop.reason, DEBUG_BEGINNING);
        cr_assert_eq(w->at, 0u);
        return;
    }
    cr_assert_eq(w->at, from - n, "%zu back %u to %zu", from, n, w->at);
    cr_assert_eq(debugger_place(w->d).clocks, w->seen.begun[w->at].at.clocks);
}

static rt386_seek any_instruction(struct walk *w)
{
    size_t i = number(w, (uint32_t)w->seen.n);
    return (rt386_seek){.size = sizeof(rt386_seek),
                        .kind = RT386_SEEK_EXEC,
                        .at = {.space = RT386_LINEAR, .at = w->seen.begun[i].linear}};
}

static void runs(struct walk *w)
{
    const struct seen *s = &w->seen;
    rt386_seek seek = any_instruction(w);
    rt386_place here = debugger_place(w->d);
    size_t next = w->at;
    if (next < s->n && s->begun[next].at.clocks == here.clocks) next++;
    while (next < s->n && s->begun[next].linear != seek.at.at)
        next++;
    if (next + 60 >= s->n) return;
    debugger_run(w->d, &seek, 1, 0, &w->stop);
    cr_assert_eq(w->stop.reason, DEBUG_MET, "%s", w->stop.text);
    locate(w);
    cr_assert_eq(w->at, next);
}

static void runs_back(struct walk *w)
{
    const struct seen *s = &w->seen;
    rt386_seek seek = any_instruction(w);
    size_t last = w->at;
    while (last && s->begun[last - 1].linear != seek.at.at)
        last--;
    debugger_run_back(w->d, &seek, 1, &w->stop);
    locate(w);
    cr_assert_eq(w->stop.reason, last ? DEBUG_MET : DEBUG_BEGINNING);
    cr_assert_eq(w->at, last ? last - 1 : 0);
}

static void goes(struct walk *w)
{
    size_t to = number(w, (uint32_t)w->seen.n - 60);
    debugger_go(w->d, w->seen.begun[to].at.insns, &w->stop);
    locate(w);
    cr_assert_eq(debugger_place(w->d).insns, w->seen.begun[to].at.insns);
}

/* Nothing is changed, but a new piece of history begins. */
static void changes(struct walk *w)
{
    rt386 *m = debugger_change(w->d);
    cr_assert_eq(m == NULL, debugger_in_past(w->d));
}

static void walk(const char *guest)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, guest);
    void (*const move[])(struct walk *) = {steps, steps_back, runs, runs_back, goes, changes};
    for (unsigned i = 0; i < 60; i++)
        move[number(w, 6)](w);
    debugger_go_live(w->d);
    cr_assert(!debugger_in_past(w->d));
    /* To the end, and back from it. */
    debugger_run(w->d, NULL, 0, INSNS - rt386_insns(w->live), &w->stop);
    if (w->seen.end.kind != RT386_EXIT_BUDGET) {
        cr_assert_eq(w->stop.reason, DEBUG_ENDED);
        cr_assert_eq(w->stop.why.kind, w->seen.end.kind);
    }
    cr_assert_eq(debugger_place(w->d).clocks, w->seen.end.clocks);
    locate(w);
    for (unsigned i = 0; i < 5; i++)
        steps_back(w);
    walk_end(w);
    free(w);
}

#define GUEST(name, file)                                                                          \
    Test(debugger, name)                                                                           \
    {                                                                                              \
        walk(file);                                                                                \
    }
GUEST(ring0_faults, "ring0/ring0_faults.elf")
GUEST(ring0_interrupts, "ring0/ring0_interrupts.elf")
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(intime, "demo/hello.rta")
GUEST(intime_threads, "conformance/threads.rta")
GUEST(intime_exceptions, "conformance/exceptions.rta")

/* What is changed by hand is part of the history: before it the old value, behind it the new one. */
Test(debugger, a_change_stays)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "ring0/ring0_tasks.elf");
    debugger_step(w->d, 500, &w->stop);
    rt386_place changed = debugger_place(w->d);
    rt386 *m = debugger_change(w->d);
    rt386_addr at = {.space = RT386_PHYS, .at = 0x9000};
    uint8_t was[4], now[4] = {1, 2, 3, 4}, is[4];
    cr_assert_eq(rt386_peek(m, at, was, 4), RT386_OK);
    cr_assert_eq(rt386_poke(m, at, now, 4), RT386_OK);
    debugger_step(w->d, 10, &w->stop);
    debugger_back(w->d, 3, &w->stop);
    cr_assert_eq(w->stop.reason, DEBUG_STEPPED);
    cr_assert(debugger_in_past(w->d));
    cr_assert_null(debugger_change(w->d));
    rt386_peek(debugger_machine(w->d), at, is, 4);
    cr_expect_arr_eq(is, now, 4);
    debugger_back(w->d, 50, &w->stop);
    cr_assert_lt(debugger_place(w->d).clocks, changed.clocks);
    rt386_peek(debugger_machine(w->d), at, is, 4);
    cr_expect_arr_eq(is, was, 4);
    /* and on to the present: the live machine again */
    debugger_step(w->d, 57, &w->stop);
    cr_expect_eq(debugger_place(w->d).clocks, debugger_last(w->d).clocks);
    cr_expect(!debugger_in_past(w->d));
    rt386_peek(debugger_machine(w->d), at, is, 4);
    cr_expect_arr_eq(is, now, 4);
    walk_end(w);
    free(w);
}

/* A step from an instruction that is refused stands at the handler. */
Test(debugger, a_refused_instruction_is_a_step)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "demo/limit.rta");
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = 13};
    size_t refused;
    do { /* not where its bytes could not be fetched: that is not in the list */
        debugger_run(w->d, &seek, 1, 0, &w->stop);
        cr_assert_eq(w->stop.reason, DEBUG_MET);
        locate(w);
        refused = w->at;
    } while (debugger_place(w->d).clocks != w->seen.begun[refused].at.clocks);
    debugger_step(w->d, 1, &w->stop);
    locate(w);
    cr_expect_eq(w->at, refused + 1);
    cr_expect_eq(debugger_place(w->d).insns, w->seen.begun[refused].at.insns);
    debugger_back(w->d, 1, &w->stop);
    locate(w);
    cr_expect_eq(w->at, refused);
    debugger_step(w->d, 1, &w->stop);
    locate(w);
    cr_expect_eq(w->at, refused + 1, "on again, from the past");
    walk_end(w);
    free(w);
}

Test(debugger, nothing_before_the_beginning)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "demo/hello.rta");
    debugger_back(w->d, 1, &w->stop);
    cr_expect_eq(w->stop.reason, DEBUG_BEGINNING);
    debugger_run_back(w->d, NULL, 0, &w->stop);
    cr_expect_eq(w->stop.reason, DEBUG_BEGINNING);
    debugger_call(w->d);
    debugger_step(w->d, 1, &w->stop);
    cr_expect_eq(w->stop.reason, DEBUG_STEPPED);
    debugger_back(w->d, 1, &w->stop);
    cr_expect_eq(w->stop.reason, DEBUG_STEPPED);
    cr_expect_eq(debugger_place(w->d).insns, 0u);
    walk_end(w);
    free(w);
}

/* Where a piece of the history ends is a place like others on the way on from the past. */
Test(debugger, stops_again_on_the_way_from_the_past)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "demo/limit.rta");
    const rt386_seek seek[] = {{.size = sizeof *seek,
                                .kind = RT386_SEEK_EXEC,
                                .at = {RT386_LINEAR, 0, w->seen.begun[1000].linear}},
                               {.size = sizeof *seek, .kind = RT386_SEEK_EVENT, .vector = 13}};
    for (unsigned i = 0; i < 2; i++) {
        debugger_run(w->d, &seek[i], 1, 0, &w->stop);
        cr_assert_eq(w->stop.reason, DEBUG_MET);
        rt386_place met = debugger_place(w->d);
        for (unsigned again = 0; again < 3; again++) {
            debugger_back(w->d, 2, &w->stop);
            debugger_run(w->d, &seek[i], 1, 0, &w->stop);
            cr_assert_eq(w->stop.reason, DEBUG_MET, "%s", w->stop.text);
            cr_assert_eq(debugger_place(w->d).clocks, met.clocks);
        }
        /* Also when that is no longer where the live machine is. */
        debugger_go_live(w->d);
        debugger_step(w->d, i ? 1 : 5, &w->stop);
        debugger_back(w->d, i ? 4 : 9, &w->stop);
        debugger_run(w->d, &seek[i], 1, 0, &w->stop);
        cr_assert_eq(w->stop.reason, DEBUG_MET);
        cr_assert_eq(debugger_place(w->d).clocks, met.clocks);
        debugger_go_live(w->d);
    }
    walk_end(w);
    free(w);
}

/* However often somebody has gone back, or changed something. */
Test(debugger, history_of_many_pieces)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "demo/limit.rta");
    for (unsigned i = 0; i < 80; i++) {
        debugger_step(w->d, 5, &w->stop);
        if (i % 2)
            debugger_change(w->d);
        else
            debugger_back(w->d, 1, &w->stop);
        debugger_go_live(w->d);
    }
    debugger_go(w->d, 3, &w->stop);
    locate(w);
    cr_assert_eq(debugger_place(w->d).insns, 3u);
    debugger_go(w->d, 300, &w->stop);
    locate(w);
    walk_end(w);
    free(w);
}

/* Refused instructions count in each piece of the history that is passed. */
Test(debugger, back_through_pieces_with_faults)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "conformance/exceptions.rta");
    for (unsigned i = 0; i < 6; i++) {
        debugger_step(w->d, w->seen.n / 8, &w->stop);
        debugger_change(w->d);
    }
    locate(w);
    size_t from = w->at, refused = from - debugger_place(w->d).insns;
    cr_assert_gt(refused, 3u, "only %zu of %zu", refused, from);
    for (size_t n = from - 1; n > from / 3; n -= from / 7) {
        debugger_go_live(w->d);
        debugger_back(w->d, n, &w->stop);
        cr_assert_eq(w->stop.reason, DEBUG_STEPPED);
        locate(w);
        cr_assert_eq(w->at, from - n, "%zu back %zu to %zu", from, n, w->at);
    }
    walk_end(w);
    free(w);
}

/* What was changed by hand is not the place any more where the last run ended. */
Test(debugger, stops_where_eip_was_set)
{
    struct walk *w = calloc(1, sizeof *w);
    walk_begin(w, "ring0/ring0_tasks.elf");
    size_t other = 21;
    while (w->seen.begun[other].linear == w->seen.begun[20].linear)
        other++;
    rt386_seek seek = {.size = sizeof seek,
                       .kind = RT386_SEEK_EXEC,
                       .at = {RT386_LINEAR, 0, w->seen.begun[20].linear}};
    debugger_run(w->d, &seek, 1, 0, &w->stop);
    cr_assert_eq(w->stop.reason, DEBUG_MET);
    rt386_place met = debugger_place(w->d);
    seek.at.at = w->seen.begun[other].linear;
    cr_assert_eq(rt386_reg_set(debugger_change(w->d), "eip", seek.at.at), RT386_OK);
    debugger_step(w->d, 0, &w->stop);
    rt386_reg_set(debugger_change(w->d), "eip", w->seen.begun[20].linear);
    seek.at.at = w->seen.begun[20].linear;
    cr_assert_eq(rt386_break_on(w->live, &seek, 1), RT386_OK);
    rt386_exit why;
    rt386_run(w->live, 100, 0, &why);
    cr_expect_eq(why.kind, RT386_EXIT_BREAK);
    cr_expect_eq(rt386_clocks(w->live), met.clocks);
    walk_end(w);
    free(w);
}
