/* Snapshots of the whole machine: what is refused, what survives, and that their bytes are always the same. That a run goes
 * on as it would have is shown on every guest by snap_guests.c. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rt386/snapshot.h>

#include "guest.h"

#define GOLDEN_SIZE 16204u
#define GOLDEN      0x150793ee06d745d7ull

struct bytes {
    uint8_t *at;
    size_t n;
};

static void keep(void *ctx, const void *bytes, size_t n)
{
    struct bytes *b = ctx;
    b->at = realloc(b->at, b->n + n);
    cr_assert_not_null(b->at);
    memcpy(b->at + b->n, bytes, n);
    b->n += n;
}

static struct bytes save(const rt386 *m)
{
    struct bytes b = {0};
    cr_assert_eq(rt386_snapshot_save(m, keep, &b), RT386_OK, "%s", rt386_error(m));
    return b;
}

static bool same(const struct bytes *a, const struct bytes *b)
{
    return a->n == b->n && !memcmp(a->at, b->at, a->n);
}

/* Counts in EAX and in memory, and tells ports 80 and 60 of it. */
#define LOOP 0x40, 0xa3, 0x00, 0x00, 0x18, 0x00, 0xe6, 0x80, 0xe6, 0x60, 0xeb, 0xf5

static rt386 *looping(uint64_t insns)
{
    rt386_exit why;
    rt386 *m = MACHINE(NULL, LOOP);
    cr_assert_eq(rt386_run(m, insns, 0, &why), RT386_OK);
    return m;
}

static uint64_t digest(const struct bytes *b)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < b->n; i++)
        h = (h ^ b->at[i]) * 0x100000001b3u;
    return h;
}

/* Any compiler, any host: a change of the format is seen here, and wants a new version. */
Test(snapshot, the_bytes_are_always_these)
{
    rt386 *m = looping(12345);
    struct bytes b = save(m);
    cr_expect_eq(b.n, GOLDEN_SIZE, "%zu bytes", b.n);
    cr_expect_eq(digest(&b), GOLDEN, "digest %016llx", (unsigned long long)digest(&b));
    free(b.at);
    rt386_destroy(m);
}

Test(snapshot, back_and_forth)
{
    rt386_exit why;
    rt386 *m = looping(1000);
    struct bytes first = save(m);
    uint64_t eax = reg(m, "eax");
    rt386_run(m, 777, 0, &why);
    struct bytes second = save(m);
    cr_expect_not(same(&first, &second));
    cr_assert_eq(rt386_snapshot_load(m, first.at, first.n), RT386_OK, "%s", rt386_error(m));
    cr_expect_eq(reg(m, "eax"), eax);
    cr_expect_eq(rt386_insns(m), 1000);
    struct bytes again = save(m);
    cr_expect(same(&first, &again));
    free(again.at);
    rt386_run(m, 777, 0, &why);
    again = save(m);
    cr_expect(same(&second, &again));
    free(again.at);
    free(first.at);
    free(second.at);
    rt386_destroy(m);
}

/* One that ran something else, and one with devices that wait for something. */
Test(snapshot, whatever_ran_before)
{
    rt386_exit why;
    rt386 *m = looping(1000), *other = MACHINE(NULL, 0xf4);
    const rt386_irq_source source = {
        .size = sizeof source, .line = 5, .at_us = 10, .every_us = 1000, .times = 7};
    cr_assert_eq(rt386_irq_add(m, &source), RT386_OK);
    cr_assert_eq(rt386_irq_add(other, &source), RT386_OK);
    cr_assert_eq(rt386_irq_add(other, &source), RT386_OK);
    rt386_run(m, 3000, 0, &why);
    rt386_run(other, 10, 0, &why);
    struct bytes a = save(m);
    cr_assert_eq(rt386_snapshot_load(other, a.at, a.n), RT386_OK, "%s", rt386_error(other));
    rt386_run(m, 100000, 0, &why);
    rt386_run(other, 100000, 0, &why);
    struct bytes x = save(m), y = save(other);
    cr_expect(same(&x, &y));
    free(a.at);
    free(x.at);
    free(y.at);
    rt386_destroy(m);
    rt386_destroy(other);
}

static void is_refused(rt386 *m, const struct bytes *b, rt386_status status, const char *words)
{
    struct bytes before = save(m);
    rt386_status st = rt386_snapshot_load(m, b->at, b->n);
    cr_expect_eq(st, status, "%s instead of %s", rt386_status_text(st), rt386_status_text(status));
    cr_expect_not_null(strstr(rt386_error(m), words), "\"%s\"", rt386_error(m));
    struct bytes after = save(m);
    cr_expect(same(&before, &after), "a refused snapshot has changed the machine");
    free(before.at);
    free(after.at);
}

