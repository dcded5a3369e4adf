/* moo.c: reads MOO files. The bytes stay in memory; a test is parsed when it is asked for. */
#include "moo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint8_t moo_regs16[MOO_REGS16] = {
    RT386_MOO_EAX, RT386_MOO_EBX, RT386_MOO_ECX, RT386_MOO_EDX,   RT386_MOO_CS,
    RT386_MOO_SS,  RT386_MOO_DS,  RT386_MOO_ES,  RT386_MOO_ESP,   RT386_MOO_EBP,
    RT386_MOO_ESI, RT386_MOO_EDI, RT386_MOO_EIP, RT386_MOO_EFLAGS};

const char *rt386_moo_reg_name(unsigned reg, bool wide)
{
    static const char *const name[RT386_MOO_REGS][2] = {
        {NULL, "cr0"}, {NULL, "cr3"}, {"ax", "eax"},       {"bx", "ebx"}, {"cx", "ecx"},
        {"dx", "edx"}, {"si", "esi"}, {"di", "edi"},       {"bp", "ebp"}, {"sp", "esp"},
        {"cs", "cs"},  {"ds", "ds"},  {"es", "es"},        {NULL, "fs"},  {NULL, "gs"},
        {"ss", "ss"},  {"ip", "eip"}, {"flags", "eflags"}, {NULL, "dr6"}, {NULL, "dr7"}};
    return reg < RT386_MOO_REGS ? name[reg][wide] : NULL;
}

const char *rt386_moo_desc_name(unsigned desc)
{
    static const char *const name[RT386_MOO_DESCS] = {"cs", "ds",   "es", "fs",   "gs",
                                                      "ss", "ldtr", "tr", "gdtr", "idtr"};
    return desc < RT386_MOO_DESCS ? name[desc] : NULL;
}

rt386_status moo_refuse(const struct moo_err *err, rt386_status status, const char *format, ...)
{
    if (!err || !err->text || !err->size) return status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, err->size, format, args);
    va_end(args);
    return status;
}

/* --- chunks --- */

struct chunk {
    uint32_t tag, n;
    const uint8_t *p;
};

/* The next chunk of *p..end. 1: there is one; 0: none left; -1: it reaches past the end. Fewer than
 * eight bytes at the end of a payload are no chunk: they may be a later version's. */
static int next_chunk(const uint8_t **p, const uint8_t *end, struct chunk *c)
{
    if (end - *p < 8) return 0;
    *c = (struct chunk){.tag = get32(*p), .n = get32(*p + 4), .p = *p + 8};
    if (c->n > (size_t)(end - c->p)) return -1;
    *p = c->p + c->n;
    return 1;
}

static bool parse_regs16(const struct chunk *c, rt386_moo_regs *out)
{
    if (c->n < 2) return false;
    uint32_t bits = get16(c->p), at = 2;
    *out = (rt386_moo_regs){0};
    for (unsigned i = 0; i < 16; i++) {
        if (!(bits >> i & 1)) continue;
        if (c->n - at < 2) return false;
        if (i < MOO_REGS16) {
            out->have |= 1u << moo_regs16[i];
            out->value[moo_regs16[i]] = get16(c->p + at);
        }
        at += 2;
    }
    return true;
}

static bool parse_regs32(const struct chunk *c, rt386_moo_regs *out)
{
    if (c->n < 4) return false;
    uint32_t bits = get32(c->p), at = 4;
    *out = (rt386_moo_regs){.shutdown = bits & MOO_SHUTDOWN};
    for (unsigned i = 0; i < 31; i++) {
        if (!(bits >> i & 1)) continue;
        if (c->n - at < 4) return false;
        if (i < RT386_MOO_REGS) {
            out->have |= 1u << i;
            out->value[i] = get32(c->p + at);
        }
        at += 4;
    }
    return true;
}

/* u32 count, then entries of `size` bytes. */
static bool parse_list(const struct chunk *c, uint32_t size, rt386_moo_list *out)
{
    if (c->n < 4) return false;
    uint32_t count = get32(c->p);
    if (count > (c->n - 4) / size) return false;
    *out = (rt386_moo_list){c->p + 4, count};
    return true;
}

