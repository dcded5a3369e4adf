/* Running vectors: what counts as a difference, and what is forgiven. */
#include "vector.h"

#include <criterion/criterion.h>
#include <string.h>

#define CODE(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* add ax,bx: 7fff + 1 */
static void make_add(struct vector *v, bool wide)
{
    vec_make(v, wide, CODE(0x01, 0xd8));
    vec_init(v, RT386_MOO_EAX, 0x7fff);
    vec_init(v, RT386_MOO_EBX, 1);
    vec_want(v, RT386_MOO_EAX, 0x8000);
    vec_want(v, RT386_MOO_EFLAGS, 0x896);
}

Test(moo_run, passes)
{
    for (int wide = 0; wide < 2; wide++) {
        struct vector v;
        make_add(&v, wide);
        rt386_moo_result r = vec_run(&v, true);
        cr_expect(r.verdict == RT386_MOO_PASS, "wide %d: %u differences, %s", wide, r.diffs, r.end);
        cr_expect_str_eq(r.end, "HLT");
    }
}

Test(moo_run, each_register_counts)
{
    for (unsigned reg = 0; reg < RT386_MOO_REGS; reg++) {
        struct vector v;
        make_add(&v, true);
        uint32_t *want = &v.t.fina.regs.value[reg];
        if (!(v.t.fina.regs.have >> reg & 1)) *want = v.t.init.regs.value[reg];
        v.t.fina.regs.have |= 1u << reg;
        *want ^= 0x40;
        rt386_moo_result r = vec_run(&v, false);
        cr_expect(r.verdict == RT386_MOO_FAIL && r.diffs == 1, "register %u", reg);
        cr_expect(r.diff[0].where == RT386_MOO_IN_REG && r.diff[0].at == reg, "register %u", reg);
        cr_expect(r.diff[0].expected == *want && r.diff[0].actual == (*want ^ 0x40), "register %u",
                  reg);
    }
}

Test(moo_run, upper_half_must_not_change)
{
    struct vector v;
    vec_make(&v, false, CODE(0x66, 0x40)); /* inc eax */
    vec_init(&v, RT386_MOO_EAX, 0xffff);
    vec_want(&v, RT386_MOO_EAX, 0);
    vec_want(&v, RT386_MOO_EFLAGS, 0x12);
    rt386_moo_result r = vec_run(&v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL);
    cr_expect(r.diff[0].actual == 0x10000);
}

Test(moo_run, memory)
{
    struct vector v;
    vec_make(&v, false, CODE(0xc6, 0x06, 0x34, 0x12, 0x5a)); /* mov byte [1234],5a */
    vec_want_ram(&v, VEC_DS * 16 + 0x1234, 0x5a);
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_PASS);
    vec_want_ram(&v, VEC_DS * 16 + 0x1234, 0x5b);
    rt386_moo_result r = vec_run(&v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL && r.diffs == 1);
    cr_expect(r.diff[0].where == RT386_MOO_IN_RAM && r.diff[0].at == VEC_DS * 16 + 0x1234);
    cr_expect(r.diff[0].expected == 0x5b && r.diff[0].actual == 0x5a && !r.diff[0].stray);
}

Test(moo_run, stray_store)
{
    struct vector v;
    vec_make(&v, false, CODE(0xc6, 0x06, 0x34, 0x12, 0x5a));
    rt386_moo_result r = vec_run(&v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL && r.diff[0].stray);
    vec_ram(&v, VEC_DS * 16 + 0x1234, 0x5a); /* unchanged: no difference */
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_PASS);
}

Test(moo_run, masks)
{
    struct vector v;
    make_add(&v, true);
    vec_want(&v, RT386_MOO_EFLAGS, 0x096); /* OF wrong */
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_FAIL);
    v.info.mask.have = 1u << RT386_MOO_EFLAGS;
    v.info.mask.value[RT386_MOO_EFLAGS] = ~0x800u;
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_MASKED, "mask of the file");
    v.info.mask.have = 0;
    v.t.fina.mask.have = 1u << RT386_MOO_EFLAGS;
    v.t.fina.mask.value[RT386_MOO_EFLAGS] = ~0x800u;
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_MASKED, "mask of the test");
    v.t.fina.mask.value[RT386_MOO_EFLAGS] = ~0x400u;
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_FAIL, "mask of another bit");
}

