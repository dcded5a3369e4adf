/* fuzz_trace.c: libFuzzer's entry to damaged traces.
 *
 *   CC=clang meson setup build-fuzz -Dfuzz=true && ninja -C build-fuzz tests/trace/fuzz_trace
 *   build-fuzz/tests/trace/fuzz_trace -max_len=4096 CORPUS
 *
 * The first byte chooses: 0, the rest is the file; 1 and 2, it is a chunk of records or of input under checksums that fit, which a
 * fuzzer alone would not get past. Whatever it is, it is read to its end or refused, in bounded time and memory.
 */
#include <stdlib.h>
#include <string.h>

#include "trace_inside.h"
#include "writer.h"

#define ITEMS_MOST 2000000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool put(void *ctx, const void *bytes, size_t n)
{
    buffer_add(ctx, bytes, n);
    return true;
}

/* A file with the bytes as one chunk. */
static void wrap(struct buffer *to, uint32_t tag, const uint8_t *data, size_t size)
{
    static const char *const name[] = {
        "eax",     "ecx",     "edx",     "ebx",     "esp",     "ebp",     "esi",     "edi",
        "eip",     "eflags",  "es",      "cs",      "ss",      "ds",      "fs",      "gs",
        "es_base", "cs_base", "ss_base", "ds_base", "fs_base", "gs_base", "cs_flags"};
    enum { FIELDS = sizeof name / sizeof *name };
    uint8_t bits[FIELDS];
    memset(bits, 32, sizeof bits);
    const struct trace_head head = {.field = name, .bits = bits, .fields = FIELDS};
    struct trace_writer *w = trace_writer_new(&head, put, to);
    if (!w) abort();
    chunk_put(&w->out, tag, 0, size, data, size);
    trace_writer_end(w, 10, 100, 0, 0, "");
    trace_writer_free(w);
}

static void read_all(rt386_trace *t)
{
    rt386_trace_item item;
    struct trace_inputs in = {.t = t};
    struct trace_one_input one;
    size_t count;
    const char *why;
    for (unsigned n = 0; n < ITEMS_MOST && rt386_trace_next(t, &item) == RT386_OK; n++)
        if (item.kind == RT386_TRACE_INSN && item.insn.accesses > RT386_TRACE_ACCESSES) abort();
    for (unsigned n = 0; n < ITEMS_MOST && trace_input_next(&in, &one); n++)
        if (one.payload.p > one.payload.end) abort();
    trace_inputs_free(&in);
    free(trace_digests(t, &count, &why));
    (void)rt386_trace_seek(t, 1000);
    (void)rt386_trace_check(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer b = {0};
    rt386_trace *t = NULL;
    char err[200] = "";
    if (!size) return 0;
    if (data[0] % 3 == 0) buffer_add(&b, data + 1, size - 1);
    if (data[0] % 3 == 1) wrap(&b, CHUNK_RECORDS, data + 1, size - 1);
    if (data[0] % 3 == 2) wrap(&b, CHUNK_INPUT, data + 1, size - 1);
    if (rt386_trace_open_bytes(b.p, b.n, &t, err, sizeof err) == RT386_OK)
        read_all(t);
    else if (!*err)
        abort(); /* a refusal says why */
    rt386_trace_close(t);
    buffer_free(&b);
    return 0;
}
