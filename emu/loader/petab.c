/* petab.c: the tables inside the sections of a PE image.
 *
 *   import descriptor  0 names (rva)  4 stamp  12 module name (rva)  16 slots (rva); ends with
 * zeros name entry         bit 31 set: ordinal in 15-0; else rva of { hint u16, name }; 0 ends the
 * list export directory   12 module name  16 ordinal base  20 functions  24 names 28 functions at
 * 32 names at  36 name -> function at relocation block   0 page (rva)  4 size  8 entries u16: type
 * in 15-12, offset in 11-0 TLS directory      0 start  4 end  8 index  12 callbacks  16 zeroes:
 * addresses, not rvas
 */
#include <string.h>
#include <strings.h>

#include "pe.h"

#define IMPORT_SIZE 20u
#define EXPORT_SIZE 40u
#define TLS_SIZE    24u
#define PAGE        4096u

/* Sections ascend: the last one that begins at or below rva, if it holds the range. */
static const struct image_segment *segment_of(const struct pe *pe, uint32_t rva, uint64_t len)
{
    const struct image *m = pe->l->image;
    size_t lo = 0, hi = m->segment_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->segments[mid].vaddr - m->base <= rva)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo) return NULL;
    const struct image_segment *s = &m->segments[lo - 1];
    return rva - (s->vaddr - m->base) + len <= s->mem_size ? s : NULL;
}

bool pe_memory(const struct pe *pe, uint32_t rva, uint64_t len)
{
    return segment_of(pe, rva, len) != NULL;
}

bool pe_offset(const struct pe *pe, uint32_t rva, uint64_t len, uint64_t *off)
{
    const struct image_segment *s = segment_of(pe, rva, len);
    if (!s) return false;
    uint64_t in = rva - (s->vaddr - pe->l->image->base);
    if (in + len > s->file_size) return false;
    *off = (uint64_t)(s->bytes - pe->l->bytes) + in;
    return true;
}

status_t pe_outside(const struct pe *pe, const char *what, uint32_t rva, uint64_t len)
{
    return load_refuse(pe->l,
                       "%s at address 0x%x (0x%llx bytes) does not lie inside one section of the "
                       "file: the file is damaged; link it again",
                       what, rva, (unsigned long long)len);
}

status_t pe_name(const struct pe *pe, uint32_t rva, const char *what, const char **name)
{
    uint64_t off = 0;
    const struct image_segment *s = segment_of(pe, rva, 1);
    if (!s || !pe_offset(pe, rva, 1, &off)) return pe_outside(pe, what, rva, 1);
    uint64_t left = s->file_size - (rva - (s->vaddr - pe->l->image->base));
    if (!load_name_ok(pe->l, off, left < LOAD_NAME_MAX ? (size_t)left : LOAD_NAME_MAX))
        return load_refuse(pe->l, "%s at file offset 0x%llx %s: the file is damaged; link it again",
                           what, (unsigned long long)off,
                           pe->l->walk_left ? "is empty, has no end or holds control bytes"
                                            : "makes all names longer than the file can hold");
    *name = (const char *)pe->l->bytes + off;
    return ST_OK;
}

/* One function of a module: a name entry at rva `at`, its slot at rva `slot`. */
static status_t import_read(const struct pe *pe, uint32_t entry, struct image_import *to)
{
    uint64_t off = 0;
    if (entry >> 31) {
        to->ordinal = (uint16_t)entry;
        return ST_OK;
    }
    if (!pe_offset(pe, entry, 2, &off)) return pe_outside(pe, "an import's hint", entry, 2);
    to->hint = get16(pe->l->bytes + off);
    return pe_name(pe, entry + 2, "an import's name", &to->name);
}

/* All functions of one module. `to` NULL: count only. */
static status_t module_read(const struct pe *pe, const uint8_t *d, struct image_import *to,
                            size_t *count)
{
    struct load *l = pe->l;
    uint32_t slots = get32(d + 16), names = get32(d) ? get32(d) : slots;
    struct image_import one = {0};
    if (!get32(d) && get32(d + 4))
        return load_refuse(l,
                           "the imports at address 0x%x are bound and keep no names; link the "
                           "image without binding",
                           slots);
    status_t s = ST_OK;
    if (to) s = pe_name(pe, get32(d + 12), "the name of an imported module", &one.module);
    for (uint32_t i = 0; !s; i++) {
        uint64_t off = 0;
        if (!pe_offset(pe, names + 4 * i, 4, &off))
            return pe_outside(pe, "the list of imports", names + 4 * i, 4);
        uint32_t entry = get32(l->bytes + off);
        if (!entry) return ST_OK;
        if (!pe_memory(pe, slots + 4 * i, 4))
            return pe_outside(pe, "an import's slot", slots + 4 * i, 4);
        if (*count >= PE_IMPORT_MAX || *count >= l->size / 4)
            return load_refuse(l,
                               "the import table at address 0x%x lists more functions than the "
                               "file can hold: it is damaged; link it again",
                               pe->dir_rva[PE_DIR_IMPORT]);
        one.name = NULL;
        one.ordinal = one.hint = 0;
        one.slot = l->image->base + slots + 4 * i;
        if (to) {
            s = import_read(pe, entry, &one);
            to[*count] = one;
        }
        (*count)++;
    }
    return s;
}

