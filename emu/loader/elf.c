/* elf.c: ELF32 programs for the i386.
 *
 *   0x00 e_ident  7f 'E' 'L' 'F' class data version ...
 *   0x10 e_type   0x12 e_machine  0x18 e_entry  0x1c e_phoff  0x20 e_shoff
 *   0x2a e_phentsize  0x2c e_phnum  0x2e e_shentsize  0x30 e_shnum  0x32 e_shstrndx
 *
 * libelf walks the tables; their places and all that they point to are checked here first, against
 * the file, because libelf was not made for hostile files. Program headers place the program;
 * sections are read for names only.
 */
#include <libelf.h>
#include <stdio.h>
#include <string.h>

#include "load.h"

#define EHDR_SIZE 52u
#define PHDR_SIZE 32u
#define SHDR_SIZE 40u
#define SYM_SIZE  16u
#define NOTE_NAME "INtime"

bool load_is_elf(const struct load *l)
{
    return l->size >= 4 && !memcmp(l->bytes,
                                   "\x7f"
                                   "ELF",
                                   4);
}

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case 2: return "SPARC";
    case 6: return "the Intel 486 (an old mark)";
    case 8: return "MIPS";
    case 20: return "PowerPC";
    case 40: return "ARM";
    case 50: return "Itanium";
    case 62: return "x86-64";
    case 183: return "ARM64";
    case 243: return "RISC-V";
    }
    return "another processor";
}

static status_t ident_check(struct load *l)
{
    const uint8_t *b = l->bytes;
    if (!load_is_elf(l))
        return load_refuse(l,
                           "the file does not begin with 7f 'E' 'L' 'F': it is no ELF file; name "
                           "its real kind");
    if (l->size < EHDR_SIZE) return load_cut(l, "the ELF header", 0, EHDR_SIZE);
    if (b[EI_CLASS] == ELFCLASS64)
        return load_refuse(l, "this is a 64-bit ELF file (class 2 at offset 4); build it for i386, "
                              "with gcc -m32");
    if (b[EI_CLASS] != ELFCLASS32)
        return load_refuse(l,
                           "the ELF class at offset 4 is %u, not 1 (32-bit): the header is "
                           "damaged; link it again",
                           b[EI_CLASS]);
    if (b[EI_DATA] != ELFDATA2LSB)
        return load_refuse(l,
                           "the ELF byte order at offset 5 is %u, not 1 (little endian); build it "
                           "for i386",
                           b[EI_DATA]);
    if (b[EI_VERSION] != EV_CURRENT || get32(b + 0x14) != EV_CURRENT)
        return load_refuse(l, "the ELF version at offsets 6 and 0x14 is not 1: the header is "
                              "damaged; link it again");
    return ST_OK;
}

static status_t type_check(struct load *l)
{
    unsigned type = get16(l->bytes + 0x10), machine = get16(l->bytes + 0x12);
    if (machine != EM_386)
        return load_refuse(l,
                           "this ELF file is for %s (machine %u at offset 0x12), not for the i386; "
                           "build it with gcc -m32",
                           machine_name(machine), machine);
    switch (type) {
    case ET_EXEC: return ST_OK;
    case ET_REL:
        return load_refuse(l, "this is an ELF object file (type 1 at offset 0x10); link it into a "
                              "program first");
    case ET_DYN:
        return load_refuse(l, "this is a position-independent program or shared library (type 3 at "
                              "offset 0x10); link it with -static -no-pie");
    case ET_CORE:
        return load_refuse(l,
                           "this is a core dump (type 4 at offset 0x10); give the program itself");
    }
    return load_refuse(l,
                       "the ELF type at offset 0x10 is %u, not 2 (executable): the header is "
                       "damaged; link it again",
                       type);
}

/* Where the two tables lie. A section count of 0 (none, or more than 65279) means no sections. */
static status_t tables_check(struct load *l)
{
    const uint8_t *b = l->bytes;
    uint32_t phoff = get32(b + 0x1c), shoff = get32(b + 0x20);
    unsigned phnum = get16(b + 0x2c), shnum = get16(b + 0x30);
    if (!phnum || !phoff)
        return load_refuse(l,
                           "there are no program headers (offset 0x1c and 0x2c are zero): nothing "
                           "says what to load; link it as a program");
    if (get16(b + 0x28) != EHDR_SIZE || get16(b + 0x2a) != PHDR_SIZE)
        return load_refuse(l,
                           "the header sizes at offset 0x28 are %u and %u, not 52 and 32: the "
                           "header is damaged; link it again",
                           get16(b + 0x28), get16(b + 0x2a));
    if (phnum == PN_XNUM)
        return load_refuse(l,
                           "there are more than 65534 program headers (offset 0x2c); link it with "
                           "fewer segments");
    if (!load_span(l, phoff, (uint64_t)phnum * PHDR_SIZE))
        return load_cut(l, "the program header table", phoff, (uint64_t)phnum * PHDR_SIZE);
    if (!shoff || !shnum) return ST_OK;
    if (get16(b + 0x2e) != SHDR_SIZE)
        return load_refuse(l,
                           "the section header size at offset 0x2e is %u, not %u: the header is "
                           "damaged; link it again",
                           get16(b + 0x2e), SHDR_SIZE);
    if (!load_span(l, shoff, (uint64_t)shnum * SHDR_SIZE))
        return load_cut(l, "the section header table", shoff, (uint64_t)shnum * SHDR_SIZE);
    return ST_OK;
}

