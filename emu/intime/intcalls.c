/* intcalls.c: the calls about interrupts. */
#include "bits.h"
#include "interrupt.h"
#include "kernel.h"

#define INFO_SIZE  16u
#define PARAM_SIZE 16u /* MSI_PARAM_EX: PCI address, parameter, index, vectors, reserved */

/* --- SetRtInterruptHandler(level, max, handler), ...Ex(level, max, handler, parameter) --- */

/* The caller can become the thread of that line: its new priority must be one its process may have. */
static uint32_t thread_check(const struct call *c, uint8_t line)
{
    if (!c->arg[1]) return E_OK;
    if (c->t->interrupt) return E_CONTEXT;
    return line_priority(line) < c->p->max_priority ? E_PARAM : E_OK;
}

static uint32_t handler_check(struct rt_kernel *k, struct call *c, uint8_t line)
{
    uint32_t status = thread_check(c, line);
    if (status != E_OK) return status;
    if (c->arg[2] >= c->p->size) return E_BAD_ADDR;
    if (!int_free(k)) return E_LIMIT;
    return c->p->ring0_cs ? E_OK : slot_room(k, c->p, 1, 0);
}

/* The process's VSEG as code of ring 0. */
static void ring0_make(struct rt_kernel *k, struct process *p)
{
    if (p->ring0_cs) return;
    struct object *o = slot_code(k, p);
    o->process = p;
    o->size = p->size;
    o->seg = k->slot[p->cs >> 3].seg;
    o->seg.dpl = 0;
    object_publish(k, o);
    p->ring0_cs = object_handle(k, o);
}

static void thread_become(struct rt_kernel *k, struct interrupt *i, struct thread *t)
{
    i->thread = t;
    t->interrupt = i;
    thread_priority(k, t, line_priority(i->line));
}

static struct interrupt *handler_make(struct rt_kernel *k, struct call *c, uint8_t line,
                                      uint8_t vector, uint16_t level)
{
    struct interrupt *i = int_free(k);
    ring0_make(k, c->p);
    *i = (struct interrupt){.used = true,
                            .line = line,
                            .vector = vector,
                            .level = level,
                            .process = c->p,
                            .entry = c->arg[2],
                            .max = (uint16_t)c->arg[1],
                            .enabled = !c->arg[1]};
    if (c->arg[1]) thread_become(k, i, c->t);
    return i;
}

static uint32_t plain_check(struct rt_kernel *k, struct call *c)
{
    uint8_t line = level_line(c->arg[0]);
    if (line == LINE_NONE) return E_PARAM;
    for (unsigned n = 0; n < INTERRUPTS; n++)
        if (k->interrupt[n].used && k->interrupt[n].line == line) return E_CONTEXT;
    return handler_check(k, c, line);
}

uint32_t vrfy_SetRtInterruptHandler(struct rt_kernel *k, struct call *c)
{
    return plain_check(k, c);
}

void impl_SetRtInterruptHandler(struct rt_kernel *k, struct call *c)
{
    uint8_t line = level_line(c->arg[0]);
    int_install(k, handler_make(k, c, line, (uint8_t)(VECTOR_LINES + line), line_level(line)));
    c->eax = 1;
}

/* One plain handler on the line, or no more room among those that share. */
static uint32_t sharer_check(struct rt_kernel *k, struct call *c)
{
    uint8_t line = level_line(c->arg[0] & 0xfff);
    if (line == LINE_NONE) return E_PARAM;
    unsigned shared = 0;
    for (unsigned n = 0; n < INTERRUPTS; n++) {
        const struct interrupt *i = &k->interrupt[n];
        if (i->used && i->line == line && !i->shared) return E_CONTEXT;
        shared += i->used && i->shared;
    }
    if (shared == SHARED_MAX) return E_LIMIT;
    return handler_check(k, c, line);
}

/* c->str holds the structure: it is read once. */
static uint32_t message_check(struct rt_kernel *k, struct call *c)
{
    uint8_t *param = (uint8_t *)c->str;
    if (k->port.user_read(k->port.ctx, c->arg[3], param, PARAM_SIZE) != RT_REACH_OK)
        return E_BAD_ADDR;
    uint32_t status = handler_check(k, c, LINE_NONE);
    if (status != E_OK) return status;
    uint16_t index = get16(param + 8), vectors = get16(param + 10);
    if (!vectors) return (c->off = vectors_find(k, 1)) ? E_OK : E_LIMIT;
    status = object_get(k, vectors, TYPE_INTERRUPT, E_EXIST, &c->object);
    if (status != E_OK) return status;
    if (index >= c->object->units_max) return E_PARAM;
    c->off = (uint32_t)c->object->units + index;
    return int_find(k, MESSAGE_LEVEL | c->off) ? E_CONTEXT : E_OK;
}

