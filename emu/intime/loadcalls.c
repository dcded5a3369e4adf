/* loadcalls.c: a guest starts programs. The kernel keeps the request; the machine has the files. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

#define PROC_DEBUG               0x0001u
#define PROC_EXECUTABLE_DS       0x0002u
#define PROC_WAIT_FOR_INIT       0x0008u
#define PROC_WAIT_FOR_INIT_PARAM 0x0010u
#define PROC_STRICTRSL           0x0020u
#define PROC_XM                  0x0040u
#define PROC_NOTXM               0x0080u
#define PROC_SUSPEND             0x0100u
#define PROC_KNOWN               0x01FBu
#define ATTR_SIZE                16u /* PoolMin, PoolMax, VsegSize, ObjDirSize */
#define ATTR_EX_SIZE             20u /* and WaitForInit */
#define INIT_MS                  30000u

/* --- the list of requests --- */

static void load_append(struct rt_kernel *k, struct load *load)
{
    struct load **at = &k->loads;
    while (*at)
        at = &(*at)->next;
    *at = load;
}

void load_forget(struct rt_kernel *k, struct thread *t)
{
    for (struct load *l = k->loads; l; l = l->next)
        if (l->thread == t) l->thread = NULL;
}

void loads_free(struct rt_kernel *k)
{
    while (k->loads) {
        struct load *l = k->loads;
        k->loads = l->next;
        free(l);
    }
}

bool rt_load_next(struct rt_kernel *k, struct rt_load *request)
{
    while (k->loads && !k->loads->thread) {
        struct load *l = k->loads;
        k->loads = l->next;
        free(l);
    }
    if (!k->loads) return false;
    *request = k->loads->request;
    return true;
}

/* --- the answer --- */

static void exit_handle_drop(struct rt_kernel *k, uint16_t index)
{
    if (index) object_delete(k, &k->slot[index]);
}

static bool synchronized(const struct process *p)
{
    return dir_has(p, END_INIT);
}

static void load_answer(struct rt_kernel *k, const struct load *l, uint32_t status,
                        struct process *p)
{
    struct thread *t = l->thread;
    if (!p) exit_handle_drop(k, l->exit);
    if (p && l->exit) k->slot[l->exit].process = p;
    if (p && l->sync && !synchronized(p)) {
        t->wait = WAIT_INIT;
        t->wait_process = p;
        t->wait_object = l->exit;
        t->due = exchange_due(k, l->init_ms);
        return;
    }
    if (!p && status == E_OK) status = E_EXIST;
    sched_wake(k, t, status, p ? p->handle : 0);
}

void rt_load_done(struct rt_kernel *k, uint32_t status, uint16_t handle, struct rt_effects *fx)
{
    fx->count = 0;
    fx->more = false;
    struct load *l = k->loads;
    if (!l) return;
    k->loads = l->next;
    k->now = k->port.now_us(k->port.ctx);
    if (l->request.library)
        library_answer(k, l, status, handle);
    else if (l->thread)
        load_answer(k, l, status, status == E_OK ? process_of(k, handle) : NULL);
    free(l);
    sched_settle(k);
    fx_flush(k, fx);
}

void load_synchronize(struct rt_kernel *k, struct process *p, const char *name, unsigned length)
{
    if (length != strlen(END_INIT) || memcmp(name, END_INIT, length)) return;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_INIT && t->wait_process == p) sched_wake(k, t, E_OK, p->handle);
}

void load_give_up(struct rt_kernel *k, struct thread *t)
{
    struct process *p = t->wait_process;
    t->wait_process = NULL;
    exit_handle_drop(k, t->wait_object);
    t->wait_object = 0;
    process_end(k, p, RT_END_DELETED, 0, NULL);
}

/* --- CreateRtProcess(file, arguments, attributes, flags), ...Ex(..., wait handle) --- */

static uint32_t flags_check(uint32_t flags, bool extended)
{
    uint32_t wait = flags & (PROC_WAIT_FOR_INIT | PROC_WAIT_FOR_INIT_PARAM);
    uint32_t model = flags & (PROC_XM | PROC_NOTXM);
    if (flags & ~PROC_KNOWN || model == (PROC_XM | PROC_NOTXM)) return E_PARAM;
    if (wait && flags & PROC_SUSPEND) return E_PARAM; /* it would never begin */
    if (wait & PROC_WAIT_FOR_INIT_PARAM && !extended) return E_PARAM;
    return flags & PROC_DEBUG ? E_NOT_CONFIGURED : E_OK;
}