Test(moo_run, undefined_flags)
{
    struct vector v;
    vec_make(&v, false, CODE(0x21, 0xd8)); /* and ax,bx: AF is undefined */
    vec_want(&v, RT386_MOO_EFLAGS, 0x56);
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_MASKED);
    cr_expect(vec_run(&v, true).verdict == RT386_MOO_FAIL);
}

Test(moo_run, documented_only)
{
    struct vector v;
    vec_make(&v, false,
             CODE(0xc0, 0xe0, 0x10)); /* shl al,16: CF as on the chip; OF, AF are undefined */
    vec_init(&v, RT386_MOO_EAX, 1);
    vec_want(&v, RT386_MOO_EAX, 0);
    vec_want(&v, RT386_MOO_EFLAGS, 0x46);
    cr_expect(vec_run_as(&v, true, RT386_UNDEFINED_DOCUMENTED).verdict == RT386_MOO_PASS);
    cr_expect(vec_run_as(&v, true, RT386_UNDEFINED_CHIP).verdict == RT386_MOO_FAIL);
    rt386_moo_runner *runner;
    cr_assert(rt386_moo_runner_new(false, &runner) == RT386_OK);
    cr_expect(rt386_moo_runner_undefined(runner, (rt386_undefined)2) == RT386_E_ARG);
    rt386_moo_runner_free(runner);
}

Test(moo_run, flags_in_a_frame)
{
    struct vector v;
    for (uint32_t sp = 0x1000; sp < 0x1002; sp++) {
        vec_make(&v, false, CODE(0xf6, 0xf3)); /* div bl, by zero: all flags are undefined */
        vec_init(&v, RT386_MOO_ESP, sp);
        vec_want_fault(&v, 0);
        cr_expect(vec_run(&v, true).verdict == RT386_MOO_PASS);
        vec_want_ram(&v, VEC_SS * 16 + sp - 2, 0x93);
        cr_expect(vec_run(&v, false).verdict == RT386_MOO_MASKED, "sp %x", sp);
        cr_expect(vec_run(&v, true).verdict == RT386_MOO_FAIL, "sp %x", sp);
        vec_want_ram(&v, VEC_SS * 16 + sp - 4, 0x93); /* CS is not forgiven */
        cr_expect(vec_run(&v, false).verdict == RT386_MOO_FAIL, "sp %x", sp);
    }
}

Test(moo_run, wrong_vector)
{
    struct vector v;
    vec_make(&v, true, CODE(0x0f, 0x0b)); /* undefined: vector 6 */
    vec_want_fault(&v, 6);
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_PASS);
    vec_make(&v, true, CODE(0x0f, 0x0b));
    vec_want_fault(&v, 13);
    rt386_moo_result r = vec_run(&v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL);
    cr_expect_str_eq(r.end, "vector 6 taken");
}

Test(moo_run, unexpected_vector_ends_the_run)
{
    struct vector v;
    vec_make(&v, true, CODE(0x0f, 0x0b));
    rt386_moo_result r = vec_run(&v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL && r.diff[0].where == RT386_MOO_IN_END);
}

Test(moo_run, endless_loop_ends)
{
    struct vector v;
    vec_make(&v, true, CODE(0xeb, 0xfe));
    rt386_moo_result r = vec_run(&v, false);
    cr_expect(r.verdict == RT386_MOO_FAIL && r.diff[0].where == RT386_MOO_IN_END);
}

