/* pe.c: headers and sections of PE32 images for the i386 (.rta, .rsl). The layout is drawn in pe.h.
 */
#include "pe.h"

#include <stdio.h>
#include <string.h>

#define DOS_SIZE     64u
#define COFF_SIZE    20u
#define OPT_SIZE     96u /* without directories */
#define SECTION_SIZE 40u
#define PAGE         4096u

#define CHAR_NO_RELOCS  0x0001u
#define CHAR_EXECUTABLE 0x0002u
#define CHAR_DLL        0x2000u
#define SCN_BSS         0x00000080u
#define SCN_DISCARD     0x02000000u
#define SCN_EXECUTE     0x20000000u
#define SCN_WRITE       0x80000000u

static bool has_pe_signature(const struct load *l, uint32_t at)
{
    return load_span(l, at, 4) && !memcmp(l->bytes + at, "PE\0\0", 4);
}

uint32_t load_pe_offset(const struct load *l)
{
    if (l->size < DOS_SIZE || l->bytes[0] != 'M' || l->bytes[1] != 'Z') return 0;
    uint32_t at = get32(l->bytes + 0x3c);
    return has_pe_signature(l, at) ? at : 0;
}

static status_t dos_refuse(struct load *l, uint32_t at)
{
    static const char *const known[] = {"NE", "LE", "LX"};
    for (size_t i = 0; i < 3 && load_span(l, at, 2); i++)
        if (!memcmp(l->bytes + at, known[i], 2))
            return load_refuse(l,
                               "this is a 16-bit or OS/2 program (%s header at file offset 0x%x); "
                               "build it as PE32 for i386",
                               known[i], at);
    return load_refuse(l,
                       "the file begins with 'MZ' but has no PE header at file offset 0x%x (named "
                       "at 0x3c): it is a DOS program or it is damaged; build it as PE32 for i386",
                       at);
}

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case 0x8664: return "x86-64";
    case 0x1c0:
    case 0x1c2:
    case 0x1c4: return "ARM";
    case 0xaa64: return "ARM64";
    case 0x200: return "Itanium";
    case 0x166: return "MIPS";
    case 0x1f0: return "PowerPC";
    case 0xebc: return "EFI byte code";
    }
    return "another processor";
}

static status_t headers_find(struct pe *pe)
{
    struct load *l = pe->l;
    if (l->size < 2 || l->bytes[0] != 'M' || l->bytes[1] != 'Z')
        return load_refuse(l, "the file does not begin with 'MZ': it is no PE image; name its real "
                              "kind");
    if (l->size < DOS_SIZE) return load_cut(l, "the DOS header", 0, DOS_SIZE);
    uint32_t at = get32(l->bytes + 0x3c);
    if (at >= DOS_SIZE && !load_span(l, at, 4)) return load_cut(l, "the PE signature", at, 4);
    if (!has_pe_signature(l, at)) return dos_refuse(l, at);
    pe->coff = at + 4;
    pe->opt = pe->coff + COFF_SIZE;
    if (!load_span(l, pe->coff, COFF_SIZE + OPT_SIZE))
        return load_cut(l, "the PE header", pe->coff, COFF_SIZE + OPT_SIZE);
    return ST_OK;
}

static status_t coff_check(struct pe *pe)
{
    struct load *l = pe->l;
    const uint8_t *c = l->bytes + pe->coff;
    unsigned machine = get16(c), magic = get16(l->bytes + pe->opt);
    uint32_t opt_size = get16(c + 16), flags = get16(c + 18);
    if (machine != 0x14c)
        return load_refuse(l,
                           "this PE image is for %s (machine 0x%x at file offset 0x%x), not for "
                           "the i386; build it for i386",
                           machine_name(machine), machine, pe->coff);
    if (magic == 0x20b)
        return load_refuse(l,
                           "this is a 64-bit PE image (PE32+, magic 0x20b at file offset 0x%x); "
                           "build it for i386",
                           pe->opt);
    if (magic != 0x10b)
        return load_refuse(l,
                           "the optional header at file offset 0x%x has magic 0x%x, not 0x10b "
                           "(PE32): the file is damaged; link it again",
                           pe->opt, magic);
    if (opt_size < OPT_SIZE)
        return load_refuse(l,
                           "the optional header at file offset 0x%x has %u bytes, fewer than the "
                           "%u of PE32: the file is damaged; link it again",
                           pe->opt, opt_size, OPT_SIZE);
    if (!(flags & CHAR_EXECUTABLE))
        return load_refuse(l,
                           "the PE header at file offset 0x%x is not marked executable (0x0002 in "
                           "0x%04x): linking failed; link it again",
                           pe->coff, flags);
    l->image->is_dll = (flags & CHAR_DLL) != 0;
    l->image->fixed = (flags & CHAR_NO_RELOCS) != 0;
    pe->sections = pe->opt + opt_size;
    pe->section_count = get16(c + 2);
    return ST_OK;
}

