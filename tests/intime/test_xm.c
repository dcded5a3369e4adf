/* test_xm.c: processes of the XM memory model: a space of their own, and what all spaces share. */
#include "fake.h"
#include "kn.h"

#include <criterion/criterion.h>
#include <string.h>

#define SIZE 0x800000u /* what fake_new gives an XM process */

static uint16_t make(struct fake *f, bool xm)
{
    struct rt_process_attr attr = {
        .name = "APP", .pool_min = 0x40000, .pool_max = 0xffffffffu, .xm = xm};
    if (!xm) attr.vseg_size = VSEG_MIN + 1; /* classic in every run */
    return fake_process(f, &attr);
}

static struct process *process_at(struct fake *f, uint16_t handle)
{
    return object_find(f->k, handle)->process;
}

static uint32_t entry(struct fake *f, uint32_t directory, uint32_t lin)
{
    uint8_t raw[4];
    cr_assert(phys_get(f->k, directory + (lin >> 22) * 4, raw, 4));
    return get32(raw);
}

static void good(struct fake *f)
{
    cr_assert_null(fake_check(f), "%s", fake_check(f));
}

static void tick(struct fake *f)
{
    if (!rt_current_thread(f->k)) fake_time(f, f->now + 10000);
}

/* The next thread in turn: each sleeps for a tick, which passes when all do. */
static void other(struct fake *f)
{
    CALL1(f, "RtSleep", 10);
    tick(f);
}

Test(xm, flat_segments_from_zero)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct process *p = process_at(f, make(f, true));
    fake_run(f);
    const uint16_t flat[] = {p->cs, p->ds, p->vseg};
    for (unsigned i = 0; i < 3; i++) {
        const struct rt_segdef *seg = &f->gdt[flat[i] >> 3];
        cr_expect(seg->base == 0 && seg->limit == 0xffffffffu && seg->granular);
        cr_expect_eq(seg->dpl, i == 2 ? 0 : 3);
        cr_expect_eq(seg->kind, i == 0 ? RT_SEG_CODE : RT_SEG_DATA);
    }
    cr_expect_eq(f->gdt[SLOT_THREAD_BLOCK].base, p->threads->block);
    cr_expect_eq(CALL1(f, "GetRtSize", CALL1(f, "GetRtProcessDataSegment", 0)), 0xffffffffu);
    cr_expect_eq(CALL4(f, "GetRtLinearAddress", 0, FAKE_DATA + 5, 1, 0), FAKE_DATA + 5);
    good(f);
    fake_free(f);
}

/* Same offsets, other memory; above, all directories are one. */
Test(xm, spaces_of_their_own)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct process *a = process_at(f, make(f, true)), *b = process_at(f, make(f, true)),
                   *c = process_at(f, make(f, false));
    fake_run(f);
    cr_expect(a->directory != b->directory && a->directory != f->k->directory);
    cr_expect_eq(c->directory, f->k->directory);
    for (uint64_t at = 0; at < 1ull << 32; at += 0x400000) {
        uint32_t one = entry(f, a->directory, (uint32_t)at),
                 two = entry(f, b->directory, (uint32_t)at),
                 all = entry(f, f->k->directory, (uint32_t)at);
        if (at >= KERNEL_BASE)
            cr_assert(one == two && one == all, "%X", (unsigned)at);
        else
            cr_assert(!one || one != two, "%X", (unsigned)at);
    }
    cr_expect(!(entry(f, a->directory, KERNEL_BASE) & PTE_U),
              "the kernel's place is not the user's");
    uint8_t mine = 0x5a, back = 0;
    fake_put(f, FAKE_DATA, &mine, 1);
    other(f);
    fake_get(f, FAKE_DATA, &back, 1);
    cr_expect_neq(back, mine);
    good(f);
    fake_free(f);
}

/* A descriptor made by one XM process serves the other, and a classic one. */
Test(xm, a_handle_serves_all)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct process *p[3] = {process_at(f, make(f, true)), process_at(f, make(f, true)),
                            process_at(f, make(f, false))};
    fake_run(f);
    uint8_t text[] = "from one space to another", back[sizeof text];
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x3000) + 0xff8;
    fake_put(f, at, text, sizeof text);
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", at, 0x1100);
    const struct rt_segdef *seg = &f->gdt[h >> 3];
    cr_expect(seg->base >= SHARED_BASE && seg->base % PAGE == 0xff8 && seg->limit == 0x10ff);
    cr_expect_eq(CALL4(f, "GetRtLinearAddress", h, 3, 1, 0), seg->base + 3);
    for (unsigned i = 0; i < 3; i++) {
        cr_expect_eq(rt_current_process(f->k), p[i]->handle);
        cr_expect(f->k->port.lin_read(f, seg->base, back, sizeof back));
        cr_expect_arr_eq(back, text, sizeof text, "process %u", i);
        uint32_t mapped = CALL1(f, "MapRtSharedMemory", h);
        fake_get(f, mapped, back, sizeof back);
        cr_expect_arr_eq(back, text, sizeof text, "process %u", i);
        other(f);
    }
    good(f);
    fake_free(f);
}