static bool parse_ea(const struct chunk *c, rt386_moo_state *out)
{
    if (c->n < 23) return false;
    out->has_ea = true;
    out->ea = (rt386_moo_ea){.seg = c->p[0],
                             .selector = get16(c->p + 1),
                             .base = get32(c->p + 3),
                             .limit = get32(c->p + 7),
                             .offset = get32(c->p + 11),
                             .linear = get32(c->p + 15),
                             .physical = get32(c->p + 19)};
    return true;
}

static bool parse_descs(const struct chunk *c, rt386_moo_descs *out)
{
    if (c->n < 4) return false;
    uint32_t bits = get32(c->p), at = 4;
    for (unsigned i = 0; i < 32; i++) {
        if (!(bits >> i & 1)) continue;
        if (c->n - at < MOO_DESC_SIZE) return false;
        const uint8_t *p = c->p + at;
        at += MOO_DESC_SIZE;
        if (i >= RT386_MOO_DESCS) continue;
        uint32_t access = get32(p + 2);
        out->have |= 1u << i;
        out->at[i] = (rt386_moo_hidden){.selector = get16(p),
                                        .usable = !(access & MOO_DESC_UNUSABLE),
                                        .access = (uint8_t)access,
                                        .flags = (uint8_t)(access >> 12 & 0xf),
                                        .base = get32(p + 6),
                                        .limit = get32(p + 10)};
    }
    return true;
}

static bool parse_state_chunk(const struct chunk *c, rt386_moo_state *out)
{
    switch (c->tag) {
    case MOO_TAG('R', 'E', 'G', 'S'): return parse_regs16(c, &out->regs);
    case MOO_TAG('R', 'M', 'S', 'K'): return parse_regs16(c, &out->mask);
    case MOO_TAG('R', 'G', '3', '2'): return parse_regs32(c, &out->regs);
    case MOO_TAG('R', 'M', '3', '2'): return parse_regs32(c, &out->mask);
    case MOO_TAG('R', 'A', 'M', ' '): return parse_list(c, 5, &out->ram);
    case MOO_TAG('Q', 'U', 'E', 'U'): out->has_queue = true; return parse_list(c, 1, &out->queue);
    case MOO_TAG('E', 'A', '3', '2'): return parse_ea(c, out);
    case MOO_TAG('D', 'C', '3', '2'): return parse_descs(c, &out->descs);
    case MOO_TAG('R', 'A', 'M', 'M'): return parse_list(c, 5, &out->ram_mask);
    default: return true;
    }
}

static bool parse_state(const struct chunk *around, rt386_moo_state *out, const char **why)
{
    const uint8_t *p = around->p, *end = p + around->n;
    struct chunk c;
    int more;
    while ((more = next_chunk(&p, end, &c)) > 0)
        if (!parse_state_chunk(&c, out)) {
            *why = "a list of registers or memory is shorter than it says";
            return false;
        }
    if (more < 0) *why = "a chunk of a state reaches past its end";
    return more == 0;
}

static bool parse_exception(const struct chunk *c, rt386_moo_test *test)
{
    if (c->n < 5) return false;
    test->has_exception = true;
    test->vector = c->p[0];
    test->flags_at = get32(c->p + 1);
    return true;
}

static bool parse_error(const struct chunk *c, rt386_moo_test *test)
{
    if (c->n < 12) return false;
    test->has_error = get32(c->p) & MOO_HAS_ERROR;
    test->has_cr2 = get32(c->p) & MOO_HAS_CR2;
    test->error = get32(c->p + 4);
    test->cr2 = get32(c->p + 8);
    return true;
}

static bool parse_stop(const struct chunk *c, rt386_moo_test *test)
{
    if (c->n < 1) return false;
    test->stop = c->p[0];
    return true;
}

static bool parse_hash(const struct chunk *c, rt386_moo_test *test)
{
    if (c->n < sizeof test->hash) return false;
    test->has_hash = true;
    memcpy(test->hash, c->p, sizeof test->hash);
    return true;
}