/* An image for INtime may have any: the linker's switch means nothing there. */
static status_t subsystem_check(struct pe *pe)
{
    struct load *l = pe->l;
    unsigned subsystem = get16(l->bytes + pe->opt + 68);
    if (subsystem == 2 || subsystem == 3 || l->image->intime) return ST_OK;
    if (subsystem == 1)
        return load_refuse(l,
                           "this is a Windows driver or native image (subsystem 1 at file offset "
                           "0x%x); give an application or library image",
                           pe->opt + 68);
    if (subsystem >= 10 && subsystem <= 13)
        return load_refuse(l,
                           "this is an EFI image (subsystem %u at file offset 0x%x); give an "
                           "application or library image",
                           subsystem, pe->opt + 68);
    return load_refuse(l,
                       "the subsystem at file offset 0x%x is %u, not 2 or 3 (an application); link "
                       "it for the console",
                       pe->opt + 68, subsystem);
}

static status_t sizes_check(struct pe *pe)
{
    struct load *l = pe->l;
    const uint8_t *o = l->bytes + pe->opt;
    struct image *m = l->image;
    uint64_t size = get32(o + 56), rounded = (size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    m->base = get32(o + 28);
    pe->section_align = get32(o + 32);
    pe->header_size = get32(o + 60);
    /* 64 KB is Windows' granularity; INtime's own libraries lie on any page (RtRsl at 0x72000). */
    if (m->base & (PAGE - 1))
        return load_refuse(l,
                           "the image base at file offset 0x%x is 0x%x, not a multiple of 4 KB; "
                           "link it at another base",
                           pe->opt + 28, m->base);
    if (pe->section_align < PAGE || (pe->section_align & (pe->section_align - 1)))
        return load_refuse(l,
                           "the section alignment at file offset 0x%x is 0x%x, not a power of two "
                           "from 0x1000 on; link it with pages of 4 KB",
                           pe->opt + 32, pe->section_align);
    if (m->base + rounded > UINT64_C(1) << 32 || rounded > IMAGE_MEMORY_MAX)
        return load_refuse(l,
                           "the image of 0x%llx bytes at base 0x%x reaches past 4 GB or is larger "
                           "than 1 GB (size at file offset 0x%x); link it lower or smaller",
                           (unsigned long long)size, m->base, pe->opt + 56);
    m->size = (uint32_t)rounded;
    if (!load_span(l, 0, pe->header_size))
        return load_cut(l, "the header part", 0, pe->header_size);
    uint64_t end = pe->sections + (uint64_t)pe->section_count * SECTION_SIZE;
    if (!load_span(l, pe->sections, end - pe->sections))
        return load_cut(l, "the section header table", pe->sections, end - pe->sections);
    if (end > pe->header_size)
        return load_refuse(l,
                           "the section headers end at file offset 0x%llx, after the headers' own "
                           "size 0x%x: the file is damaged; link it again",
                           (unsigned long long)end, pe->header_size);
    return ST_OK;
}

static void fields_read(struct pe *pe)
{
    struct image *m = pe->l->image;
    const uint8_t *o = pe->l->bytes + pe->opt;
    m->version_major = get16(o + 44);
    m->version_minor = get16(o + 46);
    m->intime = m->version_major == IMAGE_INTIME_MAJOR && m->version_minor == IMAGE_INTIME_MINOR;
    m->stack_reserve = get32(o + 72);
    m->stack_commit = get32(o + 76);
    m->heap_reserve = get32(o + 80);
    m->heap_commit = get32(o + 84);
}

static status_t dirs_read(struct pe *pe)
{
    struct load *l = pe->l;
    uint32_t named = get32(l->bytes + pe->opt + 92), count = named < PE_DIRS ? named : PE_DIRS;
    uint32_t room = (pe->sections - pe->opt - OPT_SIZE) / 8;
    if (count > room)
        return load_refuse(l,
                           "the optional header at file offset 0x%x names %u directories but has "
                           "room for %u: the file is damaged; link it again",
                           pe->opt, count, room);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *d = l->bytes + pe->opt + OPT_SIZE + 8 * (size_t)i;
        pe->dir_rva[i] = get32(d);
        pe->dir_size[i] = get32(d + 4);
    }
    if (pe->dir_rva[PE_DIR_DOTNET])
        return load_refuse(l,
                           "this is a .NET program (directory 14 at file offset 0x%x is set); "
                           "build it as native code for i386",
                           pe->opt + OPT_SIZE + 8 * PE_DIR_DOTNET);
    return ST_OK;
}

static void section_name(const struct pe *pe, const uint8_t *header, char *to, size_t to_size)
{
    size_t len = 8;
    const uint8_t *name = pe_long_name(pe, header, &len);
    load_quote(to, to_size, name ? name : header, len);
}

