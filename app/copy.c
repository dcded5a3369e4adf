#include "copy.h"

#include "text.h"

#include <rt386/snapshot.h>

static void put(void *ctx, const void *bytes, size_t n)
{
    text_addn(ctx, bytes, n);
}

const char *machine_copy(const rt386 *m, rt386 **copy)
{
    struct text bytes = {0};
    rt386_config config = {.size = sizeof config};
    char err[200];
    const char *why = NULL;
    *copy = NULL;
    if (rt386_snapshot_save(m, put, &bytes) != RT386_OK || bytes.failed ||
        rt386_snapshot_config(bytes.p, bytes.n, &config, err, sizeof err) != RT386_OK ||
        rt386_create(&config, copy) != RT386_OK)
        why = "the host has no memory for a copy of the machine";
    else if (rt386_snapshot_load(*copy, bytes.p, bytes.n) != RT386_OK)
        why = "this machine cannot be copied: it has a network";
    text_free(&bytes);
    if (why && *copy) {
        rt386_destroy(*copy);
        *copy = NULL;
    }
    return why;
}
