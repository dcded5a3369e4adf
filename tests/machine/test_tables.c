/* Descriptor tables, TSS and page tables anywhere: at odd addresses, across pages whose frames lie apart,
 * at the end of the 4 GB, behind a closed A20 gate, where there is no memory, where it is ROM.
 *
 *   linear  1000 code   5000 GDT    8000 TSS A, current     physical 10000 page directory
 *           2000 stack  6000 IDT    9000 TSS B              11000, 12000 page tables 0 and 3FF
 *           A000 user   7000 LDT                            RAM 0..1FFFFF and the last page
 *
 * With paging the frame of linear page n below 200000 is n xor 80, and page FFFFF has frame 70.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cpu.h"

#define PD        0x10000u
#define PT        0x11000u
#define PT_TOP    0x12000u
#define TOP       0xfffff000u
#define TOP_FRAME 0x70000u
#define HOLE      0x40000000u

enum {
    CODE0 = 0x08,
    DATA0 = 0x10,
    CODE3 = 0x18,
    DATA3 = 0x20,
    LDT = 0x28,
    TSS_A = 0x30,
    TSS_B = 0x38
};
enum { FRESH = 0x40, GDT_SIZE = 0x48 };
#define IN_LDT 0x0fu

enum table { T_GDT, T_IDT, T_LDT, T_TSS_A, T_TSS_B, TABLES };
static const uint32_t home[TABLES] = {0x5000, 0x6000, 0x7000, 0x8000, 0x9000};
static const uint32_t size_of[TABLES] = {GDT_SIZE, 0x210, 0x10, 0x68, 0x68};

struct box {
    struct bus *bus;
    struct i386_cpu cpu;
    uint32_t at[TABLES];
    bool paging;
};

static struct page_env env(const struct box *b)
{
    return (struct page_env){.bus = b->bus, .cr3 = PD, .paging = b->paging};
}

static void put(struct box *b, uint32_t at, unsigned size, uint32_t value)
{
    struct page_env e = env(b);
    for (unsigned i = 0; i < size; i++)
        cr_assert_not(is_fault(lin_write(&e, lin(at + i), 1, false, value >> (8 * i) & 0xff)));
}

static uint8_t get(struct box *b, uint32_t at)
{
    struct page_env e = env(b);
    uint32_t v = 0;
    cr_assert_not(is_fault(lin_read(&e, lin(at), 1, false, &v)));
    return (uint8_t)v;
}

static void put_desc(struct box *b, uint32_t at, desc_t d)
{
    put(b, at, 4, (uint32_t)d.raw);
    put(b, at + 4, 4, (uint32_t)(d.raw >> 32));
}

static void map_pages(struct box *b)
{
    bus_write(b->bus, phys(PD), 4, PT | 7);
    bus_write(b->bus, phys(PD + 0xffc), 4, PT_TOP | 7);
    for (uint32_t n = 0; n < 0x200; n++)
        bus_write(b->bus, phys(PT + 4 * n), 4, (n ^ 0x80) << 12 | 7);
    bus_write(b->bus, phys(PT_TOP + 0xffc), 4, TOP_FRAME | 7);
}

static void put_tss(struct box *b, uint32_t at)
{
    for (uint32_t i = 0; i < 0x68; i++)
        put(b, at + i, 1, 0);
    put(b, at + 4, 4, 0x2f00);
    put(b, at + 8, 4, DATA0);
    put(b, at + 0x1c, 4, PD);
    put(b, at + 0x20, 4, 0x1234);
    put(b, at + 0x24, 4, FL_1 | FL_CF);
    for (uint32_t i = 0; i < 8; i++)
        put(b, at + 0x28 + 4 * i, 4, 0x11111111 * (i + 1));
    for (uint32_t i = 0; i < 6; i++)
        put(b, at + 0x48 + 4 * i, 4, i == 1 ? CODE0 : DATA0);
    put(b, at + 0x60, 4, LDT);
    put(b, at + 0x64, 4, 0x680000);
}

static void put_tables(struct box *b)
{
    const uint32_t *at = b->at;
    put_desc(b, at[T_GDT], (desc_t){0});
    put_desc(b, at[T_GDT] + CODE0, desc_make(0, 0xffffffff, 0x9a, true, true));
    put_desc(b, at[T_GDT] + DATA0, desc_make(0, 0xffffffff, 0x92, true, true));
    put_desc(b, at[T_GDT] + CODE3, desc_make(0, 0xffffffff, 0xfa, true, true));
    put_desc(b, at[T_GDT] + DATA3, desc_make(0, 0xffffffff, 0xf2, true, true));
    put_desc(b, at[T_GDT] + LDT, desc_make(at[T_LDT], 0xf, 0x82, false, false));
    put_desc(b, at[T_GDT] + TSS_A, desc_make(at[T_TSS_A], 0x67, 0x8b, false, false));
    put_desc(b, at[T_GDT] + TSS_B, desc_make(at[T_TSS_B], 0x67, 0x89, false, false));
    put_desc(b, at[T_GDT] + FRESH, desc_make(0x12345678, 0x9abc, 0xf2, false, false));
    put_desc(b, at[T_LDT] + 8, desc_make(0x87654321, 0x4321, 0xf2, false, false));
    for (uint32_t v = 0; v < 0x42; v++)
        put_desc(b, at[T_IDT] + 8 * v, desc_make_gate(SYS_INT32, CODE0, 0x1000 + v, 3, 0));
    put_tss(b, at[T_TSS_A]);
    put_tss(b, at[T_TSS_B]);
}

static struct seg seg_of(uint16_t sel, uint32_t base, uint32_t limit, uint8_t access, bool big)
{
    return (struct seg){.sel = sel, .sh = shadow_of(desc_make(base, limit, access, big, big))};
}

static void set_level(struct box *b, unsigned ring)
{
    struct i386_state *s = &b->cpu.s;
    uint8_t dpl = (uint8_t)(ring << 5);
    s->cpl = (uint8_t)ring;
    cpu_seg_poke(&b->cpu, CS, seg_of(ring ? CODE3 | 3 : CODE0, 0, ~0u, 0x9b | dpl, true));
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        if (r != CS)
            cpu_seg_poke(&b->cpu, (enum segreg)r,
                         seg_of(ring ? DATA3 | 3 : DATA0, 0, ~0u, 0x93 | dpl, true));
    s->gpr[ESP] = ring ? 0xaf00 : 0x2f00;
}

static void reset(struct box *b)
{
    struct i386_state *s = &b->cpu.s;
    cpu_reset(&b->cpu);
    s->cr0 |= CR0_PE | (b->paging ? CR0_PG : 0);
    s->cr3 = PD;
    s->eip = 0x1000;
    s->eflags = FL_1;
    s->gdtr = (struct dtable){b->at[T_GDT], GDT_SIZE - 1};
    s->idtr = (struct dtable){b->at[T_IDT], 0x20f};
    s->ldtr = seg_of(LDT, b->at[T_LDT], 0xf, 0x82, false);
    s->tr = seg_of(TSS_A, b->at[T_TSS_A], 0x67, 0x8b, false);
    set_level(b, 0);
}

static struct box *box_new(bool paging, bool a20)
{
    struct box *b = calloc(1, sizeof *b);
    cr_assert_not_null(b);
    b->bus = bus_new();
    cr_assert_eq(bus_map_ram(b->bus, phys(0), 0x200000, "ram"), ST_OK);
    cr_assert_eq(bus_map_ram(b->bus, phys(a20 ? TOP : TOP & ~(1u << 20)), 0x1000, "top"), ST_OK);
    bus_set_a20(b->bus, a20);
    cpu_init(&b->cpu, b->bus);
    b->paging = paging;
    memcpy(b->at, home, sizeof home);
    map_pages(b);
    return b;
}

static struct box *box_ready(bool paging, bool a20, enum table moved, uint32_t to)
{
    struct box *b = box_new(paging, a20);
    if (moved < TABLES) b->at[moved] = to;
    put_tables(b);
    reset(b);
    return b;
}

static void box_free(struct box *b)
{
    bus_free(b->bus);
    free(b);
}

/* --- the same run wherever a table lies --- */

