/* The last instructions before a fault, against those that an observer of the same run sees. */
#include <criterion/criterion.h>
#include <rt386/rt386.h>
#include <stdlib.h>
#include <string.h>

#include "lately.h"
#include "trace.h"

#define MOST 200000u /* instructions of the guest, at most */

struct seen {
    struct disasm *disasm;
    struct text *line; /* of each instruction that began */
    unsigned n;
    unsigned upto; /* with the refused one */
    struct lately *lately;
    struct text told;
    rt386 *machine;
    uint64_t insns; /* at the report */
};

static void see_insn(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    if (s->n == MOST) return;
    text_add(&s->line[s->n], "  ");
    trace_insn_line(&s->line[s->n++], s->disasm, e);
}

static uint32_t fault_linear(const rt386_thread_fault *e)
{
    return e->seg[RT386_CS].base + e->eip;
}

static void see_fault(void *ctx, const rt386_thread_fault *e)
{
    struct seen *s = ctx;
    char at[32];
    s->insns = rt386_insns(s->machine);
    if (s->lately) lately_text(s->lately, fault_linear(e), &s->told);
    snprintf(at, sizeof at, " %08x ", fault_linear(e));
    for (unsigned i = 0; i < s->n; i++)
        if (strstr(text_str(&s->line[i]), at)) s->upto = i + 1;
}

static rt386 *machine(struct seen *s, bool each)
{
    const rt386_config config = {.size = sizeof config};
    char path[512];
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/demo/limit.rta", folder ? folder : "guest");
    cr_assert_eq(rt386_create(&config, &s->machine), RT386_OK);
    cr_assert_eq(rt386_load_file(s->machine, path, NULL), RT386_OK, "%s", rt386_error(s->machine));
    const rt386_observer o = {
        .size = sizeof o, .ctx = s, .insn = each ? see_insn : NULL, .fault = see_fault};
    cr_assert_eq(rt386_observe(s->machine, &o), RT386_OK);
    return s->machine;
}

/* Slices of that many instructions; 0: one that ends `before` instructions before the report. */
static void check(unsigned instructions, uint64_t slice, uint64_t before)
{
    struct seen want = {.disasm = disasm_new(), .line = calloc(MOST, sizeof *want.line)},
                have = {0};
    rt386_exit why;
    cr_assert_eq(rt386_run(machine(&want, true), MOST, 0, &why), RT386_OK);
    cr_assert_gt(want.upto, instructions);
    rt386 *m = machine(&have, false);
    have.lately = lately_new(m, instructions, slice ? slice : want.insns - before);
    cr_assert_eq(lately_run(have.lately, MOST, &why), RT386_OK);
    struct text expected = {0};
    for (unsigned i = want.upto - instructions; i < want.upto; i++)
        text_add(&expected, text_str(&want.line[i]));
    cr_expect_str_eq(text_str(&have.told), text_str(&expected));
    cr_expect_eq(rt386_insns(m), rt386_insns(want.machine), "the run itself is another");
    cr_expect_eq(rt386_clocks(m), rt386_clocks(want.machine));
    lately_free(have.lately);
    rt386_destroy(m);
    rt386_destroy(want.machine);
    for (unsigned i = 0; i < want.n; i++)
        text_free(&want.line[i]);
    free(want.line);
    disasm_free(want.disasm);
    text_free(&expected);
    text_free(&have.told);
}

Test(lately, in_one_slice)
{
    check(64, LATELY_SLICE, 0);
}

Test(lately, in_short_slices)
{
    check(300, 25000, 0);
}

/* The refused instruction lies in the slice before the one of its report. */
Test(lately, between_two_slices)
{
    check(100, 0, 20);
}

Test(lately, soon_after_a_slice_begins)
{
    check(200, 0, 150);
}

Test(lately, the_limit_is_the_whole_runs)
{
    struct seen s = {0};
    rt386_exit why;
    rt386 *m = machine(&s, false);
    struct lately *l = lately_new(m, 10, 300);
    cr_assert_eq(lately_run(l, 1000, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_BUDGET);
    cr_expect_str_eq(why.text, "the limit of 1000 instructions is reached");
    cr_expect_eq(rt386_insns(m), 1000u);
    lately_free(l);
    rt386_destroy(m);
}
