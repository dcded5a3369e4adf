/* rsl.c: calls about RSLs. What runs in them is ring 3's business: guest/rtrsl/rsl.c calls the entry points, in the
 * order that RslNextHandler gives, between RslEnter and RslLeave. */
#include "rsl.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "request.h"

#define NEXT_SIZE   12u   /* entry, handle, serial */
#define INFO_SIZE   12u   /* base, size, entry */
#define FOLDER      ".\\" /* what a guest sees of where its program lies, as GetRtLoadPath */
#define SYSTEM_NAME "RtRsl.rsl"

/* --- LoadRtLibrary(name): of a name only the last part counts (ADR 0036) --- */

static const char *last_part(const char *name)
{
    const char *last = name;
    for (; *name; name++)
        if (*name == '/' || *name == '\\' || *name == ':') last = name + 1;
    return last;
}

uint32_t vrfy_LoadRtLibrary(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    if (c->str_long || !*last_part(c->str)) return E_PARAM;
    if (!module_named(c->p, SYSTEM_NAME)) return E_NOT_CONFIGURED; /* the library is inside of it */
    if (module_named(c->p, last_part(c->str))) return E_OK;
    c->load = calloc(1, sizeof *c->load);
    if (!c->load) return E_MEM;
    c->load->request.library = true;
    c->load->request.strict = c->p->strict_rsl;
    return E_OK;
}

void impl_LoadRtLibrary(struct rt_kernel *k, struct call *c)
{
    struct module *m = module_named(c->p, last_part(c->str));
    if (!m) {
        load_ask(k, c);
        return;
    }
    m->loads++;
    c->eax = m->handle;
}

void library_answer(struct rt_kernel *k, const struct load *l, uint32_t status, uint16_t handle)
{
    struct object *o = status == E_OK ? object_find(k, handle) : NULL;
    bool mapped = o && o->type == TYPE_MODULE;
    if (!l->thread) return;
    if (mapped) o->module->loads++;
    if (!mapped && status == E_OK) status = E_EXIST;
    sched_wake(k, l->thread, status, mapped ? handle : 0);
}

/* --- FreeRtLibrary(module): what becomes of it is RslSweep's --- */

static uint32_t module_get(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_MODULE, E_EXIST, &c->object);
    if (status != E_OK) return status;
    return c->object->owner == c->p ? E_OK : E_EXIST;
}

uint32_t vrfy_FreeRtLibrary(struct rt_kernel *k, struct call *c)
{
    uint32_t status = module_get(k, c);
    if (status != E_OK) return status;
    const struct module *m = c->object->module;
    return m->loads || m->pinned || !m->library ? E_OK : E_STATE;
}

void impl_FreeRtLibrary(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->object->module->loads) c->object->module->loads--;
    c->eax = 1;
}

/* --- GetRtModuleHandle(name) --- */

uint32_t vrfy_GetRtModuleHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    return module_named(c->p, last_part(c->str)) ? E_OK : E_EXIST;
}

void impl_GetRtModuleHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = module_named(c->p, last_part(c->str))->handle;
}

/* --- GetRtProcAddress(module, name or ordinal) --- */

static uint32_t symbol_find(const struct call *c)
{
    uint32_t what = c->arg[1];
    const struct export *e = module_symbol(c->object->module, what > 0xffff ? c->str : NULL, what);
    return module_offset(c->p, e);
}

uint32_t vrfy_GetRtProcAddress(struct rt_kernel *k, struct call *c)
{
    uint32_t status = module_get(k, c);
    if (status != E_OK) return status;
    if (c->arg[1] > 0xffff && c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    c->off = symbol_find(c);
    return c->off ? E_OK : E_EXIST;
}

void impl_GetRtProcAddress(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->off;
}

/* --- GetRtModuleInformation(module, info), GetRtModuleFilename(module, buffer, size) --- */

/* NULL_RTHANDLE: the program itself, which was the first of its process that is no library and has a file. */
static uint32_t module_asked(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] != NULL_RTHANDLE) return module_get(k, c);
    for (const struct module *m = c->p->modules; m; m = m->next)
        if (!m->library && m->file) {
            c->object = object_find(k, m->handle);
            return E_OK;
        }
    return E_EXIST;
}

uint32_t vrfy_GetRtModuleInformation(struct rt_kernel *k, struct call *c)
{
    uint32_t status = module_asked(k, c);
    return status == E_OK ? call_writable(k, c->arg[1], INFO_SIZE) : status;
}