struct outcome {
    struct i386_state load, gate, task; /* after each part */
    uint8_t bytes[TABLES][0x220];
};

/* Where a table lies is the only difference. */
static void forget_bases(struct i386_state *s)
{
    s->gdtr.base = s->idtr.base = 0;
    s->ldtr.sh.base = s->tr.sh.base = 0;
}

static void take_tables(struct box *b, struct outcome *o)
{
    for (unsigned t = 0; t < TABLES; t++)
        for (uint32_t i = 0; i < size_of[t]; i++)
            o->bytes[t][i] = get(b, b->at[t] + i);
    for (unsigned sel = LDT; sel <= TSS_B; sel += 8) /* base fields */
        memset(o->bytes[T_GDT] + sel + 2, 0, 3), o->bytes[T_GDT][sel + 7] = 0;
}

static void run(struct box *b, struct outcome *o)
{
    struct i386_cpu *cpu = &b->cpu;
    memset(o, 0, sizeof *o);
    cr_expect_not(is_fault(cpu_seg_load(cpu, DS, FRESH | 3)));
    cr_expect_not(is_fault(cpu_seg_load(cpu, ES, IN_LDT)));
    o->load = cpu->s;
    set_level(b, 3);
    cr_expect_eq(cpu_interrupt(cpu, 0x41), STEP_EVENT);
    o->gate = cpu->s;
    cr_expect_not(is_fault(cpu_task_jump(cpu, TSS_B)));
    o->task = cpu->s;
    take_tables(b, o);
    forget_bases(&o->load);
    forget_bases(&o->gate);
    forget_bases(&o->task);
}

