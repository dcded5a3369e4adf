/* coff.c: names from the COFF symbol table that MinGW leaves in a PE image.
 *
 *   symbol   0 name[8], or { 0, offset in the string table }  8 value (in its section)
 *            12 section, from 1  14 type  16 class  17 number of auxiliary records that follow
 *   strings  follow the symbols; their first dword is their size with itself
 */
#include <string.h>

#include "pe.h"

#define SYMBOL_SIZE    18u
#define SHORT_NAME     8u
#define CLASS_EXTERNAL 2u
#define CLASS_STATIC   3u
#define CLASS_LABEL    6u

struct coff {
    uint32_t at, count;             /* symbol table */
    uint32_t strings, strings_size; /* file offset; 0: none */
};

static struct coff coff_open(const struct pe *pe)
{
    const struct load *l = pe->l;
    struct coff c = {.at = get32(l->bytes + pe->coff + 8),
                     .count = get32(l->bytes + pe->coff + 12)};
    uint64_t strings = c.at + (uint64_t)c.count * SYMBOL_SIZE;
    if (!c.at || !load_span(l, strings, 4)) return c;
    uint32_t size = get32(l->bytes + strings);
    if (size < 4 || !load_span(l, strings, size)) return c;
    c.strings = (uint32_t)strings;
    c.strings_size = size;
    return c;
}

/* "/123" in decimal. */
const uint8_t *pe_long_name(const struct pe *pe, const uint8_t *name, size_t *len)
{
    uint32_t at = 0;
    if (name[0] != '/' || name[1] < '0' || name[1] > '9') return NULL;
    for (size_t i = 1; i < SHORT_NAME && name[i] >= '0' && name[i] <= '9'; i++)
        at = at * 10 + (uint32_t)(name[i] - '0');
    struct coff c = coff_open(pe);
    if (!c.strings || at < 4 || at >= c.strings_size) return NULL;
    *len = c.strings_size - at;
    return pe->l->bytes + c.strings + at;
}

/* Absolute address, or false for what is no place in the image. Names with a dot are sections. */
static bool symbol_value(const struct pe *pe, const uint8_t *s, uint32_t *value)
{
    unsigned section = get16(s + 12), class = s[16];
    if (class != CLASS_EXTERNAL && class != CLASS_STATIC && class != CLASS_LABEL) return false;
    if (class == CLASS_STATIC && s[0] == '.') return false;
    if (!section || section > pe->section_count) return false;
    const uint8_t *h = pe->l->bytes + pe->sections + 40 * (size_t)(section - 1);
    *value = pe->l->image->base + get32(h + 12) + get32(s + 8);
    return true;
}

static const char *symbol_name(const struct pe *pe, const struct coff *c, const uint8_t *s,
                               char **pool)
{
    if (!get32(s)) {
        uint32_t at = get32(s + 4);
        return at >= 4 && at < c->strings_size ? (const char *)pe->l->bytes + c->strings + at
                                               : NULL;
    }
    if (!s[0]) return NULL;
    char *to = *pool;
    load_quote(to, SHORT_NAME + 1, s, SHORT_NAME);
    *pool += SHORT_NAME + 1;
    return to;
}

/* Returns how many there are; counts the short names too. `to` NULL: count only. */
static size_t symbols_walk(const struct pe *pe, const struct coff *c, struct image_symbol *to,
                           char *pool, size_t *shorts)
{
    char scratch[SHORT_NAME + 1];
    size_t n = 0;
    *shorts = 0;
    for (uint64_t i = 0; i < c->count; i++) {
        const uint8_t *s = pe->l->bytes + c->at + i * SYMBOL_SIZE;
        uint32_t value = 0;
        i += s[17];
        if (!symbol_value(pe, s, &value)) continue;
        char *spare = scratch, **from = to ? &pool : &spare;
        const char *name = symbol_name(pe, c, s, from);
        if (!name || !*name) continue;
        if (get32(s)) (*shorts)++;
        if (to) to[n] = (struct image_symbol){.value = value, .name = name};
        n++;
    }
    return n;
}

static size_t exports_as_symbols(const struct image *m, struct image_symbol *to)
{
    size_t n = 0;
    for (size_t i = 0; i < m->export_count; i++) {
        if (!m->exports[i].name || m->exports[i].forward) continue;
        if (to)
            to[n] = (struct image_symbol){.value = m->exports[i].vaddr, .name = m->exports[i].name};
        n++;
    }
    return n;
}

static status_t coff_check(const struct pe *pe, const struct coff *c)
{
    uint64_t size = (uint64_t)c->count * SYMBOL_SIZE;
    if (!c->at || !c->count) return ST_OK;
    if (!load_span(pe->l, c->at, size)) return load_cut(pe->l, "the symbol table", c->at, size);
    if (c->strings)
        return load_strings_check(pe->l, "the string table", c->strings, c->strings_size, 4);
    if (!load_span(pe->l, c->at + size, 4))
        return load_cut(pe->l, "the string table", c->at + size, 4);
    return load_cut(pe->l, "the string table", c->at + size, get32(pe->l->bytes + c->at + size));
}

status_t pe_symbols(const struct pe *pe)
{
    struct image *m = pe->l->image;
    struct coff c = coff_open(pe);
    struct image_symbol *scratch = NULL;
    size_t shorts = 0, n = exports_as_symbols(m, NULL);
    char *pool = NULL;
    status_t s = coff_check(pe, &c);
    if (s) return s;
    if (!c.at) c.count = 0;
    size_t total = n + symbols_walk(pe, &c, NULL, NULL, &shorts);
    s = load_table(pe->l, total, sizeof *scratch, &m->symbols);
    if (!s) s = load_table(pe->l, total, sizeof *scratch, &scratch);
    if (!s) s = load_table(pe->l, shorts, SHORT_NAME + 1, &pool);
    if (s) return s;
    exports_as_symbols(m, m->symbols);
    symbols_walk(pe, &c, m->symbols ? m->symbols + n : NULL, pool, &shorts);
    m->symbol_count = total;
    load_symbols_sort(pe->l, scratch);
    return ST_OK;
}
