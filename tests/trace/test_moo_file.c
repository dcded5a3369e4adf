/* Reading and writing vector files: round trips, and files that are not what they should be. */
#include "vector.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A vector with something in every field. */
static void make_full(struct vector *v, bool wide)
{
    static const uint8_t cycles[30] = {1, 2, 3, 4, 5, 0, 4, 0, 0, 6, 7, 4, 1, 0, 0,
                                       8, 9, 1, 2, 3, 0, 1, 0, 0, 2, 1, 7, 2, 0, 0};
    static const uint8_t queue[2] = {0x90, 0x91};
    vec_make(v, wide, (const uint8_t[]){0x01, 0xd8}, 2);
    vec_want(v, RT386_MOO_EAX, 0x1234);
    vec_want_ram(v, 0x123456, 0x78);
    vec_want_fault(v, 13);
    v->info.mask.have = v->t.fina.mask.have = 1u << RT386_MOO_EFLAGS;
    v->info.mask.value[RT386_MOO_EFLAGS] = 0xf7ff;
    v->t.fina.mask.value[RT386_MOO_EFLAGS] = 0xfffe;
    v->info.opcode = 0x676601;
    v->info.seed = 0x1122334455667788;
    v->t.cycles = (rt386_moo_list){cycles, 2};
    v->t.init.has_queue = true;
    v->t.init.queue = (rt386_moo_list){queue, 2};
    if (wide) {
        v->t.init.has_ea = true;
        v->t.init.ea = (rt386_moo_ea){1, 0x2345, 0x23450, 0xffff, 0x77, 0x234c7, 0x234c7};
        v->t.fina.regs.shutdown = true;
    }
    if (wide) {
        static const uint8_t memory[10] = {1, 2, 3, 0, 4, 5, 6, 7, 0, 8};
        vec_init(v, RT386_MOO_CR0, 1);
        v->info.mode = 1; /* so that JSON keeps what belongs to the file */
        v->info.ram = (rt386_moo_list){memory, 2};
        v->t.fina.ram_mask = (rt386_moo_list){memory + 5, 1};
        for (unsigned i = 0; i < RT386_MOO_DESCS; i++)
            v->t.init.descs.at[i] =
                (rt386_moo_hidden){(uint16_t)(0x1110 + i), i % 3 != 1, (uint8_t)(0x80 + i),
                                   (uint8_t)(i + 3),       i << 28,    ~i};
        v->t.init.descs.have = (1u << RT386_MOO_DESCS) - 1;
        v->t.fina.descs = v->t.init.descs;
        v->t.fina.descs.have = 0x145;
        v->t.has_error = v->t.has_cr2 = true;
        v->t.error = 0x1234;
        v->t.cr2 = 0xfedcba98;
        v->t.stop = RT386_MOO_STOP_EVENT;
    }
    v->t.has_hash = true;
    memset(v->t.hash, 0xa5, sizeof v->t.hash);
}

static void expect_list(rt386_moo_list a, rt386_moo_list b, size_t size, const char *what)
{
    cr_assert(a.n == b.n, "%s: %u and %u entries", what, a.n, b.n);
    cr_expect(!a.n || !memcmp(a.p, b.p, a.n * size), "%s", what);
}

static void expect_state(const rt386_moo_state *a, const rt386_moo_state *b)
{
    for (unsigned k = 0; k < 2; k++) {
        const rt386_moo_regs *x = k ? &a->mask : &a->regs, *y = k ? &b->mask : &b->regs;
        cr_expect(x->have == y->have && x->shutdown == y->shutdown);
        for (unsigned i = 0; i < RT386_MOO_REGS; i++)
            if (x->have >> i & 1) cr_expect(x->value[i] == y->value[i], "register %u", i);
    }
    expect_list(a->ram, b->ram, 5, "memory");
    expect_list(a->queue, b->queue, 1, "queue");
    expect_list(a->ram_mask, b->ram_mask, 5, "mask of memory");
    cr_expect(a->descs.have == b->descs.have);
    for (unsigned i = 0; i < RT386_MOO_DESCS; i++) {
        const rt386_moo_hidden *x = &a->descs.at[i], *y = &b->descs.at[i];
        if (!(a->descs.have >> i & 1)) continue;
        cr_expect(x->selector == y->selector && x->usable == y->usable && x->access == y->access);
        cr_expect(x->flags == y->flags && x->base == y->base && x->limit == y->limit);
    }
    cr_expect(a->has_ea == b->has_ea && !memcmp(&a->ea, &b->ea, sizeof a->ea));
}

