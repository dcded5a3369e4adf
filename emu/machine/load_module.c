/* load_module.c: the bytes of one image, its relocation, its imports. */
#include "load_module.h"

#include <stdlib.h>
#include <string.h>

#define THUNK_SIZE 20u
#define E_MEM      0x0002u
#define E_BAD_ADDR 0x800fu

rt386_status module_refuse(struct module *mod, const char *what, uint32_t status)
{
    mod->refused = status;
    bool poor = status == E_MEM;
    return machine_fail(mod->m, poor ? RT386_E_NOMEM : RT386_E_FORMAT, "%s: %s (%s, %s)%s",
                        mod->name, what, rt_status_name(status), rt_status_text(status),
                        poor ? "; give it a larger pool, or the machine more memory" : "");
}

uint32_t module_end(const struct image *im)
{
    uint32_t end = 0;
    for (size_t i = 0; i < im->segment_count; i++)
        if (im->segments[i].vaddr + im->segments[i].mem_size > end)
            end = im->segments[i].vaddr + im->segments[i].mem_size;
    return end;
}

/* --- pages and bytes --- */

/* Neighbouring ELF segments may share a page: it is placed once. */
rt386_status module_place(struct module *mod, uint32_t thunk_bytes)
{
    uint32_t placed_to = 0, status;
    for (size_t i = 0; i < mod->image->segment_count; i++) {
        const struct image_segment *s = &mod->image->segments[i];
        uint32_t at = s->vaddr + mod->delta;
        uint32_t from = page_down(at), to = page_up(at + s->mem_size);
        if (!s->mem_size || s->discardable) continue;
        if (from < placed_to) from = placed_to;
        status =
            from < to ? rt_process_place(mod->m->kernel, mod->process, from, to - from, true) : 0;
        if (status) return module_refuse(mod, "its image does not fit into the process", status);
        if (to > placed_to) placed_to = to;
    }
    mod->thunks = page_up(module_end(mod->image) + mod->delta);
    status =
        rt_process_place(mod->m->kernel, mod->process, mod->thunks, page_up(thunk_bytes), true);
    return status ? module_refuse(mod, "its missing imports do not fit into the process", status)
                  : RT386_OK;
}

static bool peek32(const struct module *mod, uint32_t vaddr, uint32_t *value)
{
    const struct image_segment *s = image_segment_at(mod->image, vaddr, 4);
    if (!s) return false;
    uint32_t off = vaddr - s->vaddr;
    uint8_t b[4] = {0};
    for (uint32_t k = 0; k < 4; k++)
        if (off + k < s->file_size) b[k] = s->bytes[off + k];
    *value = get32(b);
    return true;
}

static rt386_status relocate(struct module *mod)
{
    if (!mod->delta) return RT386_OK;
    for (size_t i = 0; i < mod->image->reloc_count; i++) {
        uint32_t v;
        uint8_t b[4];
        if (!peek32(mod, mod->image->relocs[i], &v))
            return module_refuse(mod, "a relocation lies outside", E_BAD_ADDR);
        put32(b, v + mod->delta);
        rt_process_poke(mod->m->kernel, mod->process, mod->image->relocs[i] + mod->delta, b, 4);
    }
    return RT386_OK;
}

/* INtime takes the headers of a library away when it loads it: zeros are there. */
static bool stripped(const struct module *mod, size_t segment)
{
    return mod->image->is_dll && mod->file && segment == 0;
}

rt386_status module_fill(struct module *mod)
{
    for (size_t i = 0; i < mod->image->segment_count; i++) {
        const struct image_segment *s = &mod->image->segments[i];
        if (!s->file_size || s->discardable || stripped(mod, i)) continue;
        if (!rt_process_poke(mod->m->kernel, mod->process, s->vaddr + mod->delta, s->bytes,
                             s->file_size))
            return module_refuse(mod, "its image could not be copied", E_BAD_ADDR);
    }
    return relocate(mod);
}

/* --- imports --- */

/* Will the import lead somewhere? A forwarded export is known to do so only when it is mapped. */
static bool supplied(const struct image_import *im, const struct rsl_set *set)
{
    uint32_t off;
    const struct image *from = rsl_found(set, im->module);
    uint16_t handle = set->process ? rt_module_find(set->m->kernel, set->process, im->module) : 0;
    if (handle)
        return rt_module_symbol(set->m->kernel, set->process, handle, im->name, im->ordinal, &off);
    if (!from) return false;
    const struct image_export *e = im->name ? image_export_by_name(from, im->name)
                                            : image_export_by_ordinal(from, im->ordinal);
    return e && !e->forward;
}

