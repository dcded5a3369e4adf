/* test_onlyfaults.c: guests whose handlers only fault: runs with a limit end, recordings stay small and can be read, places are found. */
#include <rt386/reverse.h>
#include <rt386/snapshot.h>

#include "bytes.h"
#include "encode.h"
#include "guest.h"
#include "trace_inside.h"

#define ROW 100000u /* exceptions in a row that end a run with a limit */

/* A boot sector: its handler of #UD is itself UD2. Seven instructions retire. */
static const uint8_t never[512] = {
    0x31,         0xc0,                                /* xor ax,ax */
    0x8e,         0xd8,                                /* mov ds,ax */
    0xc7,         0x06,        0x18, 0x00, 0x14, 0x7c, /* mov word [18h],7c14h */
    0xa3,         0x1a,        0x00,                   /* mov [1ah],ax */
    0xb8,         0x00,        0x20, 0x8e, 0xd0,       /* mov ax,2000h; mov ss,ax */
    0x31,         0xe4,                                /* xor sp,sp */
    0x0f,         0x0b,                                /* ud2 */
    [510] = 0x55, [511] = 0xaa};
#define RETIRED 7u

/* Protected mode: the frames of its exceptions go down from 4 MB until one overwrites the handler, and are then run as code. The
 * gate of #UD lies below it: the IDT begins at FFFF0h. */
static const uint8_t at_last[] = {
    0xbc,          0x0c, 0x00, 0x40, 0x00, /* 00 mov esp,40000ch: a frame has its CS at 100028h */
    0x0f,          0x01, 0x1d, 0x18, 0x00, 0x10, 0x00,       /* 05 lidt [100018h] */
    0xb8,          0x00, 0x00, 0x50, 0x00,                   /* 0c mov eax,500000h */
    0xeb,          0x15,                                     /* 11 jmp 28h */
    [0x18] = 0x37, 0x00, 0xf0, 0xff, 0x0f, 0x00,             /* 18 limit 37h, base FFFF0h */
    [0x20] = 0x28, 0x00, 0x08, 0x00, 0x00, 0x8e, 0x10, 0x00, /* 20 gate 6: 0008:00100028 */
    [0x28] = 0x0f, 0x0b                                      /* 28 ud2 */
};

static rt386 *boot(const void *code, size_t n, rt386_image_kind kind)
{
    rt386_config config = {.size = sizeof config, .memory = 8u << 20};
    rt386_load_options o = {.size = sizeof o, .kind = kind};
    rt386 *m = NULL;
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_load_bytes(m, code, n, &o), RT386_OK, "%s", rt386_error(m));
    return m;
}

#define NEVER()   boot(never, sizeof never, RT386_IMAGE_AUTO)
#define AT_LAST() boot(at_last, sizeof at_last, RT386_IMAGE_RAW)

static void look(void *ctx, const rt386_event_event *e)
{
    (void)e;
    ++*(uint64_t *)ctx;
}

Test(onlyfaults, a_run_with_a_limit_ends)
{
    for (unsigned watched = 0; watched < 2; watched++) {
        rt386 *m = NEVER();
        rt386_exit why;
        uint64_t events = 0;
        const rt386_observer o = {.size = sizeof o, .ctx = &events, .event = look};
        if (watched) cr_assert_eq(rt386_observe(m, &o), RT386_OK);
        cr_assert_eq(rt386_run(m, 1000, 0, &why), RT386_OK);
        cr_expect_eq(why.kind, RT386_EXIT_BUDGET);
        cr_expect_eq(why.insns, RETIRED);
        cr_expect(why.fault.raised);
        cr_expect_eq(why.fault.vector, 6);
        cr_expect(strstr(why.text, "no instruction retired"), "%s", why.text);
        if (watched) cr_expect_eq(events, ROW);
        uint64_t clocks = why.clocks;
        cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK, "it may be gone on with");
        cr_expect_eq(why.insns, RETIRED);
        cr_expect_gt(why.clocks, clocks);
        rt386_destroy(m);
    }
}

/* A limit of time ends each run, so the row does not count. */
Test(onlyfaults, a_limit_of_time_is_reached)
{
    rt386 *m = NEVER();
    rt386_exit why;
    uint64_t until = 37u * 3u * ROW;
    cr_assert_eq(rt386_run(m, 1000, until, &why), RT386_OK);
    cr_expect_eq(why.kind, RT386_EXIT_TIME);
    cr_expect_geq(why.clocks, until);
    rt386_destroy(m);
}

/* A row ends with the first instruction that retires, and not with the run: how a run is cut makes no difference. */
Test(onlyfaults, a_row_is_one_whatever_the_slices)
{
    rt386 *m = NEVER();
    rt386_exit why;
    cr_assert_eq(rt386_run(m, RETIRED - 1, 0, &why), RT386_OK);
    cr_expect_not(why.fault.raised);
    cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK);
    cr_expect_eq(why.insns, RETIRED);
    cr_expect_not(why.fault.raised);
    rt386_destroy(m);
}

/* --- recordings --- */

