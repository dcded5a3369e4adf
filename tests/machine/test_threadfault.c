/* test_threadfault.c: what an observer can ask about an exception that nobody took: checks, modules, symbols. */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

struct seen {
    rt386 *m;
    unsigned faults;
    rt386_thread_fault fault;
    rt386_status told;
    rt386_explanation why;
    bool module, beyond;
    rt386_module mod;
    char symbol[64];
    uint32_t behind;
};

static void see(void *ctx, const rt386_thread_fault *e)
{
    struct seen *s = ctx;
    s->faults++;
    s->fault = *e;
    s->told = rt386_explain_thread_fault(s->m, e, &s->why);
    s->module = rt386_intime_module(s->m, e->process, e->eip, &s->mod);
    rt386_module none;
    s->beyond = rt386_intime_module(s->m, e->process, s->mod.base + s->mod.size, &none);
    const char *symbol = rt386_intime_symbol(s->m, e->process, e->eip, &s->behind);
    snprintf(s->symbol, sizeof s->symbol, "%s", symbol ? symbol : "");
}

static struct seen run(const char *file, const char *how)
{
    struct seen s = {0};
    char path[512];
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "guest", file);
    const rt386_config config = {.size = sizeof config};
    cr_assert_eq(rt386_create(&config, &s.m), RT386_OK);
    const rt386_observer observer = {.size = sizeof observer, .ctx = &s, .fault = see};
    cr_assert_eq(rt386_observe(s.m, &observer), RT386_OK);
    const rt386_load_options o = {.size = sizeof o, .argc = how ? 1 : 0, .argv = &how};
    cr_assert_eq(rt386_load_file(s.m, path, &o), RT386_OK, "%s", rt386_error(s.m));
    rt386_exit why;
    cr_assert_eq(rt386_run(s.m, 0, 0, &why), RT386_OK);
    cr_assert_eq(s.faults, 1, "%s %s", file, how);
    return s;
}

static const char *rule_of(const struct seen *s)
{
    for (unsigned i = 0; i < s->why.count; i++)
        if (s->why.checks[i].state == RT386_CHECK_FAILED)
            return rt386_rule(s->why.checks[i].rule).name;
    cr_assert_fail("no check failed");
    return "";
}

Test(threadfault, a_refused_access)
{
    struct seen s = run("demo/limit.elf", NULL);
    cr_assert_eq(s.told, RT386_OK);
    cr_expect_str_eq(rule_of(&s), "SEGM_LIMIT_UP");
    cr_expect_eq(s.why.selector, s.fault.seg[RT386_ES].selector);
    cr_expect_eq(s.why.cpl, 3, "the program's, not the kernel's");
    cr_expect_eq(s.why.fault.rule, s.fault.fault.rule);
    cr_expect(s.module && !s.beyond);
    cr_expect_str_eq(s.mod.name, "limit.elf");
    cr_expect_str_eq(s.symbol, "main");
    cr_expect_gt(s.behind, 0u);
    rt386_destroy(s.m);
}

Test(threadfault, a_page)
{
    struct seen s = run("conformance/crashes.elf", "threads");
    cr_assert_eq(s.told, RT386_OK);
    cr_expect_str_eq(rule_of(&s), rt386_rule(s.fault.fault.rule).name);
    cr_expect_eq(s.why.fault.vector, 14);
    cr_expect_str_eq(s.symbol, "inner");
    rt386_destroy(s.m);
}

Test(threadfault, a_refused_selector)
{
    struct seen s = run("conformance/crashes.elf", "selector");
    cr_assert_eq(s.told, RT386_OK);
    cr_expect_eq(s.why.selector & 0xfffc, 0x7ff0, "%04x", s.why.selector);
    cr_expect_eq(s.why.fault.error, s.fault.fault.error);
    cr_expect_eq(s.why.fault.rule, s.fault.fault.rule);
    rt386_destroy(s.m);
}

Test(threadfault, neither)
{
    struct seen s = run("conformance/crashes.elf", "trap");
    cr_expect_eq(s.told, RT386_E_NOTFOUND);
    cr_expect_eq(rt386_explain_thread_fault(s.m, NULL, &s.why), RT386_E_ARG);
    cr_expect_eq(rt386_explain_thread_fault(s.m, &s.fault, NULL), RT386_E_ARG);
    rt386_thread_fault bad = s.fault;
    bad.fault.rule = 1;
    bad.has_access = true;
    bad.access_seg = 99;
    cr_expect_eq(rt386_explain_thread_fault(s.m, &bad, &s.why), RT386_E_ARG);
    bad.access_seg = RT386_DS;
    bad.access_size = 1;
    bad.access = RT386_READ;
    bad.access_offset = 0x00400000; /* granted now: it tells nothing */
    cr_expect_eq(rt386_explain_thread_fault(s.m, &bad, &s.why), RT386_E_NOTFOUND);
    rt386_module mod;
    uint32_t behind;
    cr_expect_not(rt386_intime_module(s.m, 0x258, 0, &mod));
    cr_expect_not(rt386_intime_module(s.m, s.fault.process, 0x400000, &mod), "it has ended");
    cr_expect_null(rt386_intime_symbol(s.m, 0, 0x400000, &behind));
    rt386_destroy(s.m);
}
