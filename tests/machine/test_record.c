/* test_record.c: a recording tells what observers of the same run have seen, field by field. */
#include <rt386/trace.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "guest.h"

#define INSNS 60000u /* of a guest, at most */

/* What an observer saw: the whole state before each instruction, as a number, and what happened. */
struct seen {
    rt386 *m;
    uint64_t digest[INSNS + 1];
    unsigned mems, loads, events, tasks, ios, calls;
    uint64_t mem_digest, load_digest;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}
static bool counts(const char *name)
{
    return !strcmp(name, "clocks") || !strcmp(name, "insns");
}
static void see_insn(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    uint64_t h = 0, v = 0;
    const char *name;
    for (unsigned i = 0; (name = rt386_reg_name(i, NULL)); i++) {
        if (counts(name)) continue;
        rt386_reg_get(s->m, name, &v);
        h = mix(h, v);
    }
    h = mix(h, rt386_clocks(s->m));
    for (unsigned i = 0; i < e->length; i++)
        h = mix(h, e->bytes[i]);
    /* Of several at one count the last one retires. */
    if (rt386_insns(s->m) < INSNS) s->digest[rt386_insns(s->m)] = mix(h, e->linear);
}
static uint64_t mix_mem(uint64_t h, unsigned seg, unsigned access, unsigned size, uint32_t offset,
                        uint32_t linear, uint32_t value)
{
    return mix(mix(mix(h, seg | access << 4 | size << 8), (uint64_t)offset << 32 | linear), value);
}
static void see_mem(void *ctx, const rt386_mem_event *e)
{
    struct seen *s = ctx;
    s->mems++;
    s->mem_digest =
        mix_mem(s->mem_digest, e->seg, e->access, e->size, e->offset, e->linear, e->value);
}
static void see_load(void *ctx, const rt386_explanation *e)
{
    struct seen *s = ctx;
    uint64_t raw = 0;
    if (e->located) memcpy(&raw, e->desc.bytes, 8);
    s->loads++;
    s->load_digest = mix(mix(s->load_digest, raw), e->selector | (uint64_t)e->fault.raised << 16);
}
static void see_event(void *ctx, const rt386_event_event *e)
{
    (void)e;
    ((struct seen *)ctx)->events++;
}
static void see_task(void *ctx, uint16_t from, uint16_t to)
{
    (void)from;
    (void)to;
    ((struct seen *)ctx)->tasks++;
}
static void see_io(void *ctx, uint16_t port, unsigned size, bool out, uint32_t value)
{
    (void)port;
    (void)size;
    (void)out;
    (void)value;
    ((struct seen *)ctx)->ios++;
}
static void see_call(void *ctx, const rt386_call_event *e)
{
    (void)e;
    ((struct seen *)ctx)->calls++;
}

/* look: observers see the run as well, so that the processor tells of each instruction singly. */
static struct seen *record(const char *path, bool look, struct bytes *to, rt386_exit *why)
{
    struct seen *s = calloc(1, sizeof *s);
    const rt386_config config = {.size = sizeof config};
    cr_assert_eq(rt386_create(&config, &s->m), RT386_OK);
    cr_assert_eq(rt386_load_file(s->m, path, NULL), RT386_OK, "%s: %s", path, rt386_error(s->m));
    const rt386_observer observer = {.size = sizeof observer,
                                     .ctx = s,
                                     .insn = see_insn,
                                     .mem = see_mem,
                                     .segload = see_load,
                                     .event = see_event,
                                     .task = see_task,
                                     .io = see_io,
                                     .call = see_call};
    if (look) cr_assert_eq(rt386_observe(s->m, &observer), RT386_OK);
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = to, .instructions = true, .guest = path};
    cr_assert_eq(rt386_record_begin(s->m, &o), RT386_OK, "%s", rt386_error(s->m));
    cr_assert_eq(rt386_run(s->m, INSNS, 0, why), RT386_OK);
    return s;
}

static uint64_t fields(const rt386_trace *t)
{
    uint64_t h = 0;
    const char *name;
    for (unsigned i = 0; (name = rt386_trace_field_name(t, i, NULL)); i++)
        if (!counts(name)) h = mix(h, rt386_trace_field(t, i));
    return h;
}

