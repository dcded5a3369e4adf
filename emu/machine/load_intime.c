/* load_intime.c: what INtime's load server does: an empty process, memory for the image and its
 * shared libraries, relocation, binding of imports, a main thread.
 *
 *   0x00020000  clib.rsl        0x00072000  RtRsl.rsl        0x00400000  the application
 *   between them, or above: the RSLs that it needs (load_rsl.c)
 *
 * All offsets are inside the process's VSEG.
 */
#include <stdlib.h>
#include <strings.h>

#include "load_module.h"
#include "rsl_images.h"

#define SYSTEM_MODULES 2
#define ARGV_MAX       100

struct load {
    rt386 *m;
    struct program *program;
    struct module app, system[SYSTEM_MODULES];
    unsigned system_count;
    struct rsl_set rsl;
};

bool rsl_image(const char *module, struct image **image)
{
    char err[160];
    const unsigned char *bytes = rt386_rtrsl_image;
    size_t n = rt386_rtrsl_image_size;
    if (!strcasecmp(module, "clib.rsl")) {
        bytes = rt386_clib_image;
        n = rt386_clib_image_size;
    } else if (!strcasecmp(module, NETLIB)) {
        bytes = rt386_netlib_image;
        n = rt386_netlib_image_size;
    } else if (strcasecmp(module, "RtRsl.rsl")) {
        return false;
    }
    *image = NULL;
    return n && image_parse(bytes, n, IMAGE_PE, 0, image, err, sizeof err) == ST_OK;
}

/* --- what is to be loaded --- */

static rt386_status collect_system(struct load *l, struct image *image[SYSTEM_MODULES])
{
    static const char *const names[SYSTEM_MODULES] = {"RtRsl.rsl", "clib.rsl"};
    for (unsigned i = 0; i < SYSTEM_MODULES; i++) {
        if (!rsl_image(names[i], &image[i]))
            return machine_fail(
                l->m, RT386_E_NOTFOUND,
                "%s: this rt386 was built without %s: build it where i686-w64-mingw32-gcc is "
                "installed",
                l->app.name, names[i]);
        l->system[l->system_count++] =
            (struct module){.m = l->m, .name = names[i], .image = image[i]};
    }
    return RT386_OK;
}

/* RtRsl.rsl and clib.rsl lie where INtime puts them, and neither they nor a program are moved. */
static rt386_status beside_system(const struct load *l)
{
    uint32_t from = page_down(l->app.image->base), to = page_up(module_end(l->app.image));
    for (unsigned i = 0; i < l->system_count; i++) {
        const struct image *im = l->system[i].image;
        uint32_t end = page_up(im->base + im->size);
        if (from < end && im->base < to)
            return machine_fail(
                l->m, RT386_E_FORMAT,
                "%s: its image (0x%x to 0x%x) lies where %s is (0x%x to 0x%x): link it "
                "higher, at 0x400000 for instance",
                l->app.name, from, to, l->system[i].name, im->base, end);
    }
    return RT386_OK;
}

/* Default: the documented 8 MB, or more when images, stack and some dynamic memory need it. */
static uint32_t vseg_size(const struct load *l)
{
    const struct image *im = l->app.image;
    if (l->program->attr.vseg_size) return l->program->attr.vseg_size;
    uint64_t need = (uint64_t)module_end(im) + im->stack_reserve + rsl_bytes(&l->rsl) + (2u << 20);
    return need > (8u << 20) && need < 0xf0000000u ? (uint32_t)need : 0;
}

/* The same of memory: 0 = the default. */
static uint32_t pool_max(const struct load *l)
{
    const struct image *im = l->app.image;
    if (l->program->attr.pool_max) return l->program->attr.pool_max;
    uint64_t need = (uint64_t)im->stack_reserve + rsl_bytes(&l->rsl) + (2u << 20);
    for (size_t i = 0; i < im->segment_count; i++)
        need += im->segments[i].mem_size;
    return need > RT_POOL_MAX_DEFAULT && need < UINT32_MAX ? (uint32_t)need : 0;
}

/* --- the process --- */

static rt386_status create_process(struct load *l)
{
    struct rt_process_attr attr = l->program->attr;
    attr.name = l->app.name;
    attr.vseg_size = vseg_size(l);
    attr.pool_max = pool_max(l);
    struct rt_effects fx = {0};
    uint32_t status = rt_process_create(l->m->kernel, &attr, &l->app.process, &fx);
    port_apply(l->m, &fx);
    for (unsigned i = 0; i < l->system_count; i++)
        l->system[i].process = l->app.process;
    l->rsl.process = l->app.process;
    return status ? module_refuse(&l->app, "its process could not be created", status) : RT386_OK;
}

