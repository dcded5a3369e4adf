/* fake_snap.c: the kernel goes on as another one, made from the bytes of the first: what a snapshot forgets, any test finds. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "hostmem.h"
#include "snap.h"

#define OFTEN  100u
#define SELDOM 50u
#define LONG   5000u /* calls of a test that repeats something */
#define RARELY 1000u

static void save(struct rt_kernel *k, struct snap *s)
{
    snap_save(s);
    const char *bad = rt_kernel_save(k, s);
    cr_assert_null(bad, "no snapshot: %s", bad);
}

void fake_reload(struct fake *f)
{
    struct snap first, second, bytes;
    save(f->k, &first);
    snap_load(&bytes, first.bytes, first.size);
    struct rt_kernel *k = rt_kernel_load(&f->k->config, &f->k->port, &bytes);
    cr_assert_not_null(k, "a snapshot is refused: %s", bytes.refused);
    cr_assert_eq(bytes.left, 0, "%zu bytes of a snapshot were not read", bytes.left);
    save(k, &second);
    cr_assert(first.size == second.size && !memcmp(first.bytes, second.bytes, first.size),
              "what was loaded is saved as other bytes");
    rt_kernel_observe(k, &f->k->observer);
    rt_kernel_free(f->k);
    f->k = k;
    snap_end(&first);
    snap_end(&second);
}

/* Before what comes in from outside, in a run of the tests with RT386_TEST_SNAP. */
void fake_between(struct fake *f)
{
    unsigned each = f->betweens < OFTEN ? 1 : f->betweens < LONG ? SELDOM : RARELY;
    if (!f->reload || ++f->betweens % each) return;
    hostmem_counts(false);
    fake_reload(f);
    hostmem_counts(true);
}
