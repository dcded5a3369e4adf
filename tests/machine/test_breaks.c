/* test_breaks.c: runs that end at breakpoints, against lists of what observers of the same run without any have seen. */
#include <rt386/breaks.h>

#include "guest.h"
#include "recorded.h"

#define SEEN 4096u /* kept of each kind */

struct at {
    rt386_place place;
    uint64_t registers;
    uint32_t what; /* linear address, vector, selector */
    char source;
};
struct list {
    struct at at[SEEN];
    unsigned n; /* ever */
};
struct seen {
    rt386 *m;
    uint32_t linear; /* of the instruction that is looked for */
    uint32_t phys;   /* where that lies */
    struct list insn, event, selector, task, call;
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

static void note(struct list *l, const rt386 *m, uint32_t what, char source)
{
    if (l->n < SEEN)
        l->at[l->n] = (struct at){{rt386_insns(m), rt386_clocks(m)}, registers(m), what, source};
    l->n++;
}

static void see_insn(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    if (e->linear != s->linear) return;
    rt386_walk w = rt386_page_walk(s->m, e->linear);
    s->phys = w.paging ? w.phys : e->linear;
    note(&s->insn, s->m, e->linear, 0);
}

static void see_event(void *ctx, const rt386_event_event *e)
{
    struct seen *s = ctx;
    note(&s->event, s->m, e->vector, e->source);
}

static void see_segload(void *ctx, const rt386_explanation *e)
{
    struct seen *s = ctx;
    note(&s->selector, s->m, e->selector, 0);
}

static void see_task(void *ctx, uint16_t from, uint16_t to)
{
    struct seen *s = ctx;
    note(&s->task, s->m, to, 0);
}

static void see_call(void *ctx, const rt386_call_event *e)
{
    struct seen *s = ctx;
    if (!e->leaving) note(&s->call, s->m, 0, 0);
}

static rt386 *machine_of(const char *guest, struct run **r)
{
    rt386_config config = {.size = sizeof config};
    *r = run_new(&config, false);
    cr_assert_eq(rt386_load_file((*r)->m, guest_path(guest), NULL), RT386_OK, "%s",
                 rt386_error((*r)->m));
    return (*r)->m;
}

static uint32_t middle; /* an address that is executed: each test has a process of its own */

static void see_middle(void *ctx, const rt386_insn_event *e)
{
    if (rt386_insns(ctx) == INSNS / 40) middle = e->linear;
}

/* The run without breakpoints. */
static struct seen *look(const char *guest)
{
    struct seen *s = calloc(1, sizeof *s);
    struct run *r;
    rt386 *m = machine_of(guest, &r);
    const rt386_observer first = {.size = sizeof first, .ctx = m, .insn = see_middle};
    rt386_observe(m, &first);
    cr_assert_eq(rt386_run(m, INSNS, 0, &s->end), RT386_OK);
    run_free(r);
    s->linear = middle;
    s->m = machine_of(guest, &r);
    const rt386_observer o = {.size = sizeof o,
                              .ctx = s,
                              .insn = see_insn,
                              .event = see_event,
                              .segload = see_segload,
                              .task = see_task,
                              .call = see_call};
    rt386_observe(s->m, &o);
    cr_assert_eq(rt386_run(s->m, INSNS, 0, &s->end), RT386_OK);
    run_free(r);
    return s;
}

/* The run with them: each stop, then on to the same end. */
struct stops {
    rt386_sighting met[SEEN];
    uint64_t registers[SEEN];
    rt386_place stood[SEEN];
    unsigned n;
};

static void run_broken(const char *guest, const struct seen *s, const rt386_seek *seek,
                       unsigned count, struct stops *to)
{
    struct run *r;
    rt386 *m = machine_of(guest, &r);
    rt386_exit why = {.kind = RT386_EXIT_BREAK};
    to->n = 0;
    cr_assert_eq(rt386_break_on(m, seek, count), RT386_OK, "%s", rt386_error(m));
    for (;;) {
        cr_assert_eq(rt386_run(m, INSNS - rt386_insns(m), 0, &why), RT386_OK);
        if (why.kind != RT386_EXIT_BREAK) break;
        rt386_sighting met;
        cr_assert(rt386_break_met(m, &met));
        if (to->n < SEEN) {
            to->met[to->n] = met;
            to->registers[to->n] = registers(m);
            to->stood[to->n] = (rt386_place){rt386_insns(m), rt386_clocks(m)};
        }
        to->n++;
        if (rt386_insns(m) >= INSNS) break; /* not at its end: 0 would be no limit */
        /* A debugger sets them anew at each stop. */
        if (to->n % 3 == 0) cr_assert_eq(rt386_break_on(m, seek, count), RT386_OK);
    }
    rt386_sighting none;
    cr_expect(why.kind == RT386_EXIT_BREAK || !rt386_break_met(m, &none));
    cr_expect_eq(rt386_insns(m), s->end.insns, "%s", why.text);
    if (why.kind != RT386_EXIT_BREAK) {
        cr_expect_eq(why.kind, s->end.kind);
        cr_expect_eq(why.clocks, s->end.clocks);
    }
    run_free(r);
}

static void equal_places(const struct list *l, const struct stops *st, bool before)
{
    cr_assert_eq(st->n, l->n, "%u stops, %u were seen", st->n, l->n);
    for (unsigned i = 0; i < st->n && i < SEEN; i++) {
        cr_assert_eq(st->met[i].place.insns, l->at[i].place.insns, "stop %u", i);
        cr_assert_eq(st->met[i].place.clocks, l->at[i].place.clocks, "stop %u", i);
        if (!before) continue;
        cr_assert_eq(st->stood[i].clocks, l->at[i].place.clocks);
        cr_assert_eq(st->registers[i], l->at[i].registers, "stop %u", i);
    }
}

static void check_exec(const char *guest, const struct seen *s, struct stops *st)
{
    const rt386_seek seek = {.size = sizeof seek,
                             .kind = RT386_SEEK_EXEC,
                             .at = {.space = RT386_LINEAR, .at = s->linear}};
    cr_assert_gt(s->insn.n, 0u);
    run_broken(guest, s, &seek, 1, st);
    equal_places(&s->insn, st, true);
    const rt386_seek physical = {
        .size = sizeof seek, .kind = RT386_SEEK_EXEC, .at = {.space = RT386_PHYS, .at = s->phys}};
    run_broken(guest, s, &physical, 1, st);
    equal_places(&s->insn, st, true);
}

/* Before a fault nothing has happened; other events have. */
static void check_events(const char *guest, const struct seen *s, struct stops *st)
{
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = -1};
    run_broken(guest, s, &seek, 1, st);
    equal_places(&s->event, st, false);
    for (unsigned i = 0; i < st->n && i < SEEN; i++) {
        cr_assert_eq(st->met[i].vector, s->event.at[i].what);
        bool held = st->stood[i].clocks == st->met[i].place.clocks;
        if (s->event.at[i].source != 'f') cr_assert(!held, "stop %u", i);
    }
}