static void compare(const char *path, const struct seen *want, rt386_trace *t)
{
    struct seen have = {0};
    rt386_trace_item i;
    rt386_status status;
    uint64_t state = fields(t);
    while ((status = rt386_trace_next(t, &i)) == RT386_OK) {
        switch (i.kind) {
        case RT386_TRACE_INSN: {
            uint64_t h = mix(state, i.clocks);
            for (unsigned n = 0; n < i.insn.length; n++)
                h = mix(h, i.insn.bytes[n]);
            cr_assert_eq(mix(h, i.insn.linear), want->digest[i.insns], "%s: instruction %llu", path,
                         (unsigned long long)i.insns);
            for (unsigned n = 0; n < i.insn.accesses; n++) {
                const rt386_trace_access *a = &i.insn.access[n];
                have.mem_digest = mix_mem(have.mem_digest, a->seg, a->access, a->size, a->offset,
                                          a->linear, a->value);
            }
            have.mems += i.insn.accesses;
            break;
        }
        case RT386_TRACE_MEM:
            have.mem_digest = mix_mem(have.mem_digest, i.mem.seg, i.mem.access, i.mem.size,
                                      i.mem.offset, i.mem.linear, i.mem.value);
            have.mems++;
            break;
        case RT386_TRACE_LOAD: {
            uint64_t raw = 0;
            if (i.load.located) memcpy(&raw, i.load.descriptor, 8);
            have.load_digest = mix(mix(have.load_digest, raw),
                                   i.load.selector | (uint64_t)(i.load.rule_name[0] != 0) << 16);
            have.loads++;
            break;
        }
        case RT386_TRACE_EVENT: have.events++; break;
        case RT386_TRACE_TASK: have.tasks++; break;
        case RT386_TRACE_IO: have.ios++; break;
        case RT386_TRACE_CALL: have.calls++; break;
        default: break;
        }
        state = fields(t);
    }
    cr_assert_eq(status, RT386_E_NOTFOUND, "%s: %s", path, rt386_trace_error(t));
    cr_expect_eq(have.mems, want->mems, "%s: %u accesses, %u seen", path, have.mems, want->mems);
    cr_expect_eq(have.mem_digest, want->mem_digest, "%s: accesses", path);
    cr_expect_eq(have.loads, want->loads, "%s: %u loads, %u seen", path, have.loads, want->loads);
    cr_expect_eq(have.load_digest, want->load_digest, "%s: loads", path);
    cr_expect_eq(have.events, want->events, "%s: events", path);
    cr_expect_eq(have.tasks, want->tasks, "%s: tasks", path);
    cr_expect_eq(have.ios, want->ios, "%s: ports", path);
    cr_expect_eq(have.calls, want->calls, "%s: calls", path);
}

/* Item for item. */
static void same(const char *path, rt386_trace *a, rt386_trace *b)
{
    rt386_trace_item i, k;
    cr_assert_eq(rt386_trace_seek(a, 0), RT386_OK);
    cr_assert_eq(rt386_trace_seek(b, 0), RT386_OK);
    while (rt386_trace_next(a, &i) == RT386_OK) {
        cr_assert_eq(rt386_trace_next(b, &k), RT386_OK, "%s: it ends early", path);
        cr_assert(i.kind == k.kind && i.insns == k.insns && i.clocks == k.clocks, "%s: at %llu",
                  path, (unsigned long long)i.insns);
        if (i.kind == RT386_TRACE_INSN)
            cr_assert(rt386_trace_same_insn(&i.insn, &k.insn) && i.insn.clocks == k.insn.clocks &&
                          i.insn.cs == k.insn.cs && i.insn.code32 == k.insn.code32,
                      "%s: at %llu", path, (unsigned long long)i.insns);
        if (i.kind == RT386_TRACE_MEM) cr_assert(rt386_trace_same_access(&i.mem, &k.mem));
        if (i.kind == RT386_TRACE_FIELD)
            cr_assert(i.field.index == k.field.index && i.field.after == k.field.after);
    }
    cr_expect_eq(rt386_trace_next(b, &k), RT386_E_NOTFOUND, "%s: it ends late", path);
}

