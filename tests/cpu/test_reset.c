/* RESET: the state [386 10.1], and the first instructions, with A31 to A20 high until CS is loaded [386 10.2.3]. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "flat.h"

#define ROM_AT   0xffff0000u
#define ROM_SIZE 0x10000u
#define LOW_AT   0xf0000u /* where a far jump to F000 goes */

/* The same ROM twice would hide where a fetch goes: the lower one is of HLTs. */
struct rom {
    struct bus *bus;
    struct i386_cpu cpu;
    uint8_t high[ROM_SIZE], low[ROM_SIZE];
};

static struct rom *rom_new(const char *at_e000, size_t n)
{
    struct rom *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    memset(r->high, 0x90, ROM_SIZE);
    memset(r->low, 0xf4, ROM_SIZE);
    memcpy(r->high + 0xfff0, "\xe9\x0d\xe0", 3); /* jmp near e000 */
    memcpy(r->high + 0xe000, at_e000, n);
    r->high[1] = 0xf4;
    r->bus = bus_new();
    cr_assert_not_null(r->bus);
    cr_assert_eq(bus_map_ram(r->bus, phys(0), 0x10000, "ram"), ST_OK);
    cr_assert_eq(bus_map_rom(r->bus, phys(ROM_AT), r->high, ROM_SIZE, "rom"), ST_OK);
    cr_assert_eq(bus_map_rom(r->bus, phys(LOW_AT), r->low, ROM_SIZE, "shadow"), ST_OK);
    cpu_init(&r->cpu, r->bus);
    return r;
}

static void rom_free(struct rom *r)
{
    bus_free(r->bus);
    free(r);
}

/* What the manual calls undefined is the same after every RESET, and here zero. */
Test(reset, state)
{
    struct flat *f = flat_new();
    struct i386_cpu *cpu = &f->cpu;
    const struct i386_state *s = &cpu->s;
    flat_reset(f, 32);
    f->cpu.s.nmi_blocked = 1;
    f->cpu.s.pending_db = 1;
    f->cpu.s.activity = ACT_SHUTDOWN;
    cpu_reset(cpu);
    cr_expect_eq(s->gpr[EAX], 0, "the self-test was passed");
    cr_expect_eq(s->gpr[EDX] >> 8 & 0xff, 3, "DH: an 80386");
    cr_expect_eq(s->gpr[EDX] & 0xff, 8, "DL: the stepping");
    cr_expect_eq(s->cr0, 0, "PG, ET without a coprocessor, TS, EM, MP, PE");
    cr_expect_eq(s->eflags, FL_1);
    cr_expect_eq(s->eip, 0xfff0);
    cr_expect(s->seg[CS].sel == 0xf000 && s->seg[CS].sh.base == ROM_AT);
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        if (i != CS) cr_expect(s->seg[i].sel == 0 && s->seg[i].sh.base == 0);
        cr_expect(s->seg[i].sh.limit == 0xffff && s->seg[i].sh.usable);
        cr_expect(!shadow_big(&s->seg[i].sh));
    }
    cr_expect(s->idtr.base == 0 && s->idtr.limit == 0x3ff);
    cr_expect_eq(s->cpl, 0);
    cr_expect_eq(s->dr[7] & 0xff, 0, "no breakpoint");
    cr_expect(!s->nmi_blocked && !s->nmi_pending && !s->pending_db);
    cr_expect_eq(s->activity, ACT_RUN);
    cpu->x87 = true;
    cpu_reset(cpu);
    cr_expect_eq(s->cr0, CR0_ET, "an 80387 was found");
    flat_free(f);
}

/* Near transfers stay in the upper 64 KB; IP wraps there. */
Test(reset, first_fetch_is_at_fffffff0)
{
    struct rom *r =
        rom_new("\x2e\xa1\x00\xe0\xe9\xfa\x1f", 7); /* mov ax,cs:[e000]; jmp near 0001 */
    cr_expect_eq(cpu_step(&r->cpu), STEP_RETIRED);
    cr_expect_eq(r->cpu.s.eip, 0xe000);
    cr_expect_eq(cpu_step(&r->cpu), STEP_RETIRED);
    cr_expect_eq(r->cpu.s.gpr[EAX] & 0xffff, 0xa12e, "CS reaches up there for data, too");
    cr_expect_eq(cpu_step(&r->cpu), STEP_RETIRED);
    cr_expect_eq(r->cpu.s.eip, 1);
    cr_expect_eq(cpu_step(&r->cpu), STEP_RETIRED); /* HLT */
    cr_expect_eq(cpu_step(&r->cpu), STEP_HALTED);
    cr_expect_eq(r->cpu.s.seg[CS].sh.base, ROM_AT);
    rom_free(r);
}

/* The first far transfer of each kind drops the address lines, although the selector is the same. */
Test(reset, first_far_transfer_goes_low)
{
    static const struct {
        const char *name, *code;
        size_t n;
        unsigned steps;
    } ways[] = {
        {"far JMP", "\xea\x00\xd0\x00\xf0", 5, 1},
        {"far CALL", "\xbc\x00\x10\x9a\x00\xd0\x00\xf0", 8, 2},
        {"far RET", "\xbc\x00\x10\x68\x00\xf0\x68\x00\xd0\xcb", 10, 4},
        {"IRET", "\xbc\x00\x10\x6a\x02\x68\x00\xf0\x68\x00\xd0\xcf", 12, 5},
        {"INT", "\xbc\x00\x10\xcd\x20", 5, 2},
    };
    for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct rom *r = rom_new(ways[i].code, ways[i].n);
        cr_assert(bus_poke(r->bus, phys(0x80), "\x00\xd0\x00\xf0", 4)); /* vector 20h */
        for (unsigned k = 0; k <= ways[i].steps; k++) {                 /* the near jump first */
            cr_expect_eq(r->cpu.s.seg[CS].sh.base, ROM_AT, "%s", ways[i].name);
            cr_expect_eq(cpu_step(&r->cpu), STEP_RETIRED, "%s, step %u", ways[i].name, k);
        }
        cr_expect_eq(r->cpu.s.seg[CS].sel, 0xf000, "%s", ways[i].name);
        cr_expect_eq(r->cpu.s.seg[CS].sh.base, LOW_AT, "%s", ways[i].name);
        cr_expect_eq(r->cpu.s.eip, 0xd000, "%s", ways[i].name);
        cr_expect_eq(cpu_step(&r->cpu), STEP_RETIRED); /* the lower ROM's HLT */
        cr_expect_eq(cpu_step(&r->cpu), STEP_HALTED, "%s", ways[i].name);
        rom_free(r);
    }
}
