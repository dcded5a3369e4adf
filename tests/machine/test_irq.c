#include "guest.h"

static rt386_exit run(rt386 *m)
{
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    return why;
}

Test(irq, sources_are_checked)
{
    static const struct {
        rt386_irq_source source;
        const char *text;
    } rows[] = {
        {{.size = sizeof(rt386_irq_source), .line = 16}, "0 to 15"},
        {{.size = sizeof(rt386_irq_source), .line = 2}, "use 9"},
        {{.size = sizeof(rt386_irq_source), .line = 6, .spurious = true}, "7 and 15"},
        {{.size = 1, .line = 5}, "size"},
    };
    rt386 *m = MACHINE(NULL, 0xf4);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(rt386_irq_add(m, &rows[i].source), RT386_E_ARG);
        cr_expect(strstr(rt386_error(m), rows[i].text), "%s", rt386_error(m));
    }
    cr_expect_eq(rt386_irq_add(m, NULL), RT386_E_ARG);
    const rt386_irq_source good = {.size = sizeof good, .line = 5};
    for (unsigned i = 0; i < 16; i++)
        cr_expect_eq(rt386_irq_add(m, &good), RT386_OK);
    cr_expect_eq(rt386_irq_add(m, &good), RT386_E_ARG);
    rt386_destroy(m);
}

/* sti; hlt with every line masked, as at power-on: nothing will wake it, whatever is to come. */
Test(irq, masked_lines_wake_nobody)
{
    rt386 *m = MACHINE(NULL, 0xfb, 0xf4);
    const rt386_irq_source s = {.size = sizeof s, .line = 5, .at_us = 1000, .every_us = 1000};
    cr_assert_eq(rt386_irq_add(m, &s), RT386_OK);
    rt386_exit why = run(m);
    cr_expect_eq(why.kind, RT386_EXIT_HALT);
    cr_expect_lt(why.clocks, 100);
    rt386_destroy(m);
}

/* Unmasked: time jumps to the source; there is no IDT, so the delivery shuts down. With IF = 0: a halt. */
Test(irq, an_unmasked_line_wakes)
{
    const rt386_irq_source s = {.size = sizeof s, .line = 5, .at_us = 1000};
    rt386 *m =
        MACHINE(NULL, 0xb0, 0xdf, 0xe6, 0x21, 0xfb, 0xf4); /* mov al,df; out 21,al; sti; hlt */
    cr_assert_eq(rt386_irq_add(m, &s), RT386_OK);
    rt386_exit why = run(m);
    cr_expect_eq(why.kind, RT386_EXIT_TRIPLE_FAULT);
    cr_expect_geq(why.clocks, 33000);
    cr_expect_lt(why.clocks, 33200);
    rt386_destroy(m);
    m = MACHINE(NULL, 0xb0, 0xdf, 0xe6, 0x21, 0xfa, 0xf4);
    cr_assert_eq(rt386_irq_add(m, &s), RT386_OK);
    cr_expect_eq(run(m).kind, RT386_EXIT_HALT);
    rt386_destroy(m);
}
