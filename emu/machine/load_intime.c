/* load_intime.c: what INtime's load server does: an empty process, memory for the image and its
 * shared libraries, relocation, binding of imports, a main thread.
 *
 *   0x00020000  clib.rsl        0x00072000  RtRsl.rsl        0x00400000  the application
 *
 * All offsets are inside the process's VSEG. An import that nothing supplies is bound to a thunk
 * that stops the run with the import's name when (and only when) it is called.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "machine.h"
#include "rsl_images.h"

#define MODULES_MAX  3
#define THUNK_SIZE   16u
#define VSEG_END_MAX 0x80000000u

struct module {
    const char *name;
    const struct image *image;
    uint32_t delta; /* load offset less preferred address */
};
struct load {
    rt386 *m;
    struct program *program;
    uint16_t process;
    struct module module[MODULES_MAX];
    unsigned count;
    uint32_t thunks; /* next free thunk offset */
};

bool rsl_image(const char *module, struct image **image)
{
    char err[160];
    const unsigned char *bytes = rt386_rtrsl_image;
    size_t n = rt386_rtrsl_image_size;
    if (!strcasecmp(module, "clib.rsl")) {
        bytes = rt386_clib_image;
        n = rt386_clib_image_size;
    } else if (strcasecmp(module, "RtRsl.rsl")) {
        return false;
    }
    *image = NULL;
    return n && image_parse(bytes, n, IMAGE_PE, 0, image, err, sizeof err) == ST_OK;
}

static rt386_status refuse(struct load *l, const char *what, uint32_t status)
{
    l->program->status = status;
    return machine_fail(l->m, status == 2 ? RT386_E_NOMEM : RT386_E_FORMAT, "%s: %s (%s, %s)",
                        l->module[0].name, what, rt_status_name(status), rt_status_text(status));
}

static uint32_t page_down(uint32_t v)
{
    return v & ~PAGE_MASK;
}

static uint32_t page_up(uint32_t v)
{
    return (v + PAGE_MASK) & ~PAGE_MASK;
}

/* Pages and bytes of one image. Neighbouring ELF segments may share a page: it is placed once. */
static rt386_status place_image(struct load *l, const struct module *mod)
{
    uint32_t placed_to = 0;
    for (size_t i = 0; i < mod->image->segment_count; i++) {
        const struct image_segment *s = &mod->image->segments[i];
        uint32_t at = s->vaddr + mod->delta;
        uint32_t from = page_down(at), to = page_up(at + s->mem_size);
        if (!s->mem_size || s->discardable) continue;
        if (from < placed_to) from = placed_to;
        uint32_t status =
            from < to ? rt_process_place(l->m->kernel, l->process, from, to - from, true) : 0;
        if (status) return refuse(l, "its image does not fit into the process", status);
        if (to > placed_to) placed_to = to;
        if (s->file_size && !rt_process_poke(l->m->kernel, l->process, at, s->bytes, s->file_size))
            return refuse(l, "its image could not be copied", 0x800f);
    }
    return RT386_OK;
}

static bool peek32(struct load *l, const struct module *mod, uint32_t vaddr, uint32_t *value)
{
    for (size_t i = 0; i < mod->image->segment_count; i++) {
        const struct image_segment *s = &mod->image->segments[i];
        if (vaddr < s->vaddr || vaddr - s->vaddr > s->mem_size ||
            s->mem_size - (vaddr - s->vaddr) < 4)
            continue;
        uint32_t off = vaddr - s->vaddr;
        uint8_t b[4] = {0};
        for (uint32_t k = 0; k < 4; k++)
            if (off + k < s->file_size) b[k] = s->bytes[off + k];
        *value = get32(b);
        return true;
    }
    return false;
}

static rt386_status relocate(struct load *l, const struct module *mod)
{
    if (!mod->delta) return RT386_OK;
    for (size_t i = 0; i < mod->image->reloc_count; i++) {
        uint32_t v;
        uint8_t b[4];
        if (!peek32(l, mod, mod->image->relocs[i], &v))
            return refuse(l, "a relocation lies outside", 0x800f);
        put32(b, v + mod->delta);
        rt_process_poke(l->m->kernel, l->process, mod->image->relocs[i] + mod->delta, b, 4);
    }
    return RT386_OK;
}