static status_t imports_walk(const struct pe *pe, struct image_import *to, size_t *count)
{
    *count = 0;
    for (uint32_t at = pe->dir_rva[PE_DIR_IMPORT], n = 0;; at += IMPORT_SIZE, n++) {
        uint64_t off = 0;
        if (n == PE_MODULE_MAX)
            return load_refuse(pe->l,
                               "more than %u modules are imported (address 0x%x): the file is "
                               "damaged; link it again",
                               PE_MODULE_MAX, pe->dir_rva[PE_DIR_IMPORT]);
        if (!pe_offset(pe, at, IMPORT_SIZE, &off))
            return pe_outside(pe, "an import descriptor", at, IMPORT_SIZE);
        const uint8_t *d = pe->l->bytes + off;
        if (!get32(d + 12) || !get32(d + 16)) return ST_OK;
        status_t s = module_read(pe, d, to, count);
        if (s) return s;
    }
}

/* Only INtime has these: who calls them is a program for it, also without the mark that newer linkers set. */
static bool intime_module(const char *name)
{
    return !strcasecmp(name, "RtRsl.rsl") || !strcasecmp(name, "clib.rsl");
}

status_t pe_imports(const struct pe *pe)
{
    struct image *m = pe->l->image;
    size_t count = 0;
    if (!pe->dir_rva[PE_DIR_IMPORT]) return ST_OK;
    status_t s = imports_walk(pe, NULL, &count);
    if (!s) s = load_table(pe->l, count, sizeof *m->imports, &m->imports);
    if (s) return s;
    s = imports_walk(pe, m->imports, &m->import_count);
    for (size_t i = 0; !s && !m->intime && i < m->import_count; i++)
        m->intime = intime_module(m->imports[i].module);
    return s;
}

struct exports {
    uint32_t base, functions, names;
    uint64_t function_at, name_at, index_at; /* file offsets */
};

static status_t exports_open(const struct pe *pe, struct exports *x)
{
    struct load *l = pe->l;
    uint64_t off = 0;
    uint32_t rva = pe->dir_rva[PE_DIR_EXPORT];
    if (!pe_offset(pe, rva, EXPORT_SIZE, &off))
        return pe_outside(pe, "the export directory", rva, EXPORT_SIZE);
    const uint8_t *d = l->bytes + off;
    x->base = get32(d + 16);
    x->functions = get32(d + 20);
    x->names = get32(d + 24);
    if (x->functions > 65536 || x->names > 65536 || x->base + (uint64_t)x->functions > 65536)
        return load_refuse(l,
                           "the export directory at file offset 0x%llx has ordinals %u and up for "
                           "%u functions with %u names, past 65535: it is damaged; link it again",
                           (unsigned long long)off, x->base, x->functions, x->names);
    if (x->functions && !pe_offset(pe, get32(d + 28), 4 * (uint64_t)x->functions, &x->function_at))
        return pe_outside(pe, "the list of exports", get32(d + 28), 4 * (uint64_t)x->functions);
    if (x->names && !pe_offset(pe, get32(d + 32), 4 * (uint64_t)x->names, &x->name_at))
        return pe_outside(pe, "the list of export names", get32(d + 32), 4 * (uint64_t)x->names);
    if (x->names && !pe_offset(pe, get32(d + 36), 2 * (uint64_t)x->names, &x->index_at))
        return pe_outside(pe, "the list of export ordinals", get32(d + 36), 2 * (uint64_t)x->names);
    if (!get32(d + 12)) return ST_OK;
    return pe_name(pe, get32(d + 12), "the name of this library", &l->image->module);
}

/* The text "module.symbol" or "module.#ordinal" that stands in an exported function's place. */
static status_t forward_read(const struct pe *pe, uint32_t rva, uint32_t ordinal,
                             const char **forward)
{
    status_t s = pe_name(pe, rva, "the target of a forwarded export", forward);
    if (s) return s;
    const char *dot = strrchr(*forward, '.');
    if (dot && dot != *forward && dot[1]) return ST_OK;
    char quoted[64];
    return load_refuse(
        pe->l,
        "export %u is forwarded to %s, which is no module and symbol: the file is "
        "damaged; link it again",
        ordinal, load_quote(quoted, sizeof quoted, (const uint8_t *)*forward, strlen(*forward)));
}

