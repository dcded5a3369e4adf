/* test_x87.c: the coprocessor of a machine: its start, and one image for each INtime thread. */
#include "guest.h"
#include "machine.h"
#include "x87.h"

Test(x87, there_by_default)
{
    /* fldpi; fstp qword [0x110000]; hlt */
    rt386 *m = MACHINE(NULL, 0xd9, 0xeb, 0xdd, 0x1d, 0x00, 0x00, 0x11, 0x00, 0xf4);
    rt386_exit why;
    uint8_t pi[8];
    cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_HALT);
    cr_assert(bus_peek(m->bus, phys(0x110000), pi, 8));
    cr_expect_eq(get64(pi), 0x400921fb54442d18u);
    cr_expect_eq(reg(m, "fsw"), 0x0020); /* inexact, stack empty again */
    cr_expect_eq(reg(m, "ftw"), 0xffff);
    cr_expect_eq(reg(m, "cr0") & CR0_ET, CR0_ET);
    rt386_destroy(m);
}

#define TSS_AT 0xF0300000u /* a page of the kernel that nobody uses */

static uint16_t free_slot(const rt386 *m)
{
    uint8_t entry[8];
    for (uint16_t slot = 0x200; slot < 0x1000; slot++) {
        cr_assert(machine_lin_peek(m, m->cpu.s.gdtr.base + 8u * slot, entry, 8));
        if (get64(entry) == 0) return slot;
    }
    return 0;
}

static void apply(rt386 *m, struct rt_effect e)
{
    struct rt_effects fx = {.count = 1, .at = {e}};
    port_apply(m, &fx);
}

Test(x87, an_image_for_each_thread)
{
    rt386 *m = NULL;
    uint8_t tss[104];
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    cr_assert_eq(port_boot(m), RT386_OK);
    struct i386_state *s = &m->cpu.s;
    uint16_t idle = s->tr.sel, slot = free_slot(m), thread = (uint16_t)(slot << 3);
    cr_assert(machine_lin_peek(m, s->tr.sh.base, tss, sizeof tss)); /* a copy of the idle thread */
    cr_assert(machine_lin_poke(m, TSS_AT, tss, sizeof tss));
    cr_expect_eq(s->x87.tw, 0xffff);
    x87_turn(&s->x87, -1);
    x87_set(&s->x87, 0, F80_ONE);
    s->x87.cw = 0x0c7f;
    struct i386_x87 first = s->x87;
    apply(m, (struct rt_effect){.kind = RT_FX_GDT_SET,
                                .slot = slot,
                                .seg = {.kind = RT_SEG_TSS, .base = TSS_AT, .limit = 103}});
    apply(m, (struct rt_effect){.kind = RT_FX_SWITCH, .selector = thread});
    cr_assert_eq(s->tr.sel & ~3u, thread);
    cr_expect(s->cr0 & CR0_TS);
    cr_expect_eq(s->x87.cw, 0x037f, "a new thread begins as after FNINIT");
    cr_expect_eq(s->x87.tw, 0xffff);
    s->x87.sw = 0x3800;
    s->x87.fip = 1234;
    struct i386_x87 second = s->x87;
    apply(m, (struct rt_effect){.kind = RT_FX_SWITCH, .selector = idle});
    cr_expect_eq(memcmp(&s->x87, &first, sizeof first), 0);
    apply(m, (struct rt_effect){.kind = RT_FX_SWITCH, .selector = thread});
    cr_expect_eq(memcmp(&s->x87, &second, sizeof second), 0);
    /* The slot's next life begins fresh. */
    apply(m, (struct rt_effect){.kind = RT_FX_SWITCH, .selector = idle});
    apply(m, (struct rt_effect){.kind = RT_FX_GDT_CLEAR, .slot = slot});
    apply(m, (struct rt_effect){.kind = RT_FX_GDT_SET,
                                .slot = slot,
                                .seg = {.kind = RT_SEG_TSS, .base = TSS_AT, .limit = 103}});
    apply(m, (struct rt_effect){.kind = RT_FX_SWITCH, .selector = thread});
    cr_expect_eq(s->x87.fip, 0);
    cr_expect_eq(s->x87.sw, 0);
    rt386_destroy(m);
}

/* A ROM starts from RESET: an invalid operation is pending until FNINIT [386 11.1.1]. */
Test(x87, rom_finds_it_by_its_error)
{
    struct i386_x87 f;
    x87_reset(&f);
    cr_expect_eq(f.sw, 0x8081);
    cr_expect_eq(f.cw, 0x037e);
    cr_expect_eq(f.tw, 0xffff);
}
