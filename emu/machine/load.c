/* load.c: a file comes in; what it is decides who places it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum image_kind kind_wanted(const rt386_load_options *o)
{
    static const enum image_kind kinds[] = {IMAGE_AUTO,      IMAGE_ELF,  IMAGE_PE,
                                            IMAGE_MULTIBOOT, IMAGE_BOOT, IMAGE_RAW};
    return o->kind <= RT386_IMAGE_RAW ? kinds[o->kind] : IMAGE_AUTO;
}

static rt386_status place(rt386 *m, struct loaded *file, const rt386_load_options *o)
{
    bool intime = file->image->intime;
    if (intime && m->bare)
        return machine_fail(
            m, RT386_E_STATE,
            "a bare image is loaded already: an INtime program needs a machine of its own");
    if (!intime && (m->bare || m->kernel))
        return machine_fail(m, RT386_E_STATE, "one bare image is all that a machine takes");
    if (intime) return load_intime(m, file, o);
    if (file->image->kind == IMAGE_PE)
        return machine_fail(
            m, RT386_E_FORMAT,
            "a PE image without the INtime mark (image version 21076.20053) is no .rta: link "
            "it with /VERSION:21076.20053");
    return load_bare(m, file, o);
}

/* Takes `bytes` over, whatever happens. */
static rt386_status load_owned(rt386 *m, uint8_t *bytes, size_t n, const char *name,
                               const rt386_load_options *o)
{
    if (o->kind == RT386_IMAGE_BIOS) {
        rt386_status st = load_bios(m, bytes, n);
        free(bytes);
        return st;
    }
    if (m->loaded_count == MACHINE_IMAGES_MAX) {
        free(bytes);
        return machine_fail(m, RT386_E_STATE, "%d images are all that a machine takes",
                            MACHINE_IMAGES_MAX);
    }
    struct loaded *file = &m->loaded[m->loaded_count];
    *file = (struct loaded){.bytes = bytes};
    snprintf(file->name, sizeof file->name, "%s", name);
    char err[224] = "";
    uint32_t raw_base = o->raw_base ? o->raw_base : 0x100000;
    status_t parsed =
        image_parse(bytes, n, kind_wanted(o), raw_base, &file->image, err, sizeof err);
    rt386_status st = RT386_OK;
    if (parsed != ST_OK)
        st = machine_fail(m, parsed == ST_NOMEM ? RT386_E_NOMEM : RT386_E_FORMAT, "%s: %s", name,
                          err);
    else
        st = place(m, file, o);
    if (st == RT386_OK) {
        m->loaded_count++;
        return st;
    }
    image_free(file->image);
    free(bytes);
    *file = (struct loaded){0};
    return st;
}

static bool options_in(const rt386_load_options *given, rt386_load_options *o)
{
    *o = (rt386_load_options){.size = sizeof *o};
    if (!given) return true;
    if (given->size < 2 * sizeof(size_t) || given->size > 4096) return false;
    memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    return true;
}

rt386_status rt386_load_file(rt386 *m, const char *path, const rt386_load_options *options)
{
    rt386_load_options o;
    if (!path || !options_in(options, &o))
        return machine_fail(m, RT386_E_ARG, "no path, or load options without their size");
    uint8_t *bytes = NULL;
    size_t n = 0;
    char err[224] = "";
    status_t st = file_read(path, &bytes, &n, err, sizeof err);
    if (st != ST_OK) {
        rt386_status code = st == ST_NOTFOUND ? RT386_E_NOTFOUND
                            : st == ST_FORMAT ? RT386_E_FORMAT
                                              : RT386_E_IO;
        return machine_fail(m, code, "%s: %s", path, err);
    }
    return load_owned(m, bytes, n, o.name ? o.name : base_name(path), &o);
}

rt386_status rt386_load_bytes(rt386 *m, const void *bytes, size_t n,
                              const rt386_load_options *options)
{
    rt386_load_options o;
    if ((n && !bytes) || !options_in(options, &o))
        return machine_fail(m, RT386_E_ARG, "no bytes, or load options without their size");
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for %zu bytes", n);
    if (n) memcpy(copy, bytes, n);
    return load_owned(m, copy, n, o.name ? o.name : "image", &o);
}