/* Function `index`; its rva is 0 for a gap in the ordinals. */
static status_t export_read(const struct pe *pe, const struct exports *x, uint32_t index,
                            const char *name, struct image_export *to)
{
    struct load *l = pe->l;
    uint64_t off = x->function_at + 4 * (uint64_t)index;
    uint32_t rva = get32(l->bytes + off);
    *to = (struct image_export){.name = name, .ordinal = (uint16_t)(x->base + index)};
    if (rva && rva - pe->dir_rva[PE_DIR_EXPORT] < pe->dir_size[PE_DIR_EXPORT])
        return forward_read(pe, rva, x->base + index, &to->forward);
    if (rva >= l->image->size)
        return load_refuse(l,
                           "export %u at file offset 0x%llx has address 0x%x, past the image size "
                           "0x%x: it is damaged; link it again",
                           x->base + index, (unsigned long long)off, rva, l->image->size);
    to->vaddr = rva ? l->image->base + rva : 0;
    return ST_OK;
}

static status_t exports_named(const struct pe *pe, const struct exports *x, uint8_t *seen)
{
    struct load *l = pe->l;
    for (uint32_t i = 0; i < x->names; i++) {
        uint32_t index = get16(l->bytes + x->index_at + 2 * (uint64_t)i);
        const char *name;
        struct image_export one;
        if (index >= x->functions)
            return load_refuse(l,
                               "export name %u names function %u of %u (file offset 0x%llx): the "
                               "file is damaged; link it again",
                               i, index, x->functions,
                               (unsigned long long)(x->index_at + 2 * (uint64_t)i));
        status_t s =
            pe_name(pe, get32(l->bytes + x->name_at + 4 * (uint64_t)i), "an export's name", &name);
        if (!s) s = export_read(pe, x, index, name, &one);
        if (s) return s;
        seen[index] = 1;
        if (one.vaddr || one.forward) l->image->exports[l->image->export_count++] = one;
    }
    return ST_OK;
}

/* Linkers sort by name; a file that does not is put in order here, so that look-ups may bisect. */
static void exports_sort(struct image_export *e, size_t n, struct image_export *scratch)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t mid = lo + width < n ? lo + width : n, hi = mid + width < n ? mid + width : n;
            for (size_t i = lo, a = lo, b = mid; i < hi; i++) {
                bool left = a < mid && (b >= hi || strcmp(e[a].name, e[b].name) <= 0);
                scratch[i] = left ? e[a++] : e[b++];
            }
        }
        memcpy(e, scratch, n * sizeof *e);
    }
}

/* The first of several names of a function answers for its ordinal. */
static status_t ordinals_fill(struct load *l, const struct exports *x)
{
    struct image *m = l->image;
    status_t s = load_table(l, x->functions, sizeof *m->ordinals, &m->ordinals);
    if (s) return s;
    m->ordinal_base = x->base;
    m->ordinal_count = x->functions;
    for (size_t i = m->export_count; i-- > 0;)
        m->ordinals[m->exports[i].ordinal - x->base] = (uint32_t)i + 1;
    return ST_OK;
}

status_t pe_exports(const struct pe *pe)
{
    struct load *l = pe->l;
    struct exports x = {0};
    struct image_export *scratch;
    uint8_t *seen;
    if (!pe->dir_rva[PE_DIR_EXPORT]) return ST_OK;
    status_t s = exports_open(pe, &x);
    uint64_t most = (uint64_t)x.functions + x.names;
    if (!s) s = load_table(l, most, sizeof *scratch, &l->image->exports);
    if (!s) s = load_table(l, x.names, sizeof *scratch, &scratch);
    if (!s) s = load_table(l, x.functions, 1, &seen);
    if (!s) s = exports_named(pe, &x, seen);
    if (s) return s;
    exports_sort(l->image->exports, l->image->export_count, scratch);
    for (uint32_t i = 0; i < x.functions; i++) {
        struct image_export one;
        if (seen[i]) continue;
        s = export_read(pe, &x, i, NULL, &one);
        if (s) return s;
        if (one.vaddr || one.forward) l->image->exports[l->image->export_count++] = one;
    }
    return ordinals_fill(l, &x);
}

/* One block of relocations of a page. `to` NULL: count and check only. */
static status_t block_read(const struct pe *pe, uint64_t off, uint32_t size, uint32_t *to,
                           size_t *count)
{
    struct load *l = pe->l;
    uint32_t page = get32(l->bytes + off);
    for (uint32_t i = 8; i + 2 <= size; i += 2) {
        unsigned entry = get16(l->bytes + off + i), type = entry >> 12;
        uint32_t rva = page + (entry & 0xfffu);
        if (type == 0) continue;
        if (type != 3)
            return load_refuse(l,
                               "the relocation at file offset 0x%llx has type %u, not 3 (a whole "
                               "32-bit address); link it for i386",
                               (unsigned long long)(off + i), type);
        if (!pe_memory(pe, rva, 4))
            return load_refuse(l,
                               "the relocation at file offset 0x%llx changes address 0x%x, which "
                               "is in no section: the file is damaged; link it again",
                               (unsigned long long)(off + i), rva);
        if (to) to[*count] = l->image->base + rva;
        (*count)++;
    }
    return ST_OK;
}

