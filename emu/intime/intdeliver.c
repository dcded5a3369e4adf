/* intdeliver.c: interrupts that the kernel itself takes first: shared lines, messages, handlers whose process has
 * another address space than the thread that runs, and those that nobody handles; and what a handler may call.
 *
 *   chain, stack at the trap (32 bytes of room, what the stub's code pushed, the interrupt's frame):
 *     +0 level  +4 parameter   arguments of the far call: the handler sees CS, level, parameter
 *     +8 offset +12 selector   where it goes
 *     +16 DS    +20 alone      not 0: it ends with IRET, as behind a gate of its own
 *     +24 CR3   +28 cursor     handlers before this one have been called
 *     +32 CR3 of the interrupted thread
 *     +84 vector
 */
#include "bits.h"
#include "interrupt.h"
#include "kernel.h"

#define CHAIN_FRAME  88u
#define CHAIN_ROOM   32u
#define CHAIN_CURSOR 28u
#define CHAIN_VECTOR 84u

void chain_code(struct rt_kernel *k)
{
    static const uint8_t code[] = {
        0x60, /* pushad */
        0x1E, 0x06, 0x0F,
        0xA0, 0x0F, 0xA8,
        0xFC, /* push ds, es, fs, gs; cld */
        0x0F, 0x20, 0xD8,
        0x50, /* mov eax, cr3; push eax */
        0x6A, 0x00, 0x83,
        0xEC, 0x1C,                     /* push 0; sub esp, 28 */
        0x0F, 0x3F, RT_POINT_INTERRUPT, /* next: the trap fills the room */
        0x85, 0xC0, 0x74,
        0x23, /* test eax, eax; jz done */
        0x8B, 0x4C, 0x24,
        0x18, 0x0F, 0x22,
        0xD9, /* mov ecx, [esp + 24]; mov cr3, ecx */
        0x8E, 0x5C, 0x24,
        0x10, /* mov ds, [esp + 16] */
        0x8E, 0x44, 0x24,
        0x10, /* mov es, [esp + 16] */
        0x80, 0x7C, 0x24,
        0x14, 0x00, 0x75,
        0x06, /* cmp byte [esp + 20], 0; jne alone */
        0xFF, 0x5C, 0x24,
        0x08, 0xEB, 0xDD, /* call far [esp + 8]; jmp next */
        0x9C, 0xFF, 0x5C,
        0x24, 0x0C, 0xEB,
        0xD6, /* alone: pushfd; call far [esp + 12]; jmp next */
        0x8B, 0x4C, 0x24,
        0x20, 0x0F, 0x22,
        0xD9,             /* done: mov ecx, [esp + 32]; mov cr3, ecx */
        0x83, 0xC4, 0x24, /* add esp, 36 */
        0x0F, 0xA9, 0x0F,
        0xA1, 0x07, 0x1F, /* pop gs, fs, es, ds */
        0x61, 0x83, 0xC4,
        0x08, 0xCF}; /* popad; add esp, 8; iret */
    phys_put(k, k->code + CHAIN_OFF, code, sizeof code);
}

/* --- the chain --- */

static unsigned chain_next(const struct rt_kernel *k, uint8_t vector, unsigned from)
{
    for (unsigned n = from; n < INTERRUPTS; n++) {
        const struct interrupt *i = &k->interrupt[n];
        if (i->used && i->vector == vector && i->enabled) return n;
    }
    return INTERRUPTS;
}

static void chain_call(struct rt_kernel *k, uint32_t at, unsigned n)
{
    const struct interrupt *i = &k->interrupt[n];
    uint8_t room[CHAIN_ROOM] = {0};
    put32(room, i->level);
    put32(room + 4, i->param);
    put32(room + 8, i->entry);
    put32(room + 12, i->process->ring0_cs);
    put32(room + 16, i->process->ds & ~3u);
    room[20] = !i->shared && !i->message;
    put32(room + 24, i->process->directory);
    put32(room + CHAIN_CURSOR, n + 1);
    phys_put(k, kernel_phys(at), room, sizeof room);
    k->message_level = i->message ? i->level : 0;
    call_return(k, 1, 0);
}

/* A line that none of them has ended is ended here, so that it can interrupt again. */
static void chain_end(struct rt_kernel *k, uint8_t vector)
{
    k->message_level = 0;
    if (k->chain_locks) k->chain_locks--;
    int_unhandled(k, vector);
    call_return(k, 0, 0);
}

void trap_interrupt(struct rt_kernel *k, const struct rt_trap *trap)
{
    uint8_t frame[CHAIN_FRAME];
    if (!k->port.lin_read(k->port.ctx, trap->stack_lin, frame, sizeof frame)) return;
    unsigned cursor = get32(frame + CHAIN_CURSOR);
    uint8_t vector = frame[CHAIN_VECTOR];
    if (cursor == 0) k->chain_locks++;
    unsigned n = chain_next(k, vector, cursor);
    if (n < INTERRUPTS)
        chain_call(k, trap->stack_lin, n);
    else
        chain_end(k, vector);
}

/* Behind a request that has gone nothing of line 7 is in service, but line 2 before line 15. */
void int_unhandled(struct rt_kernel *k, uint8_t vector)
{
    if (vector >= VECTOR_LINES && vector < VECTOR_LINES + LINES)
        int_eoi(k, (uint8_t)(vector - VECTOR_LINES));
}

/* --- calls of handlers --- */

uint32_t int_call_check(struct rt_kernel *k, const struct call *c)
{
    if (c->row->flags & FLAG_HANDLER) return E_OK;
    bool locked = k->chain_locks || k->in_handler.locks;
    return (c->row->flags & FLAG_LOCKED) && locked ? E_OK : E_CONTEXT;
}

struct process *int_process(struct rt_kernel *k, uint16_t ds)
{
    const struct object *o = object_find(k, ds & ~3u);
    bool flat = o && o->type == TYPE_SEGMENT && o->subtype == SUBTYPE_DESCRIPTOR;
    return flat ? o->process : k->root;
}

struct process *int_owner(struct rt_kernel *k, uint16_t cs)
{
    const struct object *o = &k->slot[cs >> 3 < k->slots ? cs >> 3 : 0];
    return o->use == USE_CODE && o->owner->ring0_cs == cs ? o->owner : NULL;
}
