/* test_flip.c: one wrong bit in what a trace says, under a checksum that fits, is found by a comparing replay at its place. */
#include <rt386/trace.h>
#include <stdlib.h>

#include "guest.h"
#include "recorded.h"

#include "trace_inside.h"
#include "writer.h"

enum where { REGISTER, FLAG, ADDRESS, READ, WRITTEN, CLOCKS, FIELD, NOWHERE };

/* The item is of the kind that is to be changed. */
static bool changed(rt386_trace_item *item, enum where where, unsigned bit)
{
    rt386_trace_insn *in = &item->insn;
    rt386_trace_access *a = in->access;
    if (where == FIELD && item->kind == RT386_TRACE_FIELD) {
        item->field.after ^= 1;
        return true;
    }
    if (item->kind != RT386_TRACE_INSN) return false;
    switch (where) {
    case REGISTER: in->after.gpr[bit / 32 % 8] ^= 1u << bit % 32; return true;
    case FLAG: in->after.eflags ^= 1u << 6; return true;
    case ADDRESS: in->after.eip ^= 1u << bit % 32; return true;
    case CLOCKS: in->clocks ^= 1; return true;
    default: break;
    }
    if (!in->accesses || (where == READ) != (a->access == RT386_READ)) return false;
    a->value ^= 1u << bit % (8 * a->size);
    return true;
}

static bool is_input(const rt386_trace *t, size_t chunk)
{
    return t->file.chunk[chunk].tag == CHUNK_INPUT;
}

static void copy_inputs(rt386_trace *t, struct trace_writer *w)
{
    for (size_t i = 0; i < t->file.count; i++) {
        struct buffer b = {0};
        if (!is_input(t, i)) continue;
        cr_assert_null(chunk_read(&t->file, i, &b));
        trace_input(w, t->file.chunk[i].insns, b.p, b.n);
        buffer_free(&b);
    }
}

static struct trace_writer *writer_like(rt386_trace *t, struct bytes *to)
{
    const char *name[CODER_FIELDS];
    uint8_t bits[CODER_FIELDS];
    struct trace_pair pair[32];
    unsigned n = 0, pairs = 0, width;
    for (; (name[n] = rt386_trace_field_name(t, n, &width)); n++)
        bits[n] = (uint8_t)width;
    for (; (pair[pairs].key = rt386_trace_key(t, pairs)); pairs++)
        pair[pairs].value = rt386_trace_value(t, pair[pairs].key);
    const struct trace_head head = {name, bits, n, pair, pairs};
    struct trace_writer *w = trace_writer_new(&head, bytes_put, to);
    cr_assert_not_null(w);
    for (unsigned i = 0; i < n; i++)
        encoder_set(w->enc, i, rt386_trace_field(t, i));
    trace_records_begin(w, rt386_trace_describe(t).first, w->enc->c.clocks);
    return w;
}

static void put_item(struct trace_writer *w, const rt386_trace_item *item)
{
    if (item->kind == RT386_TRACE_INSN)
        encode_insn(w->enc, &item->insn);
    else if (item->kind == RT386_TRACE_FIELD)
        encode_field(w->enc, item->field.index, item->field.after);
    else
        encode_item(w->enc, item);
    if (trace_records_full(w)) trace_records_flush(w);
}

/* The trace again, with the first item of its kind behind so many items changed; *at: the instructions before it. False:
 * there is none. */
static bool rewrite(const struct bytes *from, struct bytes *to, enum where where, unsigned items,
                    unsigned bit, uint64_t *at)
{
    rt386_trace_item item;
    rt386_trace *t = bytes_open(from);
    struct trace_writer *w = writer_like(t, to);
    unsigned n = 0;
    bool done = where == NOWHERE;
    copy_inputs(t, w);
    while (rt386_trace_next(t, &item) == RT386_OK) {
        if (!done && n++ >= items && changed(&item, where, bit)) {
            done = true;
            *at = item.insns;
        }
        encode_clocks(w->enc, item.clocks);
        put_item(w, &item);
    }
    rt386_trace_info i = rt386_trace_describe(t);
    cr_assert(trace_writer_end(w, i.insns, i.clocks, i.end_kind, i.end_code, i.end_text));
    trace_writer_free(w);
    rt386_trace_close(t);
    return done;
}

static rt386_divergence *verified(const char *guest, const struct bytes *b, uint64_t insns)
{
    rt386_divergence *v = calloc(1, sizeof *v);
    rt386_config config = {.size = sizeof config};
    const rt386_replay_options o = {.size = sizeof o, .verify = true};
    struct run *r = run_new(&config, false);
    rt386_trace *t = bytes_open(b);
    cr_assert_eq(rt386_load_file(r->m, guest_path(guest), NULL), RT386_OK);
    cr_assert_eq(rt386_replay_begin(r->m, t, &o), RT386_OK, "%s", rt386_error(r->m));
    cr_assert_eq(rt386_run(r->m, insns, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_replay_end(r->m, v), RT386_OK);
    rt386_trace_close(t);
    run_free(r);
    return v;
}

/* Bits in which the two differ. */
static unsigned differ(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a, *q = b;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++)
        bits += (unsigned)__builtin_popcount(p[i] ^ q[i]);
    return bits;
}