uint32_t vrfy_SetRtInterruptHandlerEx(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] == MESSAGE_LEVEL) return message_check(k, c);
    if ((c->arg[0] & 0xf000) == SHARED_LEVEL) return sharer_check(k, c);
    return plain_check(k, c);
}

static uint16_t shared_reference(struct rt_kernel *k, uint32_t level)
{
    uint32_t reference = SHARED_LEVEL | level;
    while (int_find(k, reference))
        reference += 0x100;
    return (uint16_t)reference;
}

void impl_SetRtInterruptHandlerEx(struct rt_kernel *k, struct call *c)
{
    uint32_t level = c->arg[0] & 0xff;
    uint8_t line = level_line(level);
    struct interrupt *i;
    if (c->arg[0] == MESSAGE_LEVEL) {
        i = handler_make(k, c, LINE_NONE, (uint8_t)c->off, (uint16_t)(MESSAGE_LEVEL | c->off));
        i->message = true;
        i->param = get32((const uint8_t *)c->str + 4);
    } else {
        bool shared = c->arg[0] & SHARED_LEVEL;
        i = handler_make(k, c, line, (uint8_t)(VECTOR_LINES + line),
                         shared ? shared_reference(k, level) : line_level(line));
        i->shared = shared;
        i->param = c->arg[3];
    }
    int_install(k, i);
    c->eax = i->level;
}

/* --- the handler of a level, for the other calls --- */

static struct interrupt *int_of(struct rt_kernel *k, const struct call *c)
{
    return int_find(k, c->arg[0]);
}

static uint32_t level_check(struct rt_kernel *k, const struct call *c)
{
    if (!level_valid(c->arg[0])) return E_PARAM;
    return int_of(k, c) ? E_OK : E_CONTEXT;
}

static uint32_t handler_only(struct rt_kernel *k, const struct call *c)
{
    uint32_t status = level_check(k, c);
    return status == E_OK && !c->handler ? E_CONTEXT : status;
}

/* --- ResetRtInterruptHandler(level): by its own process; the thread goes, too --- */

uint32_t vrfy_ResetRtInterruptHandler(struct rt_kernel *k, struct call *c)
{
    uint32_t status = level_check(k, c);
    if (status != E_OK) return status;
    const struct interrupt *i = int_of(k, c);
    bool held = i->thread == c->t && c->t->held;
    return i->process == c->p && !held ? E_OK : E_CONTEXT;
}

void impl_ResetRtInterruptHandler(struct rt_kernel *k, struct call *c)
{
    struct interrupt *i = int_of(k, c);
    struct thread *t = i->thread;
    int_remove(k, i);
    c->eax = 1;
    if (t) thread_end(k, c, t);
}

/* --- EnterRtInterrupt(level): the stub loads what EDX holds into DS and ES --- */

uint32_t vrfy_EnterRtInterrupt(struct rt_kernel *k, struct call *c)
{
    return handler_only(k, c) == E_OK ? E_OK : E_CONTEXT;
}

void impl_EnterRtInterrupt(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    c->edx = int_of(k, c)->process->ds & ~3u;
}

/* --- GetRtInterruptLevel() --- */

uint32_t vrfy_GetRtInterruptLevel(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->handler ? E_OK : E_CONTEXT;
}

void impl_GetRtInterruptLevel(struct rt_kernel *k, struct call *c)
{
    c->eax = int_level_now(k);
}

/* --- SignalEndOfRtInterrupt(level), SignalRtInterruptThread(level) --- */

static void end_of(struct rt_kernel *k, const struct interrupt *i)
{
    if (!i->message) int_eoi(k, i->line);
}

uint32_t vrfy_SignalEndOfRtInterrupt(struct rt_kernel *k, struct call *c)
{
    return handler_only(k, c);
}

void impl_SignalEndOfRtInterrupt(struct rt_kernel *k, struct call *c)
{
    end_of(k, int_of(k, c));
}

uint32_t vrfy_SignalRtInterruptThread(struct rt_kernel *k, struct call *c)
{
    uint32_t status = handler_only(k, c);
    if (status != E_OK) return status;
    return int_of(k, c)->thread ? E_OK : E_CONTEXT;
}

static void thread_signal(struct rt_kernel *k, struct interrupt *i)
{
    if (i->thread->wait != WAIT_INTERRUPT) return;
    i->busy = true;
    sched_wake(k, i->thread, E_OK, 1);
}