/* The largest chunk of records, unpacked, and how many there are. */
static size_t largest(const rt386_trace *t, unsigned *chunks)
{
    size_t most = 0;
    *chunks = 0;
    for (size_t i = 0; i < t->file.count; i++) {
        const struct chunk *c = &t->file.chunk[i];
        if (c->tag != CHUNK_RECORDS) continue;
        ++*chunks;
        if (c->raw > most) most = c->raw;
    }
    return most;
}

static void record(rt386 *m, uint64_t insns, uint64_t until, bool instructions, struct bytes *to)
{
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = to, .instructions = instructions};
    rt386_exit why;
    cr_assert_eq(rt386_record_begin(m, &o), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(rt386_run(m, insns, until, &why), RT386_OK);
    cr_assert_eq(rt386_record_end(m, &why), RT386_OK, "%s", rt386_error(m));
}

static unsigned events_in(rt386_trace *t)
{
    rt386_trace_item item;
    unsigned n = 0;
    rt386_status st;
    while ((st = rt386_trace_next(t, &item)) == RT386_OK)
        n += item.kind == RT386_TRACE_EVENT;
    cr_expect_eq(st, RT386_E_NOTFOUND, "%s", rt386_trace_error(t));
    return n;
}

Test(onlyfaults, a_recording_has_chunks_of_bounded_size)
{
    struct bytes b = {0};
    rt386 *m = NEVER();
    unsigned chunks;
    record(m, 1000, 0, true, &b);
    rt386_destroy(m);
    rt386_trace *t = bytes_open(&b);
    cr_expect_leq(largest(t, &chunks), 2 * ENCODE_FULL);
    cr_expect_gt(chunks, 5u);
    cr_expect_eq(events_in(t), ROW);
    cr_expect_eq(rt386_trace_check(t), RT386_OK, "%s", rt386_trace_error(t));
    rt386_trace_info i = rt386_trace_describe(t);
    cr_expect_eq(i.insns, RETIRED);
    cr_expect_eq(i.end_kind, RT386_EXIT_BUDGET);
    rt386_trace_close(t);
    free(b.p);
}

/* The first item of an instruction may be in a chunk that began before it. */
Test(onlyfaults, the_first_item_is_found)
{
    struct bytes b = {0};
    rt386 *m = NEVER();
    rt386_trace_item first, found;
    record(m, 1000, 0, true, &b);
    rt386_destroy(m);
    rt386_trace *t = bytes_open(&b);
    for (uint64_t insns = 0; insns <= RETIRED; insns++) {
        cr_assert_eq(rt386_trace_seek(t, 0), RT386_OK);
        do {
            cr_assert_eq(rt386_trace_next(t, &first), RT386_OK);
        } while (first.insns < insns);
        cr_assert_eq(rt386_trace_seek(t, insns), RT386_OK);
        cr_assert_eq(rt386_trace_next(t, &found), RT386_OK);
        cr_expect_eq(found.insns, first.insns);
        cr_expect_eq(found.clocks, first.clocks);
        cr_expect_eq(found.kind, first.kind);
    }
    rt386_trace_close(t);
    free(b.p);
}

/* A replay that compares, up to the clocks at which the recording ended. */
static void replays(const struct bytes *b, bool verify)
{
    rt386_trace *t = bytes_open(b);
    rt386_config config = {.size = sizeof config};
    const rt386_replay_options o = {.size = sizeof o, .verify = verify, .keyframe = true};
    rt386_divergence *d = calloc(1, sizeof *d);
    rt386_trace_info i = rt386_trace_describe(t);
    rt386_exit why;
    bool network;
    rt386 *m;
    cr_assert_eq(rt386_trace_config(t, &config, &network), RT386_OK);
    cr_assert_eq(rt386_create(&config, &m), RT386_OK);
    cr_assert_eq(rt386_replay_begin(m, t, &o), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(rt386_run(m, 0, i.clocks, &why), RT386_OK);
    cr_expect_eq(why.insns, i.insns);
    cr_expect_eq(why.clocks, i.clocks);
    cr_assert_eq(rt386_replay_end(m, d), RT386_OK);
    cr_expect_not(d->diverged);
    free(d);
    rt386_destroy(m);
    rt386_trace_close(t);
}

Test(onlyfaults, a_recording_is_replayed)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        struct bytes b = {0};
        rt386 *m = kind < 2 ? NEVER() : AT_LAST();
        record(m, kind < 2 ? 1000 : 0, kind < 2 ? 0 : 59u * 300000u, kind != 1, &b);
        rt386_destroy(m);
        replays(&b, kind != 1);
        free(b.p);
    }
}

