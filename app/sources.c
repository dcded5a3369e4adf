#include "sources.h"

#include "reg_value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct source_file {
    const char *path;
    struct source_lines *lines;
    uint32_t base; /* where it is linked to be, when it may be moved from there; else 0 */
    bool intime, tried;
};
struct sources {
    struct source_file *file;
    unsigned count;
    struct source_lines *last;
};

struct sources *sources_new(char *const path[], unsigned count)
{
    struct sources *s = calloc(1, sizeof *s);
    if (s) s->file = calloc(count + 1u, sizeof *s->file);
    if (!s || !s->file) {
        free(s);
        return NULL;
    }
    s->count = count;
    for (unsigned i = 0; i < count; i++)
        s->file[i].path = path[i];
    return s;
}

void sources_free(struct sources *s)
{
    if (!s) return;
    for (unsigned i = 0; i < s->count; i++)
        source_lines_close(s->file[i].lines);
    free(s->file);
    free(s);
}

static void file_open(struct source_file *f)
{
    rt386_file *file;
    char err[200];
    if (f->tried) return;
    f->tried = true;
    if (rt386_file_open(f->path, &file, err, sizeof err) != RT386_OK) return;
    rt386_file_info info = rt386_file_describe(file);
    f->intime = info.intime;
    f->base = info.base;
    rt386_file_close(file);
    f->lines = source_lines_open(f->path);
}

static bool same_name(const char *path, const char *module)
{
    const char *slash = strrchr(path, '/');
    return !strcasecmp(slash ? slash + 1 : path, module);
}

/* The process whose code runs; 0: none does, or the kernel's. */
static uint16_t process_of(const rt386 *m)
{
    rt386_object o;
    uint16_t thread = rt386_intime_thread(m, false, 0);
    bool ring3 = rt386_seg_get(m, RT386_CS).selector & 3;
    return ring3 && thread && rt386_intime_object(m, thread, &o) ? o.owner : 0;
}

/* How far a program was moved from where it was linked to be. */
static uint32_t moved(const struct source_file *f, const rt386_module *module)
{
    return f->base ? module->base - f->base : 0;
}

/* The file with lines that a module of the running process comes from, at an offset of CS; *less: what to take from the
 * offset to have the file's address. */
static struct source_file *file_at(struct sources *s, const rt386 *m, uint32_t eip, uint32_t *less)
{
    uint16_t process = process_of(m);
    rt386_module module;
    if (process && !rt386_intime_module(m, process, eip, &module)) return NULL;
    for (unsigned i = 0; i < s->count; i++) {
        struct source_file *f = &s->file[i];
        if (process && !same_name(f->path, module.name)) continue;
        file_open(f);
        if (!f->lines || f->intime != (process != 0)) continue;
        *less = process ? moved(f, &module) : 0u - rt386_seg_get(m, RT386_CS).base;
        return f;
    }
    return NULL;
}

bool sources_at(struct sources *s, const rt386 *m, uint32_t eip, struct source_place *place,
                const char **text)
{
    uint32_t less;
    struct source_file *f = file_at(s, m, eip, &less);
    if (!f || !source_lines_at(f->lines, eip - less, place)) return false;
    s->last = f->lines;
    if (text) *text = source_lines_text(f->lines, place->file, place->line);
    return true;
}

const char *sources_text(struct sources *s, const char *file, unsigned line)
{
    return s->last ? source_lines_text(s->last, file, line) : NULL;
}

/* The module of this file in a process: where it is linked to be, or where the process is now. */
static bool module_of(const rt386 *m, uint16_t process, const struct source_file *f,
                      uint32_t address, rt386_module *module)
{
    const uint32_t at[] = {address, (uint32_t)reg_value(m, "eip")};
    for (unsigned i = 0; i < 2; i++)
        if (rt386_intime_module(m, process, at[i], module) && same_name(f->path, module->name))
            return true;
    return false;
}

bool sources_find(struct sources *s, const rt386 *m, const char *file, unsigned *line,
                  uint32_t *eip)
{
    uint16_t process = process_of(m);
    uint32_t cs_base = rt386_seg_get(m, RT386_CS).base, address;
    for (unsigned i = 0; i < s->count; i++) {
        struct source_file *f = &s->file[i];
        rt386_module module = {.base = 0};
        file_open(f);
        if (!f->lines || f->intime != (process != 0) ||
            !source_lines_find(f->lines, file, line, &address))
            continue;
        if (process && !module_of(m, process, f, address, &module)) continue;
        *eip = process ? address + moved(f, &module) : address - cs_base;
        return true;
    }
    return false;
}
