/* load_rsl.c: RSLs: which file a name means, and everything that one brings with it.
 *
 *   a name --> a library that some process has mapped under that name (unless the program is strict)
 *          --> the folder of the program --> the folders of --rsl-path --> with a network, our own netlib.rsl
 *
 * Of a name only its last part counts (ADR 0036). A library brings those that it imports from or forwards to. One that
 * is not there is no refusal: what is imported from it stops the run when it is called (ADR 0010).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load_module.h"
#include "outside.h"

static bool rsl_is_system(const char *module)
{
    return !strcasecmp(module, "RtRsl.rsl") || !strcasecmp(module, "clib.rsl");
}

const struct image *rsl_found(const struct rsl_set *set, const char *name)
{
    for (unsigned i = 0; i < set->found_count; i++)
        if (!strcasecmp(set->found[i]->name, name)) return set->found[i]->image;
    return NULL;
}

void rsl_set_free(struct rsl_set *set)
{
    for (unsigned i = 0; i < set->found_count; i++) {
        struct rsl_file *f = set->found[i];
        image_free(f->image);
        free(f->bytes);
        free(f->path);
        free(f);
    }
    set->found_count = set->order_count = 0;
}

/* --- finding --- */

/* *path NULL: there is none. */
static rt386_status find_path(struct rsl_set *set, const char *name, char **path)
{
    const char *mapped = set->strict ? NULL : rt_module_file(set->m->kernel, name);
    *path = NULL;
    if (mapped && outside_readable(set->m, mapped)) {
        *path = strdup(mapped);
        return *path ? RT386_OK
                     : machine_fail(set->m, RT386_E_NOMEM, "the host has no memory for a path");
    }
    rt386_status st = outside_find(set->m, set->folder, name, path);
    for (unsigned i = 0; st == RT386_E_NOTFOUND && i < set->m->rsl_folder_count; i++)
        st = outside_find(set->m, set->m->rsl_folder[i], name, path);
    return st == RT386_E_NOTFOUND ? RT386_OK : st;
}

static rt386_status check_image(struct rsl_set *set, const struct rsl_file *f)
{
    const struct image *im = f->image;
    if (im->is_dll && im->intime && module_end(im) <= VSEG_END_MAX) return RT386_OK;
    return machine_fail(set->m, RT386_E_FORMAT,
                        im->is_dll && im->intime
                            ? "%s: its image reaches beyond the largest VSEG: link it lower"
                            : "%s is no INtime library: link it as a DLL with "
                              "/VERSION:21076.20053",
                        f->name);
}

static rt386_status read_image(struct rsl_set *set, struct rsl_file *f)
{
    if (!f->path && !rsl_image(f->name, &f->image))
        return machine_fail(set->m, RT386_E_NOTFOUND, "%s: this rt386 was built without it",
                            f->name);
    if (!f->path) return RT386_OK;
    char err[IMAGE_ERR_MAX] = "";
    size_t n = 0;
    status_t st = outside_read(set->m, f->path, false, &f->bytes, &n, err, sizeof err);
    if (st == ST_OK) st = image_parse(f->bytes, n, IMAGE_PE, 0, &f->image, err, sizeof err);
    if (st == ST_OK) return check_image(set, f);
    return machine_fail(set->m,
                        st == ST_NOMEM      ? RT386_E_NOMEM
                        : st == ST_NOTFOUND ? RT386_E_NOTFOUND
                                            : RT386_E_FORMAT,
                        "%s: %s", f->name, err);
}

/* Takes over `path`; NULL: it is inside of the emulator. */
static rt386_status add_file(struct rsl_set *set, const char *name, char *path)
{
    struct rsl_file *f = set->found_count < RSL_MAX ? calloc(1, sizeof *f) : NULL;
    if (!f) {
        free(path);
        return set->found_count < RSL_MAX
                   ? machine_fail(set->m, RT386_E_NOMEM, "the host has no memory for a library")
                   : machine_fail(set->m, RT386_E_FORMAT,
                                  "%.80s: more than %u libraries need each other: join some", name,
                                  RSL_MAX);
    }
    snprintf(f->name, sizeof f->name, "%s", path ? machine_base_name(path) : NETLIB);
    f->path = path;
    set->found[set->found_count++] = f;
    rt386_status st = read_image(set, f);
    if (st == RT386_OK) st = rsl_collect(set, f->image);
    if (st == RT386_OK) set->order[set->order_count++] = f;
    return st;
}