/* Some linkers round the table's size up: it may name bytes to the end of the section's last page, which are padding. */
static bool relocs_clip(const struct pe *pe, uint32_t rva, uint32_t *size)
{
    const struct image_segment *s = segment_of(pe, rva, 1);
    if (!s) return false;
    uint32_t in = rva - (s->vaddr - pe->l->image->base), there = s->file_size - in;
    uint64_t end = ((uint64_t)s->mem_size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (in > s->file_size || (uint64_t)in + *size > end) return false;
    if (*size > there) *size = there;
    return true;
}

static status_t relocs_walk(const struct pe *pe, uint32_t *to, size_t *count)
{
    struct load *l = pe->l;
    uint32_t rva = pe->dir_rva[PE_DIR_RELOC], left = pe->dir_size[PE_DIR_RELOC];
    uint64_t off = 0;
    if (!relocs_clip(pe, rva, &left) || !pe_offset(pe, rva, left, &off))
        return pe_outside(pe, "the relocations", rva, left);
    *count = 0;
    while (left >= 8) {
        uint32_t size = get32(l->bytes + off + 4);
        if (!size && !get32(l->bytes + off)) return ST_OK; /* padding of the table */
        if (size < 8 || size > left)
            return load_refuse(l,
                               "the relocation block at file offset 0x%llx has 0x%x bytes, not 8 "
                               "to 0x%x: the file is damaged; link it again",
                               (unsigned long long)off, size, left);
        status_t s = block_read(pe, off, size, to, count);
        if (s) return s;
        off += size;
        left -= size;
    }
    return ST_OK;
}

status_t pe_relocs(const struct pe *pe)
{
    struct image *m = pe->l->image;
    size_t count = 0;
    if (!pe->dir_rva[PE_DIR_RELOC] || !pe->dir_size[PE_DIR_RELOC]) return ST_OK;
    status_t s = relocs_walk(pe, NULL, &count);
    if (!s) s = load_table(pe->l, count, sizeof *m->relocs, &m->relocs);
    if (s) return s;
    return relocs_walk(pe, m->relocs, &m->reloc_count);
}

/* An address of the TLS directory, as rva; must be memory of one section. */
static status_t tls_address(const struct pe *pe, const char *what, uint32_t address, uint64_t len)
{
    if (address >= pe->l->image->base && pe_memory(pe, address - pe->l->image->base, len))
        return ST_OK;
    return load_refuse(pe->l,
                       "%s in the TLS directory (address 0x%x, %llu bytes) lies in no section: the "
                       "file is damaged; link it again",
                       what, address, (unsigned long long)len);
}

status_t pe_tls(const struct pe *pe)
{
    struct load *l = pe->l;
    struct image *m = l->image;
    uint64_t off = 0;
    if (!pe->dir_rva[PE_DIR_TLS]) return ST_OK;
    if (!pe_offset(pe, pe->dir_rva[PE_DIR_TLS], TLS_SIZE, &off))
        return pe_outside(pe, "the TLS directory", pe->dir_rva[PE_DIR_TLS], TLS_SIZE);
    const uint8_t *t = l->bytes + off;
    m->tls_start = get32(t);
    m->tls_end = get32(t + 4);
    m->tls_index = get32(t + 8);
    m->tls_callbacks = get32(t + 12);
    m->tls_zero = get32(t + 16);
    if (m->tls_end < m->tls_start)
        return load_refuse(l,
                           "the TLS template ends (0x%x) before it starts (0x%x) in the directory "
                           "at file offset 0x%llx: the file is damaged; link it again",
                           m->tls_end, m->tls_start, (unsigned long long)off);
    if (m->tls_zero > IMAGE_MEMORY_MAX)
        return load_refuse(l,
                           "the TLS directory at file offset 0x%llx asks for 0x%x zero bytes a "
                           "thread, more than 1 GB; make them fewer",
                           (unsigned long long)off, m->tls_zero);
    status_t s = tls_address(pe, "the index", m->tls_index, 4);
    if (!s && m->tls_end > m->tls_start)
        s = tls_address(pe, "the template", m->tls_start, m->tls_end - m->tls_start);
    if (!s && m->tls_callbacks) s = tls_address(pe, "the callback list", m->tls_callbacks, 4);
    return s;
}