static void expect_test(const rt386_moo_test *a, const rt386_moo_test *b)
{
    expect_list(a->name, b->name, 1, "name");
    expect_list(a->bytes, b->bytes, 1, "bytes");
    expect_list(a->cycles, b->cycles, 15, "cycles");
    expect_state(&a->init, &b->init);
    expect_state(&a->fina, &b->fina);
    cr_expect(a->has_exception == b->has_exception && a->vector == b->vector);
    cr_expect(a->flags_at == b->flags_at && a->stop == b->stop);
    cr_expect(a->has_error == b->has_error && a->has_cr2 == b->has_cr2);
    cr_expect(a->error == b->error && a->cr2 == b->cr2);
    cr_expect(a->has_hash == b->has_hash && !memcmp(a->hash, b->hash, sizeof a->hash));
}

Test(moo_file, round_trip)
{
    for (int wide = 0; wide < 2; wide++) {
        struct vector v;
        rt386_moo_test t;
        make_full(&v, wide);
        rt386_moo *moo = vec_file(&v, 3);
        const rt386_moo_info *info = rt386_moo_describe(moo);
        cr_expect(info->tests == 3 && info->wide == wide && info->seed == v.info.seed);
        cr_expect(info->opcode == 0x676601 && info->mask.value[RT386_MOO_EFLAGS] == 0xf7ff);
        cr_expect_str_eq(info->cpu, wide ? "386E" : "C286");
        cr_expect_str_eq(info->mnemonic, "test");
        for (uint32_t i = 0; i < 3; i++) {
            cr_assert(rt386_moo_test_at(moo, i, &t));
            cr_expect(t.index == i);
            expect_test(&v.t, &t);
        }
        cr_expect(!rt386_moo_test_at(moo, 3, &t));
        rt386_moo_close(moo);
    }
}

struct growing {
    char *p;
    size_t n;
};

static bool grow(void *ctx, const char *bytes, size_t n)
{
    struct growing *g = ctx;
    g->p = realloc(g->p, g->n + n + 1);
    memcpy(g->p + g->n, bytes, n);
    g->n += n;
    return true;
}

static rt386_moo *reopen(struct growing *g)
{
    rt386_moo *moo = NULL;
    char err[200] = "";
    cr_assert(rt386_moo_open_bytes(g->p, g->n, &moo, err, sizeof err) == RT386_OK, "%s", err);
    free(g->p);
    return moo;
}

Test(moo_file, json_round_trip)
{
    for (int wide = 0; wide < 2; wide++) {
        struct vector v;
        struct growing g = {0};
        rt386_moo_test t;
        make_full(&v, wide);
        rt386_moo *moo = vec_file(&v, 3);
        cr_assert(rt386_moo_write_json(moo, grow, &g) == RT386_OK);
        rt386_moo_close(moo);
        moo = reopen(&g);
        cr_expect(rt386_moo_describe(moo)->tests == 3 && rt386_moo_describe(moo)->wide == wide);
        cr_assert(rt386_moo_test_at(moo, 2, &t));
        expect_test(&v.t, &t);
        const rt386_moo_info *info = rt386_moo_describe(moo);
        cr_expect(info->mode == wide);
        if (wide) { /* of a real-mode file, JSON keeps the tests alone */
            cr_expect(info->seed == v.info.seed && info->opcode == v.info.opcode);
            cr_expect(info->mask.value[RT386_MOO_EFLAGS] == 0xf7ff);
            expect_list(v.info.ram, info->ram, 5, "memory of the file");
        }
        rt386_moo_close(moo);
    }
}

Test(moo_file, gzip_round_trip)
{
    struct vector v;
    struct growing g = {0};
    size_t n, m;
    make_full(&v, true);
    rt386_moo *moo = vec_file(&v, 50), *again;
    const uint8_t *bytes = rt386_moo_bytes(moo, &n);
    cr_assert(rt386_moo_write_gzip(moo, grow, &g) == RT386_OK);
    cr_expect(g.n < n / 2);
    for (size_t cut = 1; cut < g.n; cut += 7) {
        cr_expect(rt386_moo_open_bytes(g.p, cut, &again, NULL, 0) == RT386_E_FORMAT, "cut at %zu",
                  cut);
    }
    again = reopen(&g);
    cr_expect(!memcmp(rt386_moo_bytes(again, &m), bytes, n) && m == n);
    rt386_moo_close(again);
    rt386_moo_close(moo);
}

/* The file's bytes, to be damaged. */
static uint8_t *bytes_of(bool wide, unsigned tests, size_t *n, size_t room)
{
    struct vector v;
    make_full(&v, wide);
    rt386_moo *moo = vec_file(&v, tests);
    const uint8_t *p = rt386_moo_bytes(moo, n);
    uint8_t *copy = malloc(*n + room);
    memcpy(copy, p, *n);
    rt386_moo_close(moo);
    return copy;
}

