/* fuzz_moo.c: libFuzzer's entry to vector files: read, turned into JSON and back, run, run again into a new file.
 *
 *   CC=clang meson setup build-fuzz -Dfuzz=true && ninja -C build-fuzz tests/trace/fuzz_moo
 *   build-fuzz/tests/trace/fuzz_moo -max_len=65536 -dict=tests/trace/fuzz_moo.dict CORPUS
 */
#include <rt386/moo.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MAX  2u /* tests of a file that are run: each takes at most some milliseconds */
#define TEXT_MAX ((size_t)1 << 18)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once: a machine is 16 MB. What one input leaves behind must not matter to the next. */
static rt386_moo_runner *runner;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return rt386_moo_runner_new(false, &runner) == RT386_OK ? 0 : 1;
}

struct text {
    char *p;
    size_t n;
};

static bool take(void *ctx, const char *bytes, size_t n)
{
    struct text *t = ctx;
    if (n > TEXT_MAX - t->n) return false;
    memcpy(t->p + t->n, bytes, n);
    t->n += n;
    return true;
}

/* What JSON is read from what was written need not be opened, but must not do harm. */
static void through_json(const rt386_moo *moo)
{
    struct text t = {.p = malloc(TEXT_MAX)};
    rt386_moo *again;
    if (!t.p) abort();
    rt386_status st = rt386_moo_write_json(moo, take, &t);
    if (st != RT386_OK && t.n < TEXT_MAX / 2) abort();
    if (st == RT386_OK && rt386_moo_open_bytes(t.p, t.n, &again, NULL, 0) == RT386_OK)
        rt386_moo_close(again);
    free(t.p);
}

static void run(const rt386_moo *moo)
{
    rt386_moo_writer *writer;
    rt386_moo_result result;
    const uint8_t *bytes;
    size_t n;
    if (rt386_moo_writer_new(rt386_moo_describe(moo), &writer) != RT386_OK) abort();
    for (uint32_t i = 0; i < rt386_moo_describe(moo)->tests && i < RUN_MAX; i++) {
        (void)rt386_moo_run(runner, moo, i, &result);
        (void)rt386_moo_again(runner, moo, i, writer);
    }
    if (rt386_moo_writer_finish(writer, &bytes, &n) != RT386_OK) abort();
    rt386_moo_writer_free(writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt386_moo *moo;
    rt386_moo_test t;
    if (rt386_moo_open_bytes(data, size, &moo, NULL, 0) != RT386_OK) return 0;
    for (uint32_t i = 0; i < rt386_moo_describe(moo)->tests; i++)
        if (!rt386_moo_test_at(moo, i, &t)) abort();
    through_json(moo);
    run(moo);
    rt386_moo_close(moo);
    return 0;
}
