#include "bench.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define CODE_ACCESS 0x9b /* present, readable code, accessed */
#define DATA_ACCESS 0x93
#define DPL_BITS(r) ((r) << 5)

/* --- observers and hook --- */

static fault_t on_access(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    struct bench *b = ctx;
    b->accesses++;
    b->last_at = at;
    if (b->accesses != b->fail_at) return fault_none();
    uint32_t error = (access == ACCESS_WRITE ? 2u : 0) | (user ? 4u : 0);
    return fault_page(error, at.v, RULE_PAGE_PTE_PRESENT);
}

static void on_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                        enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                        fault_t fault)
{
    ((struct bench *)ctx)->selectors++;
}

static void on_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                     enum event_source source, fault_t fault)
{
    struct bench *b = ctx;
    b->events++;
    b->last_vector = (uint8_t)vector;
    b->last_source = (uint8_t)source;
    b->last_event_fault = fault;
}

static void on_task(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to)
{
    struct bench *b = ctx;
    b->tasks++;
    b->task_from = from;
    b->task_to = to;
}

static void on_io(void *ctx, const struct i386_cpu *cpu, uint16_t port, unsigned size, bool out,
                  uint32_t value)
{
    ((struct bench *)ctx)->ios++;
}

static int on_inta(void *ctx)
{
    return ((struct bench *)ctx)->vector;
}

/* --- memory --- */

uint32_t bench_get(const struct bench *b, uint32_t at, unsigned size)
{
    uint8_t bytes[4] = {0};
    cr_assert(bus_peek(b->bus, phys(at), bytes, size));
    return get32(bytes);
}

void bench_put(struct bench *b, uint32_t at, unsigned size, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    cr_assert(bus_poke(b->bus, phys(at), bytes, size));
}

void bench_expect(const struct bench *b, const char *what, uint32_t at, unsigned size, unsigned n,
                  const uint32_t *want)
{
    for (unsigned i = 0; i < n; i++)
        cr_expect_eq(bench_get(b, at + i * size, size), want[i], "%s: at %x is %x, not %x", what,
                     at + i * size, bench_get(b, at + i * size, size), want[i]);
}

void bench_levels(const struct bench *b, const char *what, unsigned cpl)
{
    const struct i386_state *s = &b->cpu.s;
    cr_expect_eq(s->cpl, cpl, "%s: CPL %u", what, s->cpl);
    cr_expect_eq(SEL_RPL(s->seg[CS].sel), cpl, "%s: CS %x", what, s->seg[CS].sel);
    cr_expect_eq(SEL_RPL(s->seg[SS].sel), cpl, "%s: SS %x", what, s->seg[SS].sel);
}

static void put_desc(struct bench *b, uint32_t at, desc_t d)
{
    bench_put(b, at, 4, (uint32_t)d.raw);
    bench_put(b, at + 4, 4, (uint32_t)(d.raw >> 32));
}

void bench_gdt(struct bench *b, uint16_t sel, desc_t d)
{
    put_desc(b, GDT_AT + (sel & 0xfff8u), d);
}
void bench_ldt(struct bench *b, uint16_t sel, desc_t d)
{
    put_desc(b, LDT_AT + (sel & 0xfff8u), d);
}
void bench_idt(struct bench *b, uint8_t vector, desc_t d)
{
    put_desc(b, IDT_AT + 8u * vector, d);
}

desc_t bench_get_gdt(const struct bench *b, uint16_t sel)
{
    uint32_t at = GDT_AT + (sel & 0xfff8u);
    return (desc_t){bench_get(b, at, 4) | (uint64_t)bench_get(b, at + 4, 4) << 32};
}

void bench_set_access(struct bench *b, uint16_t sel, uint8_t access)
{
    bench_put(b, GDT_AT + (sel & 0xfff8u) + 5, 1, access);
}

void bench_set_limit(struct bench *b, uint16_t sel, uint32_t limit)
{
    bench_put(b, GDT_AT + (sel & 0xfff8u), 2, limit);
}

/* --- the machine --- */