static uint32_t attributes_read(struct rt_kernel *k, const struct call *c, bool extended)
{
    uint8_t raw[ATTR_EX_SIZE] = {0};
    uint32_t size = extended ? ATTR_EX_SIZE : ATTR_SIZE, flags = c->arg[3];
    if (c->arg[2] && k->port.user_read(k->port.ctx, c->arg[2], raw, size) != RT_REACH_OK)
        return E_BAD_ADDR;
    struct load *l = c->load;
    l->request.attr =
        (struct rt_process_attr){.pool_min = get32(raw),
                                 .pool_max = get32(raw + 4),
                                 .vseg_size = get32(raw + 8),
                                 .dir_size = get32(raw + 12),
                                 .parent = c->p->handle,
                                 .suspended = flags & PROC_SUSPEND,
                                 .executable_ds = flags & PROC_EXECUTABLE_DS,
                                 .strict_rsl = flags & PROC_STRICTRSL,
                                 .xm = flags & PROC_XM || (c->p->xm && !(flags & PROC_NOTXM))};
    l->sync = flags & (PROC_WAIT_FOR_INIT | PROC_WAIT_FOR_INIT_PARAM);
    l->init_ms = INIT_MS;
    if (flags & PROC_WAIT_FOR_INIT_PARAM && get32(raw + 16)) l->init_ms = get32(raw + 16);
    return exchange_ms(l->init_ms) ? E_OK : E_PARAM;
}

static uint32_t arguments_read(struct rt_kernel *k, const struct call *c)
{
    enum rt_reach reach;
    if (!c->arg[1]) return E_OK;
    if (call_text(k, c->arg[1], c->load->arguments, LOAD_ARGUMENTS_MAX, &reach)) return E_OK;
    return reach == RT_REACH_OK ? E_PARAM : E_BAD_ADDR;
}

static uint32_t create_check(struct rt_kernel *k, struct call *c, bool extended)
{
    uint32_t status = flags_check(c->arg[3], extended);
    if (status != E_OK) return status;
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    if (c->str_length == 0 || c->str_long) return E_PARAM;
    c->load = calloc(1, sizeof *c->load);
    if (!c->load) return E_MEM;
    status = attributes_read(k, c, extended);
    if (status == E_OK) status = arguments_read(k, c);
    if (status == E_OK && c->arg[4]) status = call_writable(k, c->arg[4], 2);
    if (status == E_OK && c->arg[4]) status = object_room(k, c->p, 1, 0);
    return status;
}

/* c->load goes into the list; its thread stays on the processor: nothing runs meanwhile. */
void load_ask(struct rt_kernel *k, struct call *c)
{
    struct load *l = c->load;
    memcpy(l->file, c->str, sizeof l->file);
    l->thread = c->t;
    l->request.process = c->p->handle;
    l->request.file = l->file;
    l->request.arguments = l->arguments;
    load_append(k, l);
    c->t->wait_object = 0;
    sched_wait(k, c, WAIT_LOAD, NEVER);
    fx_add(k, RT_FX_LOAD);
}

uint32_t vrfy_CreateRtProcess(struct rt_kernel *k, struct call *c)
{
    return create_check(k, c, false);
}

void impl_CreateRtProcess(struct rt_kernel *k, struct call *c)
{
    load_ask(k, c);
}

uint32_t vrfy_CreateRtProcessEx(struct rt_kernel *k, struct call *c)
{
    return create_check(k, c, true);
}

void impl_CreateRtProcessEx(struct rt_kernel *k, struct call *c)
{
    if (c->arg[4]) {
        uint8_t handle[2];
        struct object *o = exit_make(k, c, NULL);
        c->load->exit = (uint16_t)(o - k->slot);
        put16(handle, object_handle(k, o));
        call_put(k, c->arg[4], handle, sizeof handle);
    }
    load_ask(k, c);
}

/* --- CreateRemoteRtProcess: there is no other node --- */

uint32_t vrfy_CreateRemoteRtProcess(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_NOT_CONFIGURED;
}

void impl_CreateRemoteRtProcess(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

/* --- SynchronizeRtLoader() --- */

uint32_t vrfy_SynchronizeRtLoader(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return synchronized(c->p) || c->p->dir_used < c->p->dir_size ? E_OK : E_LIMIT;
}

void impl_SynchronizeRtLoader(struct rt_kernel *k, struct call *c)
{
    if (!synchronized(c->p)) dir_add(k, c->p, END_INIT, c->p->handle);
    c->eax = 1;
}
