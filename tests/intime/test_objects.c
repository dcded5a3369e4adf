/* What calls do to the GDT, to pools and to slots: field by field, to exhaustion, and back. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define ALL 0xffffffffu

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {.name = "APP", .pool_max = ALL, .vseg_size = 0x1000000};
    fake_process(f, &attr);
    fake_run(f);
    return f;
}

static struct process *self(struct fake *f)
{
    return f->k->current->process;
}

/* --- the GDT after boot and after a process --- */

static void expect_seg(const struct fake *f, uint32_t slot, const struct rt_segdef *want)
{
    const struct rt_segdef *seg = &f->gdt[slot];
    cr_expect(f->present[slot], "slot %u", slot);
    cr_expect_eq(seg->kind, want->kind, "slot %u: kind %u", slot, seg->kind);
    cr_expect_eq(seg->dpl, want->dpl, "slot %u: DPL %u", slot, seg->dpl);
    cr_expect_eq(seg->granular, want->granular, "slot %u: G %u", slot, seg->granular);
    cr_expect_eq(seg->base, want->base, "slot %u: base %08X", slot, seg->base);
    cr_expect_eq(seg->limit, want->limit, "slot %u: limit %08X", slot, seg->limit);
    cr_expect_eq(seg->target, want->target, "slot %u: target %04X", slot, seg->target);
    cr_expect_eq(seg->count, want->count, "slot %u: count %u", slot, seg->count);
}