rt386_status rsl_need(struct rsl_set *set, const char *name)
{
    char *path;
    if (rsl_is_system(name) || rsl_found(set, name)) return RT386_OK;
    if (set->process && rt_module_find(set->m->kernel, set->process, name)) return RT386_OK;
    rt386_status st = find_path(set, name, &path);
    bool inner = set->m->net && !strcasecmp(name, NETLIB);
    return st == RT386_OK && (path || inner) ? add_file(set, name, path) : st;
}

#define FORWARD_NAME 80u

/* "motion.Start" leads to motion.rsl; "motion.rsl.Start" too. False: no file has such a name, it leads nowhere. */
static bool forward_file(const char *text, char name[FORWARD_NAME])
{
    size_t n = (size_t)(strrchr(text, '.') - text);
    if (n > FORWARD_NAME - 5) return false;
    memcpy(name, text, n);
    strcpy(name + n, memchr(text, '.', n) ? "" : ".rsl");
    return true;
}

static rt386_status need_forward(struct rsl_set *set, const char *text)
{
    char name[FORWARD_NAME];
    return forward_file(text, name) ? rsl_need(set, name) : RT386_OK;
}

rt386_status rsl_collect(struct rsl_set *set, const struct image *im)
{
    rt386_status st = RT386_OK;
    const char *last = NULL;
    for (size_t i = 0; st == RT386_OK && i < im->import_count; i++) {
        if (im->imports[i].module == last) continue;
        last = im->imports[i].module;
        st = rsl_need(set, last);
    }
    for (size_t i = 0; st == RT386_OK && i < im->export_count; i++)
        if (im->exports[i].forward) st = need_forward(set, im->exports[i].forward);
    return st;
}

/* --- mapping --- */

uint32_t rsl_bytes(const struct rsl_set *set)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < set->order_count; i++) {
        const struct image *im = set->order[i]->image;
        sum += page_up(im->size) + page_up(module_thunks(im, set)) + PAGE_SIZE;
    }
    return sum < VSEG_END_MAX ? (uint32_t)sum : VSEG_END_MAX;
}

static void unmap(struct rsl_set *set)
{
    for (unsigned i = set->order_count; i-- > 0;)
        if (set->order[i]->mod.handle)
            rt_module_unmap(set->m->kernel, set->process, set->order[i]->mod.handle);
}

static rt386_status failed(struct rsl_set *set, const struct rsl_file *f, rt386_status st)
{
    set->refused = f->mod.refused;
    unmap(set);
    return st;
}

rt386_status rsl_map(struct rsl_set *set)
{
    for (unsigned i = 0; i < set->order_count; i++) {
        struct rsl_file *f = set->order[i];
        uint32_t thunks = module_thunks(f->image, set);
        f->mod = (struct module){.m = set->m,
                                 .process = set->process,
                                 .name = f->name,
                                 .file = f->path,
                                 .image = f->image};
        rt386_status st = module_publish(&f->mod, true, set->pinned, thunks);
        if (st != RT386_OK) return failed(set, f, st);
    }
    return RT386_OK;
}

/* What a forwarder leads to stays as long as the library that has it; it may have been there before. */
static void note_forwards(const struct rsl_set *set, const struct rsl_file *f)
{
    char name[FORWARD_NAME];
    for (size_t i = 0; i < f->image->export_count; i++) {
        const char *text = f->image->exports[i].forward;
        if (!text || !forward_file(text, name)) continue;
        uint16_t leads = rt_module_find(set->m->kernel, set->process, name);
        if (leads) rt_module_needs(set->m->kernel, set->process, f->mod.handle, leads);
    }
}

rt386_status rsl_finish(struct rsl_set *set)
{
    for (unsigned i = 0; i < set->order_count; i++) {
        struct rsl_file *f = set->order[i];
        rt386_status st = module_fill(&f->mod);
        if (st == RT386_OK) st = module_bind(&f->mod);
        if (st != RT386_OK) return failed(set, f, st);
        module_protect(&f->mod);
        note_forwards(set, f);
    }
    return RT386_OK;
}
