/* fake_loads.c: the machine's side of loads: one program and a few libraries that come from nowhere. */
#include <stdio.h>
#include <string.h>

#include "fake.h"

/* The load server: it knows one program, "child.rta". */
static uint32_t load_child(struct fake *f, const struct rt_load *request, uint16_t *handle)
{
    struct rt_process_attr attr = request->attr;
    snprintf(f->load_args, sizeof f->load_args, "%s", request->arguments);
    if (strcmp(request->file, "child.rta")) return E_EXIST;
    attr.name = "CHILD";
    return fake_process_try(f, &attr, handle);
}

/* Libraries that it knows: one.rsl (exports One; entry at +0x100); two.rsl needs it, circle.rsl needs rebound.rsl, which
 * needs circle.rsl; plain.rsl has no entry; fixed.rsl wants to be where the program is. */
static const struct known {
    const char *name, *needs;
    uint32_t entry;
    bool fixed;
} known[] = {{"one.rsl", NULL, 0x100, false},
             {"two.rsl", "one.rsl", 0x100, false},
             {"rebound.rsl", "circle.rsl", 0x100, false},
             {"circle.rsl", "rebound.rsl", 0x100, false},
             {"plain.rsl", NULL, 0, false},
             {"fixed.rsl", NULL, 0x100, true}};

static const struct known *library_known(const char *name)
{
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(known[i].name, name)) return &known[i];
    return NULL;
}

static uint32_t library_map(struct fake *f, uint16_t process, const struct known *l,
                            uint16_t *handle)
{
    uint32_t linked = l->fixed ? FAKE_IMAGE : f->library_base ? f->library_base : 0x10000000, base;
    const struct rt_export exports[] = {{"One", 1, linked + 0x40, NULL},
                                        {"Two", 2, 0, "one.One"},
                                        {"Lost", 3, 0, "none.#4"},
                                        {NULL, 7, linked + 0x70, NULL}};
    const struct rt_module_def def = {.name = l->name,
                                      .file = "/folder/of/libraries",
                                      .base = linked,
                                      .size = 0x2000,
                                      .entry = l->entry ? linked + l->entry : 0,
                                      .exports = exports,
                                      .export_count = 4,
                                      .library = true,
                                      .fixed = l->fixed};
    return rt_module_map(f->k, process, &def, handle, &base);
}

/* Two at most, the one that is needed first. */
static uint32_t load_library(struct fake *f, const struct rt_load *request, uint16_t *handle)
{
    const struct known *l = library_known(request->file);
    const struct known *first = l && l->needs ? library_known(l->needs) : NULL;
    uint16_t needed = 0;
    if (!l) return E_EXIST;
    uint32_t status = E_OK;
    if (first && !(needed = rt_module_find(f->k, request->process, first->name)))
        status = library_map(f, request->process, first, &needed);
    if (status == E_OK) status = library_map(f, request->process, l, handle);
    if (status != E_OK) return status;
    if (first) rt_module_needs(f->k, request->process, *handle, needed);
    if (first && first->needs) rt_module_needs(f->k, request->process, needed, *handle);
    return E_OK;
}

void fake_answer_loads(struct fake *f)
{
    struct rt_load request;
    while (!f->loads_later && rt_load_next(f->k, &request)) {
        struct rt_effects fx;
        uint16_t handle = 0;
        uint32_t status =
            request.library ? load_library(f, &request, &handle) : load_child(f, &request, &handle);
        rt_load_done(f->k, status, handle, &fx);
        fake_apply(f, &fx);
    }
}
