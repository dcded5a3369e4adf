/* rsl.h: modules of a process: the program, the system's libraries, and RSLs. Private to emu/intime.
 *
 *   file --> rt_module_map --> pages, exports, a handle --> binding, by the machine
 *        --> RslNextHandler: the library in ring 3 (guest/rtrsl/rsl.c) calls the entry points, one after the other
 *        --> RslSweep: what nobody needs any more, and whose entry point knows it, goes
 *
 *   needed   is a module that the program was linked with, that LoadRtLibrary asked for, or that a needed module
 *            was linked with. So two libraries that need each other go together.
 */
#ifndef RT386_INTIME_RSL_H
#define RT386_INTIME_RSL_H

#include "kernel.h"

enum rsl_reason {
    RSL_PROCESS_DETACH = 0,
    RSL_PROCESS_ATTACH = 1,
    RSL_THREAD_ATTACH = 2,
    RSL_THREAD_DETACH = 3
};

struct export
{
    char *name;
    uint16_t ordinal;
    uint32_t off;
    char *forward; /* "module.symbol" or "module.#ordinal": it is there */
};
struct module {
    struct module *next; /* the youngest first */
    char *name;
    char *file; /* the host's, for the loader; NULL: none */
    uint16_t handle;
    uint32_t serial; /* order of their birth in the process, from 1 */
    uint32_t base, size, entry;
    bool library;  /* an RSL: it has pages and an entry point of its own */
    bool pinned;   /* stays as long as the process */
    bool attached; /* its entry point has been told, or is being told */
    bool needed;   /* found by the last look */
    uint32_t loads;
    struct module **uses;
    unsigned use_count;
    struct export *exports; /* sorted by name, those without one last */
    size_t count, named;
    const struct export **ordinal; /* the same, sorted by ordinal */
};

/* --- module.c --- */
struct module *module_named(const struct process *p, const char *name); /* without regard to case */
const struct export *module_symbol(const struct module *m, const char *name, uint32_t ordinal);
/* Offset of an export in the VSEG, after its forwarders; 0 = it leads nowhere. */
uint32_t module_offset(const struct process *p, const struct export *e);
/* Works out `ordinal` and `named` from exports that are in their order. */
void module_index(struct module *m);
/* Marks what is needed. */
void modules_look(struct process *p);
/* The handle, the pages and the record of a library go. */
void module_remove(struct rt_kernel *k, struct process *p, struct module *m);

/* --- rsl.c --- */
/* What tells the libraries of p of a thread's start or end; 0 = there is nobody to tell. */
uint32_t rsl_thread_function(const struct process *p, enum rsl_reason reason);
/* t is gone: what it held of the loader goes to the next one. */
void rsl_thread_gone(struct rt_kernel *k, struct thread *t);

#endif