void impl_GetRtModuleInformation(struct rt_kernel *k, struct call *c)
{
    const struct module *m = c->object->module;
    uint8_t info[INFO_SIZE];
    put32(info, m->base);
    put32(info + 4, m->size);
    put32(info + 8, m->entry);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

uint32_t vrfy_GetRtModuleFilename(struct rt_kernel *k, struct call *c)
{
    uint32_t status = module_asked(k, c);
    if (status != E_OK) return status;
    c->off = (uint32_t)(strlen(FOLDER) + strlen(c->object->module->name) + 1);
    return c->arg[2] < c->off ? E_LIMIT : call_writable(k, c->arg[1], c->off);
}

void impl_GetRtModuleFilename(struct rt_kernel *k, struct call *c)
{
    call_put(k, c->arg[1], FOLDER, (uint32_t)strlen(FOLDER));
    call_put(k, c->arg[1] + (uint32_t)strlen(FOLDER), c->object->module->name,
             c->off - (uint32_t)strlen(FOLDER));
    c->eax = 1;
}

/* --- RslNextHandler(reason, after, next): the entry point to be told next; false: none.
 *
 *   process attach   those that have not been told, in the order of their birth
 *   thread attach    those that have, in that order; detach: the other way round
 *   process detach   those that have and are not needed any more, or all when `after` asks for the end
 *                    of the process; the youngest first
 *
 * Told once is told: what calls this again while an entry point runs gets the next one. --- */

#define END_OF_PROCESS 0x80000000u /* of the reason */

static bool wanted(const struct module *m, uint32_t reason, uint32_t after)
{
    if (!m->library || !m->entry) return false;
    switch (reason) {
    case RSL_PROCESS_ATTACH: return !m->attached;
    case RSL_THREAD_ATTACH: return m->attached && m->serial > after;
    case RSL_THREAD_DETACH: return m->attached && m->serial < after;
    case RSL_PROCESS_DETACH: return m->attached && !m->needed;
    default: return m->attached; /* the end of the process */
    }
}

static struct module *handler_next(const struct process *p, uint32_t reason, uint32_t after)
{
    bool oldest = reason == RSL_PROCESS_ATTACH || reason == RSL_THREAD_ATTACH;
    struct module *best = NULL;
    for (struct module *m = p->modules; m; m = m->next) {
        if (!wanted(m, reason, after)) continue;
        if (!best || (oldest ? m->serial < best->serial : m->serial > best->serial)) best = m;
    }
    return best;
}

uint32_t vrfy_RslNextHandler(struct rt_kernel *k, struct call *c)
{
    uint32_t reason = c->arg[0];
    if (reason > RSL_THREAD_DETACH && reason != END_OF_PROCESS) return E_PARAM;
    return call_writable(k, c->arg[2], NEXT_SIZE);
}

void impl_RslNextHandler(struct rt_kernel *k, struct call *c)
{
    uint32_t reason = c->arg[0];
    uint8_t next[NEXT_SIZE];
    if (reason == RSL_PROCESS_DETACH) modules_look(c->p);
    struct module *m = handler_next(c->p, reason, c->arg[1]);
    if (!m) return;
    if (reason == RSL_PROCESS_ATTACH) m->attached = true;
    if (reason == RSL_PROCESS_DETACH || reason == END_OF_PROCESS) m->attached = false;
    put32(next, m->entry);
    put32(next + 4, m->handle);
    put32(next + 8, m->serial);
    call_put(k, c->arg[2], next, sizeof next);
    c->eax = 1;
}

uint32_t rsl_thread_function(const struct process *p, enum rsl_reason reason)
{
    const char *name = reason == RSL_THREAD_ATTACH ? "RslThreadAttach" : "RslThreadDetach";
    return handler_next(p, RSL_THREAD_ATTACH, 0) ? module_export(p, SYSTEM_NAME, name) : 0;
}

/* --- RslSweep(): what is not needed and has been told so goes; not from inside of an entry point, which may be that of
 * a library that goes --- */

uint32_t vrfy_RslSweep(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_RslSweep(struct rt_kernel *k, struct call *c)
{
    if (c->p->rsl_owner == c->t && c->p->rsl_depth > 1) return;
    modules_look(c->p);
    for (struct module *m = c->p->modules, *next; m; m = next) {
        next = m->next;
        if (!m->needed && !m->attached) module_remove(k, c->p, m);
    }
}

/* --- RslEnter(), RslLeave(): one thread at a time loads and frees; it may do so again in an entry point --- */

uint32_t vrfy_RslEnter(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_RslEnter(struct rt_kernel *k, struct call *c)
{
    struct process *p = c->p;
    if (p->rsl_owner && p->rsl_owner != c->t) {
        sched_wait(k, c, WAIT_RSL, NEVER);
        return;
    }
    p->rsl_owner = c->t;
    p->rsl_depth++;
}

static void loader_pass(struct rt_kernel *k, struct process *p)
{
    struct thread *best = NULL;
    for (struct thread *t = p->threads; t; t = t->next)
        if (t->wait == WAIT_RSL && (!best || t->since < best->since)) best = t;
    p->rsl_owner = best;
    p->rsl_depth = best ? 1 : 0;
    if (best) sched_wake(k, best, E_OK, 0);
}

uint32_t vrfy_RslLeave(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_RslLeave(struct rt_kernel *k, struct call *c)
{
    if (c->p->rsl_owner == c->t && --c->p->rsl_depth == 0) loader_pass(k, c->p);
}

void rsl_thread_gone(struct rt_kernel *k, struct thread *t)
{
    if (t->process->rsl_owner == t && t->process->alive) loader_pass(k, t->process);
}

/* --- RslSetCallback(function, slot): 0 at the start of a thread, 1 at its end --- */

uint32_t vrfy_RslSetCallback(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[1] <= 1 ? E_OK : E_PARAM;
}

void impl_RslSetCallback(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->p->callback[c->arg[1]] = c->arg[0];
    c->eax = 1;
}