Test(gdt, boot)
{
    struct fake *f = fake_new(0x1000000, 0);
    cr_expect_eq(f->boot.gdt_limit, 0xffff);
    cr_expect_eq(f->boot.idt_limit, 0x7ff);
    cr_expect_eq(rt_free_slots(f->k), 8192 - 5 - 5);
    expect_seg(f, f->boot.cs >> 3,
               &(struct rt_segdef){.kind = RT_SEG_CODE, .granular = true, .limit = ALL});
    expect_seg(f, f->boot.ss >> 3,
               &(struct rt_segdef){.kind = RT_SEG_DATA, .granular = true, .limit = ALL});
    expect_seg(f, 0x818 >> 3,
               &(struct rt_segdef){.kind = RT_SEG_CALLGATE,
                                   .dpl = 3,
                                   .count = 1,
                                   .target = f->boot.cs,
                                   .base = f->boot.eip & ~0xfffu});
    cr_expect_eq(f->gdt[f->boot.tr >> 3].kind, RT_SEG_TSS);
    cr_expect_eq(f->gdt[f->boot.tr >> 3].limit, 103);
    cr_expect_eq(f->gdt[RT_ROOT_PROCESS >> 3].kind, RT_SEG_LDT);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

static uint8_t code_at(struct fake *f, uint32_t lin)
{
    uint8_t byte = 0;
    cr_assert(f->k->port.lin_read(f, lin, &byte, 1));
    return byte;
}

/* Follows the IDT to each stub and reads what it pushes. */
Test(gdt, idt_stubs)
{
    struct fake *f = fake_new(0x400000, 0);
    for (unsigned v = 0; v < 256; v++) {
        uint8_t gate[8];
        cr_assert(f->k->port.lin_read(f, f->boot.idt_base + v * 8, gate, 8));
        uint32_t at = get16(gate) | (uint32_t)get16(gate + 6) << 16;
        bool error = (v >= 10 && v <= 14) || v == 8 || v == 17;
        cr_expect_eq(get16(gate + 2), f->boot.cs);
        cr_expect_eq(gate[5], v == 3 || v == 4 ? 0xEE : 0x8E, "vector %u: %02X", v, gate[5]);
        if (v == 7) { /* the task switch set TS: CLTS, IRET */
            cr_expect(code_at(f, at) == 0x0F && code_at(f, at + 1) == 0x06 &&
                      code_at(f, at + 2) == 0xCF);
            continue;
        }
        if (!error) {
            cr_expect_eq(code_at(f, at), 0x6A, "vector %u pushes a 0", v);
            at += 2;
        }
        cr_expect_eq(code_at(f, at), 0x68);
        cr_expect_eq(code_at(f, at + 1), v);
        cr_expect_eq(code_at(f, at + 5), 0xE9);
        uint8_t rel[4];
        f->k->port.lin_read(f, at + 6, rel, 4);
        uint32_t tail = at + 10 + get32(rel);
        cr_expect_eq(code_at(f, tail), 0x0F);
        cr_expect_eq(code_at(f, tail + 1), 0x3F);
        cr_expect_eq(code_at(f, tail + 2), RT_POINT_FAULT);
    }
    fake_free(f);
}

Test(gdt, process_and_thread)
{
    CLASSIC_ONLY("the descriptors of an XM process: test_xm.c");
    struct fake *f = started();
    struct rt_process_info p;
    cr_assert(rt_process_info(f->k, 2, &p));
    cr_expect_str_eq(p.name, "APP");
    cr_expect_eq(p.vseg_size, 0x1000000);
    cr_expect_eq(p.vseg_base % 0x400000, 0);
    struct rt_segdef flat = {
        .kind = RT_SEG_CODE, .dpl = 3, .granular = true, .base = p.vseg_base, .limit = 0xffffff};
    expect_seg(f, p.cs >> 3, &flat);
    flat.kind = RT_SEG_DATA;
    expect_seg(f, p.ds >> 3, &flat);
    flat.dpl = 0;
    expect_seg(f, self(f)->vseg >> 3, &flat);
    cr_expect_eq(p.cs & 7, 3);
    cr_expect_eq(p.ds & 7, 3);
    cr_expect_eq(f->gdt[p.handle >> 3].kind, RT_SEG_LDT);
    uint16_t thread = rt_current_thread(f->k);
    const struct rt_segdef *tss = &f->gdt[thread >> 3];
    cr_expect_eq(tss->kind, RT_SEG_TSS);
    cr_expect_eq(f->tr, thread);
    uint8_t raw[104];
    cr_assert(f->k->port.lin_read(f, tss->base, raw, 104));
    cr_expect_eq(get32(raw + 0x04), tss->base + 4096, "ESP0");
    cr_expect_eq(get32(raw + 0x08), f->boot.ss, "SS0");
    cr_expect_eq(get32(raw + 0x20), FAKE_IMAGE, "EIP");
    cr_expect_eq(get32(raw + 0x24), 0x3202, "IF, IOPL 3");
    cr_expect_neq(get32(raw + 0x38) % 4096, 0, "ESP inside the top page");
    cr_expect_eq(get32(raw + 0x4C), p.cs);
    cr_expect_eq(get32(raw + 0x50), p.ds);
    cr_expect_eq(get32(raw + 0x54), p.ds);
    cr_expect_eq(get32(raw + 0x48), p.ds);
    cr_expect_eq(get32(raw + 0x60), p.handle);
    uint32_t fs = get32(raw + 0x58);
    cr_expect_eq(fs & 3, 3);
    cr_expect_eq(f->gdt[fs >> 3].dpl, 3);
    uint8_t block[48];
    cr_assert(f->k->port.lin_read(f, f->gdt[fs >> 3].base, block, 48));
    cr_expect_eq(get32(block), ALL, "FS:[0]");
    uint8_t slot[4];
    fake_get(f, get32(block + 0x2C) + 63 * 4, slot, 4);
    cr_expect_eq(get32(slot), ALL, "the TLS array");
    /* the entry function's return address is the trampoline through the gate */
    fake_get(f, get32(raw + 0x38), slot, 4);
    uint8_t jump[12];
    fake_get(f, get32(slot), jump, 12);
    cr_expect_eq(jump[0], 0x68);
    cr_expect_eq(jump[5], 0x9A);
    cr_expect_eq(get16(jump + 10), 0x818);
    fake_free(f);
}

/* --- CreateRtMemoryHandle: descriptor against request --- */

struct handle_row {
    uint32_t off, size, covered; /* covered 0: refused */
    uint32_t status;
};

/* The handle that row i made, until it is deleted. */
static void expect_handle(struct fake *f, uint32_t h, const struct handle_row *r, unsigned i)
{
    uint32_t base = f->gdt[h >> 3].base;
    cr_expect(fake_describes(f, base, self(f), r->off), "row %u: base %08X", i, base);
    expect_seg(f, h >> 3,
               &(struct rt_segdef){.kind = RT_SEG_DATA,
                                   .dpl = 3,
                                   .granular = r->covered > 0x100000,
                                   .base = base,
                                   .limit = r->covered - 1});
    cr_expect_eq(CALL1(f, "GetRtSize", h), r->covered);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), 6);
    cr_expect_eq(CALL1(f, "DeleteRtMemoryHandle", h), 1);
    cr_expect_not(f->present[h >> 3], "the descriptor is zero");
}