Test(snapshot, of_another_machine)
{
    rt386 *m = looping(10), *larger = NULL, *net = NULL;
    const rt386_config config = {.size = sizeof config, .memory = 4u << 20};
    const rt386_config equal = {.size = sizeof equal, .memory = 2u << 20};
    struct bytes b = save(m);
    cr_assert_eq(rt386_create(&config, &larger), RT386_OK);
    is_refused(larger, &b, RT386_E_ARG, "configuration");
    cr_assert_eq(rt386_create(&equal, &net), RT386_OK);
    cr_assert_eq(rt386_share_loopback(net), RT386_OK);
    is_refused(net, &b, RT386_E_ARG, "no network");
    free(b.at);
    rt386_destroy(m);
    rt386_destroy(larger);
    rt386_destroy(net);
}

#define HEAD    12u /* magic and version */
#define SECTION 24u

/* A section of another name before the first one. */
static struct bytes with_section(const struct bytes *b, uint8_t flags)
{
    struct bytes out = {0};
    uint8_t head[SECTION + 3] = "FUTURE";
    head[8] = 9;      /* version */
    head[12] = flags; /* 1: optional */
    head[16] = 3;     /* bytes */
    keep(&out, b->at, HEAD);
    keep(&out, head, sizeof head);
    keep(&out, b->at + HEAD, b->n - HEAD);
    return out;
}

Test(snapshot, sections_of_the_future)
{
    rt386 *m = looping(10);
    struct bytes b = save(m), optional = with_section(&b, 1), needed = with_section(&b, 0);
    cr_expect_eq(rt386_snapshot_load(m, optional.at, optional.n), RT386_OK, "%s", rt386_error(m));
    is_refused(m, &needed, RT386_E_FORMAT, "does not know");
    b.at[8]++;
    is_refused(m, &b, RT386_E_FORMAT, "newer version");
    b.at[8]--;
    b.at[0] = 'X';
    is_refused(m, &b, RT386_E_FORMAT, "no snapshot");
    b.n = 0;
    is_refused(m, &b, RT386_E_FORMAT, "no snapshot");
    free(b.at);
    free(optional.at);
    free(needed.at);
    rt386_destroy(m);
}

Test(snapshot, cut_off)
{
    rt386 *m = looping(10);
    struct bytes b = save(m), before = save(m), after;
    for (size_t n = 0; n < b.n; n += n < 4000 ? 1 : 97)
        cr_assert_neq(rt386_snapshot_load(m, b.at, n), RT386_OK, "%zu of %zu bytes", n, b.n);
    after = save(m);
    cr_expect(same(&before, &after));
    free(b.at);
    free(before.at);
    free(after.at);
    rt386_destroy(m);
}

Test(snapshot, a_copy_goes_its_own_way)
{
    rt386_exit why;
    rt386 *m = looping(1000), *copy, *net;
    const rt386_config config = {.size = sizeof config, .memory = 2u << 20};
    struct bytes before = save(m);
    cr_assert_eq(rt386_create(&config, &net), RT386_OK);
    cr_assert_eq(rt386_copy(m, &copy), RT386_OK);
    struct bytes b = save(copy);
    cr_expect(same(&before, &b));
    free(b.at);
    rt386_run(copy, 777, 0, &why);
    b = save(m);
    cr_expect(same(&before, &b), "the first one has moved");
    rt386_run(m, 777, 0, &why);
    struct bytes one = save(m), two = save(copy);
    cr_expect(same(&one, &two));
    rt386_destroy(copy);
    cr_expect_eq(rt386_copy(m, NULL), RT386_E_ARG);
    cr_expect_eq(rt386_copy(NULL, &copy), RT386_E_ARG);
    cr_assert_eq(rt386_share_loopback(net), RT386_OK);
    cr_expect_eq(rt386_copy(net, &copy), RT386_E_STATE);
    cr_expect_null(copy);
    free(before.at);
    free(b.at);
    free(one.at);
    free(two.at);
    rt386_destroy(m);
    rt386_destroy(net);
}

