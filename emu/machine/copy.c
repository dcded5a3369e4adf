/* copy.c: a second machine that stands where the first one stands, by a snapshot in memory. */
#include <rt386/snapshot.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *p;
    size_t n, room;
    bool failed;
};

static void put(void *ctx, const void *from, size_t n)
{
    struct bytes *b = ctx;
    if (b->failed) return;
    if (b->n + n > b->room) {
        size_t room = 2 * (b->n + n);
        uint8_t *p = realloc(b->p, room);
        b->failed = !p;
        if (!p) return;
        b->p = p;
        b->room = room;
    }
    memcpy(b->p + b->n, from, n);
    b->n += n;
}

static rt386_status copy_from(const struct bytes *b, rt386 **copy)
{
    rt386_config config = {.size = sizeof config};
    rt386_status status = rt386_snapshot_config(b->p, b->n, &config, NULL, 0);
    if (status == RT386_OK) status = rt386_create(&config, copy);
    if (status != RT386_OK) return status;
    status = rt386_snapshot_load(*copy, b->p, b->n);
    if (status == RT386_OK) return RT386_OK;
    rt386_destroy(*copy);
    *copy = NULL;
    return status == RT386_E_NOMEM ? status : RT386_E_STATE; /* it has a network */
}

rt386_status rt386_copy(const rt386 *m, rt386 **copy)
{
    struct bytes b = {0};
    if (!m || !copy) return RT386_E_ARG;
    *copy = NULL;
    rt386_status status = rt386_snapshot_save(m, put, &b);
    if (status == RT386_OK && b.failed) status = RT386_E_NOMEM;
    if (status == RT386_OK) status = copy_from(&b, copy);
    free(b.p);
    return status;
}