/* What a descriptor reaches goes with the pages: freed, made read-only, the handle deleted. */
Test(xm, shown_pages_follow)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct process *p = process_at(f, make(f, true));
    fake_run(f);
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x2000), used = f->k->root->pool.used;
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", at + 0x1000, 0x1000), base = f->gdt[h >> 3].base;
    uint32_t r = CALL2(f, "CreateRtMemoryHandle", FAKE_IMAGE, 0x1000), code = f->gdt[r >> 3].base;
    uint8_t byte;
    cr_expect(fake_describes(f, base, p, at + 0x1000) && fake_describes(f, code, p, FAKE_IMAGE));
    rt_process_protect(f->k, p->handle, FAKE_IMAGE, 0x1000, false);
    cr_expect(fake_describes(f, code, p, FAKE_IMAGE));
    uint8_t pte[4];
    phys_get(f->k, (entry(f, p->directory, code) & ~0xfffu) + (code >> 12 & 1023) * 4, pte, 4);
    cr_expect_eq(get32(pte) & 7, PTE_P | PTE_U, "read-only through the descriptor too");
    CALL1(f, "FreeRtMemory", at);
    cr_expect(fake_describes(f, base, p, at + 0x1000));
    cr_expect_not(f->k->port.lin_read(f, base, &byte, 1));
    CALL1(f, "DeleteRtMemoryHandle", h);
    CALL1(f, "DeleteRtMemoryHandle", r);
    cr_expect_not(f->k->port.lin_read(f, code, &byte, 1));
    cr_expect_eq(f->k->root->pool.used, used, "no table stays");
    good(f);
    fake_free(f);
}

Test(xm, the_end_leaves_nothing)
{
    struct fake *f = fake_new(0x1000000, 0);
    make(f, false);
    uint32_t used = f->k->root->pool.used, held = f->k->root->pool.lent, flushes = f->flushes;
    unsigned slots = rt_free_slots(f->k);
    for (unsigned round = 0; round < 300; round++) {
        uint16_t handle = make(f, true);
        fake_run(f);
        while (rt_current_process(f->k) != handle)
            other(f);
        CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 0x1000);
        cr_expect_neq(CALL2(f, "CreateRtHeap", 0x10000, 0), BAD_RTHANDLE);
        CALL0(f, "ExitRtProcess");
        cr_assert_eq(f->k->root->pool.used, used);
        cr_assert_eq(f->k->root->pool.lent, held);
        cr_assert_eq(rt_free_slots(f->k), slots);
    }
    cr_expect_gt(f->flushes, flushes);
    good(f);
    fake_free(f);
}

/* The shared part has an end: E_MEM, and room again after a deletion. */
Test(xm, shared_part_is_full)
{
    struct fake *f = fake_new(0x1000000, 0);
    make(f, true);
    fake_run(f);
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x200000), first = 0, n = 0;
    for (;; n++) {
        uint32_t h = CALL2(f, "CreateRtMemoryHandle", at, 0x200000);
        if (h == BAD_RTHANDLE) break;
        if (!first) first = h;
        cr_assert(fake_describes(f, f->gdt[h >> 3].base + 0x1ffffc, f->k->current->process,
                                 at + 0x1ffffc));
    }
    cr_expect_eq(f->leave_status, E_MEM);
    cr_expect_eq(n, (SHARED_PAGES - 2) / 513);
    good(f);
    CALL1(f, "DeleteRtMemoryHandle", first);
    cr_expect_neq(CALL2(f, "CreateRtMemoryHandle", at, 0x200000), BAD_RTHANDLE);
    good(f);
    fake_free(f);
}

