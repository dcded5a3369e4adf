/* test_remote.c: guest_remote: a guest meets handles of objects on a node that cannot be reached. Only
 * the inside of the machine can make such handles, so this test does.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "machine.h"

#define TYPE_PROCESS   1
#define TYPE_MAILBOX   3
#define TYPE_SEMAPHORE 4
#define TYPE_SEGMENT   6

struct text {
    char bytes[4096];
    size_t n;
};

static void put(void *ctx, const char *bytes, size_t n)
{
    struct text *t = ctx;
    if (n > sizeof t->bytes - 1 - t->n) n = sizeof t->bytes - 1 - t->n;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
}

static void make_reference(rt386 *m, uint8_t type, const char *name)
{
    uint16_t handle = 0;
    struct rt_effects fx = {0};
    cr_assert_eq(rt_reference_create(m->kernel, type, name, &handle, &fx), 0);
    port_apply(m, &fx);
}

Test(guest_remote, invalid_address)
{
    struct text text = {.n = 0};
    rt386_config config = {.size = sizeof config, .console = put, .console_ctx = &text};
    rt386_load_options options = {.size = sizeof options};
    rt386_exit end = {0};
    rt386 *m = NULL;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_file(m, GUEST, &options), RT386_OK, "%s", rt386_error(m));
    make_reference(m, TYPE_SEGMENT, "FARSEGMENT");
    make_reference(m, TYPE_PROCESS, "FARPROCESS");
    make_reference(m, TYPE_MAILBOX, "FARMAILBOX");
    make_reference(m, TYPE_SEMAPHORE, "FARSEMAPHOR");
    rt386_run(m, 100000000, 0, &end);
    rt386_destroy(m);
    cr_assert_eq(end.kind, RT386_EXIT_GUEST, "%s", end.text);
    cr_assert_eq(end.code, 0, "%s", text.bytes);
    cr_assert_not_null(strstr(text.bytes, "1..16\n"), "%s", text.bytes);
    cr_assert_null(strstr(text.bytes, "not ok"), "%s", text.bytes);
}
