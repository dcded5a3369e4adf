/* moo_from_json.c: SingleStepTests JSON to the bytes of a MOO file, test by test. */
#include "json_read.h"
#include "moo.h"
#include "moo_json.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 0x100000u /* entries of one list */

struct build_state {
    rt386_moo_state s;
    struct buffer ram, ram_mask, queue;
};
struct build { /* one test on its way */
    rt386_moo_test test;
    struct build_state init, fina;
    struct buffer bytes, cycles;
    char name[256];
    bool wide, has_init, has_fina;
    rt386_moo_info info; /* of an object "file" before the tests */
    struct buffer file_ram;
    bool has_info;
};
#define TEXTS 8u
static void texts_of(struct build *b, struct buffer *all[TEXTS])
{
    struct buffer *const list[TEXTS] = {&b->init.ram,      &b->init.queue,   &b->fina.ram,
                                        &b->fina.queue,    &b->bytes,        &b->cycles,
                                        &b->init.ram_mask, &b->fina.ram_mask};
    memcpy(all, list, sizeof list);
}

static void clear(struct build *b)
{
    struct buffer *all[TEXTS];
    texts_of(b, all);
    for (unsigned i = 0; i < TEXTS; i++)
        all[i]->n = 0;
    b->test = (rt386_moo_test){0};
    b->init.s = b->fina.s = (rt386_moo_state){0};
    b->name[0] = 0;
    b->has_init = b->has_fina = false;
}

static void release(struct build *b)
{
    struct buffer *all[TEXTS];
    texts_of(b, all);
    for (unsigned i = 0; i < TEXTS; i++)
        free(all[i]->p);
    free(b->file_ram.p);
}

static bool is(const char *key, const char *name)
{
    return !strcmp(key, name);
}

static uint32_t number32(struct json_reader *r)
{
    return (uint32_t)jr_number(r, 0xffffffffu);
}

static void read_bytes(struct json_reader *r, struct buffer *to)
{
    for (jr_enter(r, '['); jr_more(r, ']');) {
        uint8_t v = (uint8_t)jr_number(r, 0xff);
        if (to->n >= LIST_MAX) jr_fail(r, "a list is too long");
        buffer_add(to, &v, 1);
    }
}

static void read_ram(struct json_reader *r, struct buffer *to)
{
    for (jr_enter(r, '['); jr_more(r, ']');) {
        uint8_t entry[5];
        jr_enter(r, '[');
        jr_more(r, ']');
        put32(entry, number32(r));
        if (!jr_more(r, ']')) jr_fail(r, "memory is a list of [address, value]");
        entry[4] = (uint8_t)jr_number(r, 0xff);
        if (jr_more(r, ']')) jr_fail(r, "memory is a list of [address, value]");
        if (to->n >= 5 * LIST_MAX) jr_fail(r, "a list is too long");
        if (!r->why) buffer_add(to, entry, sizeof entry);
    }
}

static unsigned reg_named(const char *key, bool *wide)
{
    for (unsigned i = 0; i < RT386_MOO_REGS; i++)
        for (unsigned w = 0; w < 2; w++) {
            const char *name = rt386_moo_reg_name(i, w);
            if (!name || !is(name, key)) continue;
            if (w && name[0] == 'e' && !is(name, "es")) *wide = true;
            return i;
        }
    return RT386_MOO_REGS;
}

static void read_regs(struct json_reader *r, rt386_moo_regs *to, bool *wide)
{
    char key[16];
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        unsigned reg = reg_named(key, wide);
        if (reg == RT386_MOO_REGS) jr_fail(r, "there is no register of that name");
        uint32_t value = number32(r);
        if (r->why) return;
        to->have |= 1u << reg;
        to->value[reg] = value;
    }
}

static uint8_t read_seg(struct json_reader *r)
{
    char name[8];
    jr_string(r, name, sizeof name);
    for (uint8_t i = 0; i < 6; i++)
        if (is(name, moo_seg_name[i])) return i;
    return 0xff;
}