static const struct image_export *find_export(const struct load *l, const struct image_import *im,
                                              const struct module **from)
{
    for (unsigned i = 1; i < l->count; i++) {
        if (strcasecmp(l->module[i].name, im->module)) continue;
        *from = &l->module[i];
        return im->name ? image_export_by_name(l->module[i].image, im->name)
                        : image_export_by_ordinal(l->module[i].image, im->ordinal);
    }
    return NULL;
}

/* push ebp; mov ebp,esp; push imm32; call far 0818:0 : enters the kernel with a code that it does
 * not know, so the run stops with the name. The name's address is its key. */
static uint32_t missing_thunk(struct load *l, const struct image_import *im)
{
    uint32_t at = l->thunks;
    if (!(at & PAGE_MASK) && rt_process_place(l->m->kernel, l->process, at, PAGE_SIZE, true))
        return 0;
    uint32_t index = machine_missing(l->m, im);
    uint8_t code[THUNK_SIZE] = {0x55, 0x89, 0xe5, 0x68, 0, 0,    0,    0,
                                0x9a, 0,    0,    0,    0, 0x18, 0x08, 0xcc};
    put32(code + 4, index << 16 | RT_CODE_MISSING);
    rt_process_poke(l->m->kernel, l->process, at, code, sizeof code);
    l->thunks += THUNK_SIZE;
    return at;
}

static rt386_status bind_imports(struct load *l, const struct module *mod)
{
    for (size_t i = 0; i < mod->image->import_count; i++) {
        const struct image_import *im = &mod->image->imports[i];
        const struct module *from = NULL;
        const struct image_export *e = find_export(l, im, &from);
        uint32_t target = e ? e->vaddr + from->delta : missing_thunk(l, im);
        uint8_t b[4];
        put32(b, target);
        if (!target || !rt_process_poke(l->m->kernel, l->process, im->slot + mod->delta, b, 4))
            return refuse(l, "its import table does not fit", 0x800f);
    }
    return RT386_OK;
}

static void protect_image(struct load *l, const struct module *mod)
{
    for (size_t i = 0; i < mod->image->segment_count; i++) {
        const struct image_segment *s = &mod->image->segments[i];
        if (s->writable || !s->mem_size) continue;
        uint32_t from = page_down(s->vaddr + mod->delta),
                 to = page_up(s->vaddr + mod->delta + s->mem_size);
        rt_process_protect(l->m->kernel, l->process, from, to - from, false);
    }
    /* a page shared with a writable segment stays writable */
    for (size_t i = 0; i < mod->image->segment_count; i++) {
        const struct image_segment *s = &mod->image->segments[i];
        if (!s->writable || !s->mem_size) continue;
        uint32_t from = page_down(s->vaddr + mod->delta),
                 to = page_up(s->vaddr + mod->delta + s->mem_size);
        rt_process_protect(l->m->kernel, l->process, from, to - from, true);
    }
}

static uint32_t image_end(const struct image *im)
{
    uint32_t end = 0;
    for (size_t i = 0; i < im->segment_count; i++)
        if (im->segments[i].vaddr + im->segments[i].mem_size > end)
            end = im->segments[i].vaddr + im->segments[i].mem_size;
    return end;
}

static rt386_status add_module(struct load *l, const struct module *mod)
{
    const struct image *im = mod->image;
    struct rt_export *exports = calloc(im->export_count + 1, sizeof *exports);
    if (!exports)
        return machine_fail(l->m, RT386_E_NOMEM, "the host has no memory for an export table");
    for (size_t i = 0; i < im->export_count; i++)
        exports[i] = (struct rt_export){im->exports[i].name, im->exports[i].ordinal,
                                        im->exports[i].vaddr + mod->delta};
    uint32_t base = im->kind == IMAGE_PE ? im->base + mod->delta : 0x400000;
    uint32_t status =
        rt_process_module(l->m->kernel, l->process, mod->name, base, image_end(im) - im->base,
                          im->entry + mod->delta, exports, im->export_count);
    free(exports);
    return status ? refuse(l, "it could not be registered", status) : RT386_OK;
}

static rt386_status load_module(struct load *l, const struct module *mod)
{
    rt386_status st = place_image(l, mod);
    if (st == RT386_OK) st = relocate(l, mod);
    if (st == RT386_OK) st = bind_imports(l, mod);
    if (st == RT386_OK) protect_image(l, mod);
    if (st == RT386_OK) st = add_module(l, mod);
    return st;
}