/* The same run with nobody else looking: plain instructions come to the recorder many at once. */
static void check_batches(const char *path, const struct seen *want, rt386_trace *singly)
{
    struct bytes b = {0};
    rt386_exit why;
    struct seen *s = record(path, false, &b, &why);
    cr_assert_eq(rt386_record_end(s->m, &why), RT386_OK, "%s", rt386_error(s->m));
    rt386_trace *t = bytes_open(&b);
    cr_assert_eq(rt386_trace_check(t), RT386_OK, "%s: %s", path, rt386_trace_error(t));
    compare(path, want, t);
    same(path, singly, t);
    rt386_trace_close(t);
    rt386_destroy(s->m);
    free(s);
    free(b.p);
}

static void check(const char *guest)
{
    char path[512];
    struct bytes b = {0};
    rt386_exit why;
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "guest", guest);
    struct seen *s = record(path, true, &b, &why);
    cr_assert_eq(rt386_record_end(s->m, &why), RT386_OK, "%s", rt386_error(s->m));
    rt386_trace *t = bytes_open(&b);
    rt386_trace_info info = rt386_trace_describe(t);
    cr_expect(info.whole, "%s: %s", path, info.why);
    cr_expect_eq(info.insns, rt386_insns(s->m));
    cr_expect_eq(info.clocks, rt386_clocks(s->m));
    cr_expect(info.has_end && info.end_kind == why.kind);
    cr_expect_str_eq(info.end_text, why.text);
    cr_expect_str_eq(rt386_trace_value(t, "guest"), path);
    cr_assert_eq(rt386_trace_check(t), RT386_OK, "%s: %s", path, rt386_trace_error(t));
    compare(path, s, t);
    check_batches(path, s, t);
    rt386_trace_close(t);
    rt386_destroy(s->m);
    free(s);
    free(b.p);
}

#define GUEST(name, file)                                                                          \
    Test(record, name)                                                                             \
    {                                                                                              \
        check(file);                                                                               \
    }
GUEST(kernel_boot, "bare/bare_hello.elf")
GUEST(probes, "bare/bare_probes.elf")
GUEST(triple_fault, "bare/bare_triple.elf")
GUEST(boot_sector, "bare/boot.bin")
GUEST(ring0_gates, "ring0/ring0_gates.elf")
GUEST(ring0_faults, "ring0/ring0_faults.elf")
GUEST(ring0_debug, "ring0/ring0_debug.elf")
GUEST(ring0_interrupts, "ring0/ring0_interrupts.elf")
GUEST(ring0_paging, "ring0/ring0_paging.elf")
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(ring0_v86, "ring0/ring0_v86.elf")
GUEST(string_moves, "bench/bench_memory.elf")
GUEST(compiled_paged, "bench/peer_compiled_paged.elf")
GUEST(intime, "demo/hello.rta")
GUEST(intime_elf, "demo/share_a.elf")
GUEST(intime_threads, "conformance/threads.rta")
GUEST(intime_exceptions, "conformance/exceptions.rta")
GUEST(intime_interrupts, "conformance/interrupts.rta")
GUEST(intime_simd, "conformance/sse2.rta")

/* --- pages that have one place in the trace's table --- */

static void count_mem(void *ctx, const rt386_mem_event *e)
{
    (void)e;
    ++*(unsigned *)ctx;
}

/* Pages 4 MB apart: MOVS from one to the other, PUSH of one below a stack in the other. */
static rt386 *far_pages(const rt386_observer *observer)
{
    const uint8_t code[] = {0xbe, 0x00, 0x00, 0x20, 0x00,       /* mov esi, 0x200000 */
                            0xbf, 0x00, 0x00, 0x60, 0x00,       /* mov edi, 0x600000 */
                            0xb9, 0x04, 0x00, 0x00, 0x00,       /* mov ecx, 4 */
                            0xf3, 0xa5,                         /* rep movsd */
                            0xbc, 0x00, 0x08, 0x60, 0x00,       /* mov esp, 0x600800 */
                            0xff, 0x35, 0x00, 0x00, 0x20, 0x00, /* push dword [0x200000] */
                            0x60,                               /* pusha */
                            0xf4};
    const rt386_config config = {.size = sizeof config, .memory = 8u << 20};
    const rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    rt386 *m = NULL;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, code, sizeof code, &o), RT386_OK, "%s", rt386_error(m));
    if (observer) cr_assert_eq(rt386_observe(m, observer), RT386_OK);
    return m;
}

