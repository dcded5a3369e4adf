/* load_module.h: an image of a program or a library on its way into a process. Private to emu/machine.
 *
 *   place, or rt_module_map --> fill: bytes, relocation --> bind: import slots --> protect
 *
 * An import that nothing supplies is bound to a thunk that stops the run with the import's name when (and
 * only when) it is called. Thunks lie in pages after the image.
 */
#ifndef RT386_MACHINE_LOAD_MODULE_H
#define RT386_MACHINE_LOAD_MODULE_H

#include "machine.h"

#define VSEG_END_MAX 0x80000000u
#define RSL_MAX      64u /* libraries that one program or one LoadRtLibrary may bring in */

struct module {
    rt386 *m;
    uint16_t process, handle;
    const char *name, *file; /* file: the host's name, or NULL */
    const struct image *image;
    uint32_t delta;   /* load offset less preferred address */
    uint32_t thunks;  /* offset of the next thunk */
    uint32_t refused; /* what the kernel said, if it refused; else 0 */
};

/* One library that has been found but is not mapped yet, or just now. */
struct rsl_file {
    struct module mod;
    char *path, name[64];
    uint8_t *bytes;
    struct image *image;
};
/* Libraries to be mapped together: those that others need come first, unless they need each other. */
struct rsl_set {
    rt386 *m;
    const char *folder; /* of the program; NULL: it came as bytes */
    uint16_t process;   /* 0: not made yet */
    bool strict, pinned;
    struct rsl_file *found[RSL_MAX], *order[RSL_MAX];
    unsigned found_count, order_count;
    uint32_t refused; /* what the kernel said, if it refused; else 0 */
};

static inline uint32_t page_down(uint32_t v)
{
    return v & ~PAGE_MASK;
}

static inline uint32_t page_up(uint32_t v)
{
    return (v + PAGE_MASK) & ~PAGE_MASK;
}

/* --- load_module.c --- */
rt386_status module_refuse(struct module *mod, const char *what, uint32_t status);
uint32_t module_end(const struct image *im); /* the first address after it, as linked */
/* Bytes of thunks for imports that neither the process (`process` not 0), nor the system, nor the set has. */
uint32_t module_thunks(const struct image *im, const struct rsl_set *set);
rt386_status module_place(struct module *mod, uint32_t thunk_bytes); /* pages of a program */
rt386_status module_fill(struct module *mod);
rt386_status module_publish(struct module *mod, bool library, bool pinned, uint32_t thunk_bytes);
rt386_status module_bind(struct module *mod);
void module_protect(const struct module *mod);

/* --- load_rsl.c --- */
/* Finds what the image needs, and what that needs; nothing is mapped yet. */
rt386_status rsl_collect(struct rsl_set *set, const struct image *im);
rt386_status rsl_need(struct rsl_set *set, const char *name);
uint32_t rsl_bytes(const struct rsl_set *set); /* memory of a process that the set will take */
const struct image *rsl_found(const struct rsl_set *set, const char *name);
rt386_status rsl_map(struct rsl_set *set);    /* into set->process; all or nothing */
rt386_status rsl_finish(struct rsl_set *set); /* bytes and imports; all or nothing */
void rsl_set_free(struct rsl_set *set);

#endif