static status_t interp_refuse(struct load *l, const Elf32_Phdr *p)
{
    char path[80] = "?";
    if (load_span(l, p->p_offset, p->p_filesz))
        load_quote(path, sizeof path, l->bytes + p->p_offset, p->p_filesz);
    return load_refuse(l,
                       "this program needs the dynamic linker %s (PT_INTERP, file offset 0x%x); "
                       "link it with -static",
                       path, p->p_offset);
}

static status_t segment_add(struct load *l, size_t index, const Elf32_Phdr *p)
{
    struct image_segment *s = &l->image->segments[l->image->segment_count];
    char name[sizeof s->name + 16], what[64];
    snprintf(name, sizeof name, "load%zu", index);
    snprintf(what, sizeof what, "segment %s", name);
    if (!load_span(l, p->p_offset, p->p_filesz)) return load_cut(l, what, p->p_offset, p->p_filesz);
    if (p->p_memsz < p->p_filesz)
        return load_refuse(l,
                           "%s (program header %zu) has 0x%x bytes in the file but only 0x%x in "
                           "memory: the header is damaged; link it again",
                           what, index, p->p_filesz, p->p_memsz);
    if (!p->p_memsz) return ST_OK;
    if (l->image->segment_count == IMAGE_SEGMENT_MAX)
        return load_refuse(l, "there are more than %u segments to load; link it with fewer",
                           IMAGE_SEGMENT_MAX);
    *s = (struct image_segment){.vaddr = p->p_vaddr,
                                .paddr = p->p_paddr,
                                .file_size = p->p_filesz,
                                .mem_size = p->p_memsz,
                                .bytes = l->bytes + p->p_offset,
                                .writable = (p->p_flags & PF_W) != 0,
                                .executable = (p->p_flags & PF_X) != 0};
    snprintf(s->name, sizeof s->name, "%.11s", name);
    l->image->segment_count++;
    return ST_OK;
}

/* Notes: { namesz, descsz, type, name padded to 4, desc padded to 4 } ... A broken one ends the
 * walk: notes are remarks, and nothing is loaded by them. Headers that name the same notes over and
 * over are followed for WALK_FACTOR file sizes. */
static bool notes_have_intime(struct load *l, uint32_t off, uint32_t size)
{
    if (!load_span(l, off, size) || size > l->walk_left) return false;
    l->walk_left -= size;
    uint64_t at = off, end = (uint64_t)off + size;
    while (at + 12 <= end) {
        const uint8_t *n = l->bytes + at;
        uint64_t name = get32(n), desc = get32(n + 4);
        uint64_t next = at + 12 + ((name + 3) & ~UINT64_C(3)) + ((desc + 3) & ~UINT64_C(3));
        if (next > end + 3) return false;
        if (name >= 6 && name <= 7 && at + 12 + name <= end && !memcmp(n + 12, NOTE_NAME, 6) &&
            (name == 6 || !n[18]))
            return true;
        at = next;
    }
    return false;
}

static status_t segments_read(struct load *l, Elf *elf)
{
    size_t count = get16(l->bytes + 0x2c);
    const Elf32_Phdr *table = elf32_getphdr(elf);
    if (!table)
        return load_refuse(l,
                           "the program header table at file offset 0x%x cannot be read (%s); "
                           "link the file again",
                           get32(l->bytes + 0x1c), elf_errmsg(-1));
    status_t s = load_table(l, count < IMAGE_SEGMENT_MAX ? count : IMAGE_SEGMENT_MAX,
                            sizeof(struct image_segment), &l->image->segments);
    for (size_t i = 0; !s && i < count; i++) {
        Elf32_Phdr p; /* a copy: in the file it may lie at an odd address */
        memcpy(&p, (const uint8_t *)table + i * PHDR_SIZE, sizeof p);
        if (p.p_type == PT_INTERP) s = interp_refuse(l, &p);
        if (p.p_type == PT_LOAD) s = segment_add(l, i, &p);
        if (p.p_type == PT_NOTE && notes_have_intime(l, p.p_offset, p.p_filesz))
            l->image->intime = true;
    }
    if (s) return s;
    if (!l->image->segment_count)
        return load_refuse(l,
                           "none of the %zu program headers loads anything (PT_LOAD): the program "
                           "is empty; link it again",
                           count);
    return ST_OK;
}

/* Names of functions, objects and labels; absolute numbers, sections and files are left out. */
static bool symbol_wanted(const Elf32_Sym *s)
{
    unsigned type = ELF32_ST_TYPE(s->st_info);
    return s->st_name && s->st_shndx != SHN_UNDEF && s->st_shndx < SHN_LORESERVE &&
           (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC);
}