/* Whether it is read whole, with all its accesses, and whether a replay finds it equal. */
static void check_far(const struct bytes *b)
{
    rt386_trace_item i;
    rt386_divergence v;
    rt386_exit why;
    unsigned mems = 0;
    rt386_trace *t = bytes_open(b);
    cr_assert_eq(rt386_trace_check(t), RT386_OK, "%s", rt386_trace_error(t));
    while (rt386_trace_next(t, &i) == RT386_OK)
        mems += i.kind == RT386_TRACE_INSN ? i.insn.accesses : i.kind == RT386_TRACE_MEM ? 1u : 0u;
    cr_expect_eq(mems, 18u);
    rt386_trace_close(t);
    t = bytes_open(b);
    rt386 *m = far_pages(NULL);
    const rt386_replay_options o = {.size = sizeof o, .verify = true};
    cr_assert_eq(rt386_replay_begin(m, t, &o), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
    cr_assert_eq(rt386_replay_end(m, &v), RT386_OK);
    cr_expect(!v.diverged, "at %llu", (unsigned long long)v.insns);
    rt386_destroy(m);
    rt386_trace_close(t);
}

Test(record, accesses_to_pages_of_one_place)
{
    for (unsigned look = 0; look < 2; look++) {
        struct bytes b = {0};
        rt386_exit why;
        unsigned seen = 0;
        const rt386_observer observer = {.size = sizeof observer, .ctx = &seen, .mem = count_mem};
        const rt386_record_options o = {
            .size = sizeof o, .put = bytes_put, .put_ctx = &b, .instructions = true};
        rt386 *m = far_pages(look ? &observer : NULL);
        cr_assert_eq(rt386_record_begin(m, &o), RT386_OK);
        cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
        cr_assert_eq(rt386_record_end(m, &why), RT386_OK);
        cr_expect_eq(seen, look ? 18u : 0u);
        check_far(&b);
        rt386_destroy(m);
        free(b.p);
    }
}

/* --- what is wrong with a file --- */

static struct bytes recorded(void)
{
    char path[512];
    struct bytes b = {0};
    rt386_exit why;
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/demo/limit.rta", folder ? folder : "guest");
    struct seen *s = record(path, true, &b, &why);
    cr_assert_eq(rt386_record_end(s->m, &why), RT386_OK);
    rt386_destroy(s->m);
    free(s);
    return b;
}

/* Opened or refused with a sentence; never more than it says. */
static void hostile(const struct bytes *b, bool whole)
{
    char err[200] = "";
    char *name = bytes_file(b);
    rt386_trace *t = NULL;
    rt386_status status = rt386_trace_open(name, &t, err, sizeof err);
    if (status == RT386_OK) {
        rt386_status good = rt386_trace_check(t);
        cr_expect_eq(good == RT386_OK, whole, "checked: %s", rt386_trace_error(t));
        cr_expect(good == RT386_OK || *rt386_trace_error(t));
        rt386_trace_close(t);
    } else {
        cr_expect(*err && !whole, "%s", err);
    }
    remove(name);
    free(name);
}

Test(record, a_trace_that_was_cut_off)
{
    struct bytes b = recorded();
    hostile(&b, true);
    for (size_t n = 0; n < b.n; n += 1 + n / 20)
        hostile(&(struct bytes){.p = b.p, .n = n}, false);
    hostile(&(struct bytes){.p = b.p, .n = b.n - 1}, false);
    free(b.p);
}

Test(record, every_flipped_bit_is_found)
{
    struct bytes b = recorded();
    for (size_t bit = 0; bit < 8 * b.n; bit += 1 + bit % (b.n / 30)) {
        b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (bit / 8 < 8 || bit / 8 >= 16)
            hostile(&b, false); /* versions and what is unused: not damage */
        b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(b.p);
}

Test(record, a_seek_finds_what_reading_finds)
{
    struct bytes b = recorded();
    rt386_trace *t = bytes_open(&b);
    rt386_trace_item i, j;
    uint64_t last = rt386_trace_describe(t).insns;
    for (uint64_t at = 0; at < last; at += 1 + last / 7) {
        cr_assert_eq(rt386_trace_seek(t, at), RT386_OK);
        cr_assert_eq(rt386_trace_next(t, &i), RT386_OK);
        cr_expect_eq(i.insns, at);
        cr_assert_eq(rt386_trace_seek(t, 0), RT386_OK);
        do {
            cr_assert_eq(rt386_trace_next(t, &j), RT386_OK);
        } while (j.insns < at);
        cr_expect_eq(i.kind, j.kind);
        if (i.kind == RT386_TRACE_INSN)
            cr_expect(!memcmp(&i.insn.before, &j.insn.before, sizeof i.insn.before));
    }
    cr_expect_eq(rt386_trace_seek(t, last + 1), RT386_E_NOTFOUND);
    rt386_trace_close(t);
    free(b.p);
}

Test(record, a_full_disk_is_told)
{
    struct bytes whole = {0}, b = {0};
    char path[512];
    rt386_exit why;
    const char *folder = getenv("RT386_TEST_GUESTS");
    snprintf(path, sizeof path, "%s/demo/limit.rta", folder ? folder : "guest");
    struct seen *s = record(path, true, &whole, &why);
    cr_assert_eq(rt386_record_end(s->m, &why), RT386_OK);
    rt386_destroy(s->m);
    free(s);
    free(whole.p);
    b.most = whole.n - 1;
    s = record(path, true, &b, &why);
    cr_expect_eq(rt386_record_end(s->m, &why), RT386_E_IO);
    cr_expect_neq(rt386_error(s->m)[0], 0);
    rt386_destroy(s->m);
    free(s);
    free(b.p);
}

/* How many bytes there are when a recording has begun. */
static size_t begun_bytes(void)
{
    struct text out;
    struct bytes b = {0};
    rt386 *m = MACHINE(&out, 0x40, 0x69, 0xc0, 0x35, 0x4e, 0x5a, 0x01, 0xeb, 0xf7);
    const rt386_record_options o = {.size = sizeof o, .put = bytes_put, .put_ctx = &b};
    cr_assert_eq(rt386_record_begin(m, &o), RT386_OK);
    size_t n = b.n;
    rt386_destroy(m);
    free(b.p);
    return n;
}

/* Soon, and not at the end of a run that may have none: in the thread that writes, and in a keyframe. */
Test(record, a_full_disk_ends_the_run)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        struct text out;
        struct bytes b = {.most = kind == 2 ? begun_bytes() - 1 : 100000};
        rt386 *m = MACHINE(&out, 0x40, 0x69, 0xc0, 0x35, 0x4e, 0x5a, 0x01, 0xeb,
                           0xf7); /* inc eax; imul; jmp */
        rt386_exit why;
        const rt386_record_options o = {.size = sizeof o,
                                        .put = bytes_put,
                                        .put_ctx = &b,
                                        .instructions = kind == 0,
                                        .keyframe_every = kind == 1 ? 50000 : UINT64_MAX};
        rt386_status begun = rt386_record_begin(m, &o);
        cr_assert_eq(begun, kind == 2 ? RT386_E_IO : RT386_OK, "%s", rt386_error(m));
        if (begun == RT386_OK) {
            cr_expect_eq(rt386_run(m, 2000000000, 0, &why), RT386_E_IO);
            cr_expect(strstr(rt386_error(m), "could not be written"), "%s", rt386_error(m));
            cr_expect_eq(rt386_run(m, 1, 0, &why), RT386_E_IO, "until it has ended");
            cr_expect_eq(rt386_record_end(m, &why), RT386_E_IO);
        }
        cr_expect_eq(rt386_run(m, 1, 0, &why), RT386_OK, "%s", rt386_error(m));
        rt386_destroy(m);
        free(b.p);
    }
}