static bool opens(const uint8_t *p, size_t n)
{
    rt386_moo *moo = NULL;
    rt386_moo_test t;
    char err[200] = "";
    uint8_t *exact = malloc(n ? n : 1); /* so that a read past the end is seen */
    memcpy(exact, p, n);
    rt386_status st = rt386_moo_open_bytes(exact, n, &moo, err, sizeof err);
    free(exact);
    cr_assert(st == RT386_OK || *err);
    if (st != RT386_OK) return false;
    for (uint32_t i = 0; i < rt386_moo_describe(moo)->tests; i++)
        cr_assert(rt386_moo_test_at(moo, i, &t));
    rt386_moo_close(moo);
    return true;
}

Test(moo_file, cut_anywhere)
{
    size_t n;
    uint8_t *p = bytes_of(true, 2, &n, 0);
    cr_expect(opens(p, n));
    for (size_t cut = 0; cut < n; cut++)
        cr_expect(!opens(p, cut), "cut to %zu of %zu bytes", cut, n);
    free(p);
}

Test(moo_file, any_damage)
{
    size_t n;
    uint32_t seed = 12345, opened = 0;
    for (int wide = 0; wide < 2; wide++) {
        uint8_t *p = bytes_of(wide, 2, &n, 0), *q = malloc(n);
        for (unsigned round = 0; round < 4000; round++) {
            memcpy(q, p, n);
            for (unsigned k = 0; k <= round % 4; k++) {
                seed = seed * 1664525u + 1013904223u;
                q[(seed >> 8) % n] = (uint8_t)(seed & 0x100 ? 0xff : seed >> 24);
            }
            opened += opens(q, n);
        }
        free(p);
        free(q);
    }
    cr_expect(opened > 0 && opened < 8000, "%u of 8000 opened", opened);
}

/* Runs damaged vectors as well: whatever they hold, the runner comes back. */
Test(moo_file, damaged_vectors_run)
{
    size_t n;
    uint32_t seed = 99, ran = 0;
    uint8_t *p = bytes_of(true, 1, &n, 0), *q = malloc(n);
    rt386_moo_runner *runner;
    cr_assert(rt386_moo_runner_new(false, &runner) == RT386_OK);
    for (unsigned round = 0; round < 1500; round++) {
        rt386_moo *moo;
        rt386_moo_result r;
        memcpy(q, p, n);
        seed = seed * 1664525u + 1013904223u;
        q[100 + (seed >> 8) % (n - 100)] = (uint8_t)(seed >> 24);
        if (rt386_moo_open_bytes(q, n, &moo, NULL, 0) != RT386_OK) continue;
        ran += rt386_moo_run(runner, moo, 0, &r) == RT386_OK;
        rt386_moo_close(moo);
    }
    cr_expect(ran > 500);
    rt386_moo_runner_free(runner);
    free(p);
    free(q);
}

static const uint8_t unknown[] = {'G', 'M', 'E', 'T', 3, 0, 0, 0, 1, 2, 3};

Test(moo_file, unknown_chunks)
{
    /* between META and the mask, and inside the first test behind its number */
    size_t n;
    uint8_t *p = bytes_of(true, 1, &n, 64), *test = NULL;
    for (uint8_t *at = p; at < p + n - 4 && !test; at++)
        if (!memcmp(at, "TEST", 4)) test = at;
    cr_assert(test != NULL);
    memmove(test + 12 + sizeof unknown, test + 12, n - (size_t)(test + 12 - p));
    memcpy(test + 12, unknown, sizeof unknown);
    uint32_t length = test[4] | (uint32_t)test[5] << 8;
    length += sizeof unknown;
    test[4] = (uint8_t)length;
    test[5] = (uint8_t)(length >> 8);
    n += sizeof unknown;
    cr_expect(opens(p, n));
    memmove(p + 20 + sizeof unknown, p + 20, n - 20);
    memcpy(p + 20, unknown, sizeof unknown);
    n += sizeof unknown;
    cr_expect(opens(p, n));
    free(p);
}

Test(moo_file, longer_header)
{
    size_t n;
    uint8_t *p = bytes_of(false, 1, &n, 8);
    memmove(p + 24, p + 20, n - 20);
    p[4] = 16;
    cr_expect(opens(p, n + 4));
    free(p);
}