/* The signal that fills the count is served all the same: its status only informs. */
void impl_SignalRtInterruptThread(struct rt_kernel *k, struct call *c)
{
    struct interrupt *i = int_of(k, c);
    end_of(k, i);
    if (i->count == OUTSTANDING) {
        c->status = E_LIMIT;
        return;
    }
    i->count++;
    c->eax = 1;
    if (i->count >= i->max) i->enabled = false;
    if (i->count == i->max) c->status = E_INTERRUPT_SATURATION;
    if (i->count > i->max) c->status = E_INTERRUPT_OVERFLOW;
    thread_signal(k, i);
    int_masks(k);
}

/* --- WaitForRtInterrupt(level, ms) --- */

uint32_t vrfy_WaitForRtInterrupt(struct rt_kernel *k, struct call *c)
{
    if (!exchange_ms(c->arg[1])) return E_PARAM;
    uint32_t status = level_check(k, c);
    if (status != E_OK) return status;
    const struct interrupt *i = int_of(k, c);
    return i->thread == c->t ? E_OK : E_CONTEXT;
}

void impl_WaitForRtInterrupt(struct rt_kernel *k, struct call *c)
{
    struct interrupt *i = int_of(k, c);
    uint32_t ms = c->arg[1];
    if (i->busy) i->count--;
    i->busy = i->count > 0;
    if (i->count < i->max && !i->off) i->enabled = true;
    int_masks(k);
    c->eax = 1;
    if (i->busy) return;
    if (ms < HIGH_TICK_US / 1000)
        c->status = E_TIME;
    else
        sched_wait(k, c, WAIT_INTERRUPT, exchange_due(k, ms));
}

/* --- EnableRtInterrupt(level), DisableRtInterrupt(level) --- */

uint32_t vrfy_EnableRtInterrupt(struct rt_kernel *k, struct call *c)
{
    uint32_t status = level_check(k, c);
    if (status != E_OK) return status;
    const struct interrupt *i = int_of(k, c);
    bool own = i->thread && i->thread == c->t;
    return (i->enabled && !own) || (i->thread && i->count > i->max) ? E_CONTEXT : E_OK;
}

void impl_EnableRtInterrupt(struct rt_kernel *k, struct call *c)
{
    struct interrupt *i = int_of(k, c);
    i->enabled = true;
    i->off = false;
    int_masks(k);
    c->eax = 1;
}

uint32_t vrfy_DisableRtInterrupt(struct rt_kernel *k, struct call *c)
{
    uint32_t status = level_check(k, c);
    if (status != E_OK) return status;
    return int_of(k, c)->enabled ? E_OK : E_CONTEXT;
}

void impl_DisableRtInterrupt(struct rt_kernel *k, struct call *c)
{
    struct interrupt *i = int_of(k, c);
    i->enabled = false;
    i->off = true;
    int_masks(k);
    c->eax = 1;
}

/* --- AllocateRtInterrupts(n): an object that holds n vectors for messages --- */

uint32_t vrfy_AllocateRtInterrupts(struct rt_kernel *k, struct call *c)
{
    uint32_t n = c->arg[0];
    if (n == 0 || n > MESSAGES_MAX || (n & (n - 1))) return E_PARAM;
    c->off = vectors_find(k, n);
    if (!c->off) return E_LIMIT;
    return object_room(k, c->p, 1, 0);
}

void impl_AllocateRtInterrupts(struct rt_kernel *k, struct call *c)
{
    struct object *o = object_new(k, c->p, TYPE_INTERRUPT, SUBTYPE_NONE, true);
    o->units = (uint16_t)c->off;
    o->units_max = (uint16_t)c->arg[0];
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    c->eax = object_handle(k, o);
}

/* --- GetRtInterruptInfo(level, info): +0 line, +4 vector, +6 thread, +8 reserved --- */

uint32_t vrfy_GetRtInterruptInfo(struct rt_kernel *k, struct call *c)
{
    uint32_t status = level_check(k, c);
    return status == E_OK ? call_writable(k, c->arg[1], INFO_SIZE) : status;
}

void impl_GetRtInterruptInfo(struct rt_kernel *k, struct call *c)
{
    const struct interrupt *i = int_of(k, c);
    uint8_t info[INFO_SIZE] = {0};
    put32(info, i->message ? 0xffffffffu : i->line);
    put16(info + 4, i->vector);
    put16(info + 6, i->thread ? i->thread->handle : NULL_RTHANDLE);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}