Test(memory_handle, descriptor_covers_exactly_the_request_or_is_refused)
{
    HOLDS_POINTERS();
    struct fake *f = started();
    struct process *p = self(f);
    uint32_t block = CALL1(f, "AllocateRtMemory", 0x300000); /* 3 MB */
    cr_assert_neq(block, 0);
    uint32_t end = block + 0x300000;
    const struct handle_row rows[] = {
        {block, 1, 1, 0},
        {block + 5, 0xfff, 0xfff, 0},
        {block, 0x1000, 0x1000, 0},
        {block, 0x1001, 0x1001, 0},
        {block + 3, 0xfffff, 0xfffff, 0},
        {block + 3, 0x100000, 0x100000, 0},    /* the largest byte limit */
        {block, 0x100001, 0x101000, 0},        /* G: rounded up */
        {block + 0x10, 0x100001, 0x101000, 0}, /* unaligned base: 101000 bytes from there */
        {block, 0x2fffff, 0x300000, 0},
        {block, 0x300000, 0x300000, 0},
        {block + 0x10, 0x2ffff0, 0, E_BAD_ADDR}, /* rounded up it would leave the block */
        {end - 1, 1, 1, 0},
        {end - 1, 2, 0, E_BAD_ADDR}, /* guard page */
        {end, 1, 0, E_BAD_ADDR},
        {0, 1, 0, E_BAD_ADDR},
        {0, 0, 0, E_PARAM},
        {block, 0, 0, E_PARAM},
        {FAKE_IMAGE + 0x800, 0x3000, 0x3000, 0}, /* over several pages with different rights */
        {p->size - 1, 1, 1, 0},
        {p->size - 1, 2, 0, E_BAD_ADDR},
        {p->size, 1, 0, E_BAD_ADDR},
        {block, 0x7fffffff, 0, E_BAD_ADDR},
        {block, 0x80000001, 0, E_BAD_ADDR},
        {block, 0xfffff000, 0, E_BAD_ADDR},
        {block, 0xffffffff, 0, E_BAD_ADDR},
        {0xffffffff, 1, 0, E_BAD_ADDR},
        {0xffffffff, 0xffffffff, 0, E_BAD_ADDR},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct handle_row *r = &rows[i];
        unsigned before = rt_free_slots(f->k);
        uint16_t next = (uint16_t)(f->k->free_first << 3);
        uint32_t h = CALL2(f, "CreateRtMemoryHandle", r->off, r->size);
        cr_expect_eq(f->leave_status, r->status, "row %u: %s", i, rt_status_name(f->leave_status));
        if (r->covered) {
            cr_expect_eq(h, next, "row %u: the oldest free slot", i);
            expect_handle(f, h, r, i);
        } else {
            cr_expect_eq(h, BAD_RTHANDLE, "row %u", i);
        }
        cr_expect_eq(rt_free_slots(f->k), before);
        cr_expect_null(fake_check(f), "row %u: %s", i, fake_check(f));
    }
    fake_free(f);
}

/* --- exhaustion, in all orders --- */

static uint32_t fill(struct fake *f)
{
    uint32_t n = 0;
    while (CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16) != BAD_RTHANDLE)
        n++;
    return n;
}

Test(exhaustion, slot_exactly_at_the_last)
{
    struct fake *f = started();
    uint32_t free_slots = rt_free_slots(f->k);
    cr_expect_eq(fill(f), free_slots);
    cr_expect_eq(f->leave_status, E_SLOT);
    cr_expect_eq(rt_free_slots(f->k), 0);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    /* the process goes: thousands of descriptors are cleared, in several lists of effects */
    CALL0(f, "ExitRtProcess");
    cr_expect_eq(rt_free_slots(f->k), 8192 - 10);
    cr_expect_eq(f->idles, 1);
    cr_expect_eq(f->idle_code, 0);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* Which of limit, slots and memory runs out first decides the code; all at once: in that order. */
Test(exhaustion, order_of_codes)
{
    for (unsigned scarce = 1; scarce < 8; scarce++) {
        struct fake *f = fake_new(0x1000000, scarce & 2 ? 260 + 9 : 0);
        struct rt_process_attr attr = {.name = "APP",
                                       .pool_min = 0x20000,
                                       .pool_max = scarce & 4 ? 0x20000 : 0x1000000,
                                       .object_limit = scarce & 1 ? 5 : 0};
        fake_process(f, &attr);
        fake_run(f);
        uint32_t made = 0;
        /* bring each scarce thing to its end: memory first (64 handles a page), then slots */
        while (scarce & 4 && CALL1(f, "clib_pages", 4096)) {
        }
        while (CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16) != BAD_RTHANDLE)
            made++;
        uint32_t want = scarce & 1 ? E_LIMIT : scarce & 2 && !(scarce & 4) ? E_SLOT : E_MEM;
        if (scarce == 6) want = f->k->free_count ? E_MEM : E_SLOT;
        cr_expect_eq(f->leave_status, want, "scarce %u: %s after %u", scarce,
                     rt_status_name(f->leave_status), made);
        cr_expect_null(fake_check(f), "%s", fake_check(f));
        fake_free(f);
    }
}