static const uint32_t places[] = {
    0x3003,     /* odd */
    0x3ff4,     /* an entry across a page */
    0x3fbd,     /* fields of a TSS across a page, and odd */
    0x103000,   /* 3000 when A20 is closed */
    0x0ffff4,   /* across 1 MB */
    TOP + 4,    /* the last page */
    0xffffffe4, /* across the end of the 4 GB */
    0xffffffbd,
};
#define PLACES (sizeof places / sizeof places[0])

static void one_place(const struct outcome *want, bool paging, bool a20, unsigned t, uint32_t at)
{
    static struct outcome is;
    struct box *b = box_ready(paging, a20, (enum table)t, at);
    run(b, &is);
    const char *how = paging ? "paged" : "flat";
    cr_expect_arr_eq(&is.load, &want->load, sizeof is.load, "loads: table %u at %x, %s", t, at,
                     how);
    cr_expect_arr_eq(&is.gate, &want->gate, sizeof is.gate, "gate: table %u at %x, %s", t, at, how);
    cr_expect_arr_eq(&is.task, &want->task, sizeof is.task, "task: table %u at %x, %s", t, at, how);
    cr_expect_arr_eq(is.bytes, want->bytes, sizeof is.bytes, "bytes: table %u at %x, %s", t, at,
                     how);
    box_free(b);
}

Test(tables, anywhere)
{
    static struct outcome want;
    for (unsigned k = 0; k < 4; k++) {
        struct box *b = box_ready(k & 1, k & 2, TABLES, 0);
        run(b, &want);
        box_free(b);
        cr_expect_eq(want.load.seg[DS].sh.base, 0x12345678);
        cr_expect_eq(want.load.seg[ES].sh.limit, 0x4321);
        cr_expect_eq(want.gate.eip, 0x1041);
        cr_expect_eq(want.task.eip, 0x1234);
        cr_expect_eq(want.bytes[T_GDT][FRESH + 5], 0xf3); /* accessed */
        cr_expect_eq(want.bytes[T_GDT][TSS_B + 5], 0x8b); /* busy */
        for (unsigned t = 0; t < TABLES; t++)
            for (unsigned i = 0; i < PLACES; i++)
                one_place(&want, k & 1, k & 2, t, places[i]);
    }
}

