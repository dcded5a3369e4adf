/* test_input.c: what came from outside is read as it was written, also where it is larger than a chunk. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "trace_inside.h"
#include "writer.h"

#define LARGE (17u << 20) /* bytes; a chunk has at most 16 MB */

static bool put(void *ctx, const void *bytes, size_t n)
{
    buffer_add(ctx, bytes, n);
    return true;
}

static void one_add(struct buffer *to, uint64_t insns, const uint8_t *payload, size_t n)
{
    buffer_add8(to, 1);
    buffer_add_varint(to, insns);
    buffer_add_varint(to, 2 * insns);
    buffer_add_varint(to, n);
    buffer_add(to, payload, n);
}

static uint8_t *payload_new(void)
{
    uint8_t *p = malloc(LARGE);
    uint32_t seed = 1;
    cr_assert_not_null(p);
    for (size_t i = 0; i < LARGE; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
    return p;
}

static struct trace_writer *writer_to(struct buffer *file)
{
    static const char *const name[] = {
        "eax",     "ecx",     "edx",     "ebx",     "esp",     "ebp",     "esi",     "edi",
        "eip",     "eflags",  "es",      "cs",      "ss",      "ds",      "fs",      "gs",
        "es_base", "cs_base", "ss_base", "ds_base", "fs_base", "gs_base", "cs_flags"};
    enum { FIELDS = sizeof name / sizeof *name };
    uint8_t bits[FIELDS];
    memset(bits, 32, sizeof bits);
    const struct trace_head head = {.field = name, .bits = bits, .fields = FIELDS};
    struct trace_writer *w = trace_writer_new(&head, put, file);
    cr_assert_not_null(w);
    return w;
}

/* A trace whose one chunk of input has these bytes. */
static rt386_trace *with_input(struct buffer *file, const struct buffer *input)
{
    struct trace_writer *w = writer_to(file);
    trace_input(w, 0, input->p, input->n);
    cr_assert(trace_writer_end(w, 20, 40, 0, 0, ""));
    trace_writer_free(w);
    rt386_trace *t = NULL;
    char err[200] = "";
    cr_assert_eq(rt386_trace_open_bytes(file->p, file->n, &t, err, sizeof err), RT386_OK);
    return t;
}

/* A small record, a large one and a small one, at instructions 10 to 12, then one at 13 by itself. */
static void written(struct buffer *file, const uint8_t *payload)
{
    struct buffer b = {0};
    struct trace_writer *w = writer_to(file);
    one_add(&b, 10, payload, 3);
    one_add(&b, 11, payload, LARGE);
    one_add(&b, 12, payload, 5);
    trace_input(w, 10, b.p, b.n);
    b.n = 0;
    one_add(&b, 13, payload, 7);
    trace_input(w, 13, b.p, b.n);
    cr_assert(trace_writer_end(w, 20, 40, 0, 0, ""));
    trace_writer_free(w);
    buffer_free(&b);
    cr_assert(!file->failed);
}

static void expect_one(struct trace_inputs *in, uint64_t insns, const uint8_t *payload, size_t n)
{
    struct trace_one_input one;
    cr_assert(trace_input_next(in, &one), "at %llu: %s", (unsigned long long)insns,
              in->damage ? in->damage : "no more");
    cr_expect_eq(one.insns, insns);
    cr_expect_eq(one.clocks, 2 * insns);
    cr_assert_eq((size_t)(one.payload.end - one.payload.p), n);
    cr_expect(!memcmp(one.payload.p, payload, n));
}

Test(input, a_record_larger_than_a_chunk)
{
    struct buffer file = {0};
    struct trace_one_input one;
    char err[200] = "";
    rt386_trace *t = NULL;
    uint8_t *payload = payload_new();
    written(&file, payload);
    cr_assert_eq(rt386_trace_open_bytes(file.p, file.n, &t, err, sizeof err), RT386_OK, "%s", err);
    struct trace_inputs in = {.t = t};
    expect_one(&in, 10, payload, 3);
    expect_one(&in, 11, payload, LARGE);
    expect_one(&in, 12, payload, 5);
    expect_one(&in, 13, payload, 7);
    cr_expect(!trace_input_next(&in, &one) && !in.damage);
    trace_inputs_free(&in);
    uint64_t count;
    cr_expect_eq(rt386_trace_inputs(t, &count), RT386_OK);
    cr_expect_eq(count, 4u, "records, and not chunks");
    cr_expect_eq(rt386_trace_check(t), RT386_OK, "%s", rt386_trace_error(t));
    rt386_trace_close(t);
    buffer_free(&file);
    free(payload);
}

/* Checksums are right, and what they are of is not: the check says so before a replay does. */
Test(input, a_check_reads_the_records)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        struct buffer file = {0}, b = {0};
        uint64_t count;
        one_add(&b, 10, (const uint8_t *)"abc", 3);
        one_add(&b, kind == 1 ? 9 : 11, (const uint8_t *)"defg", 4);
        if (kind == 2) b.n--;
        rt386_trace *t = with_input(&file, &b);
        rt386_status want = kind ? RT386_E_FORMAT : RT386_OK;
        cr_expect_eq(rt386_trace_check(t), want, "%u: %s", kind, rt386_trace_error(t));
        cr_expect_eq(rt386_trace_inputs(t, &count), want);
        cr_expect_eq(count, kind ? 1u : 2u);
        if (kind) cr_expect(strstr(rt386_trace_error(t), "behind 1 records of input"));
        rt386_trace_close(t);
        buffer_free(&file);
        buffer_free(&b);
    }
}