static bool check_one(const char *guest, const struct bytes *good, enum where where, unsigned items)
{
    struct bytes b = {0};
    uint64_t at = 0;
    if (!rewrite(good, &b, where, items, items * 7, &at)) {
        free(b.p);
        return false;
    }
    rt386_divergence *v = verified(guest, &b, INSNS);
    const rt386_trace_insn *want = &v->expected.insn, *have = &v->actual.insn;
    cr_assert(v->diverged, "%s: change %d behind %u items is not found", guest, (int)where, items);
    cr_assert(v->has_expected && v->has_actual);
    cr_expect_eq(v->expected.insns, at, "%s: change %d at %llu is found at %llu", guest, (int)where,
                 (unsigned long long)at, (unsigned long long)v->expected.insns);
    cr_expect(!v->input && !v->digest);
    if (where == REGISTER)
        cr_expect_eq(differ(want->after.gpr, have->after.gpr, sizeof want->after.gpr), 1u);
    if (where == READ || where == WRITTEN)
        cr_expect_eq(differ(&want->access[0].value, &have->access[0].value, 4), 1u);
    if (where == FLAG) cr_expect_eq(want->after.eflags ^ have->after.eflags, 1u << 6);
    if (where == CLOCKS) cr_expect_eq(want->clocks ^ have->clocks, 1u);
    free(v);
    free(b.p);
    return true;
}

static void check(const char *guest)
{
    static const enum where each[] = {REGISTER, FLAG, ADDRESS, READ, WRITTEN, CLOCKS, FIELD};
    struct bytes good = {0}, same = {0};
    uint64_t at;
    unsigned done = 0;
    run_free(record(guest, true, &good));
    rewrite(&good, &same, NOWHERE, 0, 0, &at);
    rt386_divergence *v = verified(guest, &same, INSNS);
    cr_expect(!v->diverged, "%s: what is only written anew differs at %llu", guest,
              (unsigned long long)v->insns);
    free(v);
    free(same.p);
    for (unsigned i = 0; i < sizeof each / sizeof *each; i++)
        for (unsigned items = 11; items < 3000; items = items * 5 + 3)
            done += check_one(guest, &good, each[i], items);
    cr_expect_geq(done, 20u, "%s", guest);
    free(good.p);
}

#define GUEST(name, file)                                                                          \
    Test(flip, name)                                                                               \
    {                                                                                              \
        check(file);                                                                               \
    }
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(ring0_paging, "ring0/ring0_paging.elf")
GUEST(intime, "demo/hello.rta")
GUEST(intime_threads, "conformance/threads.rta")

/* --- input --- */

/* The last byte of the longest answer, a file's: bytes that the guest has read. */
static bool flip_input(struct buffer *b)
{
    struct source s = {.p = b->p, .end = b->p + b->n};
    uint8_t *last = NULL;
    uint64_t longest = 16;
    while (s.p < s.end) {
        uint8_t kind = source_8(&s);
        (void)source_varint(&s);
        (void)source_varint(&s);
        uint64_t n = source_varint(&s);
        const uint8_t *p = source_bytes(&s, (size_t)n);
        if (s.bad) return false;
        if (kind != 1 || n <= longest) continue;
        longest = n;
        last = b->p + (p - b->p) + n - 1;
    }
    if (last) *last ^= 1;
    return last != NULL;
}

static struct run *run_files(const char *folder, struct bytes *to)
{
    rt386_config config = {.size = sizeof config};
    struct run *r = run_new(&config, false);
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = to, .instructions = true};
    cr_assert_eq(rt386_share_folder(r->m, folder, false), RT386_OK);
    cr_assert_eq(rt386_load_file(r->m, guest_path("ctests/files.rta"), NULL), RT386_OK);
    cr_assert_eq(rt386_record_begin(r->m, &o), RT386_OK);
    cr_assert_eq(rt386_run(r->m, 4 * INSNS, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_record_end(r->m, &r->end), RT386_OK);
    return r;
}

/* The trace again, with that byte changed. */
static void rewrite_input(const struct bytes *from, struct bytes *to)
{
    rt386_trace_item item;
    rt386_trace *t = bytes_open(from);
    struct trace_writer *w = writer_like(t, to);
    bool done = false;
    for (size_t i = 0; i < t->file.count; i++) {
        struct buffer in = {0};
        if (!is_input(t, i)) continue;
        cr_assert_null(chunk_read(&t->file, i, &in));
        if (!done) done = flip_input(&in);
        trace_input(w, t->file.chunk[i].insns, in.p, in.n);
        buffer_free(&in);
    }
    cr_assert(done, "the guest reads no file");
    while (rt386_trace_next(t, &item) == RT386_OK) {
        encode_clocks(w->enc, item.clocks);
        put_item(w, &item);
    }
    rt386_trace_info i = rt386_trace_describe(t);
    cr_assert(trace_writer_end(w, i.insns, i.clocks, i.end_kind, i.end_code, i.end_text));
    trace_writer_free(w);
    rt386_trace_close(t);
}

Test(flip, an_input)
{
    char folder[] = "/tmp/rt386-flip-XXXXXX", command[64];
    struct bytes b = {0}, bad = {0};
    cr_assert_not_null(mkdtemp(folder));
    run_free(run_files(folder, &b));
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
    rewrite_input(&b, &bad);
    rt386_divergence *v = verified("ctests/files.rta", &bad, 4 * INSNS);
    cr_expect(v->diverged && v->has_expected && v->has_actual);
    cr_expect_eq(v->expected.kind, RT386_TRACE_INSN);
    cr_expect_eq(v->expected.insns, v->actual.insns);
    free(v);
    free(b.p);
    free(bad.p);
}
