/* test_feed.c: what is said to a thread that writes is what would have been written at once; and a full disk ends it. */
#include <criterion/criterion.h>

#include "feed.h"
#include "trace_inside.h"

#define ROUNDS 60000u

static const char *const name[] = {"eax",     "ecx",     "edx",     "ebx",     "esp",     "ebp",
                                   "esi",     "edi",     "eip",     "eflags",  "es",      "cs",
                                   "ss",      "ds",      "fs",      "gs",      "es_base", "cs_base",
                                   "ss_base", "ds_base", "fs_base", "gs_base", "cs_flags"};
enum { FIELDS = sizeof name / sizeof *name };

struct sink {
    struct buffer b;
    size_t most; /* bytes that it takes; 0: any number */
};

static bool put(void *ctx, const void *bytes, size_t n)
{
    struct sink *s = ctx;
    if (s->most && s->b.n + n > s->most) return false;
    buffer_add(&s->b, bytes, n);
    return !s->b.failed;
}

static struct trace_writer *writer_to(struct sink *s)
{
    uint8_t bits[FIELDS];
    memset(bits, 32, sizeof bits);
    const struct trace_head head = {.field = name, .bits = bits, .fields = FIELDS};
    struct trace_writer *w = trace_writer_new(&head, put, s);
    cr_assert_not_null(w);
    trace_records_begin(w, 0, 0);
    return w;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One of the things that a recorder says: to the feed, or at once to the writer. */
static void say(struct trace_feed *f, struct trace_writer *w, uint32_t *seed, uint64_t *clocks)
{
    rt386_trace_item item = {.kind = RT386_TRACE_IO, .io = {(uint16_t)next(seed), 1, true, 7}};
    uint32_t r = next(seed) % 16;
    *clocks += 3;
    if (r < 12) {
        rt386_trace_insn in = {.length = 2, .bytes = {0x01, 0xd8}, .linear = r * 2, .clocks = 3};
        in.after.gpr[r & 3] = next(seed);
        in.after.eip = r * 2 + 2;
        in.accesses = r & 1;
        in.access[0] = (rt386_trace_access){
            .seg = 3, .size = 4, .offset = r << 12, .linear = r << 12, .value = next(seed)};
        if (f)
            feed_insn(f, &in);
        else
            encode_insn(w->enc, &in);
    } else if (r == 12) {
        if (f)
            feed_field(f, 12, next(seed));
        else
            encode_field(w->enc, 12, next(seed));
    } else if (r == 13) {
        if (f)
            feed_clocks(f, *clocks += 5);
        else
            encode_clocks(w->enc, *clocks += 5);
    } else if (f) {
        feed_item(f, &item);
    } else {
        encode_item(w->enc, &item);
    }
}

static void finish(struct trace_writer *w, bool good)
{
    cr_expect_eq(trace_writer_end(w, w->enc->c.insns, w->enc->c.clocks, 0, 0, ""), good);
    trace_writer_free(w);
}

Test(feed, a_thread_writes_the_same_bytes)
{
    struct sink by_thread = {0}, at_once = {0};
    uint32_t seed = 1, again = 1;
    uint64_t clocks = 0, clocks_again = 0;
    struct trace_writer *w = writer_to(&by_thread), *v = writer_to(&at_once);
    struct trace_feed *f = feed_new(w);
    cr_assert_not_null(f);
    for (unsigned i = 0; i < ROUNDS; i++) {
        say(f, NULL, &seed, &clocks);
        say(NULL, v, &again, &clocks_again);
        if (i % 9001 == 0) { /* the writer is ours for a while */
            feed_wait(f);
            trace_records_flush(w);
            trace_records_flush(v);
        }
    }
    feed_free(f);
    finish(w, true);
    finish(v, true);
    cr_assert_eq(by_thread.b.n, at_once.b.n);
    cr_expect(!memcmp(by_thread.b.p, at_once.b.p, at_once.b.n));
    buffer_free(&by_thread.b);
    buffer_free(&at_once.b);
}

/* Said, and never waited for: it is written when the feed ends. */
Test(feed, the_last_words_are_written)
{
    struct sink s = {0};
    uint32_t seed = 3;
    uint64_t clocks = 0;
    struct trace_writer *w = writer_to(&s);
    struct trace_feed *f = feed_new(w);
    for (unsigned i = 0; i < 17; i++)
        say(f, NULL, &seed, &clocks);
    cr_expect_eq(w->enc->items, 0u);
    feed_free(f);
    cr_expect_gt(w->enc->items, 10u);
    finish(w, true);
    buffer_free(&s.b);
}

Test(feed, a_full_disk_ends_nothing_but_the_trace)
{
    struct sink s = {.most = 3000};
    uint32_t seed = 2;
    uint64_t clocks = 0;
    struct trace_writer *w = writer_to(&s);
    struct trace_feed *f = feed_new(w);
    for (unsigned i = 0; i < 20 * ROUNDS; i++)
        say(f, NULL, &seed, &clocks);
    feed_wait(f);
    cr_expect(w->out.failed);
    feed_free(f);
    finish(w, false);
    cr_expect_leq(s.b.n, 3000u);
    buffer_free(&s.b);
}