/* Two recordings, one of a run that was cut, are equal. */
Test(onlyfaults, slices_change_no_byte)
{
    struct bytes whole = {0}, cut = {0};
    uint64_t end = 37u * 50000u;
    rt386 *m = NEVER();
    record(m, 0, end, true, &whole);
    rt386_destroy(m);
    m = NEVER();
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = &cut, .instructions = true};
    rt386_exit why;
    cr_assert_eq(rt386_record_begin(m, &o), RT386_OK);
    for (uint64_t at = 0; at < end; at += 7777)
        cr_assert_eq(rt386_run(m, 0, at + 7777 < end ? at + 7777 : end, &why), RT386_OK);
    cr_assert_eq(rt386_record_end(m, &why), RT386_OK);
    rt386_destroy(m);
    cr_assert_eq(whole.n, cut.n);
    cr_expect(!memcmp(whole.p, cut.p, cut.n));
    free(whole.p);
    free(cut.p);
}

/* --- back in time --- */

struct past {
    struct bytes b;
    rt386_trace *t;
    rt386 *m;
    rt386_reverse *back;
    rt386_trace_info info;
};

static void past_begin(struct past *p, rt386 *was, uint64_t until)
{
    rt386_config config = {.size = sizeof config};
    bool network;
    *p = (struct past){0};
    record(was, 0, until, false, &p->b);
    rt386_destroy(was);
    p->t = bytes_open(&p->b);
    p->info = rt386_trace_describe(p->t);
    cr_assert_eq(rt386_trace_config(p->t, &config, &network), RT386_OK);
    cr_assert_eq(rt386_create(&config, &p->m), RT386_OK);
    cr_assert_eq(rt386_reverse_open(p->m, p->t, &p->back), RT386_OK, "%s", rt386_error(p->m));
}

static void past_end(struct past *p)
{
    rt386_reverse_close(p->back);
    rt386_trace_close(p->t);
    rt386_destroy(p->m);
    free(p->b.p);
}

static void at(const struct past *p, uint64_t insns, uint64_t clocks)
{
    rt386_place here = rt386_reverse_place(p->back);
    cr_assert_eq(here.insns, insns);
    cr_assert_eq(here.clocks, clocks);
}

/* Each refused instruction is a place, also behind the last one that retired. */
Test(onlyfaults, back_and_on_among_faults)
{
    struct past p;
    past_begin(&p, NEVER(), 37u * 20000u);
    cr_assert_eq(rt386_reverse_go(p.back, RETIRED), RT386_OK, "%s", rt386_error(p.m));
    at(&p, RETIRED, p.info.clocks);
    uint64_t clocks = p.info.clocks;
    cr_assert_eq(rt386_reverse_back(p.back, 3), RT386_OK, "%s", rt386_error(p.m));
    at(&p, RETIRED, clocks -= 3 * 37);
    cr_assert_eq(rt386_reverse_back(p.back, 1), RT386_OK);
    at(&p, RETIRED, clocks -= 37);
    cr_assert_eq(rt386_reverse_step(p.back, 2), RT386_OK, "%s", rt386_error(p.m));
    at(&p, RETIRED, clocks += 2 * 37);
    cr_assert_eq(rt386_reverse_step(p.back, 1), RT386_OK);
    at(&p, RETIRED, clocks += 37);
    cr_assert_eq(rt386_reverse_step(p.back, 1), RT386_OK);
    at(&p, RETIRED, p.info.clocks);
    cr_expect_eq(rt386_reverse_step(p.back, 1), RT386_E_NOTFOUND);
    past_end(&p);
}

/* The last of many faults, and the next one. */
Test(onlyfaults, the_last_fault_is_found)
{
    struct past p;
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = 6};
    rt386_sighting found;
    past_begin(&p, NEVER(), 37u * 20000u);
    cr_assert_eq(rt386_reverse_go(p.back, RETIRED), RT386_OK);
    cr_assert_eq(rt386_reverse_find(p.back, &seek, 1, false, &found), RT386_OK, "%s",
                 rt386_error(p.m));
    at(&p, RETIRED, p.info.clocks - 37);
    cr_assert_eq(rt386_reverse_find(p.back, &seek, 1, false, &found), RT386_OK);
    at(&p, RETIRED, p.info.clocks - 2 * 37);
    cr_assert_eq(rt386_reverse_find(p.back, &seek, 1, true, &found), RT386_OK, "%s",
                 rt386_error(p.m));
    at(&p, RETIRED, p.info.clocks - 37);
    past_end(&p);
}

/* More faults in a row than end a run with a limit are between the beginning and the place. */
Test(onlyfaults, a_place_behind_a_long_row_is_reached)
{
    struct past p;
    past_begin(&p, AT_LAST(), 59u * 300000u);
    cr_assert_gt(p.info.insns, 1000u);
    cr_assert_eq(rt386_reverse_go(p.back, 1000), RT386_OK, "%s", rt386_error(p.m));
    cr_expect_eq(rt386_reverse_place(p.back).insns, 1000u);
    cr_expect_gt(rt386_reverse_place(p.back).clocks, 59u * 2u * ROW);
    cr_assert_eq(rt386_reverse_go(p.back, 0), RT386_OK);
    cr_assert_eq(rt386_reverse_step(p.back, 4 + 2 * ROW), RT386_OK, "%s", rt386_error(p.m));
    cr_expect_eq(rt386_reverse_place(p.back).insns, 4u);
    past_end(&p);
}
