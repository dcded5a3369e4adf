/* recorded.h: guests of the tree, run and recorded. */
#ifndef TEST_MACHINE_RECORDED_H
#define TEST_MACHINE_RECORDED_H

#include "bytes.h"

#include <rt386/trace.h>

#define INSNS 120000u /* of a guest, at most */

/* Text that guests print, and how much of it was there at each instruction asked for. */
struct run {
    rt386 *m;
    char said[1 << 16];
    size_t n;
    rt386_exit end;
};

static inline void said_put(void *ctx, const char *bytes, size_t n)
{
    struct run *r = ctx;
    cr_assert_leq(r->n + n, sizeof r->said);
    memcpy(r->said + r->n, bytes, n);
    r->n += n;
}

static inline struct run *run_new(rt386_config *config, bool network)
{
    struct run *r = calloc(1, sizeof *r);
    config->console = said_put;
    config->console_ctx = r;
    cr_assert_eq(rt386_create(config, &r->m), RT386_OK);
    if (network) cr_assert_eq(rt386_share_loopback(r->m), RT386_OK);
    return r;
}

static inline void run_free(struct run *r)
{
    rt386_destroy(r->m);
    free(r);
}

static inline const char *guest_path(const char *guest)
{
    static char path[512];
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "guest", guest);
    return path;
}

/* Keyframes each 9001 instructions, digests each 2003. */
static inline void record_run(struct run *r, const char *guest, const rt386_observer *observer,
                              bool instructions, struct bytes *to)
{
    const char *path = guest_path(guest);
    const rt386_record_options o = {.size = sizeof o,
                                    .put = bytes_put,
                                    .put_ctx = to,
                                    .instructions = instructions,
                                    .guest = guest,
                                    .keyframe_every = 9001,
                                    .digest_every = 2003};
    cr_assert_eq(rt386_load_file(r->m, path, NULL), RT386_OK, "%s: %s", path, rt386_error(r->m));
    if (observer) cr_assert_eq(rt386_observe(r->m, observer), RT386_OK);
    cr_assert_eq(rt386_record_begin(r->m, &o), RT386_OK, "%s", rt386_error(r->m));
    cr_assert_eq(rt386_run(r->m, INSNS, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_record_end(r->m, &r->end), RT386_OK, "%s", rt386_error(r->m));
}

static inline struct run *record(const char *guest, bool instructions, struct bytes *to)
{
    rt386_config config = {.size = sizeof config};
    struct run *r = run_new(&config, false);
    record_run(r, guest, NULL, instructions, to);
    return r;
}

#endif
