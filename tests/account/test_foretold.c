/* What an account foretells is what the machine then does: on the ring-0 guests, at the first place of each
 * shape that an instruction or a delivery takes there. */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

#define SHAPES 160u

/* Where, in instructions, a sequence of steps came up that had not come up before. */
struct shapes {
    const rt386 *m;
    uint64_t now, hash;
    uint64_t seen[SHAPES];
    uint64_t at[SHAPES];
    unsigned count;
    unsigned kinds[RT386_STEP_KINDS];
};

static void shape_ends(struct shapes *s)
{
    if (!s->hash || s->count == SHAPES) return;
    for (unsigned i = 0; i < s->count; i++)
        if (s->seen[i] == s->hash) return;
    s->seen[s->count] = s->hash;
    s->at[s->count++] = s->now;
}

static void see_step(void *ctx, const rt386_step *step)
{
    struct shapes *s = ctx;
    uint64_t now = rt386_insns(s->m);
    s->kinds[step->kind]++;
    if (now != s->now) {
        shape_ends(s);
        s->now = now;
        s->hash = 0;
    }
    if (step->kind == RT386_STEP_MEMORY && !s->hash) return; /* plain accesses are everywhere */
    s->hash = s->hash * 1000003 + step->kind * 64 + step->why.fault.rule + 1;
}

static rt386 *guest(const char *name)
{
    const char *folder = getenv("RT386_TEST_GUESTS");
    rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    char path[512];
    rt386 *m;
    snprintf(path, sizeof path, "%s/ring0/%s", folder ? folder : "guest", name);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_file(m, path, NULL), RT386_OK, "%s: %s", path, rt386_error(m));
    return m;
}

static void expect_memory(const rt386 *m, const rt386_step *s, const rt386_step *pushes_after)
{
    uint8_t bytes[8] = {0};
    rt386_addr at = {.space = RT386_LINEAR, .at = s->linear};
    if (s->kind == RT386_STEP_PUSH && !pushes_after) {
        if (rt386_peek(m, at, bytes, s->size) != RT386_OK) return;
        uint32_t value = 0;
        for (unsigned i = 0; i < s->size; i++)
            value |= (uint32_t)bytes[i] << 8 * i;
        cr_expect_eq(value, s->value, "pushed at %x", s->linear);
    }
    if (s->kind == RT386_STEP_DESCRIPTOR && rt386_peek(m, at, bytes, 8) == RT386_OK)
        cr_expect_eq(memcmp(bytes, s->new_desc.bytes, 8), 0, "descriptor at %x", s->linear);
}

static void expect_state(const rt386 *m, const rt386_account_state *want, uint64_t at)
{
    static const char *const names[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    for (unsigned i = 0; i < 8; i++)
        cr_expect_eq(world_reg(m, names[i]), want->gpr[i], "%s after %llu", names[i],
                     (unsigned long long)at);
    cr_expect_eq(world_reg(m, "eip"), want->eip);
    cr_expect_eq(world_reg(m, "eflags"), want->eflags);
    cr_expect_eq(world_reg(m, "cr2"), want->cr2);
    cr_expect_eq(world_reg(m, "cr3"), want->cr3);
    cr_expect_eq(world_reg(m, "cpl"), want->cpl);
    for (unsigned i = 0; i < 8; i++) {
        rt386_seg seg = rt386_seg_get(m, (rt386_segreg)i);
        cr_expect(seg.selector == want->seg[i].selector && seg.base == want->seg[i].base &&
                      seg.limit == want->seg[i].limit && seg.access == want->seg[i].access,
                  "segment register %u after %llu", i, (unsigned long long)at);
    }
}

/* One step of the machine, foretold. Registers that changed were told with what they are now. */
static void expect_foretold(rt386 *m, uint64_t at)
{
    rt386_account *a = world_account(m);
    const rt386_account_result *r = rt386_account_result_of(a);
    rt386_exit why;
    const rt386_step *s;
    bool again[8] = {0};
    cr_assert_eq(rt386_run(m, 1, rt386_clocks(m) + 1, &why), RT386_OK);
    expect_state(m, &r->after, at);
    cr_expect_eq(why.kind, r->exit.kind);
    for (unsigned i = 0; (s = rt386_account_step(a, i)); i++) {
        expect_memory(m, s, r->before.cr3 != r->after.cr3 ? s : NULL);
        if (s->kind == RT386_STEP_REGISTER) again[s->reg] = true;
    }
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(&r->before.seg[i], &r->after.seg[i], sizeof r->before.seg[i]))
            cr_expect(again[i], "segment register %u was changed silently", i);
    rt386_account_free(a);
}

