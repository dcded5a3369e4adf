/* pe.h: what the readers of PE share; not for other layers.
 *
 *   0x00 'M' 'Z' ... 0x3c offset of:
 *        'P' 'E' 0 0 | COFF header, 20 bytes | optional header | section headers, 40 bytes each
 *
 *   COFF      0 machine  2 sections  8 symbols at  12 symbols  16 optional size  18 characteristics
 *   optional  0 magic  16 entry  28 image base  32 section alignment  36 file alignment
 *            44 image version  56 image size  60 header size  68 subsystem  72 stack  80 heap
 *            92 directories  96 { rva, size } ...
 *   section   0 name[8]  8 virtual size  12 rva  16 raw size  20 raw offset  36 characteristics
 */
#ifndef RT386_LOADER_PE_H
#define RT386_LOADER_PE_H

#include "load.h"

#define PE_IMPORT_MAX 65536u
#define PE_MODULE_MAX 1024u
#define PE_DIRS       16u

enum pe_dir {
    PE_DIR_EXPORT = 0,
    PE_DIR_IMPORT = 1,
    PE_DIR_RELOC = 5,
    PE_DIR_TLS = 9,
    PE_DIR_DOTNET = 14
};

struct pe {
    struct load *l;
    uint32_t coff, opt, sections; /* file offsets */
    unsigned section_count;
    uint32_t section_align, header_size;
    uint32_t dir_rva[PE_DIRS], dir_size[PE_DIRS];
};

/* File offset of the bytes at [rva, rva + len), which must come from the file; false otherwise. */
bool pe_offset(const struct pe *pe, uint32_t rva, uint64_t len, uint64_t *off);
/* Is [rva, rva + len) memory of one section (or the headers)? */
bool pe_memory(const struct pe *pe, uint32_t rva, uint64_t len);
/* A name of printable bytes; `what` goes into the sentence. */
status_t pe_name(const struct pe *pe, uint32_t rva, const char *what, const char **name);
/* The sentence for a table that lies outside what the file gives. */
status_t pe_outside(const struct pe *pe, const char *what, uint32_t rva, uint64_t len);

status_t pe_imports(const struct pe *pe);
status_t pe_exports(const struct pe *pe);
status_t pe_relocs(const struct pe *pe);
status_t pe_tls(const struct pe *pe);
/* COFF symbols and exports, as names for views. */
status_t pe_symbols(const struct pe *pe);
/* A section's full name when its header says "/offset" into the COFF string table; NULL if it is
 * none of these. */
const uint8_t *pe_long_name(const struct pe *pe, const uint8_t *name, size_t *len);

#endif