/* A closed gate: what is written at 105000 is read at 5000. */
Test(tables, a20_masks_what_the_processor_writes)
{
    struct box *b = box_ready(false, false, T_GDT, 0x105000);
    cr_assert_not(is_fault(cpu_seg_load(&b->cpu, DS, FRESH | 3)));
    uint8_t byte = 0;
    cr_assert(bus_peek(b->bus, phys(0x5000 + FRESH + 5), &byte, 1));
    cr_expect_eq(byte, 0xf3);
    cr_assert(bus_peek(b->bus, phys(0x105000 + FRESH + 5), &byte, 1));
    cr_expect_eq(byte, 0);
    box_free(b);
}

/* The directory, its table and the A bits lie behind the gate, too. */
Test(tables, a20_masks_page_tables)
{
    struct box *b = box_ready(true, false, TABLES, 0);
    bus_write(b->bus, phys(PD), 4, (PT | 0x100000) | 7);
    b->cpu.s.cr3 = PD | 0x100000;
    struct page_env e = cpu_page_env(&b->cpu);
    uint32_t v;
    bus_write(b->bus, phys(0x83000), 4, 0xcafe);
    cr_assert_not(is_fault(lin_read(&e, lin(0x3000), 4, false, &v)));
    cr_expect_eq(v, 0xcafe);
    cr_expect_eq(bus_read(b->bus, phys(PD), 4) & 0x20, 0x20);
    cr_expect_eq(bus_read(b->bus, phys(PT + 12), 4) & 0x20, 0x20);
    box_free(b);
}

/* --- a part of the table is not there --- */

static void unmap(struct box *b, uint32_t at)
{
    bus_write(b->bus, phys(PT + (at >> 12) * 4), 4, 0);
}

/* The table is read by the supervisor whatever the CPL; CR2 is the first byte in the missing page. */
Test(tables, descriptor_across_a_missing_page)
{
    for (unsigned ring = 0; ring < 4; ring += 3)
        for (unsigned second = 0; second < 2; second++) {
            struct box *b = box_ready(true, true, T_GDT, 0x3ffc - FRESH);
            set_level(b, ring);
            unmap(b, second ? 0x4000 : 0x3000);
            struct i386_state before = b->cpu.s;
            fault_t f = cpu_seg_load(&b->cpu, DS, FRESH | 3);
            cr_expect_eq(f.vector, VEC_PF);
            cr_expect_eq(f.error, 0);
            cr_expect_eq(f.cr2, second ? 0x4000 : 0x3ffc);
            before.cr2 = b->cpu.s.cr2;
            cr_expect_arr_eq(&b->cpu.s, &before, sizeof before);
            box_free(b);
        }
}

Test(tables, gate_across_a_missing_page)
{
    struct box *b = box_ready(true, true, T_IDT, 0x3ffc - 8 * 0x41);
    unmap(b, 0x4000);
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x41), STEP_EVENT);
    cr_expect_eq(b->cpu.last_fault.vector, VEC_PF);
    cr_expect_eq(b->cpu.s.cr2, 0x4000);
    cr_expect_eq(b->cpu.s.eip, 0x1000 + VEC_PF);
    cr_expect_eq(b->cpu.s.cpl, 0);
    box_free(b);
}

/* A new task's TSS: the fault comes before the commit point, in the old task. */
Test(tables, new_tss_across_a_missing_page)
{
    struct box *b = box_ready(true, true, T_TSS_B, 0x3ffd - 0x40);
    unmap(b, 0x4000);
    fault_t f = cpu_task_jump(&b->cpu, TSS_B);
    cr_expect_eq(f.vector, VEC_PF);
    cr_expect_eq(f.error & 4, 0);
    cr_expect_eq(f.cr2, 0x4000);
    cr_expect_eq(b->cpu.s.tr.sel, TSS_A);
    cr_expect_eq(get(b, b->at[T_GDT] + TSS_B + 5), 0x89, "not busy");
    box_free(b);
}

/* --- where there is no memory: every byte reads FF, writes are lost --- */