Test(moo_run, shutdown)
{
    struct vector v;
    vec_make(&v, true, CODE(0x0f, 0x0b));
    vec_init(&v, RT386_MOO_ESP, 1); /* no room for any frame */
    v.t.fina.regs = (rt386_moo_regs){.shutdown = true};
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_PASS);
}

Test(moo_run, ports_read_ones)
{
    struct vector v;
    vec_make(&v, true, CODE(0xe5, 0x60)); /* in ax,60 */
    vec_want(&v, RT386_MOO_EAX, 0xffff);
    cr_expect(vec_run(&v, false).verdict == RT386_MOO_PASS);
}

/* What one test wrote, the next one does not see. */
Test(moo_run, tests_do_not_meet)
{
    struct vector store, load;
    rt386_moo_runner *runner;
    rt386_moo_result r;
    vec_make(&store, false, CODE(0xf3, 0xab)); /* rep stosw */
    vec_init(&store, RT386_MOO_EAX, 0x5a5a);
    vec_init(&store, RT386_MOO_ECX, 100);
    vec_make(&load, false, CODE(0x26, 0xa1, 0x40, 0x00)); /* mov ax,[es:40] */
    vec_init(&load, RT386_MOO_ES, 0x7000);
    vec_init(&store, RT386_MOO_ES, 0x7000);
    vec_init(&load, RT386_MOO_EAX, 1);
    vec_want(&load, RT386_MOO_EAX, 0);
    rt386_moo *a = vec_file(&store, 1), *b = vec_file(&load, 1);
    cr_assert(rt386_moo_runner_new(false, &runner) == RT386_OK);
    cr_assert(rt386_moo_run(runner, a, 0, &r) == RT386_OK);
    cr_expect(r.verdict == RT386_MOO_FAIL && r.diffs > RT386_MOO_DIFFS);
    cr_assert(rt386_moo_run(runner, b, 0, &r) == RT386_OK);
    cr_expect(r.verdict == RT386_MOO_PASS);
    rt386_moo_close(a);
    rt386_moo_close(b);
    rt386_moo_runner_free(runner);
}

Test(moo_run, refuses_what_it_cannot_run)
{
    rt386_moo_runner *runner;
    rt386_moo_result r;
    cr_assert(rt386_moo_runner_new(false, &runner) == RT386_OK);
    for (int kind = 0; kind < 5; kind++) {
        struct vector v;
        make_add(&v, true);
        if (kind == 0) v.info.mode = 1;
        if (kind == 1) strcpy(v.info.cpu, "V20");
        if (kind == 2) vec_init(&v, RT386_MOO_CR0, 1);
        if (kind == 3) vec_ram(&v, 0xff000000, 1); /* beyond 16 MB */
        if (kind == 4)
            for (uint32_t i = 0; i < 5000; i++)
                vec_ram(&v, 0x50000 + i, 0);
        rt386_moo *moo = vec_file(&v, 1);
        rt386_status st = rt386_moo_run(runner, moo, 0, &r);
        cr_expect(st == (kind == 3 ? RT386_E_RANGE : RT386_E_STATE), "kind %d: %d", kind, (int)st);
        cr_expect(rt386_moo_run(runner, moo, 1, &r) == RT386_E_ARG);
        rt386_moo_close(moo);
    }
    rt386_moo_runner_free(runner);
}

/* --- named differences: each explains its own outcome, and not a similar one --- */

static const char *named(struct vector *v)
{
    rt386_moo_result r = vec_run(v, false);
    if (r.verdict == RT386_MOO_NAMED) return rt386_moo_difference(r.difference).name;
    return r.verdict == RT386_MOO_FAIL ? "fail" : "pass";
}

Test(moo_named, lock)
{
    struct vector v;
    vec_make(&v, false, CODE(0xf0, 0x90));
    cr_expect_str_eq(named(&v), "LOCK_UD");
    strcpy(v.info.cpu, "8086");
    cr_expect_str_eq(named(&v), "fail"); /* nothing is known of other processors */
    vec_make(&v, false, CODE(0x90));
    vec_want_fault(&v, 6);
    cr_expect_str_eq(named(&v), "fail");
}

