/* load.c: a file comes in; what it is decides who places it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "outside.h"

const char *machine_base_name(const char *path)
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

static rt386_status place_intime(rt386 *m, struct loaded *file, struct program *program)
{
    if (m->bare)
        return machine_fail(
            m, RT386_E_STATE,
            "a bare image is loaded already: an INtime program needs a machine of its own");
    return load_intime(m, file, program);
}

static struct program program_of(const rt386_load_options *o)
{
    return (struct program){.attr = {.pool_min = o->pool_min,
                                     .pool_max = o->pool_max,
                                     .vseg_size = o->vseg_size,
                                     .dir_size = o->dir_size,
                                     .object_limit = o->object_limit,
                                     .thread_limit = o->thread_limit,
                                     .executable_ds = o->executable_ds,
                                     .xm = o->xm},
                            .argc = o->argc,
                            .argv = o->argv};
}

static rt386_status place(rt386 *m, struct loaded *file, const rt386_load_options *o)
{
    if (file->image->intime) {
        struct program program = program_of(o);
        return place_intime(m, file, &program);
    }
    if (m->bare || m->kernel)
        return machine_fail(m, RT386_E_STATE, "one bare image is all that a machine takes");
    if (file->image->kind == IMAGE_PE)
        return machine_fail(
            m, RT386_E_FORMAT,
            "a PE image that neither imports from RtRsl.rsl or clib.rsl nor has the INtime mark "
            "(image version 21076.20053) is no .rta: link it with /VERSION:21076.20053");
    return load_bare(m, file, o);
}

/* --- the list of loaded files --- */

void loaded_free(struct loaded *l)
{
    if (!l) return;
    image_free(l->image);
    free(l->folder);
    free(l->bytes);
    free(l);
}

/* Room for one more in the list, and the one; takes `bytes` over, whatever happens. */
static struct loaded *loaded_new(rt386 *m, uint8_t *bytes, const char *name, const char *path)
{
    if (m->loaded_count == m->loaded_room) {
        unsigned room = m->loaded_room ? m->loaded_room * 2 : 16;
        struct loaded **list = realloc(m->loaded, room * sizeof *list);
        if (list) m->loaded_room = room;
        if (list) m->loaded = list;
    }
    struct loaded *l = m->loaded_count < m->loaded_room ? calloc(1, sizeof *l) : NULL;
    const char *base = path ? machine_base_name(path) : NULL;
    size_t n = base ? (size_t)(base - path) : 0;
    if (l && path) l->folder = n ? strndup(path, n) : strdup(".");
    if (!l || (path && !l->folder)) {
        machine_fail(m, RT386_E_NOMEM, "the host has no memory for one more file");
        free(bytes);
        free(l);
        return NULL;
    }
    l->bytes = bytes;
    snprintf(l->name, sizeof l->name, "%s", name);
    return l;
}

static rt386_status parse(rt386 *m, struct loaded *l, size_t n, enum image_kind kind,
                          uint32_t raw_base)
{
    char err[IMAGE_ERR_MAX] = "";
    status_t parsed = image_parse(l->bytes, n, kind, raw_base, &l->image, err, sizeof err);
    if (parsed == ST_OK) return RT386_OK;
    return machine_fail(m, parsed == ST_NOMEM ? RT386_E_NOMEM : RT386_E_FORMAT, "%s: %s", l->name,
                        err);
}

static rt386_status loaded_keep(rt386 *m, struct loaded *l, rt386_status st)
{
    if (st == RT386_OK)
        m->loaded[m->loaded_count++] = l;
    else
        loaded_free(l);
    return st;
}

/* Takes `bytes` over, whatever happens. */
static rt386_status load_owned(rt386 *m, uint8_t *bytes, size_t n, const char *path,
                               const rt386_load_options *o)
{
    if (o->kind == RT386_IMAGE_BIOS) {
        rt386_status st = load_bios(m, bytes, n);
        free(bytes);
        return st;
    }
    const char *name = o->name ? o->name : path ? machine_base_name(path) : "image";
    struct loaded *l = loaded_new(m, bytes, name, path);
    if (!l) return RT386_E_NOMEM;
    l->given = true;
    rt386_status st = parse(m, l, n, kind_wanted(o), o->raw_base ? o->raw_base : 0x100000);
    if (st == RT386_OK) st = place(m, l, o);
    return loaded_keep(m, l, st);
}

static bool options_in(const rt386_load_options *given, rt386_load_options *o)
{
    *o = (rt386_load_options){.size = sizeof *o};
    if (!given) return true;
    if (given->size < 2 * sizeof(size_t) || given->size > 4096) return false;
    memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    return true;
}

static rt386_status read_file(rt386 *m, const char *path, bool given, uint8_t **bytes, size_t *n)
{
    char err[IMAGE_ERR_MAX] = "";
    status_t st = outside_read(m, path, given, bytes, n, err, sizeof err);
    if (st == ST_OK) return RT386_OK;
    rt386_status code = st == ST_NOTFOUND ? RT386_E_NOTFOUND
                        : st == ST_FORMAT ? RT386_E_FORMAT
                        : st == ST_NOMEM  ? RT386_E_NOMEM
                                          : RT386_E_IO;
    return machine_fail(m, code, "%s: %s", path, err);
}

rt386_status rt386_load_file(rt386 *m, const char *path, const rt386_load_options *options)
{
    rt386_load_options o;
    if (!path || !options_in(options, &o))
        return machine_fail(m, RT386_E_ARG, "no path, or load options without their size");
    uint8_t *bytes = NULL;
    size_t n = 0;
    rt386_status st = read_file(m, path, true, &bytes, &n);
    return st == RT386_OK ? load_owned(m, bytes, n, path, &o) : st;
}

rt386_status machine_load_program(rt386 *m, const char *path, struct program *program,
                                  uint16_t *process)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    rt386_status st = read_file(m, path, false, &bytes, &n);
    if (st != RT386_OK) return st;
    struct loaded *l = loaded_new(m, bytes, machine_base_name(path), path);
    if (!l) return RT386_E_NOMEM;
    l->of_guest = program->of_guest;
    st = parse(m, l, n, IMAGE_AUTO, 0);
    if (st == RT386_OK && !l->image->intime)
        st = machine_fail(m, RT386_E_FORMAT, "%s is no INtime program", l->name);
    if (st == RT386_OK) st = place_intime(m, l, program);
    *process = l->process;
    return loaded_keep(m, l, st);
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
    return load_owned(m, copy, n, NULL, &o);
}