static void check_others(const char *guest, const struct seen *s, struct stops *st)
{
    rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_SWITCH};
    run_broken(guest, s, &seek, 1, st);
    equal_places(&s->task, st, false);
    seek.kind = RT386_SEEK_CALL;
    run_broken(guest, s, &seek, 1, st);
    equal_places(&s->call, st, false);
}

/* All kinds at once give as many stops as there are places. */
static void check_together(const char *guest, const struct seen *s, struct stops *st)
{
    const rt386_seek seek[] = {{.size = sizeof *seek,
                                .kind = RT386_SEEK_EXEC,
                                .at = {.space = RT386_LINEAR, .at = s->linear}},
                               {.size = sizeof *seek, .kind = RT386_SEEK_EVENT, .vector = -1},
                               {.size = sizeof *seek, .kind = RT386_SEEK_CALL}};
    run_broken(guest, s, seek, 3, st);
    unsigned n[3] = {0}, most = s->insn.n + s->event.n + s->call.n;
    cr_expect_eq(st->n, most, "%u stops, %u were seen", st->n, most);
    for (unsigned i = 0; i < st->n && i < SEEN; i++)
        n[st->met[i].which]++;
    if (most > SEEN) return;
    cr_expect_eq(n[0], s->insn.n);
    cr_expect_eq(n[1], s->event.n);
    cr_expect_eq(n[2], s->call.n);
}