/* E_LIMIT before E_SLOT before E_MEM when several hold at the same call. */
Test(exhaustion, several_at_once)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 300);
    struct rt_process_attr attr = {.name = "APP", .pool_min = 0x20000, .pool_max = 0x20000};
    uint16_t handle = fake_process(f, &attr);
    struct process *p = object_find(f->k, handle)->process;
    fake_run(f);
    uint32_t first = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    while (CALL1(f, "clib_pages", 4096)) {
    }
    fill(f);
    cr_expect_eq(f->leave_status, E_MEM);
    fake_app(f);
    CALL1(f, "RtSleep", 20); /* the other process fills the GDT */
    fill(f);
    cr_expect_eq(f->leave_status, E_SLOT);
    CALL1(f, "SuspendRtThread", 0);
    fake_time(f, 30000);
    cr_assert_eq(rt_current_process(f->k), handle);
    CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    cr_expect_eq(f->leave_status, E_SLOT, "E_SLOT before E_MEM");
    p->quota[QUOTA_OBJECTS].limit = p->quota[QUOTA_OBJECTS].used;
    CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    cr_expect_eq(f->leave_status, E_LIMIT, "E_LIMIT before E_SLOT");
    CALL1(f, "DeleteRtMemoryHandle", first);
    cr_expect_eq(CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16), first,
                 "the one free slot comes back");
    fake_free(f);
}

/* --- no leaks --- */

struct count {
    unsigned slots;
    uint32_t used, lent, first_free;
};
static struct count counted(const struct fake *f)
{
    const struct pool *root = &f->k->root->pool;
    return (struct count){rt_free_slots(f->k), root->used, root->lent, f->k->first_free};
}

static void expect_same(struct count a, struct count b, const char *what)
{
    cr_expect_eq(a.slots, b.slots, "%s: slots %u %u", what, a.slots, b.slots);
    cr_expect_eq(a.used, b.used, "%s: root frames %u %u", what, a.used, b.used);
    cr_expect_eq(a.lent, b.lent, "%s: lent %u %u", what, a.lent, b.lent);
}

Test(leak, calls_that_undo_each_other)
{
    struct fake *f = started();
    CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    uint32_t used = self(f)->pool.used;
    unsigned slots = rt_free_slots(f->k);
    for (unsigned i = 0; i < 300; i++) {
        uint32_t block = CALL1(f, "AllocateRtMemory", 0x1000 * (1 + i % 700));
        uint32_t h = CALL2(f, "CreateRtMemoryHandle", block + i, 100 + i);
        uint32_t map = CALL1(f, "MapRtSharedMemory", h);
        uint32_t window = CALL2(f, "MapRtPhysicalMemory", 0xB8000 + i, 0x10000);
        cr_assert(block && map && window && h != BAD_RTHANDLE);
        cr_expect_eq(map % 4096, (block + i) % 4096);
        CALL1(f, i & 1 ? "FreeRtMemory" : "GetRtSize", i & 1 ? map : h);
        CALL1(f, "FreeRtMemory", block);
        if (!(i & 1)) CALL1(f, "FreeRtMemory", map);
        CALL1(f, "FreeRtMemory", window);
        CALL1(f, "DeleteRtMemoryHandle", h);
        if (i % 50 == 0) cr_expect_null(fake_check(f), "%s", fake_check(f));
    }
    cr_expect_eq(self(f)->pool.used, used);
    cr_expect_eq(rt_free_slots(f->k), slots);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

Test(leak, processes_come_and_go)
{
    struct fake *f = fake_new(0x1000000, 0);
    struct count before = counted(f);
    for (unsigned i = 0; i < 600; i++) {
        struct rt_process_attr attr = {.name = "LOOP", .pool_max = ALL};
        uint16_t handle = fake_process(f, &attr);
        fake_run(f);
        uint32_t block = CALL1(f, "AllocateRtMemory", 0x8000);
        uint32_t h = CALL2(f, "CreateRtMemoryHandle", block, 0x8000);
        CALL1(f, "MapRtSharedMemory", h);
        CALL3(f, "CatalogRtHandle", 0, h, fake_string(f, "SHARE"));
        unsigned ends = f->ends;
        if (i % 3 == 0)
            CALL0(f, "ExitRtProcess");
        else if (i % 3 == 1)
            CALL1(f, "clib_exit", i);
        else
            fake_fault(f, i % 15, 0x18);
        cr_assert_eq(f->ends, ends + 1);
        cr_expect_eq(f->end_process, handle);
        if (i % 3 == 1) cr_expect_eq(f->end_code, i);
        if (i % 3 == 2) cr_expect_eq(f->end_code, 0x8100 + i % 15);
        cr_expect_eq(f->end_reason, i % 3 == 2 ? RT_END_FAULT : RT_END_EXIT);
        expect_same(counted(f), before, "after a process");
        if (i % 100 == 0) cr_expect_null(fake_check(f), "%s", fake_check(f));
    }
    fake_free(f);
}

/* --- stale handles, and memory that outlives its owner --- */

Test(stale, freed_slots_come_back_last)
{
    struct fake *f = fake_new(0x1000000, 400);
    fake_app(f);
    fake_run(f);
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    CALL1(f, "DeleteRtMemoryHandle", h);
    unsigned others = rt_free_slots(f->k) - 1;
    for (unsigned i = 0; i < others; i++) {
        uint32_t other = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
        cr_assert_neq(other, h, "reused after %u", i);
        cr_assert_neq(other, BAD_RTHANDLE);
        CALL1(f, "GetRtHandleType", h);
        cr_assert_eq(f->leave_status, E_EXIST);
    }
    cr_expect_eq(CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16), h);
    fake_free(f);
}