/* FFFFFFFF FFFFFFFF is conforming, readable code, accessed, DPL 3, base FFFFFFFF, 4 GB. */
Test(tables, gdt_and_ldt_in_no_memory)
{
    for (unsigned ti = 0; ti < 8; ti += 4) {
        struct box *b = box_ready(false, true, TABLES, 0);
        uint16_t sel = (uint16_t)(0x8 | ti);
        b->cpu.s.gdtr = (struct dtable){HOLE, 0xffff};
        b->cpu.s.ldtr.sh.base = HOLE;
        cr_expect_not(is_fault(cpu_seg_load(&b->cpu, DS, sel)));
        cr_expect_eq(b->cpu.s.seg[DS].sh.base, 0xffffffff);
        cr_expect_eq(b->cpu.s.seg[DS].sh.limit, 0xffffffff);
        cr_expect_eq(b->cpu.s.seg[DS].sh.access, 0xff);
        fault_t f = cpu_seg_load(&b->cpu, SS, sel);
        cr_expect_eq(f.vector, VEC_GP);
        cr_expect_eq(f.error, sel);
        cr_expect_geq(bus_unclaimed_memory(b->bus), 2);
        box_free(b);
    }
}

/* FF is no gate: #GP with the vector's entry, the same for #GP and for the double fault. */
Test(tables, idt_in_no_memory)
{
    struct box *b = box_ready(false, true, TABLES, 0);
    b->cpu.s.idtr = (struct dtable){HOLE, 0x7ff};
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x41), STEP_SHUTDOWN);
    cr_expect_eq(b->cpu.chain[0].vector, VEC_GP);
    cr_expect_eq(b->cpu.chain[0].error & ~1u, 0x41 * 8 + 2);
    box_free(b);
}

/* SS0 = FFFF names the LDT beyond its limit. */
Test(tables, inner_stack_in_no_memory)
{
    struct box *b = box_ready(false, true, TABLES, 0);
    b->cpu.s.tr.sh.base = HOLE;
    set_level(b, 3);
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x41), STEP_SHUTDOWN);
    cr_expect_eq(b->cpu.chain[0].vector, VEC_TS);
    cr_expect_eq(b->cpu.chain[0].error & ~1u, 0xfffc);
    box_free(b);
}

/* A new task of nothing but ones: it is entered, then its LDT selector is refused. */
Test(tables, new_task_in_no_memory)
{
    struct box *b = box_ready(false, true, T_TSS_B, HOLE);
    fault_t f = cpu_task_jump(&b->cpu, TSS_B);
    cr_expect_eq(f.vector, VEC_TS);
    cr_expect_eq(f.error & ~1u, 0xfffc);
    cr_expect_eq(b->cpu.s.tr.sel, TSS_B);
    cr_expect_eq(b->cpu.s.gpr[EBX], 0xffffffff);
    box_free(b);
}

/* A page table of ones: present, user, writable, and its frame is the last page of all. */
Test(tables, page_table_in_no_memory)
{
    struct box *b = box_ready(true, true, TABLES, 0);
    struct page_env e = cpu_page_env(&b->cpu);
    uint32_t v = 0;
    bus_write(b->bus, phys(PD + 4), 4, HOLE | 7);
    bus_write(b->bus, phys(TOP + 0x123), 4, 0x89abcdef);
    cr_assert_not(is_fault(lin_read(&e, lin(0x400123), 4, true, &v)));
    cr_expect_eq(v, 0x89abcdef);
    cr_assert_not(is_fault(lin_write(&e, lin(0x7ff123), 4, true, 0x2468)));
    cr_expect_eq(bus_read(b->bus, phys(TOP + 0x123), 4), 0x2468);
    cr_expect_eq(bus_read(b->bus, phys(PD + 4), 4), HOLE | 0x27, "only the directory is memory");
    box_free(b);
}

