/* handler.c: exception handlers as programs set them.
 *
 *   EXCEPTION   +0 handler (offset)   +4 code segment   +6 mode: (which << 4) | when
 *               which: THREAD_HANDLER 0, PROCESS_HANDLER 1, SYSTEM_HANDLER 2, HARDWARE_HANDLER 3
 *
 * The system's own three handlers have addresses in the text pages, so that a program can get one and
 * set it. Behind an address is code that does the same to its caller:
 *
 *      push 0; push 0; push ebp; mov ebp, esp; push code; call far the gate; leave; add esp, 8; ret
 */
#include <string.h>

#include "bits.h"
#include "kernel.h"

#define EXCEPTION_SIZE 7u
#define MODE_MAX       3u

enum { THREAD_HANDLER, PROCESS_HANDLER, SYSTEM_HANDLER, HARDWARE_HANDLER, FIRST_OWN };
#define HANDLER_LAST (FIRST_OWN + 2u)

static const struct row *row_named(const char *name)
{
    for (unsigned i = 0; i < rt_row_count; i++)
        if (!strcmp(rt_rows[i].name, name)) return &rt_rows[i];
    return &rt_rows[0];
}

void handler_fill(uint8_t *pages)
{
    static const char *const calls[] = {"ExitRtProcess", "DeleteRtThread", "SuspendRtThread"};
    static const uint8_t head[] = {0x6A, 0, 0x6A, 0, 0x55, 0x89, 0xE5, 0x68};
    static const uint8_t tail[] = {0xC9, 0x83, 0xC4, 8, 0xC3};
    for (unsigned i = 0; i < 3; i++) {
        uint8_t *at = pages + HANDLER_OFF + i * HANDLER_SIZE;
        memcpy(at, head, sizeof head);
        put32(at + 8, (uint32_t)row_named(calls[i])->number << 16 | CLASS_RSL);
        at[12] = 0x9A;
        put32(at + 13, 0);
        put16(at + 17, RT_CALL_GATE_SEL);
        memcpy(at + 19, tail, sizeof tail);
    }
}

static uint32_t own_entry(const struct process *p, unsigned kind)
{
    return p->text_off + HANDLER_OFF + (kind - HANDLER_DELETE_PROCESS) * HANDLER_SIZE;
}

static uint32_t entry_of(const struct process *p, const struct handler *h)
{
    if (h->kind == HANDLER_NONE) return 0;
    if (h->kind != HANDLER_USER) return own_entry(p, h->kind);
    return h->process == p->handle ? h->entry : 0;
}

void handler_put(const struct process *p, const struct handler *h, unsigned id, uint8_t *to)
{
    uint32_t entry = entry_of(p, h);
    put32(to, entry);
    put16(to + 4, entry ? p->cs : 0);
    to[6] = (uint8_t)(id << 4 | h->mode);
}

/* What stands for HARDWARE_HANDLER as long as no program has set it. */
static struct handler handler_default(const struct rt_kernel *k)
{
    static const uint8_t kinds[] = {[RT_FAULT_REPORT] = HANDLER_NONE,
                                    [RT_FAULT_DELETE_PROCESS] = HANDLER_DELETE_PROCESS,
                                    [RT_FAULT_DELETE_THREAD] = HANDLER_DELETE_THREAD,
                                    [RT_FAULT_SUSPEND] = HANDLER_SUSPEND};
    struct handler h = {0};
    if (k->config.on_fault < sizeof kinds) h.kind = kinds[k->config.on_fault];
    return h;
}

static struct handler *handler_at(struct rt_kernel *k, const struct call *c, unsigned id)
{
    switch (id) {
    case THREAD_HANDLER: return &c->t->handler;
    case PROCESS_HANDLER: return &c->p->handler;
    case SYSTEM_HANDLER: return &k->root->handler;
    default: return &k->hardware;
    }
}

/* --- GetRtExceptionHandlerInfo(handler, info) --- */

uint32_t vrfy_GetRtExceptionHandlerInfo(struct rt_kernel *k, struct call *c)
{
    return c->arg[0] <= HANDLER_LAST ? call_writable(k, c->arg[1], EXCEPTION_SIZE) : E_PARAM;
}

void impl_GetRtExceptionHandlerInfo(struct rt_kernel *k, struct call *c)
{
    uint32_t id = c->arg[0];
    uint8_t info[EXCEPTION_SIZE];
    struct handler h = {.kind = (uint8_t)(id - FIRST_OWN + HANDLER_DELETE_PROCESS)};
    if (id < FIRST_OWN) h = *handler_at(k, c, id);
    if (id == HARDWARE_HANDLER && h.kind == HANDLER_NONE) h = handler_default(k);
    handler_put(c->p, &h, id < FIRST_OWN ? id : 0, info);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- SetRtExceptionHandler(info) --- */

/* The structure is kept in c->str: it is read once. */
uint32_t vrfy_SetRtExceptionHandler(struct rt_kernel *k, struct call *c)
{
    uint8_t *info = (uint8_t *)c->str;
    if (k->port.user_read(k->port.ctx, c->arg[0], info, EXCEPTION_SIZE) != RT_REACH_OK)
        return E_BAD_ADDR;
    bool known = info[6] >> 4 <= HARDWARE_HANDLER && (info[6] & 15) <= MODE_MAX;
    return known && get32(info) < c->p->size ? E_OK : E_PARAM;
}

static struct handler handler_of(const struct process *p, uint32_t entry)
{
    for (uint8_t kind = HANDLER_DELETE_PROCESS; kind <= HANDLER_SUSPEND; kind++)
        if (entry == own_entry(p, kind)) return (struct handler){.kind = kind};
    return (struct handler){.kind = HANDLER_USER, .process = p->handle, .entry = entry};
}

/* No entry: what the next one up has. */
void impl_SetRtExceptionHandler(struct rt_kernel *k, struct call *c)
{
    const uint8_t *info = (const uint8_t *)c->str;
    unsigned id = info[6] >> 4;
    struct handler h = {0};
    if (get32(info))
        h = handler_of(c->p, get32(info));
    else if (id == THREAD_HANDLER)
        h = c->p->handler;
    else if (id == PROCESS_HANDLER)
        h = c->p->parent->handler;
    h.mode = info[6] & 15;
    *handler_at(k, c, id) = h;
    c->eax = 1;
}