static rt386_status create_process(struct load *l, uint32_t vseg)
{
    struct rt_process_attr attr = l->program->attr;
    attr.name = l->module[0].name;
    attr.vseg_size = vseg;
    struct rt_effects fx = {0};
    uint32_t status = rt_process_create(l->m->kernel, &attr, &l->process, &fx);
    port_apply(l->m, &fx);
    return status ? refuse(l, "its process could not be created", status) : RT386_OK;
}

static rt386_status start_process(struct load *l)
{
    const struct image *im = l->module[0].image;
    const char *argv[100];
    int argc = 0;
    argv[argc++] = l->module[0].name;
    for (int i = 0; i < l->program->argc && argc < 100; i++)
        argv[argc++] = l->program->argv[i];
    struct rt_effects fx = {0};
    uint32_t stack = im->stack_reserve ? im->stack_reserve : 0x10000;
    uint32_t status = rt_process_start(l->m->kernel, l->process, im->entry, stack, argc, argv, &fx);
    port_apply(l->m, &fx);
    if (status) return refuse(l, "its main thread could not be created", status);
    if (l->m->observer.process)
        l->m->observer.process(l->m->observer.ctx, l->process, l->module[0].name, true, 0);
    return RT386_OK;
}

static void abandon_process(struct load *l)
{
    struct rt_effects fx = {0};
    rt_process_abandon(l->m->kernel, l->process, &fx);
    port_apply(l->m, &fx);
}

static bool needs_rsl(const struct image *im)
{
    return im->import_count > 0;
}

static rt386_status collect_modules(struct load *l, struct image *rsl[2])
{
    static const char *const names[2] = {"RtRsl.rsl", "clib.rsl"};
    for (unsigned i = 0; i < 2; i++) {
        if (!rsl_image(names[i], &rsl[i]))
            return machine_fail(
                l->m, RT386_E_NOTFOUND,
                "%s: this rt386 was built without %s: build it where i686-w64-mingw32-gcc is "
                "installed",
                l->module[0].name, names[i]);
        l->module[l->count++] = (struct module){names[i], rsl[i], 0};
    }
    return RT386_OK;
}

/* Default: the documented 8 MB, or more when image, stack and some dynamic memory need it. */
static uint32_t vseg_size(uint32_t asked, const struct image *im)
{
    if (asked) return asked;
    uint64_t need = (uint64_t)image_end(im) + im->stack_reserve + (2u << 20);
    return need > (8u << 20) && need < 0xf0000000u ? (uint32_t)need : 0;
}

static uint32_t process_linear_base(const rt386 *m, uint16_t process)
{
    struct rt_process_info p;
    for (unsigned i = 0; rt_process_info(m->kernel, i, &p); i++)
        if (p.alive && p.handle == process) return p.vseg_base;
    return 0;
}

static rt386_status load_all(struct load *l)
{
    const struct image *im = l->module[0].image;
    rt386_status st = create_process(l, vseg_size(l->program->attr.vseg_size, im));
    if (st != RT386_OK) return st;
    for (unsigned i = l->count; i-- > 0 && st == RT386_OK;)
        st = load_module(l, &l->module[i]);
    if (st == RT386_OK) st = start_process(l);
    if (st != RT386_OK) abandon_process(l);
    return st;
}

rt386_status load_intime(rt386 *m, struct loaded *file, struct program *program)
{
    rt386_status st = port_boot(m);
    if (st != RT386_OK) return st;
    if (image_end(file->image) < file->image->base || image_end(file->image) > VSEG_END_MAX)
        return machine_fail(m, RT386_E_FORMAT,
                            "%s: its image reaches beyond 0x%x, the largest VSEG: link it lower",
                            file->name, VSEG_END_MAX);
    struct image *rsl[2] = {NULL, NULL};
    struct load l = {
        .m = m, .program = program, .module = {{file->name, file->image, 0}}, .count = 1};
    l.thunks = page_up(image_end(file->image));
    if (needs_rsl(file->image)) st = collect_modules(&l, rsl);
    if (st == RT386_OK) st = load_all(&l);
    image_free(rsl[0]);
    image_free(rsl[1]);
    file->process = l.process;
    file->linear_base = process_linear_base(m, l.process);
    return st;
}