Test(moo_named, popf)
{
    struct vector v;
    vec_make(&v, false, CODE(0x9d));
    vec_ram(&v, VEC_SS * 16 + 0x1001, 0x70);
    vec_want(&v, RT386_MOO_ESP, 0x1002);
    cr_expect_str_eq(named(&v), "REAL_IOPL");
    vec_want(&v, RT386_MOO_EFLAGS, 0x3); /* CF besides */
    cr_expect_str_eq(named(&v), "fail");
}

Test(moo_named, stack_vector)
{
    struct vector v;
    vec_make(&v, false, CODE(0x58)); /* pop ax at ffff */
    vec_init(&v, RT386_MOO_ESP, 0xffff);
    vec_want_fault(&v, 13);
    cr_expect_str_eq(named(&v), "STACK_VECTOR");
    vec_want(&v, RT386_MOO_EAX, 1);
    cr_expect_str_eq(named(&v), "fail");
}

Test(moo_named, string_fault)
{
    struct vector v;
    vec_make(&v, false, CODE(0xf3, 0xa5)); /* rep movsw up to the limit */
    vec_init(&v, RT386_MOO_ESI, 0xfffd);
    vec_init(&v, RT386_MOO_ECX, 5);
    vec_init(&v, RT386_MOO_ES, 0x7000);
    vec_want_ram(&v, 0x70000, 0);
    vec_want_ram(&v, 0x70001, 0);
    vec_want_fault(&v, 13);
    vec_want(&v, RT386_MOO_ESI, 1);
    vec_want(&v, RT386_MOO_EDI, 2);
    vec_want(&v, RT386_MOO_ECX, 3);
    cr_expect_str_eq(named(&v), "STRING_FAULT");
    vec_want(&v, RT386_MOO_EDX, 1);
    cr_expect_str_eq(named(&v), "fail");
}

Test(moo_named, length)
{
    struct vector v;
    uint8_t code[11] = {0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x90};
    vec_make(&v, false, code, 11);
    vec_want_fault(&v, 13);
    cr_expect_str_eq(named(&v), "LENGTH_10");
    vec_make(&v, false, code + 1, 10);
    vec_want_fault(&v, 13);
    cr_expect_str_eq(named(&v), "fail");
}

Test(moo_named, rest)
{
    struct vector v;
    vec_make(&v, false, CODE(0x8c, 0xe0)); /* mov ax,fs */
    vec_want_fault(&v, 6);
    cr_expect_str_eq(named(&v), "FS_GS");
    vec_make(&v, false, CODE(0x8c, 0xd8)); /* mov ax,ds */
    vec_want_fault(&v, 6);
    cr_expect_str_eq(named(&v), "fail");
    vec_make(&v, false, CODE(0xc0, 0xe0, 0x10)); /* shl al,16: CF undefined */
    vec_init(&v, RT386_MOO_EAX, 1);
    vec_want(&v, RT386_MOO_EAX, 0);
    vec_want(&v, RT386_MOO_EFLAGS, 0x46);
    cr_expect_str_eq(named(&v), "SHIFT_CARRY");
    vec_make(&v, false, CODE(0xc0, 0xe0, 0x07)); /* shl al,7: CF is defined */
    vec_want(&v, RT386_MOO_EFLAGS, 0x47);
    cr_expect_str_eq(named(&v), "fail");
}

Test(moo_named, table_is_told)
{
    unsigned n = rt386_moo_difference_count();
    cr_assert(n >= 10 && n <= 64);
    for (unsigned i = 0; i < n; i++) {
        cr_expect(*rt386_moo_difference(i).name && *rt386_moo_difference(i).sentence);
        for (unsigned k = 0; k < i; k++)
            cr_expect_str_neq(rt386_moo_difference(i).name, rt386_moo_difference(k).name);
    }
    cr_expect_str_eq(rt386_moo_difference(n).name, "");
}