/* A directory of ones leads to FFFFF000, which is memory here: its entries decide. */
Test(tables, page_directory_in_no_memory)
{
    struct box *b = box_ready(true, true, TABLES, 0);
    b->cpu.s.cr3 = HOLE;
    struct page_env e = cpu_page_env(&b->cpu);
    uint32_t v = 0;
    bus_write(b->bus, phys(TOP + 4 * 5), 4, 0x30000 | 5);
    bus_write(b->bus, phys(0x30000), 4, 0x13579bdf);
    cr_assert_not(is_fault(lin_read(&e, lin(0x5000), 4, true, &v)));
    cr_expect_eq(v, 0x13579bdf);
    fault_t f = lin_read(&e, lin(0x6000), 4, true, &v);
    cr_expect_eq(f.vector, VEC_PF);
    cr_expect_eq(f.error, 4);
    f = lin_write(&e, lin(0x5000), 4, true, 1);
    cr_expect_eq(f.error, 7);
    box_free(b);
}

/* A table in ROM: the load succeeds, the accessed bit is lost, the register has it. */
Test(tables, gdt_in_rom)
{
    struct box *b = box_ready(false, true, TABLES, 0);
    uint8_t rom[4096] = {0};
    put64(rom + 8, desc_make(0x1000, 0xfff, 0xf2, false, false).raw);
    cr_assert_eq(bus_map_rom(b->bus, phys(0xf0000000), rom, sizeof rom, "rom"), ST_OK);
    b->cpu.s.gdtr = (struct dtable){0xf0000000, 0xf};
    cr_expect_not(is_fault(cpu_seg_load(&b->cpu, DS, 0xb)));
    cr_expect_eq(b->cpu.s.seg[DS].sh.base, 0x1000);
    cr_expect_eq(b->cpu.s.seg[DS].sh.access & ~ACC_ACCESSED, 0xf2);
    cr_expect_eq(bus_read(b->bus, phys(0xf000000d), 1), 0xf2);
    box_free(b);
}

/* --- no TLB that a guest can see (docs/adr/0020) --- */

Test(tables, changed_entry_is_seen_at_once)
{
    struct box *b = box_ready(true, true, TABLES, 0);
    struct page_env e = cpu_page_env(&b->cpu);
    uint32_t before = 0, after = 0;
    bus_write(b->bus, phys(0x83000), 4, 1);
    bus_write(b->bus, phys(0x93000), 4, 2);
    cr_assert_not(is_fault(lin_read(&e, lin(0x3000), 4, false, &before)));
    bus_write(b->bus, phys(PT + 12), 4, 0x93007);
    cr_assert_not(is_fault(lin_read(&e, lin(0x3000), 4, false, &after)));
    cr_expect(before == 1 && after == 2);
    unmap(b, 0x3000);
    cr_expect_eq(lin_read(&e, lin(0x3000), 4, false, &after).vector, VEC_PF);
    box_free(b);
}

Test(tables, cleared_marks_come_back)
{
    struct box *b = box_ready(true, true, TABLES, 0);
    struct page_env e = cpu_page_env(&b->cpu);
    for (unsigned i = 0; i < 2; i++) {
        bus_write(b->bus, phys(PT + 12), 4, 0x83007);
        bus_write(b->bus, phys(PD), 4, PT | 7);
        cr_assert_not(is_fault(lin_write(&e, lin(0x3000), 4, false, i)));
        cr_expect_eq(bus_read(b->bus, phys(PT + 12), 4), 0x83067);
        cr_expect_eq(bus_read(b->bus, phys(PD), 4), PT | 0x27);
    }
    box_free(b);
}

/* The 80386 marks nothing when the PTE refuses; a switch marks the PDE first. */
Test(tables, switch_for_the_directory_mark)
{
    for (unsigned first = 0; first < 2; first++) {
        struct box *b = box_ready(true, true, TABLES, 0);
        b->cpu.pde_marked_first = first;
        struct page_env e = cpu_page_env(&b->cpu);
        uint32_t v;
        unmap(b, 0x3000);
        bus_write(b->bus, phys(PD), 4, PT | 7);
        cr_expect_eq(lin_read(&e, lin(0x3000), 4, false, &v).vector, VEC_PF);
        cr_expect_eq(bus_read(b->bus, phys(PD), 4), PT | (first ? 0x27u : 7u));
        cr_expect_not(is_fault(lin_read(&e, lin(0x4000), 4, false, &v)));
        cr_expect_eq(bus_read(b->bus, phys(PD), 4), PT | 0x27u);
        box_free(b);
    }
}