static void check(const char *guest)
{
    struct seen *s = look(guest);
    struct stops *st = calloc(1, sizeof *st);
    check_exec(guest, s, st);
    check_events(guest, s, st);
    check_others(guest, s, st);
    check_together(guest, s, st);
    free(st);
    free(s);
}

#define GUEST(name, file)                                                                          \
    Test(breaks, name)                                                                             \
    {                                                                                              \
        check(file);                                                                               \
    }
GUEST(ring0_faults, "ring0/ring0_faults.elf")
GUEST(ring0_interrupts, "ring0/ring0_interrupts.elf")
GUEST(ring0_paging, "ring0/ring0_paging.elf")
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(intime, "demo/hello.rta")
GUEST(intime_threads, "conformance/threads.rta")
GUEST(intime_exceptions, "conformance/exceptions.rta")

/* mov [4000h],eax; mov ebx,[4000h]; inc eax; jmp: it stands behind them. */
static rt386 *writer(void)
{
    return MACHINE(NULL, 0xa3, 0x00, 0x40, 0, 0, 0x8b, 0x1d, 0x00, 0x40, 0, 0, 0x40, 0xeb, 0xf2);
}

Test(breaks, watchpoints)
{
    rt386 *m = writer();
    rt386_seek seek[] = {
        {.size = sizeof *seek, .kind = RT386_SEEK_WRITE, .at = {RT386_PHYS, 0, 0x4002}, .n = 1},
        {.size = sizeof *seek, .kind = RT386_SEEK_READ, .at = {RT386_LINEAR, 0, 0x4000}, .n = 4}};
    rt386_exit why;
    rt386_sighting met;
    uint32_t eip = (uint32_t)reg(m, "eip");
    cr_assert_eq(rt386_break_on(m, seek, 2), RT386_OK);
    rt386_reg_set(m, "eax", 0x123456);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
        cr_assert_eq(why.kind, RT386_EXIT_BREAK);
        cr_assert(rt386_break_met(m, &met));
        cr_expect_eq(met.which, 0u);
        cr_expect_eq(met.at, 0x4000u);
        cr_expect_eq(met.after[0], 0x12);
        cr_expect_eq(reg(m, "eip"), eip + 5);
        cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
        cr_assert(rt386_break_met(m, &met));
        cr_expect_eq(met.which, 1u);
        cr_expect_eq(reg(m, "eip"), eip + 11);
        cr_expect_eq(reg(m, "ebx"), 0x123456u + i);
    }
    cr_assert_eq(rt386_break_on(m, NULL, 0), RT386_OK);
    cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_BUDGET);
    rt386_destroy(m);
}

/* A breakpoint at a place that a run ends at by its budget is not passed by. */
Test(breaks, slices_miss_nothing)
{
    rt386 *m = writer();
    uint32_t eip = (uint32_t)reg(m, "eip");
    const rt386_seek seek = {
        .size = sizeof seek, .kind = RT386_SEEK_EXEC, .at = {RT386_LINEAR, 0, eip + 11}};
    rt386_exit why;
    unsigned stops = 0;
    cr_assert_eq(rt386_break_on(m, &seek, 1), RT386_OK);
    while (rt386_insns(m) < 40) {
        cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK);
        stops += why.kind == RT386_EXIT_BREAK;
    }
    cr_expect_eq(stops, 10u);
    rt386_destroy(m);
}

