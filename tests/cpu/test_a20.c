/* test_a20.c: code while A20 is closed and paging is off, one step after another and in a run. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "flat.h"

/* RAM in one piece, so that a window on it could go across the gate. */
static struct flat *with_a20_closed(void)
{
    struct flat *f = calloc(1, sizeof *f);
    f->bus = bus_new();
    cr_assert_eq(bus_map_ram(f->bus, phys(0), 0x200000, "ram"), ST_OK);
    flat_reset(f, 32);
    bus_set_a20(f->bus, false);
    return f;
}
static void lay(struct flat *f, uint32_t wire, const char *bytes, size_t n)
{
    bus_set_a20(f->bus, true);
    cr_assert(bus_poke(f->bus, phys(wire), bytes, n));
    bus_set_a20(f->bus, false);
}

/* What lies at 10A000 is run from 00A000, first step by step, then in a run: another code lies behind bit 20. */
Test(a20, code_behind_the_gate)
{
    for (unsigned run = 0; run < 2; run++) {
        struct flat *f = with_a20_closed();
        lay(f, 0x00a000, "\x40\x40\x8b\x1e\x40", 5); /* inc eax, twice; mov ebx,[esi]; inc eax */
        lay(f, 0x10a000, "\x48\x48\x8b\x0e\x48", 5); /* dec eax, twice; mov ecx,[esi]; dec eax */
        lay(f, 0x00b000, "\x01\x02\x03\x04", 4);
        f->cpu.s.eip = 0x10a000;
        f->cpu.s.gpr[ESI] = 0x10b000;
        f->cpu.s.gpr[EAX] = 0;
        for (unsigned i = 0; i < (run ? 0 : 4); i++)
            cr_assert_eq(cpu_step(&f->cpu), STEP_RETIRED);
        if (run) cr_assert_eq(cpu_run(&f->cpu, 4, UINT64_MAX), STEP_RETIRED);
        cr_expect_eq(f->cpu.s.gpr[EAX], 3, "run %u: %x", run, f->cpu.s.gpr[EAX]);
        cr_expect_eq(f->cpu.s.gpr[EBX], 0x04030201);
        cr_expect_eq(f->cpu.s.eip, 0x10a005);
        flat_free(f);
    }
}

/* Behind FFFFF the wires begin again at 0, in a run, too, and inside an instruction. */
Test(a20, code_around_1_mb)
{
    for (unsigned run = 0; run < 2; run++) {
        struct flat *f = with_a20_closed();
        lay(f, 0x0ffffd, "\x40\x40\x05", 3);         /* inc eax, twice; add eax, ... */
        lay(f, 0x000000, "\x10\x00\x00\x00\x40", 5); /* ... 10; inc eax */
        lay(f, 0x100000, "\x20\x00\x00\x00\x48", 5);
        f->cpu.s.eip = 0x0ffffd;
        f->cpu.s.gpr[EAX] = 0;
        for (unsigned i = 0; i < (run ? 0 : 4); i++)
            cr_assert_eq(cpu_step(&f->cpu), STEP_RETIRED);
        if (run) cr_assert_eq(cpu_run(&f->cpu, 4, UINT64_MAX), STEP_RETIRED);
        cr_expect_eq(f->cpu.s.gpr[EAX], 0x13, "run %u: %x", run, f->cpu.s.gpr[EAX]);
        flat_free(f);
    }
}
