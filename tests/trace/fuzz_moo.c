/* fuzz_moo.c: libFuzzer's entry to the reader of vector files.
 *
 *   CC=clang meson setup build-fuzz -Dfuzz=true && ninja -C build-fuzz tests/trace/fuzz_moo
 *   build-fuzz/tests/trace/fuzz_moo -max_len=65536 CORPUS
 */
#include <rt386/moo.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool swallow(void *ctx, const char *bytes, size_t n)
{
    (void)bytes;
    *(size_t *)ctx += n;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt386_moo *moo;
    rt386_moo_test t;
    size_t n = 0;
    if (rt386_moo_open_bytes(data, size, &moo, NULL, 0) != RT386_OK) return 0;
    for (uint32_t i = 0; i < rt386_moo_describe(moo)->tests; i++)
        if (!rt386_moo_test_at(moo, i, &t)) abort();
    if (rt386_moo_write_json(moo, swallow, &n) != RT386_OK) abort();
    rt386_moo_close(moo);
    return 0;
}