static void read_ea(struct json_reader *r, rt386_moo_ea *ea)
{
    char key[16];
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        if (is(key, "seg")) {
            ea->seg = read_seg(r);
            continue;
        }
        uint32_t v = number32(r);
        if (is(key, "sel")) ea->selector = (uint16_t)v;
        if (is(key, "base")) ea->base = v;
        if (is(key, "limit")) ea->limit = v;
        if (is(key, "offset")) ea->offset = v;
        if (is(key, "l_addr")) ea->linear = v;
        if (is(key, "p_addr")) ea->physical = v;
    }
}

static bool read_bool(struct json_reader *r)
{
    bool yes = jr_peek(r) == 't';
    jr_skip(r);
    return yes;
}

static void read_hidden(struct json_reader *r, rt386_moo_hidden *h)
{
    char key[16];
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        if (is(key, "sel"))
            h->selector = (uint16_t)jr_number(r, 0xffff);
        else if (is(key, "usable"))
            h->usable = read_bool(r);
        else if (is(key, "access"))
            h->access = (uint8_t)jr_number(r, 0xff);
        else if (is(key, "flags"))
            h->flags = (uint8_t)jr_number(r, 0xf);
        else if (is(key, "base"))
            h->base = number32(r);
        else if (is(key, "limit"))
            h->limit = number32(r);
        else
            jr_skip(r);
    }
}

static void read_descs(struct json_reader *r, rt386_moo_descs *d)
{
    char key[16];
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        unsigned i = 0;
        jr_key(r, key, sizeof key);
        while (i < RT386_MOO_DESCS && !is(key, rt386_moo_desc_name(i)))
            i++;
        if (i == RT386_MOO_DESCS) jr_fail(r, "no register of that name has a hidden part");
        if (r->why) return;
        d->have |= 1u << i;
        read_hidden(r, &d->at[i]);
    }
}

static void read_error(struct json_reader *r, rt386_moo_test *test)
{
    char key[16];
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        if (is(key, "code")) {
            test->has_error = true;
            test->error = number32(r);
        } else if (is(key, "cr2")) {
            test->has_cr2 = true;
            test->cr2 = number32(r);
        } else {
            jr_skip(r);
        }
    }
}

static void read_state(struct json_reader *r, struct build_state *b, bool *wide)
{
    char key[32];
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        if (is(key, "regs")) {
            read_regs(r, &b->s.regs, wide);
        } else if (is(key, "masks")) {
            read_regs(r, &b->s.mask, wide);
        } else if (is(key, "ram")) {
            read_ram(r, &b->ram);
        } else if (is(key, "ram_mask")) {
            read_ram(r, &b->ram_mask);
        } else if (is(key, "descriptors")) {
            read_descs(r, &b->s.descs);
        } else if (is(key, "queue")) {
            b->s.has_queue = true;
            read_bytes(r, &b->queue);
        } else if (is(key, "ea") && jr_peek(r) == '{') {
            b->s.has_ea = true;
            read_ea(r, &b->s.ea);
        } else if (is(key, "shutdown")) {
            b->s.regs.shutdown = read_bool(r);
        } else {
            jr_skip(r);
        }
    }
}

/* [pins, address, memory, I/O, data, bus status, its raw value, T-state] */
static void read_cycle(struct json_reader *r, struct buffer *to)
{
    uint8_t c[15] = {0};
    char word[8] = "";
    jr_enter(r, '[');
    for (unsigned field = 0; jr_more(r, ']'); field++) {
        if (field == 5 || field == 7) {
            jr_string(r, word, sizeof word);
            continue;
        }
        uint32_t v = number32(r);
        switch (field) {
        case 0: c[0] = (uint8_t)v; break;
        case 1: put32(c + 1, v); break;
        case 2: c[6] = (uint8_t)v; break;
        case 3: c[7] = (uint8_t)v; break;
        case 4: put16(c + 9, v); break;
        case 6: c[11] = (uint8_t)v; break;
        default:
            jr_fail(r, "a cycle has eight fields; those of 8-bit processors are not read here");
        }
    }
    c[12] = word[1] == '1' || word[1] == 's' ? 1 : word[1] == '2' || word[1] == 'c' ? 2 : 0;
    if (!r->why) buffer_add(to, c, sizeof c);
}

