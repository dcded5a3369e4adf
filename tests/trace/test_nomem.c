/* test_nomem.c: a host without memory for a checksum: nothing is written or read with a wrong one. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <xxhash.h>

#include "chunk.h"

static bool refuses;

/* In place of the library's. */
XXH3_state_t *XXH3_createState(void)
{
    XXH3_state_t *(*real)(void) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "XXH3_createState");
    return refuses || !real ? NULL : real();
}

static bool put(void *ctx, const void *bytes, size_t n)
{
    buffer_add(ctx, bytes, n);
    return true;
}

Test(nomem, no_state_for_checksums)
{
    struct buffer file = {0};
    struct chunk_writer w;
    struct chunk_file c;
    char why[200] = "";
    for (unsigned i = 0; i < 2; i++) {
        refuses = i == 0;
        file.n = 0;
        cr_expect_eq(chunk_begin(&w, put, &file), i == 1);
        cr_expect_eq(w.failed, i == 0);
        cr_expect_eq(chunk_put(&w, CHUNK_END, 0, 1, "end", 3), i == 1);
        cr_expect_eq(chunk_end(&w), i == 1);
        chunk_writer_free(&w);
    }
    for (unsigned i = 0; i < 2; i++) {
        refuses = i == 0;
        FILE *f = fmemopen(file.p, file.n, "rb");
        cr_assert_eq(chunk_open(&c, f, why, sizeof why), i ? RT386_OK : RT386_E_NOMEM, "%s", why);
        if (i == 0) fclose(f);
        if (i == 1) cr_expect(c.whole);
        if (i == 1) chunk_close(&c);
    }
    buffer_free(&file);
}