Test(stale, handles_are_exact)
{
    struct fake *f = started();
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    for (uint32_t bits = 1; bits < 8; bits++) {
        CALL1(f, "GetRtHandleType", h | bits);
        cr_expect_eq(f->leave_status, E_EXIST, "RPL or TI bits %u", bits);
    }
    cr_expect_eq(CALL1(f, "GetRtHandleType", 0xABCD0000 | h), 6, "the upper half is ignored");
    for (uint32_t slot = 0; slot < 8192; slot++) {
        struct rt_slot_info info;
        cr_assert(rt_slot_info(f->k, (uint16_t)slot, &info));
        uint32_t type = CALL1(f, "GetRtHandleType", slot << 3);
        cr_expect_eq(type, info.type, "slot %u", slot);
    }
    fake_free(f);
}

/* B maps A's memory; A ends; B still reads it; the frames go back with B's mapping. */
Test(stale, mapping_outlives_the_owner)
{
    struct fake *f = fake_new(0x1000000, 0);
    uint32_t root_used = f->k->root->pool.used;
    uint16_t a = fake_app(f);
    fake_run(f);
    uint32_t block = CALL1(f, "AllocateRtMemory", 0x3000);
    fake_put(f, block + 0x1ffe, "shared", 7);
    uint32_t h = CALL2(f, "CreateRtMemoryHandle", block + 0x1ffe, 7);
    CALL3(f, "CatalogRtHandle", RT_ROOT_PROCESS, h, fake_string(f, "SHARE"));
    uint16_t b = fake_app(f);
    CALL1(f, "RtSleep", 50);
    cr_assert_eq(rt_current_process(f->k), b);
    cr_expect_eq(CALL3(f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(f, "SHARE"), 0), h);
    uint32_t map = CALL1(f, "MapRtSharedMemory", h);
    cr_expect_eq(map % 4096, 0xffe);
    CALL1(f, "RtSleep", 100);
    fake_time(f, 50000);
    cr_assert_eq(rt_current_process(f->k), a);
    CALL1(f, "FreeRtMemory", block);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    CALL0(f, "ExitRtProcess");
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_time(f, 200000);
    cr_assert_eq(rt_current_process(f->k), b);
    char text[8] = "";
    fake_get(f, map, text, 7);
    cr_expect_str_eq(text, "shared");
    CALL1(f, "MapRtSharedMemory", h);
    cr_expect_eq(f->leave_status, E_EXIST);
    cr_expect_eq(f->k->root->pool.used, root_used + 2, "two orphan pages");
    cr_expect_eq(CALL1(f, "FreeRtMemory", map), 0x2000);
    cr_expect_eq(f->k->root->pool.used, root_used);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* --- processes: attributes --- */

struct attr_row {
    struct rt_process_attr attr;
    uint32_t status, vseg;
};

Test(process, attributes)
{
    const struct attr_row rows[] = {
        {{.name = "a"}, E_OK, 0x800000},
        {{.name = "a", .vseg_size = 1}, E_OK, 0x800000},
        {{.name = "a", .vseg_size = 0x800001}, E_OK, 0xC00000},
        {{.name = "a", .vseg_size = 0xF0000000}, E_VMEM, 0},
        {{.name = "a", .vseg_size = 0xffffffff}, E_VMEM, 0},
        {{.name = "a", .dir_size = 2}, E_PARAM, 0},
        {{.name = "a", .dir_size = 3}, E_OK, 0x800000},
        {{.name = "a", .dir_size = 3840}, E_OK, 0x800000},
        {{.name = "a", .dir_size = 3841}, E_PARAM, 0},
        {{.name = "a", .pool_min = 0x2000, .pool_max = 0x1000}, E_PARAM, 0},
        {{.name = "a", .pool_min = 0x1000, .pool_max = 0x1000}, E_MEM, 0},
        {{.name = "a", .pool_min = 0x2000000}, E_MEM, 0},
        {{.name = "a", .pool_min = 1, .pool_max = ALL}, E_OK, 0x800000},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake *f = fake_new(0x1000000, 0);
        struct count before = counted(f);
        struct rt_effects fx;
        uint16_t handle = 0;
        uint32_t status = rt_process_create(f->k, &rows[i].attr, &handle, &fx);
        fake_apply(f, &fx);
        cr_expect_eq(status, rows[i].status, "row %u: %s", i, rt_status_name(status));
        struct rt_process_info info;
        if (status == E_OK)
            cr_expect(rt_process_info(f->k, 2, &info) && info.vseg_size == rows[i].vseg);
        else
            expect_same(counted(f), before, "a refused process");
        cr_expect_null(fake_check(f), "row %u: %s", i, fake_check(f));
        fake_free(f);
    }
}

Test(process, no_slot_for_it)
{
    struct fake *f = fake_new(0x1000000, 264);
    fake_app(f);
    fake_run(f);
    while (rt_free_slots(f->k) > 3)
        CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 1);
    struct rt_process_attr attr = {.name = "LATE"};
    struct rt_effects fx;
    uint16_t handle;
    cr_expect_eq(rt_process_create(f->k, &attr, &handle, &fx), E_SLOT);
    cr_expect_null(fake_check(f));
    fake_free(f);
}