Test(moo_file, refused)
{
    static const struct {
        unsigned at;
        uint8_t value;
        const char *says;
    } rows[] = {{0, 'm', "no MOO file"},
                {8, 2, "version 2.1"},
                {12, 9, "promises 9 tests"},
                {4, 4, "no MOO file"},
                {7, 0x80, "no MOO file"}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n;
        rt386_moo *moo;
        char err[200] = "";
        uint8_t *p = bytes_of(true, 1, &n, 0);
        p[rows[i].at] = rows[i].value;
        cr_expect(rt386_moo_open_bytes(p, n, &moo, err, sizeof err) == RT386_E_FORMAT, "row %u", i);
        cr_expect(strstr(err, rows[i].says), "row %u: %s", i, err);
        free(p);
    }
}

Test(moo_file, json_refused)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[", "cut off"},
        {"[{", "cut off"},
        {"[1]", "an object was expected"},
        {"[] x", "more text"},
        {"{\"cpu\":\"286\"}", "initial and final"},
        {"[{\"initial\":{}}]", "initial and final"},
        {"[{\"final\":{}}]", "initial and final"},
        {"[{\"name\":\"", "does not end"},
        {"[{\"name\":\"\\q\"}]", "escape"},
        {"[{\"name\":\"\\u00", "escape"},
        {"[{\"name\" 1}]", "colon"},
        {"[{\"bytes\":[256]}]", "too large"},
        {"[{\"bytes\":[-1]}]", "a number"},
        {"[{\"bytes\":[1 2]}]", "comma"},
        {"[{\"initial\":{\"ram\":[[1]]}}]", "address, value"},
        {"[{\"initial\":{\"ram\":[[1,2,3]]}}]", "address, value"},
        {"[{\"initial\":{\"ram\":[[4294967296,2]]}}]", "too large"},
        {"[{\"initial\":{\"regs\":{\"r9\":1}}}]", "no register"},
        {"[{\"cycles\":[[1,2,3,4,5,\"a\",7,\"b\",9]]}]", "eight fields"},
        {"[{\"hash\":\"12\"}]", "40 digits"},
        {"[{\"hash\":\"zz12345678901234567890123456789012345678\"}]", "hexadecimal"},
        {"[{\"more\":[[[[", "expected"},
        {"[{\"initial\":{\"descriptors\":{\"ax\":{}}}}]", "no register of that name has"},
        {"[{\"initial\":{\"descriptors\":{\"cs\":{\"flags\":16}}}}]", "too large"},
        {"[{\"file\":{\"version\":[2,0]}}]", "version"},
        {"[{\"file\":{\"version\":[1,0]}},{\"file\":{\"version\":[1,0]}}]", "before the first"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        rt386_moo *moo;
        char err[200] = "";
        rt386_status st =
            rt386_moo_open_bytes(rows[i].text, strlen(rows[i].text), &moo, err, sizeof err);
        cr_expect(st == RT386_E_FORMAT, "%s", rows[i].text);
        cr_expect(strstr(err, rows[i].says), "%s: %s", rows[i].text, err);
    }
}

Test(moo_file, json_depth)
{
    char text[4096] = "[{\"more\":";
    rt386_moo *moo;
    char err[200] = "";
    memset(text + 9, '[', sizeof text - 9);
    cr_expect(rt386_moo_open_bytes(text, sizeof text, &moo, err, sizeof err) == RT386_E_FORMAT);
    cr_expect(strstr(err, "too deep"), "%s", err);
}

Test(moo_file, json_any_damage)
{
    struct vector v;
    struct growing g = {0};
    uint32_t seed = 4711;
    make_full(&v, true);
    rt386_moo *moo = vec_file(&v, 1);
    cr_assert(rt386_moo_write_json(moo, grow, &g) == RT386_OK);
    rt386_moo_close(moo);
    for (size_t cut = 0; cut + 3 < g.n; cut += 5)
        cr_expect(!opens((uint8_t *)g.p, cut), "cut to %zu", cut);
    char *q = malloc(g.n);
    for (unsigned round = 0; round < 3000; round++) {
        memcpy(q, g.p, g.n);
        seed = seed * 1664525u + 1013904223u;
        q[(seed >> 8) % g.n] = "[]{},:\"\\0e"[(seed >> 24) % 10];
        opens((uint8_t *)q, g.n); /* either way, without harm */
    }
    free(q);
    free(g.p);
}

Test(moo_file, no_such_file)
{
    rt386_moo *moo;
    char err[200] = "";
    cr_expect(rt386_moo_open("/nonexistent/x.MOO", &moo, err, sizeof err) == RT386_E_NOTFOUND);
    cr_expect(*err && !moo);
    cr_expect(rt386_moo_open("/", &moo, err, sizeof err) == RT386_E_IO);
}