static void read_cycles(struct json_reader *r, struct buffer *to)
{
    for (jr_enter(r, '['); jr_more(r, ']');) {
        read_cycle(r, to);
        if (to->n >= 15 * LIST_MAX) jr_fail(r, "a list is too long");
    }
}

static void read_exception(struct json_reader *r, rt386_moo_test *test)
{
    char key[32];
    test->has_exception = true;
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        if (is(key, "number"))
            test->vector = (uint8_t)jr_number(r, 0xff);
        else if (is(key, "flag_address"))
            test->flags_at = number32(r);
        else
            jr_skip(r);
    }
}

static int hex_value(char c)
{
    const char *digits = "0123456789abcdef", *p = c ? strchr(digits, c | 0x20) : NULL;
    return p && *p ? (int)(p - digits) : -1;
}

static void read_hash(struct json_reader *r, rt386_moo_test *test)
{
    char text[48];
    if (jr_string(r, text, sizeof text) != 40) jr_fail(r, "a hash has 40 digits");
    for (unsigned i = 0; i < 20 && !r->why; i++) {
        int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) jr_fail(r, "a hash has hexadecimal digits");
        test->hash[i] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    test->has_hash = true;
}

static void read_member(struct json_reader *r, struct build *b, const char *key)
{
    b->has_init |= is(key, "initial");
    b->has_fina |= is(key, "final");
    if (is(key, "name"))
        jr_string(r, b->name, sizeof b->name);
    else if (is(key, "bytes"))
        read_bytes(r, &b->bytes);
    else if (is(key, "initial"))
        read_state(r, &b->init, &b->wide);
    else if (is(key, "final"))
        read_state(r, &b->fina, &b->wide);
    else if (is(key, "cycles"))
        read_cycles(r, &b->cycles);
    else if (is(key, "exception") && jr_peek(r) == '{')
        read_exception(r, &b->test);
    else if (is(key, "error"))
        read_error(r, &b->test);
    else if (is(key, "stop"))
        b->test.stop = (uint8_t)jr_number(r, 0xff);
    else if (is(key, "hash"))
        read_hash(r, &b->test);
    else
        jr_skip(r);
}

static rt386_moo_list list_of(const struct buffer *t, uint32_t size)
{
    return (rt386_moo_list){t->p, (uint32_t)(t->n / size)};
}

static void read_two(struct json_reader *r, uint8_t *first, uint8_t *second)
{
    uint8_t v[2] = {0};
    unsigned n = 0;
    for (jr_enter(r, '['); jr_more(r, ']'); n++) {
        uint64_t one = jr_number(r, 0xff);
        if (n < 2) v[n] = (uint8_t)one;
    }
    *first = v[0];
    *second = v[1];
}

static void read_file_member(struct json_reader *r, struct build *b, const char *key)
{
    rt386_moo_info *i = &b->info;
    if (is(key, "version"))
        read_two(r, &i->major, &i->minor);
    else if (is(key, "set"))
        read_two(r, &i->set_major, &i->set_minor);
    else if (is(key, "mode"))
        i->mode = (uint8_t)jr_number(r, 0xff);
    else if (is(key, "extension"))
        i->extension = (uint8_t)jr_number(r, 0xff);
    else if (is(key, "cpu"))
        jr_string(r, i->cpu, sizeof i->cpu);
    else if (is(key, "mnemonic"))
        jr_string(r, i->mnemonic, sizeof i->mnemonic);
    else if (is(key, "cpu_type"))
        i->cpu_type = (uint8_t)jr_number(r, 0xff);
    else if (is(key, "opcode"))
        i->opcode = number32(r);
    else if (is(key, "seed"))
        i->seed = jr_number(r, UINT64_MAX);
    else if (is(key, "masks"))
        read_regs(r, &i->mask, &b->wide);
    else if (is(key, "ram"))
        read_ram(r, &b->file_ram);
    else
        jr_skip(r);
}