static void fill_gdt(struct bench *b)
{
    for (unsigned r = 0; r < 4; r++) {
        uint8_t dpl = (uint8_t)DPL_BITS(r);
        uint32_t stack = STACK_AT + 0x1000 * r;
        bench_gdt(b, ring_sel(SEL_CODE, r),
                  desc_make(CODE_AT, CODE_LIMIT, CODE_ACCESS | dpl, true, false));
        bench_gdt(b, ring_sel(SEL_CODE16, r),
                  desc_make(CODE_AT, CODE_LIMIT, CODE_ACCESS | dpl, false, false));
        bench_gdt(b, ring_sel(SEL_STACK, r),
                  desc_make(stack, 0xfff, DATA_ACCESS | dpl, true, false));
        bench_gdt(b, ring_sel(SEL_STACK16, r),
                  desc_make(stack, 0xfff, DATA_ACCESS | dpl, false, false));
    }
    bench_gdt(b, SEL_CONFORM, desc_make(CODE_AT, CODE_LIMIT, 0x9f, true, false));
    bench_gdt(b, SEL_DATA0, desc_make(CODE_AT, CODE_LIMIT, 0x93, true, false));
    bench_gdt(b, SEL_DATA3, desc_make(CODE_AT, CODE_LIMIT, 0xf3, true, false));
    bench_gdt(b, SEL_TSS_A, desc_make(TSS_A_AT, 0x1ff, 0x80 | SYS_TSS32_BUSY, false, false));
    bench_gdt(b, SEL_TSS_B, desc_make(TSS_B_AT, 0x67, 0x80 | SYS_TSS32_AVAIL, false, false));
    bench_gdt(b, SEL_TSS_C, desc_make(TSS_C_AT, 0x2b, 0x80 | SYS_TSS16_AVAIL, false, false));
    bench_gdt(b, SEL_LDT, desc_make(LDT_AT, 0x7f, 0x80 | SYS_LDT, false, false));
}

static void fill_tss(struct bench *b)
{
    for (unsigned r = 0; r < 3; r++) {
        bench_put(b, TSS_A_AT + 4 + 8 * r, 4, 0xc00);
        bench_put(b, TSS_A_AT + 8 + 8 * r, 4, ring_sel(SEL_STACK, r));
    }
}

void bench_seg(struct bench *b, enum segreg reg, uint16_t sel)
{
    b->cpu.s.seg[reg] = (struct seg){.sel = sel, .sh = shadow_of(bench_get_gdt(b, sel))};
}

void bench_ring(struct bench *b, unsigned ring, bool big)
{
    struct i386_state *s = &b->cpu.s;
    bench_seg(b, CS, ring_sel(big ? SEL_CODE : SEL_CODE16, ring));
    bench_seg(b, SS, ring_sel(big ? SEL_STACK : SEL_STACK16, ring));
    s->gpr[ESP] = 0x800;
    s->cpl = (uint8_t)ring;
}

static void fill_state(struct bench *b)
{
    struct i386_state *s = &b->cpu.s;
    s->cr0 = CR0_PE | CR0_ET;
    s->eflags = FL_1;
    s->gdtr = (struct dtable){GDT_AT, GDT_LIMIT};
    s->idtr = (struct dtable){IDT_AT, 0x7ff};
    s->tr = (struct seg){.sel = SEL_TSS_A, .sh = shadow_of(bench_get_gdt(b, SEL_TSS_A))};
    s->ldtr = (struct seg){.sel = SEL_LDT, .sh = shadow_of(bench_get_gdt(b, SEL_LDT))};
    s->eip = 0x100;
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = 0x11111111u * (i + 1);
    bench_ring(b, 0, true);
    for (unsigned r = DS; r <= GS; r++)
        bench_seg(b, (enum segreg)r, SEL_DATA3 | 3);
    bench_seg(b, ES, SEL_DATA0);
}

struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof *b);
    cr_assert_not_null(b);
    b->bus = bus_new();
    cr_assert_not_null(b->bus);
    cr_assert_eq(bus_map_ram(b->bus, phys(0), RAM_SIZE, "ram"), ST_OK);
    b->cpu.bus = b->bus;
    fill_gdt(b);
    fill_tss(b);
    fill_state(b);
    b->hook = (struct access_hook){on_access, b};
    b->obs = (struct cpu_observer){
        .ctx = b, .selector = on_selector, .event = on_event, .task = on_task, .io = on_io};
    b->cpu.obs = &b->obs;
    b->cpu.inta = on_inta;
    b->cpu.inta_ctx = b;
    return b;
}

