/* directory.c: object directories. A waiting LookupRtHandle keeps an entry with status "waited";
 * all that wait for one name share it. Entries of deleted objects stay, as INtime leaves them. */
#include <stdlib.h>
#include <string.h>

#include "dir.h"
#include "request.h"

struct entry *dir_find(const struct process *p, const char *name, unsigned length)
{
    for (uint32_t i = 0; i < p->dir_size; i++) {
        struct entry *e = &p->dir[i];
        if (e->status != ENTRY_FREE && e->length == length && !memcmp(e->name, name, length))
            return e;
    }
    return NULL;
}

struct entry *dir_new(struct process *p, const char *name, unsigned length)
{
    for (uint32_t i = 0; i < p->dir_size; i++) {
        struct entry *e = &p->dir[i];
        if (e->status != ENTRY_FREE) continue;
        *e = (struct entry){.length = (uint8_t)length};
        memcpy(e->name, name, length);
        p->dir_used++;
        return e;
    }
    return NULL;
}

static void dir_free(struct process *p, struct entry *e)
{
    free(e->long_name);
    *e = (struct entry){0};
    p->dir_used--;
}

static bool waits_for(const struct thread *t, const struct process *p, const char *name,
                      unsigned length)
{
    return t->wait == WAIT_LOOKUP && t->wait_dir == p &&
           (!name || (t->wait_length == length && !memcmp(t->wait_name, name, length)));
}

/* Longest waiting first. */
static struct thread *dir_waiter(const struct rt_kernel *k, const struct process *p,
                                 const char *name, unsigned length)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (waits_for(t, p, name, length) && (!best || t->since < best->since)) best = t;
    return best;
}

void dir_unwait(struct rt_kernel *k, struct thread *t)
{
    if (t->wait != WAIT_LOOKUP) return;
    struct process *p = t->wait_dir;
    t->wait = WAIT_NONE;
    struct entry *e = dir_find(p, t->wait_name, t->wait_length);
    if (e && e->status == ENTRY_WAITED && !dir_waiter(k, p, t->wait_name, t->wait_length))
        dir_free(p, e);
}

void dir_close(struct rt_kernel *k, struct process *p)
{
    struct thread *t;
    while ((t = dir_waiter(k, p, NULL, 0)))
        sched_wake(k, t, E_EXIST, 0);
}

uint16_t dir_get(const struct process *p, const char *name)
{
    const struct entry *e = dir_find(p, name, (unsigned)strlen(name));
    return e && e->status == ENTRY_VALID ? e->handle : NULL_RTHANDLE;
}

bool dir_has(const struct process *p, const char *name)
{
    const struct entry *e = dir_find(p, name, (unsigned)strlen(name));
    return e && e->status == ENTRY_VALID;
}

uint32_t dir_add(struct rt_kernel *k, struct process *p, const char *name, uint16_t handle)
{
    unsigned length = (unsigned)strlen(name);
    struct entry *e = dir_find(p, name, length);
    if (e && e->status == ENTRY_VALID) return E_CONTEXT;
    if (!e) e = dir_new(p, name, length);
    if (!e) return E_LIMIT;
    e->status = ENTRY_VALID;
    e->handle = handle;
    struct thread *t;
    while ((t = dir_waiter(k, p, name, length)))
        sched_wake(k, t, handle == NULL_RTHANDLE ? E_EXIST : E_OK, handle);
    load_synchronize(k, p, name, length);
    return E_OK;
}

void dir_wait(struct rt_kernel *k, struct call *c, const char *name, unsigned length, uint32_t ms)
{
    struct thread *t = c->t;
    t->wait_dir = c->target;
    t->wait_length = (uint8_t)length;
    memcpy(t->wait_name, name, length);
    sched_wait(k, c, WAIT_LOOKUP, exchange_due(k, ms));
}

void dir_forget(struct process *p)
{
    for (uint32_t i = 0; i < p->dir_size; i++)
        free(p->dir[i].long_name);
    free(p->dir);
    p->dir = NULL;
    p->dir_size = 0;
}

static uint32_t name_check(const struct call *c)
{
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    if (c->str_length == 0 || c->str_length > NAME_MAX_LEN) return E_PARAM;
    return E_OK;
}

/* --- CatalogRtHandle(hProcess, hObject, name) --- */

uint32_t vrfy_CatalogRtHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t status = name_check(c);
    if (status == E_OK) status = process_get(k, c, c->arg[0], E_EXIST);
    if (status != E_OK) return status;
    if (c->arg[1] != NULL_RTHANDLE && !object_find(k, c->arg[1])) return E_EXIST;
    const struct entry *e = dir_find(c->target, c->str, c->str_length);
    if (e) return e->status == ENTRY_VALID ? E_CONTEXT : E_OK;
    return c->target->dir_used < c->target->dir_size ? E_OK : E_LIMIT;
}

void impl_CatalogRtHandle(struct rt_kernel *k, struct call *c)
{
    dir_add(k, c->target, c->str, (uint16_t)c->arg[1]);
    c->eax = 1;
}

/* --- LookupRtHandle(hProcess, name, ms) --- */

uint32_t vrfy_LookupRtHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t ms = c->arg[2], status = name_check(c);
    if (status == E_OK && ms != WAIT_FOREVER && ms > MS_MAX) status = E_PARAM;
    if (status == E_OK) status = process_get(k, c, c->arg[0], E_INVALID_ADDRESS);
    if (status != E_OK) return status;
    if (c->target->dir_size == 0) return E_CONTEXT;
    const struct entry *e = dir_find(c->target, c->str, c->str_length);
    if (e && e->status == ENTRY_VALID) return e->handle == NULL_RTHANDLE ? E_EXIST : E_OK;
    if (ms < HIGH_TICK_US / 1000) return E_TIME;
    return e || c->target->dir_used < c->target->dir_size ? E_OK : E_LIMIT;
}

void impl_LookupRtHandle(struct rt_kernel *k, struct call *c)
{
    struct entry *e = dir_find(c->target, c->str, c->str_length);
    if (e && e->status == ENTRY_VALID) {
        c->eax = e->handle;
        return;
    }
    if (!e) {
        e = dir_new(c->target, c->str, c->str_length);
        e->status = ENTRY_WAITED;
    }
    dir_wait(k, c, c->str, c->str_length, c->arg[2]);
}

/* --- UncatalogRtHandle(hProcess, name) --- */

uint32_t vrfy_UncatalogRtHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t status = name_check(c);
    if (status == E_OK) status = process_get(k, c, c->arg[0], E_INVALID_ADDRESS);
    if (status != E_OK) return status;
    const struct entry *e = dir_find(c->target, c->str, c->str_length);
    return e && e->status == ENTRY_VALID ? E_OK : E_CONTEXT;
}

void impl_UncatalogRtHandle(struct rt_kernel *k, struct call *c)
{
    dir_free(c->target, dir_find(c->target, c->str, c->str_length));
    c->eax = 1;
}