static void symbol_get(const struct load *l, uint64_t off, Elf32_Sym *s)
{
    const uint8_t *b = l->bytes + off;
    *s = (Elf32_Sym){.st_name = get32(b),
                     .st_value = get32(b + 4),
                     .st_size = get32(b + 8),
                     .st_info = b[12],
                     .st_other = b[13],
                     .st_shndx = get16(b + 14)};
}

static size_t symbols_fill(struct load *l, const Elf32_Shdr *table, const Elf32_Shdr *strings,
                           struct image_symbol *to)
{
    size_t n = 0;
    Elf32_Sym sym;
    for (uint32_t i = 0; i < table->sh_size / SYM_SIZE; i++) {
        symbol_get(l, table->sh_offset + (uint64_t)i * SYM_SIZE, &sym);
        if (!symbol_wanted(&sym) || sym.st_name >= strings->sh_size) continue;
        const char *name = (const char *)l->bytes + strings->sh_offset + sym.st_name;
        if (!*name) continue;
        if (to)
            to[n] = (struct image_symbol){.value = sym.st_value, .size = sym.st_size, .name = name};
        n++;
    }
    return n;
}

/* A copy, for the same reason as with program headers. */
static bool section_get(Elf_Scn *scn, Elf32_Shdr *to)
{
    const void *at = scn ? elf32_getshdr(scn) : NULL;
    if (at) memcpy(to, at, sizeof *to);
    return at != NULL;
}

static status_t symbols_read(struct load *l, Elf *elf, const Elf32_Shdr *table)
{
    Elf32_Shdr strings = {0};
    if (!section_get(elf_getscn(elf, table->sh_link), &strings) || strings.sh_type != SHT_STRTAB)
        return load_refuse(l,
                           "the symbol table at file offset 0x%x names section %u as its strings, "
                           "which is no string table: the file is damaged; link it again",
                           table->sh_offset, table->sh_link);
    if (!load_span(l, table->sh_offset, table->sh_size))
        return load_cut(l, "the symbol table", table->sh_offset, table->sh_size);
    status_t s = load_strings_check(l, "the string table", strings.sh_offset, strings.sh_size, 0);
    size_t n = s ? 0 : symbols_fill(l, table, &strings, NULL);
    struct image_symbol *scratch = NULL;
    if (!s) s = load_table(l, n, sizeof *scratch, &l->image->symbols);
    if (!s) s = load_table(l, n, sizeof *scratch, &scratch);
    if (s) return s;
    l->image->symbol_count = n;
    symbols_fill(l, table, &strings, l->image->symbols);
    load_symbols_sort(l, scratch);
    return ST_OK;
}

/* The first symbol table counts; there is never a second in a linked program. */
static status_t sections_read(struct load *l, Elf *elf)
{
    Elf_Scn *scn = NULL;
    bool symbols = false;
    while ((scn = elf_nextscn(elf, scn))) {
        Elf32_Shdr h;
        if (!section_get(scn, &h)) continue;
        if (h.sh_type == SHT_NOTE && notes_have_intime(l, h.sh_offset, h.sh_size))
            l->image->intime = true;
        if (h.sh_type != SHT_SYMTAB || symbols) continue;
        symbols = true;
        status_t s = symbols_read(l, elf, &h);
        if (s) return s;
    }
    return ST_OK;
}

status_t load_elf_body(struct load *l)
{
    status_t s = ident_check(l);
    if (!s) s = type_check(l);
    if (!s) s = tables_check(l);
    if (s) return s;
    elf_version(EV_CURRENT);
    /* libelf takes a writable pointer and does not write through it. */
    union {
        const uint8_t *given;
        char *taken;
    } bytes = {.given = l->bytes};
    Elf *elf = elf_memory(bytes.taken, l->size);
    if (!elf)
        return load_refuse(l, "the ELF header cannot be read (%s); link the file again",
                           elf_errmsg(-1));
    l->image->entry = get32(l->bytes + 0x18);
    s = segments_read(l, elf);
    if (!s && get32(l->bytes + 0x20) && get16(l->bytes + 0x30)) s = sections_read(l, elf);
    elf_end(elf);
    return s;
}

/* Linkers sort by address; a linker script need not. At most IMAGE_SEGMENT_MAX of them. */
void load_elf_order(struct image *image, bool physical)
{
    for (size_t i = 1; i < image->segment_count; i++) {
        struct image_segment s = image->segments[i];
        size_t at = i;
        for (; at; at--) {
            const struct image_segment *below = &image->segments[at - 1];
            if (physical ? below->paddr <= s.paddr : below->vaddr <= s.vaddr) break;
            image->segments[at] = *below;
        }
        image->segments[at] = s;
    }
}

status_t load_elf(struct load *l)
{
    status_t s = load_elf_body(l);
    if (!s) load_elf_order(l->image, false);
    return s ? s : load_segments_check(l, false);
}