Test(record, misuse)
{
    struct text out;
    rt386 *m = MACHINE(&out, 0xf4);
    rt386_record_options o = {.size = sizeof o};
    struct bytes b = {0};
    cr_expect_eq(rt386_record_begin(m, NULL), RT386_E_ARG);
    cr_expect_eq(rt386_record_begin(m, &o), RT386_E_ARG);
    cr_expect_eq(rt386_record_end(m, NULL), RT386_E_STATE);
    o.put = bytes_put;
    o.put_ctx = &b;
    cr_assert_eq(rt386_record_begin(m, &o), RT386_OK);
    cr_expect_eq(rt386_record_begin(m, &o), RT386_E_STATE);
    cr_expect_eq(rt386_record_end(m, NULL), RT386_OK);
    rt386_destroy(m);
    free(b.p);
}

/* What the guest prints comes in the middle of an instruction. */
struct meddler {
    rt386 *m;
    struct bytes *to;
    bool end;
    unsigned calls;
};

static void meddle(void *ctx, const char *bytes, size_t n)
{
    struct meddler *d = ctx;
    const rt386_record_options o = {.size = sizeof o, .put = bytes_put, .put_ctx = d->to};
    (void)bytes, (void)n;
    d->calls++;
    rt386_status st = d->end ? rt386_record_end(d->m, NULL) : rt386_record_begin(d->m, &o);
    cr_expect_eq(st, RT386_E_STATE);
}

