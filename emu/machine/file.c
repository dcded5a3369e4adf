/* file.c: a file looked at without a machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

struct rt386_file {
    uint8_t *bytes;
    struct image *image;
};

rt386_status rt386_file_open(const char *path, rt386_file **file, char *err, size_t err_size)
{
    if (!path || !file) return RT386_E_ARG;
    *file = NULL;
    rt386_file *f = calloc(1, sizeof *f);
    if (!f) return RT386_E_NOMEM;
    size_t n = 0;
    status_t st = file_read(path, &f->bytes, &n, err, err_size);
    if (st == ST_OK) st = image_parse(f->bytes, n, IMAGE_AUTO, 0x100000, &f->image, err, err_size);
    if (st == ST_OK) {
        *file = f;
        return RT386_OK;
    }
    rt386_file_close(f);
    return st == ST_NOTFOUND ? RT386_E_NOTFOUND
           : st == ST_IO     ? RT386_E_IO
           : st == ST_NOMEM  ? RT386_E_NOMEM
                             : RT386_E_FORMAT;
}

void rt386_file_close(rt386_file *f)
{
    if (!f) return;
    image_free(f->image);
    free(f->bytes);
    free(f);
}

rt386_file_info rt386_file_describe(const rt386_file *f)
{
    const struct image *im = f->image;
    return (rt386_file_info){.kind = image_kind_text(im->kind),
                             .intime = im->intime,
                             .entry = im->entry,
                             .base = im->base,
                             .size = im->size,
                             .version_major = im->version_major,
                             .version_minor = im->version_minor,
                             .stack_reserve = im->stack_reserve,
                             .heap_reserve = im->heap_reserve,
                             .segments = (unsigned)im->segment_count,
                             .imports = (unsigned)im->import_count,
                             .exports = (unsigned)im->export_count,
                             .symbols = (unsigned)im->symbol_count,
                             .relocs = (unsigned)im->reloc_count,
                             .has_tls = im->tls_index != 0};
}

bool rt386_file_segment_at(const rt386_file *f, unsigned index, rt386_file_segment *out)
{
    if (index >= f->image->segment_count) return false;
    const struct image_segment *s = &f->image->segments[index];
    *out = (rt386_file_segment){.vaddr = s->vaddr,
                                .file_size = s->file_size,
                                .mem_size = s->mem_size,
                                .writable = s->writable,
                                .executable = s->executable};
    memcpy(out->name, s->name, sizeof out->name);
    out->name[sizeof out->name - 1] = 0;
    return true;
}

static bool supplied(const struct image_import *im)
{
    struct image *rsl = NULL;
    if (!rsl_image(im->module, &rsl)) return false;
    bool known = im->name ? image_export_by_name(rsl, im->name) != NULL
                          : image_export_by_ordinal(rsl, im->ordinal) != NULL;
    image_free(rsl);
    return known;
}

bool rt386_file_import_at(const rt386_file *f, unsigned index, rt386_file_import *out)
{
    if (index >= f->image->import_count) return false;
    const struct image_import *im = &f->image->imports[index];
    *out = (rt386_file_import){.ordinal = im->ordinal, .known = supplied(im)};
    snprintf(out->module, sizeof out->module, "%s", im->module);
    if (im->name) snprintf(out->name, sizeof out->name, "%s", im->name);
    return true;
}

const char *rt386_file_symbol(const rt386_file *f, uint32_t address, uint32_t *behind)
{
    const struct image_symbol *s = image_symbol_at(f->image, address);
    if (!s) return NULL;
    *behind = address - s->value;
    return s->name;
}