/* Each change is refused, or gives a machine that runs and can be saved. */
static void flip(rt386 *m, unsigned times, uint64_t seed)
{
    rt386_exit why;
    struct bytes b = save(m);
    rt386_config config;
    cr_assert_eq(rt386_snapshot_config(b.at, b.n, &config, NULL, 0), RT386_OK);
    unsigned taken = 0;
    for (unsigned i = 0; i < times; i++) {
        rt386 *other = NULL;
        cr_assert_eq(rt386_create(&config, &other), RT386_OK);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)((seed >> 16) % (i % 2 ? b.n : b.n < 6000 ? b.n : 6000));
        uint8_t was = b.at[at];
        b.at[at] ^= (uint8_t)(1u << (seed >> 60 & 7));
        if (rt386_snapshot_load(other, b.at, b.n) == RT386_OK) {
            taken++;
            rt386_run(other, 2000, 0, &why);
            struct bytes again = {0};
            rt386_snapshot_save(other, keep, &again);
            free(again.at);
        }
        b.at[at] = was;
        rt386_destroy(other);
    }
    cr_expect(taken && taken < times, "%u of %u were taken", taken, times);
    free(b.at);
}

Test(snapshot, changed_by_somebody)
{
    rt386 *m = looping(1000);
    flip(m, 700, 386);
    rt386_destroy(m);
}

static rt386 *hello(uint64_t insns)
{
    char path[512];
    const rt386_config config = {.size = sizeof config, .memory = 8u << 20};
    const char *guests = getenv("RT386_TEST_GUESTS");
    rt386_exit why;
    rt386 *m = NULL;
    snprintf(path, sizeof path, "%s/demo/startup.rta", guests ? guests : ".");
    if (access(path, R_OK)) cr_skip_test("the guests are not built here");
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_file(m, path, NULL), RT386_OK, "%s", rt386_error(m));
    rt386_run(m, insns, 0, &why);
    return m;
}

Test(snapshot, changed_with_a_kernel)
{
    rt386 *m = hello(20000);
    flip(m, 200, 7707);
    rt386_destroy(m);
}

/* Nothing has to be on the disk: names of processes and symbols come along. */
Test(snapshot, the_kernel_and_its_files_come_along)
{
    rt386 *m = hello(20000), *bare = MACHINE(NULL, 0xf4);
    rt386_config config;
    rt386 *n = NULL;
    struct bytes b = save(m);
    cr_assert_eq(rt386_snapshot_config(b.at, b.n, &config, NULL, 0), RT386_OK);
    cr_assert_eq(config.memory, 8u << 20);
    cr_assert_eq(rt386_create(&config, &n), RT386_OK);
    cr_assert_eq(rt386_snapshot_load(n, b.at, b.n), RT386_OK, "%s", rt386_error(n));
    rt386_process p, q;
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++) {
        cr_assert(rt386_intime_process(n, i, &q));
        cr_expect_str_eq(p.name, q.name);
        cr_expect(p.handle == q.handle && p.pool_used == q.pool_used && p.alive == q.alive);
    }
    cr_expect_eq(rt386_intime_free_slots(m), rt386_intime_free_slots(n));
    free(b.at);
    b = save(bare); /* and the kernel goes again */
    cr_expect_eq(rt386_snapshot_load(n, b.at, b.n), RT386_E_ARG, "another memory");
    free(b.at);
    rt386_destroy(m);
    rt386_destroy(n);
    rt386_destroy(bare);
}

struct asked {
    rt386 *m;
    rt386_status save, load;
};

static void ask(void *ctx, const rt386_insn_event *e)
{
    struct asked *a = ctx;
    struct bytes b = {0};
    (void)e;
    a->save = rt386_snapshot_save(a->m, keep, &b);
    a->load = rt386_snapshot_load(a->m, "", 0);
    free(b.at);
}

Test(snapshot, never_from_an_observer)
{
    rt386 *m = looping(10);
    struct asked a = {.m = m};
    const rt386_observer o = {.size = sizeof o, .ctx = &a, .insn = ask};
    rt386_exit why;
    rt386_observe(m, &o);
    rt386_run(m, 2, 0, &why);
    cr_expect_eq(a.save, RT386_E_STATE);
    cr_expect_eq(a.load, RT386_E_STATE);
    rt386_destroy(m);
}

Test(snapshot, the_choice_of_undefined_results)
{
    rt386 *m = looping(10);
    struct bytes b = save(m);
    rt386_undefined_set(m, RT386_UNDEFINED_DOCUMENTED);
    struct bytes other = save(m);
    cr_expect_eq(rt386_snapshot_load(m, b.at, b.n), RT386_OK);
    struct bytes again = save(m);
    cr_expect(same(&b, &again));
    cr_expect_eq(rt386_snapshot_load(m, other.at, other.n), RT386_OK);
    free(b.at);
    free(other.at);
    free(again.at);
    rt386_destroy(m);
}