static bool parse_test_chunk(const struct chunk *c, rt386_moo_test *test, const char **why)
{
    *why = "a list is shorter than it says";
    switch (c->tag) {
    case MOO_TAG('N', 'A', 'M', 'E'): return parse_list(c, 1, &test->name);
    case MOO_TAG('B', 'Y', 'T', 'S'): return parse_list(c, 1, &test->bytes);
    case MOO_TAG('C', 'Y', 'C', 'L'): return parse_list(c, 15, &test->cycles);
    case MOO_TAG('I', 'N', 'I', 'T'): return parse_state(c, &test->init, why);
    case MOO_TAG('F', 'I', 'N', 'A'): return parse_state(c, &test->fina, why);
    case MOO_TAG('E', 'X', 'C', 'P'): return parse_exception(c, test);
    case MOO_TAG('E', 'R', 'R', 'C'): return parse_error(c, test);
    case MOO_TAG('S', 'T', 'O', 'P'): return parse_stop(c, test);
    case MOO_TAG('H', 'A', 'S', 'H'): return parse_hash(c, test);
    default: return true;
    }
}

bool moo_parse_test(const uint8_t *p, uint32_t n, rt386_moo_test *test, const char **why)
{
    *test = (rt386_moo_test){0};
    *why = "it is too short for its number";
    if (n < 4) return false;
    test->index = get32(p);
    const uint8_t *at = p + 4, *end = p + n;
    struct chunk c;
    int more;
    while ((more = next_chunk(&at, end, &c)) > 0)
        if (!parse_test_chunk(&c, test, why)) return false;
    if (more < 0) *why = "a chunk reaches past its end";
    return more == 0;
}

/* --- the file --- */

static void copy_text(char *to, const uint8_t *from, size_t n)
{
    memcpy(to, from, n);
    to[n] = 0;
    while (n && (to[n - 1] == ' ' || to[n - 1] == 0))
        to[--n] = 0;
}

static bool parse_header(const struct chunk *c, rt386_moo_info *info)
{
    if (c->tag != MOO_TAG('M', 'O', 'O', ' ') || c->n < 12) return false;
    info->major = c->p[0];
    info->minor = c->p[1];
    info->tests = get32(c->p + 4);
    copy_text(info->cpu, c->p + 8, 4);
    info->wide = !strncmp(info->cpu, "386", 3);
    info->opcode = 0xffffffffu;
    info->extension = 0xff;
    return true;
}

static bool parse_meta(const struct chunk *c, rt386_moo_info *info)
{
    if (c->n < 28) return false;
    info->has_meta = true;
    info->set_major = c->p[0];
    info->set_minor = c->p[1];
    info->cpu_type = c->p[2];
    info->opcode = get32(c->p + 3);
    copy_text(info->mnemonic, c->p + 7, 8);
    info->seed = get64(c->p + 19);
    info->mode = c->p[27];
    if (c->n > 28) info->extension = c->p[28];
    return true;
}

static bool remember_test(rt386_moo *moo, const struct chunk *c)
{
    if (moo->tests == moo->room) {
        uint32_t room = moo->room ? 2 * moo->room : 1024;
        size_t *at = realloc(moo->at, room * sizeof *at);
        if (at) moo->at = at;
        uint32_t *length = realloc(moo->length, room * sizeof *length);
        if (length) moo->length = length;
        if (!at || !length) return false;
        moo->room = room;
    }
    moo->at[moo->tests] = (size_t)(c->p - moo->bytes);
    moo->length[moo->tests++] = c->n;
    return true;
}

static rt386_status index_chunk(rt386_moo *moo, const struct chunk *c, const struct moo_err *err)
{
    bool good = true;
    rt386_moo_test test;
    const char *why;
    switch (c->tag) {
    case MOO_TAG('M', 'E', 'T', 'A'): good = parse_meta(c, &moo->info); break;
    case MOO_TAG('R', 'M', 'S', 'K'): good = parse_regs16(c, &moo->info.mask); break;
    case MOO_TAG('R', 'M', '3', '2'): good = parse_regs32(c, &moo->info.mask); break;
    case MOO_TAG('R', 'A', 'M', ' '): good = parse_list(c, 5, &moo->info.ram); break;
    case MOO_TAG('T', 'E', 'S', 'T'):
        if (!moo_parse_test(c->p, c->n, &test, &why))
            return moo_refuse(err, RT386_E_FORMAT, "test %u is damaged: %s", moo->tests, why);
        if (test.init.regs.have & 1u << RT386_MOO_CR0) moo->info.wide = true;
        if (!remember_test(moo, c)) return moo_refuse(err, RT386_E_NOMEM, "out of memory");
        break;
    default: break;
    }
    if (good) return RT386_OK;
    return moo_refuse(err, RT386_E_FORMAT, "a chunk at offset %zu is shorter than it should be",
                      (size_t)(c->p - moo->bytes) - 8);
}

