/* module.c: what is mapped into a process: names, exports, and callbacks of the start-up code. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

static char *copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *to = malloc(n);
    return to ? memcpy(to, text, n) : NULL;
}

static void module_free(struct module *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->exports[i].name);
    free(m->exports);
    free(m->name);
    free(m);
}

void modules_free(struct process *p)
{
    while (p->modules) {
        struct module *m = p->modules;
        p->modules = m->next;
        module_free(m);
    }
}

static struct module *module_make(const char *name, const struct rt_export *exports, size_t count)
{
    struct module *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->name = copy(name);
    m->exports = calloc(count ? count : 1, sizeof *m->exports);
    bool ok = m->name && m->exports;
    for (size_t i = 0; ok && i < count; i++) {
        m->exports[i] = (struct export){.ordinal = exports[i].ordinal, .off = exports[i].off};
        m->count = i + 1;
        if (exports[i].name) ok = (m->exports[i].name = copy(exports[i].name)) != NULL;
    }
    if (ok) return m;
    module_free(m);
    return NULL;
}

uint32_t rt_process_module(struct rt_kernel *k, uint16_t process, const char *name, uint32_t base,
                           uint32_t size, uint32_t entry, const struct rt_export *exports,
                           size_t count)
{
    struct object *o = object_find(k, process);
    if (!o || o->type != TYPE_PROCESS || o->reference) return E_EXIST;
    struct process *p = o->process;
    uint32_t status = slot_room(k, p, 1, 0);
    if (status != E_OK) return status;
    struct module *m = module_make(name, exports, count);
    if (!m) return E_MEM;
    m->base = base;
    m->size = size;
    m->entry = entry;
    o = object_new(k, p, TYPE_MODULE, SUBTYPE_NONE, false);
    o->module = m;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    m->handle = object_handle(k, o);
    m->next = p->modules;
    p->modules = m;
    return E_OK;
}

/* File names do not distinguish case. */
static bool same_file(const char *a, const char *b)
{
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static const struct module *module_find(const struct call *c)
{
    for (const struct module *m = c->p->modules; m; m = m->next)
        if (same_file(m->name, c->str)) return m;
    return NULL;
}

uint32_t module_export(const struct process *p, const char *module, const char *name)
{
    for (const struct module *m = p->modules; m; m = m->next)
        for (size_t i = 0; same_file(m->name, module) && i < m->count; i++)
            if (m->exports[i].name && !strcmp(m->exports[i].name, name)) return m->exports[i].off;
    return 0;
}

/* --- GetRtModuleHandle(name) --- */

uint32_t vrfy_GetRtModuleHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    return module_find(c) ? E_OK : E_EXIST;
}

void impl_GetRtModuleHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = module_find(c)->handle;
}

/* --- GetRtProcAddress(module, name or ordinal) --- */

static const struct export *export_find(const struct module *m, const struct call *c)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct export *e = &m->exports[i];
        if (c->arg[1] <= 0xffff ? e->ordinal == c->arg[1] : e->name && !strcmp(e->name, c->str))
            return e;
    }
    return NULL;
}

uint32_t vrfy_GetRtProcAddress(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_MODULE, E_EXIST, &c->object);
    if (status != E_OK) return status;
    if (c->object->owner != c->p) return E_EXIST;
    if (c->arg[1] > 0xffff && c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    return export_find(c->object->module, c) ? E_OK : E_EXIST;
}

void impl_GetRtProcAddress(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = export_find(c->object->module, c)->off;
}

/* --- RslCallRslHandlers(0, reason): no library that we map has an entry to be told --- */

uint32_t vrfy_RslCallRslHandlers(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_RslCallRslHandlers(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = 1;
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
