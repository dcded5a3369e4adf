/* test_reverse.c: back in time, against lists of what observers of the recorded run have seen. */
#include <rt386/reverse.h>

#include "guest.h"
#include "past.h"

/* --- to a place --- */

static void goes_anywhere(struct past *p)
{
    uint64_t x = 12345;
    for (unsigned i = 0; i < 12; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const struct begun *b = &p->seen.begun[(x >> 33) % p->seen.n];
        OK(p, rt386_reverse_return(p->back, b->at));
        stands_at(p, b);
        OK(p, rt386_reverse_go(p->back, b->at.insns));
        cr_assert_eq(rt386_reverse_place(p->back).insns, b->at.insns);
        cr_assert_leq(rt386_reverse_place(p->back).clocks, b->at.clocks);
    }
    cr_expect_eq(rt386_reverse_go(p->back, p->end.insns + 1), RT386_E_RANGE);
}

static void goes_back(struct past *p)
{
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    size_t n = p->seen.n;
    while (n && p->seen.begun[n - 1].at.clocks >= rt386_reverse_place(p->back).clocks)
        n--;
    for (unsigned i = 0; i < 30 && n > 0; i++) {
        OK(p, rt386_reverse_back(p->back, 1));
        stands_at(p, &p->seen.begun[--n]);
    }
    for (size_t by = 3; by < n; by = by * 3 + 1) {
        OK(p, rt386_reverse_back(p->back, by));
        stands_at(p, &p->seen.begun[n -= by]);
    }
    cr_expect_eq(rt386_reverse_back(p->back, n + 1), RT386_E_NOTFOUND);
    stands_at(p, &p->seen.begun[0]);
}

static void steps_on(struct past *p)
{
    size_t n = p->seen.n / 2;
    OK(p, rt386_reverse_return(p->back, p->seen.begun[n].at));
    for (size_t i = 0; i < 20 && n + i + 40 < p->seen.n; i++) {
        OK(p, rt386_reverse_step(p->back, i % 3 + 1));
        n += i % 3 + 1;
        /* It may stand behind the instruction, before an interrupt. */
        rt386_place at = rt386_reverse_place(p->back);
        cr_assert_gt(at.clocks, p->seen.begun[n - 1].at.clocks);
        cr_assert_leq(at.clocks, p->seen.begun[n].at.clocks);
    }
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    cr_expect_eq(rt386_reverse_step(p->back, 1), RT386_E_NOTFOUND);
}

/* --- to where something was last --- */

static void finds_execution(struct past *p)
{
    const struct seen *s = &p->seen;
    for (size_t from = s->n / 3; from < s->n; from += s->n / 3) {
        uint32_t linear = s->begun[from / 2].linear;
        rt386_seek seek = {.size = sizeof seek,
                           .kind = RT386_SEEK_EXEC,
                           .at = {.space = RT386_LINEAR, .at = linear}};
        rt386_sighting found;
        OK(p, rt386_reverse_return(p->back, s->begun[from].at));
        size_t n = from;
        for (unsigned hits = 0; hits < 4; hits++) {
            size_t last = n;
            while (n && s->begun[n - 1].linear != linear)
                n--;
            if (!n--) {
                cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found),
                             RT386_E_NOTFOUND);
                stands_at(p, &s->begun[0]);
                break;
            }
            OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
            stands_at(p, &s->begun[n]);
            /* and forwards to the one after it */
            size_t next = n + 1;
            while (next < s->n && s->begun[next].linear != linear)
                next++;
            if (next < s->n && last > next) {
                OK(p, rt386_reverse_find(p->back, &seek, 1, true, &found));
                stands_at(p, &s->begun[next]);
                OK(p, rt386_reverse_return(p->back, s->begun[n].at));
            }
        }
    }
}

static void finds_events(struct past *p)
{
    const struct seen *s = &p->seen;
    rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = -1};
    rt386_sighting found;
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    unsigned n = s->events;
    while (n && s->event[(n - 1) % 4096].clocks >= rt386_reverse_place(p->back).clocks)
        n--;
    for (unsigned i = 0; i < 5 && n > 0; i++) {
        OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
        n--;
        cr_assert_eq(found.vector, s->vector[n % 4096]);
        cr_assert_eq(found.place.insns, s->event[n % 4096].insns);
        cr_assert_eq(found.place.clocks, s->event[n % 4096].clocks);
    }
    if (!n) cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_NOTFOUND);
}

