/* test_running.c: whether a segment register still says what its table does, bit by bit of the entry, and in every view. */
#include "guest_machine.h"
#include "running.h"
#include "text.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/* It has run far enough for its segments to be there. */
static rt386 *running_machine(const char *guest)
{
    rt386 *m = machine_of(guest);
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 2000, 0, &why), RT386_OK);
    return m;
}

/* What `info sreg`, of `rt386 debug` and behind gdb's `monitor`, says of a change. */
static unsigned told(const rt386 *m)
{
    struct text t = {0};
    unsigned n = 0;
    cr_assert(verb_run(NULL, m, "info sreg", &t));
    for (const char *at = text_str(&t); (at = strstr(at, "the entry in the GDT now")); at++)
        n++;
    text_free(&t);
    return n;
}

static unsigned holders(const rt386 *m, uint16_t selector)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 8; i++) {
        rt386_seg s = rt386_seg_get(m, (rt386_segreg)i);
        n += s.usable && (s.selector & 0xfffc) == (selector & 0xfffc);
    }
    return n;
}

/* A bit that the register has, flipped in the entry: told but for the accessed bit and those that are for programs. */
static void flipped(const char *guest, rt386_segreg reg)
{
    rt386 *m = running_machine(guest);
    rt386_seg s = rt386_seg_get(m, reg);
    rt386_table_info gdt = rt386_table_get(m, RT386_GDT);
    rt386_desc now;
    cr_assert(s.usable && !(s.selector & 4));
    cr_expect_not(segment_differs(m, &s, &now), "%s: nothing was changed", guest);
    unsigned before = told(m), holding = holders(m, s.selector);
    for (unsigned bit = 0; bit < 64; bit++) {
        uint8_t b;
        rt386_addr at = {.space = RT386_LINEAR, .at = gdt.base + (s.selector & 0xfff8u) + bit / 8};
        cr_assert_eq(rt386_peek(m, at, &b, 1), RT386_OK);
        b ^= (uint8_t)(1u << bit % 8);
        cr_assert_eq(rt386_poke(m, at, &b, 1), RT386_OK);
        bool quiet = bit == 40 || bit == 52 || bit == 53; /* A; AVL; the bit that is 0 */
        cr_expect_eq(segment_differs(m, &s, &now), !quiet, "%s: bit %u", guest, bit);
        cr_expect_eq(told(m), before + (quiet ? 0 : holding), "%s: bit %u", guest, bit);
        b ^= (uint8_t)(1u << bit % 8);
        cr_assert_eq(rt386_poke(m, at, &b, 1), RT386_OK);
    }
    rt386_destroy(m);
}

Test(running, every_bit_of_an_entry)
{
    flipped("demo/limit.elf", RT386_CS);
    flipped("demo/limit.elf", RT386_DS);
    flipped("ring0/ring0_tasks.elf", RT386_SS);
}

/* Without a table, or where segment registers hold no selectors, nothing can differ. */
Test(running, no_entry_no_difference)
{
    rt386 *m = running_machine("demo/limit.elf");
    rt386_desc now;
    rt386_seg s = rt386_seg_get(m, RT386_DS);
    s.base ^= 0x1000;
    cr_expect(segment_differs(m, &s, &now));
    s.selector = 3;
    cr_expect_not(segment_differs(m, &s, &now), "a null selector");
    s.selector = rt386_seg_get(m, RT386_DS).selector;
    uint64_t limit;
    rt386_reg_get(m, "gdtr_limit", &limit);
    cr_assert_eq(rt386_reg_set(m, "gdtr_limit", (s.selector & 0xfff8u) + 3), RT386_OK);
    cr_expect_not(segment_differs(m, &s, &now), "behind the table");
    cr_assert_eq(rt386_reg_set(m, "gdtr_limit", limit), RT386_OK);
    s = rt386_seg_get(m, RT386_DS);
    s.base ^= 0x1000;
    uint64_t eflags, cr0;
    rt386_reg_get(m, "eflags", &eflags);
    rt386_reg_get(m, "cr0", &cr0);
    cr_assert_eq(rt386_reg_set(m, "eflags", eflags | 1u << 17), RT386_OK);
    cr_expect_not(segment_differs(m, &s, &now), "virtual 8086");
    cr_assert_eq(rt386_reg_set(m, "eflags", eflags), RT386_OK);
    cr_assert_eq(rt386_reg_set(m, "cr0", cr0 & ~1ull), RT386_OK);
    cr_expect_not(segment_differs(m, &s, &now), "real mode");
    rt386_destroy(m);
}
