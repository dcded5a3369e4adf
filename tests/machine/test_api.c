#include "guest.h"

Test(api, create_checks_its_config)
{
    rt386 *m = NULL;
    rt386_config config = {.size = sizeof config, .memory = 12345};
    cr_assert_eq(rt386_create(&config, &m), RT386_E_ARG);
    cr_assert_null(m);
    config.memory = 0;
    config.post_port = 0x10000;
    cr_assert_eq(rt386_create(&config, &m), RT386_E_ARG);
    config = (rt386_config){0}; /* size forgotten */
    cr_assert_eq(rt386_create(&config, &m), RT386_E_ARG);
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    rt386_destroy(m);
    rt386_destroy(NULL);
}

Test(api, running_nothing_is_a_misuse)
{
    rt386 *m = NULL;
    rt386_exit why;
    cr_assert_eq(rt386_create(NULL, &m), RT386_OK);
    cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_E_STATE);
    cr_assert(strlen(rt386_error(m)) > 10);
    rt386_destroy(m);
}

Test(api, one_bare_image_a_machine)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    cr_assert_eq(rt386_load_bytes(m, "\xf4", 1, &o), RT386_E_STATE);
    rt386_destroy(m);
}

Test(api, registers_by_name)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    cr_assert_eq(rt386_reg_set(m, "eax", 0x12345678), RT386_OK);
    cr_assert_eq(reg(m, "eax"), 0x12345678);
    uint64_t v;
    cr_assert_eq(rt386_reg_get(m, "rax", &v), RT386_E_NOTFOUND);
    cr_assert_eq(rt386_reg_set(m, "nothing", 1), RT386_E_NOTFOUND);
    unsigned bits = 0, count = 0;
    for (const char *name; (name = rt386_reg_name(count, &bits)); count++) {
        cr_assert(bits >= 1 && bits <= 64, "%s", name);
        cr_assert_eq(rt386_reg_get(m, name, &v), RT386_OK, "%s", name);
    }
    cr_assert_gt(count, 80);
    rt386_destroy(m);
}

Test(api, peek_and_poke_are_all_or_nothing)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    uint8_t b[8] = {1, 2, 3, 4, 5, 6, 7, 8}, c[8] = {0};
    rt386_addr at = {.space = RT386_PHYS, .at = 0x5000};
    cr_assert_eq(rt386_poke(m, at, b, 8), RT386_OK);
    cr_assert_eq(rt386_peek(m, at, c, 8), RT386_OK);
    cr_assert_arr_eq(b, c, 8);
    at.at = (2u << 20) - 4; /* four bytes inside, four outside */
    cr_assert_eq(rt386_poke(m, at, b, 8), RT386_E_RANGE);
    cr_assert_eq(rt386_peek(m, at, c, 4), RT386_OK);
    cr_assert_arr_eq(c, ((uint8_t[4]){0}), 4);
    rt386_destroy(m);
}

Test(api, segment_load_is_architectural_and_poke_is_not)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    rt386_fault f = rt386_seg_load(m, RT386_ES, 0x40); /* the boot GDT has three entries */
    cr_assert(f.raised);
    cr_assert_eq(f.vector, 13);
    cr_assert_eq(f.error, 0x40);
    cr_assert(strlen(rt386_rule(f.rule).sentence) > 10);
    cr_assert_eq(rt386_seg_get(m, RT386_ES).selector, 0x10);
    f = rt386_seg_load(m, RT386_ES, 0);
    cr_assert(!f.raised);
    cr_assert(!rt386_seg_get(m, RT386_ES).usable);
    rt386_seg odd = {
        .selector = 0x40, .usable = true, .base = 0x1000, .limit = 9, .hi = 9, .access = 0x93};
    cr_assert_eq(rt386_seg_poke(m, RT386_ES, &odd), RT386_OK);
    cr_assert_eq(rt386_seg_get(m, RT386_ES).base, 0x1000);
    rt386_destroy(m);
}

Test(api, budget_and_time_limits)
{
    rt386 *m = MACHINE(NULL, 0x40, 0xeb, 0xfd); /* inc eax; jmp back */
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 1001, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_BUDGET);
    cr_assert_eq(why.insns, 1001);
    cr_assert_eq(reg(m, "eax"), 501);
    cr_assert_eq(rt386_run(m, 0, why.clocks + 10000, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_TIME);
    cr_assert_geq(rt386_clocks(m), why.clocks);
    rt386_stop(m);
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_STOPPED);
    rt386_destroy(m);
}

Test(api, terminate_of_a_bare_machine_is_a_stop)
{
    rt386 *m = MACHINE(NULL, 0xeb, 0xfe); /* jmp $ */
    rt386_exit why;
    rt386_terminate(m);
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_STOPPED);
    cr_assert_eq(rt386_run(m, 100, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_BUDGET, "it is used up");
    rt386_destroy(m);
}