static rt386_status index_all(rt386_moo *moo, const struct moo_err *err)
{
    const uint8_t *p = moo->bytes, *end = p + moo->n;
    struct chunk c;
    int more = next_chunk(&p, end, &c);
    if (more <= 0 || !parse_header(&c, &moo->info))
        return moo_refuse(err, RT386_E_FORMAT,
                          "this is no MOO file: it does not begin with a "
                          "whole \"MOO \" chunk");
    if (moo->info.major != 1)
        return moo_refuse(err, RT386_E_FORMAT, "MOO version %u.%u is not known here; 1.x is",
                          moo->info.major, moo->info.minor);
    while ((more = next_chunk(&p, end, &c)) > 0) {
        rt386_status st = index_chunk(moo, &c, err);
        if (st != RT386_OK) return st;
    }
    if (more < 0 || p != end)
        return moo_refuse(err, RT386_E_FORMAT, "the file is cut off after %u of %u tests",
                          moo->tests, moo->info.tests);
    if (moo->tests != moo->info.tests)
        return moo_refuse(err, RT386_E_FORMAT, "the file promises %u tests and holds %u",
                          moo->info.tests, moo->tests);
    return RT386_OK;
}

rt386_status moo_index(uint8_t *bytes, size_t n, rt386_moo **out, const struct moo_err *err)
{
    rt386_moo *moo = calloc(1, sizeof *moo);
    if (!moo) {
        free(bytes);
        return moo_refuse(err, RT386_E_NOMEM, "out of memory");
    }
    moo->bytes = bytes;
    moo->n = n;
    rt386_status st = index_all(moo, err);
    if (st == RT386_OK)
        *out = moo;
    else
        rt386_moo_close(moo);
    return st;
}

static rt386_status open_text(struct buffer *bytes, rt386_moo **out, const struct moo_err *err)
{
    rt386_status st = moo_unpack(bytes, err);
    size_t i = 0;
    while (i < bytes->n && strchr(" \t\r\n", bytes->p[i]) && bytes->p[i])
        i++;
    if (st == RT386_OK && i < bytes->n && (bytes->p[i] == '[' || bytes->p[i] == '{')) {
        struct buffer moo = {0};
        st = moo_from_json((const char *)bytes->p, bytes->n, &moo, err);
        free(bytes->p);
        *bytes = moo;
    }
    if (st == RT386_OK) return moo_index(bytes->p, bytes->n, out, err);
    free(bytes->p);
    return st;
}

rt386_status rt386_moo_open(const char *path, rt386_moo **moo, char *err, size_t err_size)
{
    if (!path || !moo) return RT386_E_ARG;
    *moo = NULL;
    struct moo_err e = {err, err_size};
    struct buffer bytes = {0};
    rt386_status st = moo_load(path, &bytes, &e);
    if (st == RT386_OK) return open_text(&bytes, moo, &e);
    free(bytes.p);
    return st;
}

rt386_status rt386_moo_open_bytes(const void *bytes, size_t n, rt386_moo **moo, char *err,
                                  size_t err_size)
{
    if ((!bytes && n) || !moo) return RT386_E_ARG;
    *moo = NULL;
    struct moo_err e = {err, err_size};
    struct buffer copy = {0};
    if (n > MOO_UNPACKED_MAX) return moo_refuse(&e, RT386_E_FORMAT, "more than 256 MB");
    buffer_add(&copy, bytes, n);
    if (copy.failed) return moo_refuse(&e, RT386_E_NOMEM, "out of memory");
    return open_text(&copy, moo, &e);
}

void rt386_moo_close(rt386_moo *moo)
{
    if (!moo) return;
    free(moo->bytes);
    free(moo->at);
    free(moo->length);
    free(moo);
}

const rt386_moo_info *rt386_moo_describe(const rt386_moo *moo)
{
    return &moo->info;
}

bool rt386_moo_test_at(const rt386_moo *moo, uint32_t position, rt386_moo_test *test)
{
    const char *why;
    if (position >= moo->tests) return false;
    return moo_parse_test(moo->bytes + moo->at[position], moo->length[position], test, &why);
}

const uint8_t *rt386_moo_bytes(const rt386_moo *moo, size_t *n)
{
    *n = moo->n;
    return moo->bytes;
}