/* Where the section comes from: raw offset and size, as far as it is mapped; padding behind that may be missing. */
static status_t section_raw(struct pe *pe, const uint8_t *h, struct image_segment *s)
{
    struct load *l = pe->l;
    uint32_t size = get32(h + 16), at = get32(h + 20);
    char what[32];
    if (!size || ((get32(h + 36) & SCN_BSS) && !at)) return ST_OK;
    if (size > s->mem_size) size = s->mem_size;
    snprintf(what, sizeof what, "section %s", s->name);
    if (!load_span(l, at, size)) return load_cut(l, what, at, size);
    if (at % 512)
        return load_refuse(l,
                           "section %s is at file offset 0x%x, not a multiple of 512; link it with "
                           "a file alignment of 512",
                           s->name, at);
    s->bytes = l->bytes + at;
    s->file_size = size;
    return ST_OK;
}

/* `floor`: the first rva that is free; moves up. */
static status_t section_add(struct pe *pe, unsigned index, uint64_t *floor)
{
    struct load *l = pe->l;
    uint64_t header_at = pe->sections + (uint64_t)index * SECTION_SIZE;
    const uint8_t *h = l->bytes + header_at;
    uint32_t rva = get32(h + 12), mem = get32(h + 8) ? get32(h + 8) : get32(h + 16);
    struct image_segment *s = &l->image->segments[l->image->segment_count];
    section_name(pe, h, s->name, sizeof s->name);
    if (rva % pe->section_align)
        return load_refuse(l,
                           "section %s (header at file offset 0x%llx) has address 0x%x, not a "
                           "multiple of the section alignment 0x%x; link it again",
                           s->name, (unsigned long long)header_at, rva, pe->section_align);
    if (rva < *floor)
        return load_refuse(l,
                           "section %s (header at file offset 0x%llx) has address 0x%x but what "
                           "comes before it reaches 0x%llx: sections overlap; link it again",
                           s->name, (unsigned long long)header_at, rva, (unsigned long long)*floor);
    if (rva + (uint64_t)mem > l->image->size)
        return load_refuse(l,
                           "section %s (header at file offset 0x%llx) reaches address 0x%llx, past "
                           "the image size 0x%x; link it again",
                           s->name, (unsigned long long)header_at,
                           (unsigned long long)(rva + (uint64_t)mem), l->image->size);
    *floor = rva + (uint64_t)mem;
    if (!mem) return ST_OK;
    s->vaddr = s->paddr = l->image->base + rva;
    s->mem_size = mem;
    s->bytes = l->bytes;
    s->writable = (get32(h + 36) & SCN_WRITE) != 0;
    s->executable = (get32(h + 36) & SCN_EXECUTE) != 0;
    s->discardable = (get32(h + 36) & SCN_DISCARD) != 0;
    l->image->segment_count++;
    return section_raw(pe, h, s);
}

/* Segment 0 is the headers: start-up code of some compilers reads them at the image base. */
static status_t sections_read(struct pe *pe)
{
    struct load *l = pe->l;
    struct image *m = l->image;
    uint64_t floor = pe->header_size;
    if (!pe->section_count || pe->section_count >= IMAGE_SEGMENT_MAX)
        return load_refuse(l,
                           "there are %u sections (file offset 0x%x), not 1 to %u; link it again",
                           pe->section_count, pe->coff + 2, IMAGE_SEGMENT_MAX - 1);
    if (pe->header_size > m->size)
        return load_refuse(l,
                           "the headers' size 0x%x is larger than the image size 0x%x (file "
                           "offset 0x%x): the file is damaged; link it again",
                           pe->header_size, m->size, pe->opt + 56);
    status_t s = load_table(l, pe->section_count + 1, sizeof *m->segments, &m->segments);
    if (s) return s;
    m->segments[0] = (struct image_segment){.vaddr = m->base,
                                            .paddr = m->base,
                                            .file_size = pe->header_size,
                                            .mem_size = pe->header_size,
                                            .bytes = l->bytes,
                                            .name = "headers"};
    m->segment_count = 1;
    for (unsigned i = 0; !s && i < pe->section_count; i++)
        s = section_add(pe, i, &floor);
    return s;
}

static status_t entry_read(struct pe *pe)
{
    struct load *l = pe->l;
    uint32_t rva = get32(l->bytes + pe->opt + 16);
    if (!rva && l->image->is_dll) return ST_OK;
    if (rva < pe->header_size || !pe_memory(pe, rva, 1))
        return load_refuse(l,
                           "the entry point 0x%x (file offset 0x%x) lies in no section; give the "
                           "linker an entry symbol",
                           rva, pe->opt + 16);
    l->image->entry = l->image->base + rva;
    return ST_OK;
}

status_t load_pe(struct load *l)
{
    struct pe pe = {.l = l};
    status_t s = headers_find(&pe);
    if (!s) s = coff_check(&pe);
    if (s) return s;
    fields_read(&pe);
    s = subsystem_check(&pe);
    if (!s) s = sizes_check(&pe);
    if (!s) s = dirs_read(&pe);
    if (!s) s = sections_read(&pe);
    if (!s) s = entry_read(&pe);
    if (!s) s = load_segments_check(l, false);
    if (!s) s = pe_imports(&pe);
    if (!s) s = pe_exports(&pe);
    if (!s) s = pe_relocs(&pe);
    if (!s) s = pe_tls(&pe);
    return s ? s : pe_symbols(&pe);
}
