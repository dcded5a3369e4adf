/* test_points.c: what stops a guest, in words: set, listed, met, taken off. */
#include "guest_machine.h"
#include "points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(points, are_set_counted_and_taken_off)
{
    rt386 *m = machine_of("demo/limit.elf");
    struct points *p = calloc(1, sizeof *p);
    rt386_seek seek[RT386_SEEK_MAX];
    char say[300];
    cr_expect(points_break(p, NULL, m, "0x401000", say, sizeof say));
    cr_expect_str_eq(say, "1: exec:0x401000");
    cr_expect(points_catch(p, "call:CreateRtMemoryHandle", say, sizeof say));
    cr_expect(points_catch(p, "13", say, sizeof say));
    cr_expect_str_eq(say, "3: event:13");
    cr_expect(points_watch(p, m, "r 0x9000,4", say, sizeof say));
    cr_expect(points_break(p, NULL, m, "call:DeleteRtMemoryHandle", say, sizeof say));
    cr_expect_not(points_break(p, NULL, m, "nowhere", say, sizeof say));
    cr_expect_not(points_break(p, NULL, m, "nowhere.c:12", say, sizeof say));
    cr_expect_str_eq(say, "no instruction is known to come from nowhere.c:12");
    cr_expect_eq(points_seeks(p, seek), 5);
    cr_expect_eq(seek[3].kind, RT386_SEEK_READ);
    cr_expect(points_delete(p, "1", say, sizeof say));
    cr_expect_not(points_delete(p, "1", say, sizeof say), "it is gone");
    cr_expect_eq(points_seeks(p, seek), 4);
    cr_expect_str_eq(seek[0].call, "CreateRtMemoryHandle", "names are still there");
    cr_expect_str_eq(seek[3].call, "DeleteRtMemoryHandle");
    cr_expect(points_catch(p, "", say, sizeof say));
    cr_expect_str_eq(say, "6: event", "numbers are not used again");
    cr_expect(points_delete(p, "", say, sizeof say));
    cr_expect_eq(p->n, 0);
    free(p);
    rt386_destroy(m);
}

/* The same instruction by linear address, by selector and offset, and by physical address. */
Test(points, virtual_linear_and_physical)
{
    rt386 *m = machine_of("demo/limit.elf");
    struct points *p = calloc(1, sizeof *p);
    char say[300], words[60];
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 20, 0, &why), RT386_OK);
    rt386_seg cs = rt386_seg_get(m, RT386_CS);
    uint64_t eip = 0;
    (void)rt386_reg_get(m, "eip", &eip);
    uint32_t linear = cs.base + (uint32_t)eip;
    rt386_walk w = rt386_page_walk(m, linear);
    cr_assert(w.mapped && w.phys != linear && cs.base);
    snprintf(words, sizeof words, "0x%x:0x%x", cs.selector, (unsigned)eip);
    cr_assert(points_break(p, NULL, m, words, say, sizeof say), "%s", say);
    cr_expect_eq(p->point[0].seek.at.at, linear, "%s", say);
    cr_expect_eq(points_at(p, m, linear), &p->point[0]);
    cr_assert(points_delete(p, "", say, sizeof say));
    snprintf(words, sizeof words, "phys:0x%x", w.phys);
    cr_assert(points_break(p, NULL, m, words, say, sizeof say), "%s", say);
    cr_expect_eq(points_at(p, m, linear), &p->point[0]);
    cr_expect_null(points_at(p, m, linear + 1));
    cr_expect_null(points_at(p, m, linear ^ 0x1000));
    /* another process's segment, by the table; and what is none */
    cr_assert(points_break(p, NULL, m, "0x8:0x1234", say, sizeof say), "%s", say);
    cr_expect_eq(p->point[1].seek.at.at, 0x1234);
    cr_expect_not(points_break(p, NULL, m, "0x1ff8:0x10", say, sizeof say));
    cr_expect_str_eq(say, "selector 0x1ff8 names no segment now");
    cr_expect_not(points_break(p, NULL, m, "0x10000:0x10", say, sizeof say));
    cr_expect_not(points_break(p, NULL, m, "0x8:0x100000000", say, sizeof say));
    free(p);
    rt386_destroy(m);
}

Test(points, as_many_as_can_be_looked_for)
{
    rt386 *m = machine_of("demo/limit.elf");
    struct points *p = calloc(1, sizeof *p);
    char say[300];
    for (unsigned i = 0; i < POINTS_MOST; i++)
        cr_assert(points_catch(p, "13", say, sizeof say));
    cr_expect_not(points_catch(p, "13", say, sizeof say));
    cr_expect(strstr(say, "63 already"), "%s", say);
    free(p);
    rt386_destroy(m);
}

Test(points, are_found_by_their_place_and_told_when_met)
{
    rt386 *m = machine_of("demo/limit.elf");
    struct points *p = calloc(1, sizeof *p);
    char say[300];
    uint32_t base = rt386_seg_get(m, RT386_CS).base;
    cr_assert(points_catch(p, "13", say, sizeof say));
    cr_assert(points_break(p, NULL, m, "cs:0x10", say, sizeof say));
    cr_assert(points_watch(p, m, "0x9000,4", say, sizeof say));
    cr_expect_eq(points_at(p, m, base + 0x10), &p->point[1]);
    cr_expect_null(points_at(p, m, 0x9000), "not an instruction's");
    rt386_sighting met = {.which = 0, .vector = 13};
    cr_expect(points_met(p, &met, say, sizeof say));
    cr_expect_str_eq(say, "1: event:13: #GP general protection");
    met = (rt386_sighting){.which = 2, .by_kernel = true, .call = "RtSleep"};
    cr_expect(points_met(p, &met, say, sizeof say));
    cr_expect_str_eq(say, "3: write:0x9000,4: by the INtime kernel in RtSleep");
    met.which = 3;
    cr_expect_not(points_met(p, &met, say, sizeof say));
    free(p);
    rt386_destroy(m);
}