Test(record, it_begins_and_ends_between_runs)
{
    const uint8_t code[] = {0xb0, 'A', 0xe6, 0xe9, 0xb0, 10, 0xe6, 0xe9, 0xf4};
    for (unsigned end = 0; end < 2; end++) {
        struct bytes b = {0};
        struct meddler d = {.to = &b, .end = end};
        const rt386_config config = {
            .size = sizeof config, .memory = 2u << 20, .console = meddle, .console_ctx = &d};
        const rt386_load_options how = {.size = sizeof how, .kind = RT386_IMAGE_RAW};
        const rt386_record_options o = {
            .size = sizeof o, .put = bytes_put, .put_ctx = &b, .instructions = true};
        rt386_exit why;
        cr_assert_eq(rt386_create(&config, &d.m), RT386_OK);
        cr_assert_eq(rt386_load_bytes(d.m, code, sizeof code, &how), RT386_OK);
        if (end) cr_assert_eq(rt386_record_begin(d.m, &o), RT386_OK);
        cr_assert_eq(rt386_run(d.m, 0, 0, &why), RT386_OK);
        cr_expect_gt(d.calls, 0u);
        if (end) cr_expect_eq(rt386_record_end(d.m, &why), RT386_OK);
        rt386_destroy(d.m);
        free(b.p);
    }
}

/* --- how a run is cut --- */

/* Numbers that follow from nothing, so that there are several chunks; in runs of `slice` instructions each. */
static struct bytes in_slices(uint64_t slice)
{
    struct text out;
    struct bytes b = {0};
    rt386_exit why;
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = &b, .instructions = true};
    rt386 *m = MACHINE(&out, 0x69, 0xc0, 0x0d, 0x66, 0x19, 0x00, /* IMUL EAX, EAX, 1664525 */
                       0x05, 0x5f, 0xf3, 0x6e, 0x3c,             /* ADD EAX, 1013904223 */
                       0x0f, 0xaf, 0xd8,                         /* IMUL EBX, EAX */
                       0xeb, 0xf0);
    cr_assert_eq(rt386_record_begin(m, &o), RT386_OK);
    for (uint64_t left = 600000; left; left -= slice < left ? slice : left)
        cr_assert_eq(rt386_run(m, slice < left ? slice : left, 0, &why), RT386_OK);
    cr_assert_eq(rt386_record_end(m, NULL), RT386_OK);
    rt386_destroy(m);
    return b;
}

Test(record, how_a_run_is_cut_changes_no_byte)
{
    struct bytes whole = in_slices(600000), cut = in_slices(777);
    rt386_trace *t = bytes_open(&whole);
    cr_expect_gt(rt386_trace_describe(t).chunks, 4u);
    cr_assert_eq(whole.n, cut.n);
    cr_expect(!memcmp(whole.p, cut.p, cut.n));
    rt386_trace_close(t);
    free(whole.p);
    free(cut.p);
}