/* What the last write left is what is there; before it there was something else, or the same. */
static void finds_writes(struct past *p)
{
    const struct seen *s = &p->seen;
    uint64_t x = 99;
    for (unsigned i = 0; i < 6; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const struct begun *b = &s->begun[(x >> 33) % s->n];
        uint8_t is[4], was[4];
        rt386_sighting found;
        OK(p, rt386_reverse_return(p->back, b->at));
        uint64_t esp = reg(p->r->m, "esp");
        rt386_addr at = {.space = RT386_LOGICAL, .seg = RT386_SS, .at = (uint32_t)esp};
        rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_WRITE, .at = at, .n = 4};
        if (rt386_peek(p->r->m, at, is, 4) != RT386_OK) continue;
        rt386_status st = rt386_reverse_find(p->back, &seek, 1, false, &found);
        if (st == RT386_E_NOTFOUND) continue;
        cr_assert_eq(st, RT386_OK, "%s", rt386_error(p->r->m));
        cr_expect(!memcmp(found.after, is, 4));
        cr_assert_lt(found.place.clocks, b->at.clocks);
        rt386_addr where = {.space = RT386_PHYS, .at = found.at};
        memset(was, 0, sizeof was);
        cr_assert_eq(rt386_peek(p->r->m, where, was, 1), RT386_OK);
        OK(p, rt386_reverse_step(p->back, 1));
        cr_expect_geq(rt386_reverse_place(p->back).clocks, found.place.clocks);
        /* forwards from before it, the same write is the first one */
        OK(p, rt386_reverse_return(p->back, found.place));
        seek.at = where;
        seek.n = 1;
        rt386_sighting again;
        OK(p, rt386_reverse_find(p->back, &seek, 1, true, &again));
        cr_expect_eq(again.at, found.at);
        cr_expect_eq(again.before[0], was[0]);
    }
}

static void check(const char *guest)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, guest);
    goes_anywhere(p);
    goes_back(p);
    steps_on(p);
    finds_execution(p);
    finds_events(p);
    finds_writes(p);
    past_end(p);
    free(p);
}

#define GUEST(name, file)                                                                          \
    Test(reverse, name)                                                                            \
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
GUEST(intime_interrupts, "conformance/interrupts.rta")

/* The kernel's writes: a descriptor, which a call made. */
Test(reverse, who_wrote_a_descriptor)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, "demo/limit.rta");
    rt386_seek call = {
        .size = sizeof call, .kind = RT386_SEEK_CALL, .call = "CreateRtMemoryHandle"};
    rt386_sighting found;
    rt386_status st = rt386_reverse_find(p->back, &call, 1, true, &found);
    cr_assert_eq(st, RT386_OK, "%s", rt386_error(p->r->m));
    rt386_place called = rt386_reverse_place(p->back);
    OK(p, rt386_reverse_step(p->back, 1));
    uint64_t handle = reg(p->r->m, "eax"), gdt = reg(p->r->m, "gdtr_base");
    rt386_seek seek = {.size = sizeof seek,
                       .kind = RT386_SEEK_WRITE,
                       .at = {.space = RT386_LINEAR, .at = (uint32_t)(gdt + (handle & ~7u))},
                       .n = 8};
    OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
    cr_expect(found.by_kernel);
    cr_expect_str_eq(found.call, "CreateRtMemoryHandle");
    cr_expect_eq(found.place.clocks, called.clocks);
    cr_expect_eq(found.n, 8u);
    cr_expect(!(found.before[5] & 0x80), "not present before");
    cr_expect(found.after[5] & 0x80, "present after");
    past_end(p);
    free(p);
}

Test(reverse, misuse)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, "demo/hello.rta");
    rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_WRITE, .n = 0};
    rt386_sighting found;
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_ARG);
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 0, false, &found), RT386_E_ARG);
    seek.n = 8;
    seek.at = (rt386_addr){.space = RT386_LINEAR, .at = 0xe0000000u}; /* never mapped */
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_NOTFOUND);
    rt386_place nowhere = {10, 1};
    cr_expect_eq(rt386_reverse_return(p->back, nowhere), RT386_E_STATE);
    cr_expect_neq(rt386_error(p->r->m)[0], 0);
    OK(p, rt386_reverse_return(p->back, p->seen.begun[5].at));
    stands_at(p, &p->seen.begun[5]);
    past_end(p);
    free(p);
}

/* An exception behind which nothing retires any more has happened at the end. */
Test(reverse, the_end_is_behind_the_last_fault)
{
    struct past *p = calloc(1, sizeof *p);
    rt386_sighting found;
    past_begin(p, "bare/bare_triple.elf");
    unsigned last = p->seen.events - 1;
    cr_assert_gt(p->seen.events, 0u);
    cr_assert_eq(p->seen.event[last].insns, p->end.insns);
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    cr_expect_eq(rt386_reverse_place(p->back).clocks, p->end.clocks);
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = -1};
    OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
    cr_expect_eq(found.vector, p->seen.vector[last]);
    cr_expect_eq(found.place.clocks, p->seen.event[last].clocks);
    past_end(p);
    free(p);
}

/* The machine was kept at the very beginning, before the kernel has looked at its program. */
Test(reverse, the_beginning_again)
{
    struct past *p = calloc(1, sizeof *p);
    rt386_sighting found;
    past_begin(p, "demo/hello.rta");
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_CALL};
    OK(p, rt386_reverse_find(p->back, &seek, 1, true, &found));
    OK(p, rt386_reverse_return(p->back, p->seen.begun[0].at));
    stands_at(p, &p->seen.begun[0]);
    past_end(p);
    free(p);
}