/* --- the words for observers --- */

Test(observer, arguments_in_words)
{
    struct fake *f = started();
    CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 4096);
    cr_expect_str_eq(f->seen, "pOffset=0x00401000, cbSize=4096");
    CALL3(f, "LookupRtHandle", 0, fake_string(f, "A\x01z"), 0);
    cr_expect_str_eq(f->seen, "hProcess=NULL_RTHANDLE, lpszName=\"A\\x01z\", dwMilliseconds=0");
    CALL6(f, "AllocateRtMemoryEx", 1, 2, 3, 4, 5, 6);
    cr_expect_str_eq(f->seen,
                     "cbSize=1, qwLowFilter=0x300000002, qwHighFilter=0x500000004, cbAlignment=6");
    CALL2(f, "GetRtProcAddress", 0x1230, 7);
    cr_expect_str_eq(f->seen, "hModule=0x1230, lpSymbolName=#7");
    CALL3(f, "CatalogRtHandle", 0, 0, 0x12);
    cr_expect_str_eq(
        f->seen, "hProcess=NULL_RTHANDLE, hObject=NULL_RTHANDLE, lpszName=0x00000012 (unreadable)");
    fake_free(f);
}

Test(observer, calls_that_are_not_there_are_named)
{
    struct fake *f = started();
    fake_call_raw(f, 0x0FFF0010, FAKE_STACK);
    cr_expect_str_eq(f->text, "call 4095 of RtRsl.rsl");
    cr_expect_eq(f->eax, 0xffffffff);
    cr_expect_eq(fake_last(f), E_NOT_CONFIGURED);
    fake_call_raw(f, 0x01B30018, FAKE_STACK);
    cr_expect_str_eq(f->text, "call 435 of netlib");
    fake_call_raw(f, 0xffffffff, FAKE_STACK);
    cr_expect_eq(f->missing, 3);
    cr_expect_null(fake_check(f));
    fake_free(f);
}