uint32_t module_thunks(const struct image *im, const struct rsl_set *set)
{
    uint32_t n = 0;
    for (size_t i = 0; i < im->import_count; i++)
        n += !supplied(&im->imports[i], set);
    return n * THUNK_SIZE;
}

/* push ebp; mov ebp,esp; push imm32; call far 0818:0; pop ebp; ret : enters the kernel with a code that it does not know,
 * so the run stops with the name, or the call fails. */
static uint32_t missing_thunk(struct module *mod, const struct image_import *im)
{
    uint32_t at = mod->thunks, index = machine_missing(mod->m, im);
    uint8_t code[THUNK_SIZE] = {0x55, 0x89, 0xe5, 0x68, 0,    0,    0,    0,   0x9a,
                                0,    0,    0,    0,    0x18, 0x08, 0x5d, 0xc3};
    put32(code + 4, index << 16 | RT_CODE_MISSING);
    if (!rt_process_poke(mod->m->kernel, mod->process, at, code, sizeof code)) return 0;
    mod->thunks += THUNK_SIZE;
    return at;
}

static rt386_status bind_one(struct module *mod, const struct image_import *im)
{
    const struct rt_kernel *k = mod->m->kernel;
    uint16_t from = rt_module_find(k, mod->process, im->module);
    uint32_t target = 0;
    uint8_t b[4];
    if (!from || !rt_module_symbol(k, mod->process, from, im->name, im->ordinal, &target))
        target = missing_thunk(mod, im);
    put32(b, target);
    if (!target || !rt_process_poke(mod->m->kernel, mod->process, im->slot + mod->delta, b, 4))
        return module_refuse(mod, "its import table does not fit", E_BAD_ADDR);
    uint32_t status = from && from != mod->handle
                          ? rt_module_needs(mod->m->kernel, mod->process, mod->handle, from)
                          : 0;
    return status ? module_refuse(mod, "what it needs could not be noted", status) : RT386_OK;
}

rt386_status module_bind(struct module *mod)
{
    rt386_status st = RT386_OK;
    for (size_t i = 0; st == RT386_OK && i < mod->image->import_count; i++)
        st = bind_one(mod, &mod->image->imports[i]);
    return st;
}

/* Read-only segments; a page that one shares with a writable segment stays writable. */
void module_protect(const struct module *mod)
{
    for (unsigned writable = 0; writable < 2; writable++)
        for (size_t i = 0; i < mod->image->segment_count; i++) {
            const struct image_segment *s = &mod->image->segments[i];
            if (s->writable != writable || !s->mem_size) continue;
            uint32_t from = page_down(s->vaddr + mod->delta),
                     to = page_up(s->vaddr + mod->delta + s->mem_size);
            rt_process_protect(mod->m->kernel, mod->process, from, to - from, writable);
        }
}

/* --- exports --- */

rt386_status module_publish(struct module *mod, bool library, bool pinned, uint32_t thunk_bytes)
{
    const struct image *im = mod->image;
    struct rt_export *exports = calloc(im->export_count + 1, sizeof *exports);
    if (!exports)
        return machine_fail(mod->m, RT386_E_NOMEM, "the host has no memory for an export table");
    for (size_t i = 0; i < im->export_count; i++)
        exports[i] = (struct rt_export){im->exports[i].name, im->exports[i].ordinal,
                                        im->exports[i].vaddr, im->exports[i].forward};
    uint32_t linked = im->kind == IMAGE_PE ? im->base : 0x400000, base = linked;
    uint32_t size = library ? page_up(im->size) + page_up(thunk_bytes) : module_end(im) - linked;
    const struct rt_module_def def = {.name = mod->name,
                                      .file = mod->file,
                                      .base = linked,
                                      .size = size,
                                      .entry = im->entry,
                                      .exports = exports,
                                      .export_count = im->export_count,
                                      .library = library,
                                      .fixed = im->fixed,
                                      .pinned = pinned};
    uint32_t status = rt_module_map(mod->m->kernel, mod->process, &def, &mod->handle, &base);
    free(exports);
    if (status) return module_refuse(mod, "it does not fit into the process", status);
    mod->delta = base - linked;
    if (library) mod->thunks = base + page_up(im->size);
    return RT386_OK;
}