void bench_free(struct bench *b)
{
    bus_free(b->bus);
    free(b);
}

void bench_v86(struct bench *b, unsigned iopl)
{
    static const uint16_t sel[SEGREG_COUNT] = {0x1002, 0x1000, 0x2000, 0x1001, 0x1003, 0x1004};
    struct i386_state *s = &b->cpu.s;
    s->eflags = FL_1 | FL_VM | iopl << 12;
    s->cpl = 3;
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        s->seg[r] = (struct seg){.sel = sel[r], .sh = shadow_v86(sel[r])};
    s->gpr[ESP] = 0x800;
}

void bench_real(struct bench *b)
{
    static const uint16_t sel[SEGREG_COUNT] = {0x1002, 0x1000, 0x2000, 0x1001, 0x1003, 0x1004};
    struct i386_state *s = &b->cpu.s;
    struct shadow rm = shadow_of(desc_make(0, 0xffff, 0x93, false, false));
    s->cr0 &= ~CR0_PE;
    s->eflags &= ~FL_VM;
    s->cpl = 0;
    s->idtr = (struct dtable){0, 0x3ff};
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        s->seg[r] = (struct seg){.sel = sel[r], .sh = shadow_real(rm, sel[r])};
    s->gpr[ESP] = 0x800;
}

void bench_paging(struct bench *b)
{
    bench_put(b, PD_AT, 4, PT_AT | 7);
    for (uint32_t page = 0; page < RAM_SIZE; page += PAGE_SIZE)
        bench_put(b, PT_AT + page / PAGE_SIZE * 4, 4, page | (page < CODE_AT ? 3u : 7u));
    b->cpu.s.cr3 = PD_AT;
    b->cpu.s.cr0 |= CR0_PG;
}

void bench_page_present(struct bench *b, uint32_t at, bool present)
{
    uint32_t pte_at = PT_AT + at / PAGE_SIZE * 4, pte = bench_get(b, pte_at, 4);
    bench_put(b, pte_at, 4, (pte & ~1u) | present);
}

struct exec *bench_exec(struct bench *b, unsigned opsize)
{
    b->in = (struct insn){.row = 1, .len = 6, .opsize = (uint8_t)opsize, .adsize = 4, .seg = DS};
    b->x = (struct exec){.cpu = &b->cpu, .in = &b->in, .next_eip = b->cpu.s.eip + 6};
    return &b->x;
}

void bench_code(struct bench *b, const void *bytes, unsigned n)
{
    const struct i386_state *s = &b->cpu.s;
    cr_assert(bus_poke(b->bus, phys(s->seg[CS].sh.base + s->eip), bytes, n));
}

void bench_inject(struct bench *b, unsigned n)
{
    b->accesses = 0;
    b->fail_at = n;
    b->cpu.hook = &b->hook;
}

/* --- comparing --- */

struct bench_image *bench_image(const struct bench *b)
{
    struct bench_image *image = malloc(sizeof *image);
    cr_assert_not_null(image);
    image->s = b->cpu.s;
    cr_assert(bus_peek(b->bus, phys(0), image->ram, RAM_SIZE));
    return image;
}

long bench_ram_diff(const struct bench *b, const struct bench_image *was)
{
    uint8_t page[PAGE_SIZE];
    for (uint32_t at = 0; at < RAM_SIZE; at += PAGE_SIZE) {
        cr_assert(bus_peek(b->bus, phys(at), page, PAGE_SIZE));
        if (memcmp(page, was->ram + at, PAGE_SIZE) == 0) continue;
        for (uint32_t i = 0; i < PAGE_SIZE; i++)
            if (page[i] != was->ram[at + i]) return (long)(at + i);
    }
    return -1;
}

const char *bench_state_diff(const struct i386_state *is, const struct i386_state *was)
{
    static const struct {
        const char *name;
        size_t offset, size;
    } fields[] = {
#define FIELD(text, member, width, group)                                                          \
    {text, offsetof(struct i386_state, member), sizeof(((struct i386_state *)0)->member)},
#include "state.def"
#undef FIELD
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (memcmp((const char *)is + fields[i].offset, (const char *)was + fields[i].offset,
                   fields[i].size))
            return fields[i].name;
    return NULL;
}