/* RQSYSINFO's descriptor lies in the shared part. */
Test(xm, system_data_everywhere)
{
    struct fake *f = fake_new(0x1000000, 0);
    make(f, true);
    make(f, false);
    fake_run(f);
    uint8_t info[160];
    for (unsigned i = 0; i < 2; i++) {
        cr_expect(f->k->port.lin_read(f, f->gdt[SLOT_SYSINFO].base, info, sizeof info));
        cr_expect_eq(get16(info + 57), 10);
        other(f);
    }
    fake_free(f);
}

/* Two XM processes have the same address for a semaphore, and each its own semaphore there. */
Test(xm, low_level_objects_by_space)
{
    struct fake *f = fake_new(0x1000000, 0);
    uint16_t a = make(f, true);
    make(f, true);
    fake_run(f);
    uint32_t s = CALL2(f, "knCreateRtSemaphore", FAKE_DATA, 4);
    cr_expect_eq(s, FAKE_DATA);
    other(f);
    cr_expect_eq(CALL2(f, "knCreateRtSemaphore", FAKE_DATA, 0), s);
    cr_expect_eq(CALL2(f, "knWaitForRtSemaphore", s, 0), 0, "it has no unit");
    CALL2(f, "knWaitForRtSemaphore", s, 0xffffffffu);
    tick(f);
    cr_expect_eq(rt_current_process(f->k), a);
    cr_expect_eq(CALL2(f, "knWaitForRtSemaphore", s, 0), 1, "its own has one");
    CALL1(f, "knReleaseRtSemaphore", s);
    cr_expect_eq(rt_current_process(f->k), a, "the other process waits at another one");
    good(f);
    CALL0(f, "ExitRtProcess");
    good(f);
    fake_free(f);
}

/* A thread of the same process is woken at the area, and by the end of its memory. */
Test(xm, low_level_objects_between_threads)
{
    struct fake *f = fake_new(0x1000000, 0);
    make(f, true);
    fake_run(f);
    uint32_t at = CALL1(f, "AllocateRtMemory", 0x1000), s = CALL2(f, "knCreateRtSemaphore", at, 0);
    uint16_t first = rt_current_thread(f->k);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t t = CALL4(f, "CreateRtThread", 0, FAKE_IMAGE, 0x1000, 0);
        cr_assert_neq(t, BAD_RTHANDLE);
        while (rt_current_thread(f->k) != t)
            other(f);
        CALL2(f, "knWaitForRtSemaphore", s, 0xffffffffu);
        tick(f);
        cr_expect_eq(rt_current_thread(f->k), first);
        if (i == 0)
            CALL1(f, "knReleaseRtSemaphore", s);
        else
            CALL1(f, "FreeRtMemory", at);
        other(f);
        cr_expect_eq(rt_current_thread(f->k), t);
        cr_expect_eq(f->eax, i == 0);
        CALL1(f, "DeleteRtThread", 0);
        tick(f);
    }
    good(f);
    fake_free(f);
}

/* PROC_XM, PROC_NOTXM; without either a program is of the model of the one that starts it. */
Test(xm, children)
{
    static const struct {
        bool parent;
        uint32_t flags;
        bool child;
    } rows[] = {{false, 0, false},  {true, 0, true},      {false, 0x40, true},
                {true, 0x40, true}, {false, 0x80, false}, {true, 0x80, false}};
    for (unsigned i = 0; i < 6; i++) {
        struct fake *f = fake_new(0x1000000, 0);
        make(f, rows[i].parent);
        fake_run(f);
        uint32_t child =
            CALL4(f, "CreateRtProcess", fake_string(f, "child.rta"), 0, 0, rows[i].flags);
        cr_assert_neq(child, BAD_RTHANDLE, "row %u", i);
        cr_expect_eq(process_at(f, (uint16_t)child)->xm, rows[i].child, "row %u", i);
        good(f);
        fake_free(f);
    }
}

/* Too little memory for a directory, at every amount: refused, and nothing is left. */
Test(xm, no_memory_for_a_space)
{
    struct fake *f = fake_new(0x400000, 0);
    unsigned made = 0;
    for (;;) {
        struct rt_effects fx;
        uint16_t handle = 0;
        struct rt_process_attr attr = {
            .name = "APP", .pool_min = 0x1000 * (1 + made % 7), .xm = true};
        uint32_t status = rt_process_create(f->k, &attr, &handle, &fx);
        fake_apply(f, &fx);
        good(f);
        made++;
        if (status != E_OK && attr.pool_min == 0x1000 * 7) break;
        cr_assert_lt(made, 3000);
    }
    cr_expect_gt(made, 20);
    fake_free(f);
}