static rt386_status load_system(struct load *l)
{
    rt386_status st = RT386_OK;
    for (unsigned i = l->system_count; i-- > 0 && st == RT386_OK;) {
        struct module *mod = &l->system[i];
        uint32_t thunks = module_thunks(mod->image, &l->rsl);
        st = module_place(mod, thunks);
        if (st == RT386_OK) st = module_fill(mod);
        if (st == RT386_OK) st = module_publish(mod, false, true, thunks);
        if (st == RT386_OK) st = module_bind(mod);
        if (st == RT386_OK) module_protect(mod);
        if (mod->refused) l->app.refused = mod->refused;
    }
    return st;
}

/* The program has its place before libraries look for one, and its imports bound after them. */
static rt386_status load_application(struct load *l)
{
    uint32_t thunks = module_thunks(l->app.image, &l->rsl);
    rt386_status st = module_place(&l->app, thunks);
    if (st == RT386_OK) st = module_fill(&l->app);
    if (st == RT386_OK) st = rsl_map(&l->rsl);
    if (st == RT386_OK) st = rsl_finish(&l->rsl);
    if (l->rsl.refused) l->app.refused = l->rsl.refused;
    if (st == RT386_OK) st = module_publish(&l->app, false, true, thunks);
    if (st == RT386_OK) st = module_bind(&l->app);
    if (st == RT386_OK) module_protect(&l->app);
    return st;
}

static rt386_status start_process(struct load *l)
{
    const struct image *im = l->app.image;
    const char *argv[ARGV_MAX];
    int argc = 0;
    argv[argc++] = l->app.name;
    for (int i = 0; i < l->program->argc && argc < ARGV_MAX; i++)
        argv[argc++] = l->program->argv[i];
    struct rt_effects fx = {0};
    uint32_t stack = im->stack_reserve ? im->stack_reserve : 0x10000;
    uint32_t status =
        rt_process_start(l->m->kernel, l->app.process, im->entry, stack, argc, argv, &fx);
    port_apply(l->m, &fx);
    if (status) return module_refuse(&l->app, "its main thread could not be created", status);
    if (!l->program->of_guest) l->m->started = true;
    observe_process(l->m, l->app.process, l->app.name, true, 0);
    return RT386_OK;
}

static void abandon_process(struct load *l)
{
    struct rt_effects fx = {0};
    rt_process_abandon(l->m->kernel, l->app.process, &fx);
    port_apply(l->m, &fx);
}

static rt386_status load_all(struct load *l)
{
    rt386_status st = create_process(l);
    if (st != RT386_OK) return st;
    st = load_system(l);
    if (st == RT386_OK) st = load_application(l);
    if (st == RT386_OK) st = start_process(l);
    if (st != RT386_OK) abandon_process(l);
    return st;
}

static uint32_t process_linear_base(const rt386 *m, uint16_t process)
{
    struct rt_process_info p;
    for (unsigned i = 0; rt_process_info(m->kernel, i, &p); i++)
        if (p.alive && p.handle == process) return p.vseg_base;
    return 0;
}

rt386_status load_intime(rt386 *m, struct loaded *file, struct program *program)
{
    rt386_status st = port_boot(m);
    if (st != RT386_OK) return st;
    if (module_end(file->image) < file->image->base || module_end(file->image) > VSEG_END_MAX)
        return machine_fail(m, RT386_E_FORMAT,
                            "%s: its image reaches beyond 0x%x, the largest VSEG: link it lower",
                            file->name, VSEG_END_MAX);
    struct image *system[SYSTEM_MODULES] = {NULL, NULL};
    struct load l = {
        .m = m,
        .program = program,
        .app = {.m = m, .name = file->name, .file = file->name, .image = file->image},
        .rsl = {
            .m = m, .folder = file->folder, .strict = program->attr.strict_rsl, .pinned = true}};
    if (file->image->import_count) st = collect_system(&l, system);
    if (st == RT386_OK) st = beside_system(&l);
    if (st == RT386_OK) st = rsl_collect(&l.rsl, file->image);
    if (st == RT386_OK) st = load_all(&l);
    rsl_set_free(&l.rsl);
    for (unsigned i = 0; i < SYSTEM_MODULES; i++)
        image_free(system[i]);
    program->status = l.app.refused;
    file->process = l.app.process;
    file->linear_base = process_linear_base(m, l.app.process);
    return st;
}

/* --- LoadRtLibrary --- */

rt386_status load_library(rt386 *m, const struct rt_load *request, const char *folder,
                          uint16_t *module, uint32_t *status)
{
    struct rsl_set set = {
        .m = m, .folder = folder, .process = request->process, .strict = request->strict};
    rt386_status st = rsl_need(&set, request->file);
    if (st == RT386_OK && !set.order_count)
        st = machine_fail(m, RT386_E_NOTFOUND, "%.80s: no such library", request->file);
    if (st == RT386_OK) st = rsl_map(&set);
    if (st == RT386_OK) st = rsl_finish(&set);
    if (st == RT386_OK) *module = set.order[set.order_count - 1]->mod.handle;
    *status = set.refused;
    rsl_set_free(&set);
    return st;
}