/* Only the first element may be one; the version of MOO is ours. */
static void read_file(struct json_reader *r, struct build *b, bool first)
{
    char key[32];
    if (!first) jr_fail(r, "the member file belongs before the first test");
    b->has_info = b->info.has_meta = true;
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        read_file_member(r, b, key);
    }
    if (b->info.major != 1) jr_fail(r, "the version of the file is not 1.x");
    if (b->file_ram.failed) jr_fail(r, "out of memory");
    b->info.ram = (rt386_moo_list){b->file_ram.p, (uint32_t)(b->file_ram.n / 5)};
}

/* False: it was no test but what all tests share. */
static bool read_test(struct json_reader *r, struct build *b, bool first)
{
    char key[32];
    bool file = false;
    clear(b);
    for (jr_enter(r, '{'); jr_more(r, '}');) {
        jr_key(r, key, sizeof key);
        file |= is(key, "file");
        if (is(key, "file"))
            read_file(r, b, first);
        else
            read_member(r, b, key);
    }
    if (file) return false;
    /* Files of other kinds lie beside the tests: an empty state would be run, and fail. */
    if (!b->has_init || !b->has_fina) jr_fail(r, "a test has the members initial and final");
    b->init.s.ram = list_of(&b->init.ram, 5);
    b->init.s.ram_mask = list_of(&b->init.ram_mask, 5);
    b->init.s.queue = list_of(&b->init.queue, 1);
    b->fina.s.ram = list_of(&b->fina.ram, 5);
    b->fina.s.ram_mask = list_of(&b->fina.ram_mask, 5);
    b->fina.s.queue = list_of(&b->fina.queue, 1);
    b->test.init = b->init.s;
    b->test.fina = b->fina.s;
    b->test.name = (rt386_moo_list){(const uint8_t *)b->name, (uint32_t)strlen(b->name)};
    b->test.bytes = list_of(&b->bytes, 1);
    b->test.cycles = list_of(&b->cycles, 15);
    struct buffer *all[TEXTS];
    texts_of(b, all);
    for (unsigned i = 0; i < TEXTS; i++)
        if (all[i]->failed) jr_fail(r, "out of memory");
    return true;
}

/* The first test tells which kind of registers the file has. */
static rt386_status start_writer(const struct build *b, rt386_moo_writer **w)
{
    rt386_moo_info info = {.major = 1, .minor = 1};
    strcpy(info.cpu, b->wide ? "386E" : "C286");
    if (b->has_info) info = b->info;
    info.wide = b->wide;
    return *w ? RT386_OK : rt386_moo_writer_new(&info, w);
}

static rt386_status read_all(struct json_reader *r, struct build *b, rt386_moo_writer **w)
{
    rt386_status st = RT386_OK;
    bool list = jr_peek(r) == '[';
    if (list) jr_enter(r, '[');
    for (bool first = true; st == RT386_OK && (list ? jr_more(r, ']') : jr_peek(r) == '{');
         first = false) {
        bool test = read_test(r, b, first);
        if (r->why) break;
        if (!test) continue;
        st = start_writer(b, w);
        if (st == RT386_OK) st = rt386_moo_writer_add(*w, &b->test);
    }
    if (!r->why && jr_peek(r)) jr_fail(r, "there is more text after the last test");
    if (st == RT386_OK && !r->why) st = start_writer(b, w);
    return st;
}

rt386_status moo_from_json(const char *text, size_t n, struct buffer *to, const struct moo_err *err)
{
    struct json_reader r = {.text = text, .n = n};
    struct build *b = calloc(1, sizeof *b);
    rt386_moo_writer *w = NULL;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (!b) return moo_refuse(err, RT386_E_NOMEM, "out of memory");
    rt386_status st = read_all(&r, b, &w);
    release(b);
    free(b);
    if (r.why)
        st = moo_refuse(err, RT386_E_FORMAT, "JSON, byte %zu: %s", r.at, r.why);
    else if (st == RT386_OK)
        st = rt386_moo_writer_finish(w, &bytes, &size);
    if (st == RT386_OK) buffer_add(to, bytes, size);
    if (st == RT386_OK && to->failed) st = RT386_E_NOMEM;
    rt386_moo_writer_free(w);
    return st;
}