/* A fault is held before it, once; the instruction that raises it has a breakpoint, too. */
Test(breaks, fault_is_held)
{
    /* xor eax,eax; mov ax,1234h; mov es,ax: there is no IDT, so the processor shuts down */
    rt386 *m = MACHINE(NULL, 0x31, 0xc0, 0x66, 0xb8, 0x34, 0x12, 0x8e, 0xc0);
    uint32_t eip = (uint32_t)reg(m, "eip") + 6;
    const rt386_seek seek[] = {
        {.size = sizeof *seek, .kind = RT386_SEEK_EXEC, .at = {RT386_LINEAR, 0, eip}},
        {.size = sizeof *seek, .kind = RT386_SEEK_EVENT, .vector = 13}};
    rt386_exit why;
    rt386_sighting met;
    cr_assert_eq(rt386_break_on(m, seek, 2), RT386_OK);
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
        cr_assert_eq(why.kind, RT386_EXIT_BREAK, "%s", why.text);
        cr_assert(rt386_break_met(m, &met));
        cr_expect_eq(met.which, i);
        cr_expect_eq(reg(m, "eip"), eip);
        cr_assert_eq(rt386_break_on(m, seek, 2), RT386_OK);
    }
    cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_TRIPLE_FAULT);
    rt386_destroy(m);
}

Test(breaks, misuse)
{
    rt386 *m = writer();
    rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_WRITE, .n = 0};
    cr_expect_eq(rt386_break_on(m, &seek, 1), RT386_E_ARG);
    cr_expect_eq(rt386_break_on(m, &seek, RT386_SEEK_MAX + 1), RT386_E_ARG);
    cr_expect_eq(rt386_break_on(m, NULL, 1), RT386_E_ARG);
    seek.n = 4;
    seek.at = (rt386_addr){RT386_PHYS, 0, 0x4000};
    cr_expect_eq(rt386_break_on(m, &seek, 1), RT386_OK);
    rt386_destroy(m);
}

/* Whoever writes to a watched place between runs has not ended one. */
Test(breaks, writes_by_hand_are_none)
{
    rt386 *m = writer();
    const rt386_seek seek = {
        .size = sizeof seek, .kind = RT386_SEEK_WRITE, .at = {RT386_PHYS, 0, 0x4000}, .n = 4};
    rt386_exit why;
    rt386_sighting met;
    cr_assert_eq(rt386_break_on(m, &seek, 1), RT386_OK);
    cr_assert_eq(rt386_poke(m, seek.at, "abc", 4), RT386_OK);
    cr_expect(!rt386_break_met(m, &met));
    cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_BREAK);
    cr_expect_eq(rt386_insns(m), 1u);
    rt386_destroy(m);
}

/* Two pages that do not lie behind one another: each part of a read is looked up. With paging on, linear 104000h is
 * physical 80000h. */
Test(breaks, reads_over_a_page_boundary)
{
    /* mov eax,1000h; mov cr3,eax; mov eax,cr0; bts eax,31; mov cr0,eax; mov eax,[103FFEh] */
    rt386 *m = MACHINE(NULL, 0xb8, 0x00, 0x10, 0, 0, 0x0f, 0x22, 0xd8, 0x0f, 0x20, 0xc0, 0x0f, 0xba,
                       0xe8, 31, 0x0f, 0x22, 0xc0, 0xa1, 0xfe, 0x3f, 0x10, 0);
    uint32_t table[1024], directory = 0x2003;
    for (unsigned i = 0; i < 1024; i++)
        table[i] = i << 12 | 3;
    table[0x104] = 0x80003;
    cr_assert_eq(rt386_poke(m, (rt386_addr){RT386_PHYS, 0, 0x1000}, &directory, 4), RT386_OK);
    cr_assert_eq(rt386_poke(m, (rt386_addr){RT386_PHYS, 0, 0x2000}, table, 4096), RT386_OK);
    rt386_seek seek[] = {
        {.size = sizeof *seek, .kind = RT386_SEEK_READ, .at = {RT386_PHYS, 0, 0x104000}, .n = 1},
        {.size = sizeof *seek, .kind = RT386_SEEK_READ, .at = {RT386_PHYS, 0, 0x80001}, .n = 1}};
    rt386_exit why;
    rt386_sighting met;
    cr_assert_eq(rt386_break_on(m, seek, 2), RT386_OK);
    cr_assert_eq(rt386_run(m, 6, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_BREAK, "%s", why.text);
    cr_assert(rt386_break_met(m, &met));
    cr_expect_eq(met.which, 1u);
    rt386_destroy(m);
}