static void run_to(rt386 *m, uint64_t insns)
{
    rt386_exit why;
    while (rt386_insns(m) < insns)
        cr_assert_eq(rt386_run(m, insns - rt386_insns(m), 0, &why), RT386_OK);
}

static int by_place(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static unsigned expect_guest(const char *name, struct shapes *s)
{
    rt386 *m = guest(name);
    rt386_exit why;
    s->m = m;
    s->count = 0;
    s->now = s->hash = 0;
    cr_assert_eq(rt386_observe_steps(m, see_step, s), RT386_OK);
    cr_assert_eq(rt386_run(m, 3000000, 0, &why), RT386_OK);
    rt386_destroy(m);
    m = guest(name);
    qsort(s->at, s->count, sizeof *s->at, by_place);
    for (unsigned i = 0; i < s->count; i++) {
        run_to(m, s->at[i]);
        while (rt386_insns(m) == s->at[i])
            expect_foretold(m, s->at[i]);
    }
    rt386_destroy(m);
    return s->count;
}

Test(foretold, ring0_guests)
{
    static const char *const names[] = {"ring0_gates.elf",      "ring0_tasks.elf",
                                        "ring0_interrupts.elf", "ring0_paging.elf",
                                        "ring0_v86.elf",        "ring0_faults.elf"};
    struct shapes *s = calloc(1, sizeof *s);
    unsigned shapes = 0;
    cr_assert(s);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        shapes += expect_guest(names[i], s);
    fprintf(stderr, "# foretold: %u shapes\n", shapes);
    cr_expect_gt(shapes, 100u);
    for (unsigned i = 0; i <= RT386_STEP_DELIVERY; i++)
        if (i != RT386_STEP_IO_MAP) /* their ring 3 uses no port */
            cr_expect_gt(s->kinds[i], 0u, "no step of kind %u in these guests", i);
    free(s);
}

/* The account of INtime's trap tells the call and what it writes. */
struct first_entry {
    const rt386 *m;
    uint64_t at; /* instructions before the first GDT entry that the kernel writes for a call */
    bool calling;
};

static void see_call(void *ctx, const rt386_call_event *call)
{
    struct first_entry *f = ctx;
    f->calling = !call->leaving;
}

static void see_entry(void *ctx, const rt386_table_event *e)
{
    struct first_entry *f = ctx;
    (void)e;
    if (!f->at && f->calling) f->at = rt386_insns(f->m);
}

static rt386 *intime(const char *name)
{
    const char *folder = getenv("RT386_TEST_GUESTS");
    rt386_config config = {.size = sizeof config};
    char path[512];
    rt386 *m;
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "guest", name);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_file(m, path, NULL), RT386_OK, "%s: %s", path, rt386_error(m));
    return m;
}

Test(foretold, an_intime_call)
{
    rt386 *m = intime("demo/limit.elf");
    struct first_entry f = {.m = m};
    const rt386_observer o = {.size = sizeof o, .ctx = &f, .call = see_call, .table = see_entry};
    rt386_exit why;
    cr_assert_eq(rt386_observe(m, &o), RT386_OK);
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    rt386_destroy(m);
    cr_assert_gt(f.at, 1u);
    m = intime("demo/limit.elf");
    run_to(m, f.at - 1);
    rt386_account *a = world_account(m);
    const rt386_step *s;
    unsigned in = 0, out = 0, entries = 0;
    for (unsigned i = 0; (s = rt386_account_step(a, i)); i++) {
        in += s->kind == RT386_STEP_CALL && !s->call.leaving && s->call.name[0];
        entries += s->kind == RT386_STEP_ENTRY && s->owner[0];
        out += s->kind == RT386_STEP_CALL && s->call.leaving;
    }
    cr_expect(in == 1 && out == 1 && entries >= 1, "%u %u %u", in, out, entries);
    rt386_account_free(a);
    expect_foretold(m, f.at - 1);
    rt386_destroy(m);
}