/* Ten loads of a dword; the last operand says where from. */
static uint64_t clocks_of_loads(uint8_t at, const rt386_config *costs)
{
    const uint8_t code[] = {0xb9, 10, 0, 0, 0, 0xa1, at, 0x10, 0, 0, 0xe2, 0xf9, 0xf4};
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    rt386 *m = NULL;
    rt386_exit why;
    cr_assert_eq(rt386_create(costs, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, code, sizeof code, &o), RT386_OK);
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_HALT);
    rt386_destroy(m);
    return why.clocks;
}

Test(api, clock_costs_are_added_by_the_access)
{
    rt386_config none = {.size = sizeof none}, wait = none, odd = none, walk = none, bad = none;
    wait.wait_states = 255;
    odd.misaligned_clocks = 2;
    walk.page_walk_clocks = 7;
    uint64_t plain = clocks_of_loads(0, &none);
    cr_expect_eq(clocks_of_loads(0, &wait), plain + 10 * 255);
    cr_expect_eq(clocks_of_loads(3, &wait), plain + 20 * 255);
    cr_expect_eq(clocks_of_loads(3, &odd), plain + 10 * 2);
    cr_expect_eq(clocks_of_loads(0, &walk), plain);
    none.size = offsetof(rt386_config, wait_states); /* built against an older header */
    none.wait_states = 9;
    cr_expect_eq(clocks_of_loads(0, &none), plain);
    rt386 *m = NULL;
    bad.page_walk_clocks = 256;
    cr_expect_eq(rt386_create(&bad, &m), RT386_E_ARG);
}

Test(api, undefined_results_by_choice)
{
    const uint8_t code[] = {0xf9, 0xd6, 0xf4}; /* stc; salc; hlt */
    rt386_config config = {.size = sizeof config, .undefined = RT386_UNDEFINED_DOCUMENTED};
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    rt386 *m = NULL;
    rt386_exit why;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, code, sizeof code, &o), RT386_OK);
    cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK);
    cr_assert_eq(rt386_undefined_set(m, RT386_UNDEFINED_CHIP), RT386_OK);
    cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK);
    cr_expect_eq(reg(m, "eax"), 0xff);
    cr_expect_eq(rt386_undefined_set(m, (rt386_undefined)2), RT386_E_ARG);
    cr_expect_eq(rt386_undefined_set(m, RT386_UNDEFINED_DOCUMENTED), RT386_OK);
    cr_assert_eq(rt386_reg_set(m, "eip", 0x100001), RT386_OK);
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_TRIPLE_FAULT);
    cr_expect_eq(why.chain[0].vector, 6);
    rt386_destroy(m);
    rt386_config later = {.size = sizeof later, .cpu = (rt386_cpu)6};
    cr_expect_eq(rt386_create(&later, &m), RT386_E_ARG);
    config.undefined = (rt386_undefined)2;
    cr_expect_eq(rt386_create(&config, &m), RT386_E_ARG);
}

Test(api, same_guest_same_run)
{
    uint64_t clocks[2], eax[2];
    for (int i = 0; i < 2; i++) {
        rt386 *m =
            MACHINE(NULL, 0x40, 0x0f, 0xaf, 0xc0, 0xeb, 0xfa); /* inc eax; imul eax,eax; jmp */
        rt386_exit why;
        rt386_run(m, 100000, 0, &why);
        clocks[i] = why.clocks;
        eax[i] = reg(m, "eax");
        rt386_destroy(m);
    }
    cr_assert_eq(clocks[0], clocks[1]);
    cr_assert_eq(eax[0], eax[1]);
}

struct seen {
    unsigned insns, mems, ios;
    rt386_status inside;
    rt386 *m;
};

static void see_insn(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    s->insns++;
    s->inside = rt386_reg_set(s->m, "eax", 7);
    cr_assert_eq(e->cs, 8);
    cr_assert_eq(e->cpu, RT386_CPU_386);
}

static void see_mem(void *ctx, const rt386_mem_event *e)
{
    (void)e;
    ((struct seen *)ctx)->mems++;
}

static void see_io(void *ctx, uint16_t port, unsigned size, bool out, uint32_t value)
{
    (void)size;
    cr_assert(out && port == 0xe9 && value == 'A');
    ((struct seen *)ctx)->ios++;
}

Test(api, observers_see_and_only_look)
{
    struct text out;
    /* mov [0x5000],eax ; mov al,'A' ; out 0xe9,al ; hlt */
    rt386 *m = MACHINE(&out, 0xa3, 0x00, 0x50, 0, 0, 0xb0, 'A', 0xe6, 0xe9, 0xf4);
    struct seen seen = {.m = m};
    rt386_observer o = {
        .size = sizeof o, .ctx = &seen, .insn = see_insn, .mem = see_mem, .io = see_io};
    cr_assert_eq(rt386_observe(m, &o), RT386_OK);
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    cr_assert_eq(why.kind, RT386_EXIT_HALT);
    cr_assert_eq(seen.insns, 4);
    cr_assert_eq(seen.mems, 1);
    cr_assert_eq(seen.ios, 1);
    cr_assert_eq(seen.inside, RT386_E_STATE);
    cr_assert_str_eq(out.bytes, "A");
    rt386_destroy(m);
}