/* Cut off between its chunks: what is whole before it is read, then the damage is told. */
Test(input, a_record_without_its_end)
{
    struct buffer file = {0};
    struct trace_one_input one;
    char err[200] = "";
    rt386_trace *t = NULL;
    uint8_t *payload = payload_new();
    written(&file, payload);
    cr_assert_eq(rt386_trace_open_bytes(file.p, file.n, &t, err, sizeof err), RT386_OK, "%s", err);
    cr_assert(t->file.chunk[1].tag == CHUNK_INPUT && t->file.chunk[1].flags & CHUNK_MORE);
    size_t cut = (size_t)t->file.chunk[2].at;
    rt386_trace_close(t);
    cr_assert_eq(rt386_trace_open_bytes(file.p, cut, &t, err, sizeof err), RT386_OK, "%s", err);
    struct trace_inputs in = {.t = t};
    expect_one(&in, 10, payload, 3);
    cr_expect(!trace_input_next(&in, &one));
    cr_expect_str_eq(in.damage, "a record of input is damaged");
    trace_inputs_free(&in);
    rt386_trace_close(t);
    buffer_free(&file);
    free(payload);
}

/* 2.5 GB of parts in a small file: refused before the host's memory is used up. */
Test(input, more_than_any_machine_takes_is_refused)
{
    struct buffer file = {0}, parts = {0};
    struct trace_one_input one;
    struct chunk_writer w;
    char err[200] = "";
    rt386_trace *t = NULL;
    uint8_t *payload = payload_new();
    memset(payload, 0, LARGE);
    written(&file, payload);
    cr_assert_eq(rt386_trace_open_bytes(file.p, file.n, &t, err, sizeof err), RT386_OK, "%s", err);
    file.n = (size_t)t->file.chunk[1].at;
    rt386_trace_close(t);
    cr_assert(chunk_begin(&w, put, &parts));
    size_t from = parts.n;
    cr_assert(chunk_put(&w, CHUNK_INPUT, 0, 1, payload, LARGE));
    size_t first = CHUNK_HEADER + get32(parts.p + from + 8);
    for (unsigned i = 0; i < 160; i++)
        buffer_add(&file, parts.p + from, first);
    buffer_add(&file, parts.p + from + first, parts.n - from - first);
    chunk_writer_free(&w);
    cr_assert_lt(file.n, 1u << 20);
    cr_assert_eq(rt386_trace_open_bytes(file.p, file.n, &t, err, sizeof err), RT386_OK, "%s", err);
    struct trace_inputs in = {.t = t};
    cr_expect(!trace_input_next(&in, &one));
    cr_expect_str_eq(in.damage, "a record of input is larger than any machine");
    cr_expect_eq(in.bytes.n, 0u);
    trace_inputs_free(&in);
    rt386_trace_close(t);
    buffer_free(&file);
    buffer_free(&parts);
    free(payload);
}
