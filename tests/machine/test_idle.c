/* test_idle.c: rt386_config.idle: who waits for idle time changes nothing for the guest. */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

struct waiter {
    rt386 *m;
    unsigned calls;
    uint64_t last;      /* asked for */
    unsigned interrupt; /* every so many calls the wait is cut to its first half; 0: never */
    unsigned stop_at;   /* this call stops the run; 0: none */
    uint64_t reached;   /* of that call */
    rt386_status again; /* what running inside gave */
};

static uint64_t waits(void *ctx, uint64_t us)
{
    struct waiter *w = ctx;
    cr_expect_geq(us, w->last, "time goes back");
    uint64_t before = w->last;
    w->calls++;
    w->last = us;
    rt386_exit why;
    w->again = rt386_run(w->m, 1, 0, &why);
    if (w->calls == w->stop_at) {
        rt386_stop(w->m);
        w->reached = before + (us - before) / 2;
        return w->reached;
    }
    if (w->interrupt && w->calls % w->interrupt == 0) {
        w->last = before + (us - before) / 2;
        return w->last;
    }
    return us;
}

static rt386_exit run(struct waiter *w, const char *times, const char *millis)
{
    char path[512];
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/conformance/naps.elf", folder ? folder : "guest");
    rt386_config config = {.size = sizeof config};
    if (w) {
        config.idle = waits;
        config.idle_ctx = w;
    }
    rt386 *m;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    if (w) w->m = m;
    const char *argv[] = {times, millis};
    const rt386_load_options o = {.size = sizeof o, .argc = 2, .argv = argv};
    cr_assert_eq(rt386_load_file(m, path, &o), RT386_OK, "%s", rt386_error(m));
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    rt386_destroy(m);
    return why;
}

Test(idle, the_same_run)
{
    struct waiter w = {0}, cut = {.interrupt = 2};
    rt386_exit skipped = run(NULL, "50", "20"), waited = run(&w, "50", "20"),
               halves = run(&cut, "50", "20");
    cr_assert_eq(skipped.kind, RT386_EXIT_GUEST);
    cr_expect_eq(waited.kind, RT386_EXIT_GUEST);
    cr_expect_eq(waited.insns, skipped.insns);
    cr_expect_eq(waited.clocks, skipped.clocks);
    cr_expect_eq(halves.insns, skipped.insns);
    cr_expect_eq(halves.clocks, skipped.clocks);
    cr_expect_geq(w.calls, 50u);
    cr_expect_geq(w.last, 1000000u, "50 times 20 ms");
    cr_expect_gt(cut.calls, w.calls);
    cr_expect_eq(w.again, RT386_E_STATE, "it only waits");
}

Test(idle, stopped_in_the_middle)
{
    struct waiter w = {.stop_at = 3};
    rt386_exit why = run(&w, "50", "1000");
    cr_expect_eq(why.kind, RT386_EXIT_STOPPED);
    cr_expect_eq(w.calls, 3u);
    cr_expect_geq(why.clocks, w.reached * 33, "33 MHz");
    cr_expect_lt(why.clocks, w.last * 33);
}
