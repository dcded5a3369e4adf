/* excepts.c: an exception of ring 3 on its way to the thread's own handlers, and its end when none of
 * them takes it.
 *
 *   kernel stack at the trap    vector, error code, EIP, CS, EFLAGS [, ESP, SS]
 *   thread's stack afterwards   ESP -> record, context | EXCEPTION_RECORD | CONTEXT | gap | old ESP
 *
 * The stub's IRET takes the thread to RslDispatchException. Coprocessor and flags of a CONTEXT that the
 * kernel cannot know are filled in there.
 */
#include "excepts.h"

#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "fault_codes.h"
#include "mailbox.h"

#define STACK_GAP    64u
#define RECORD_SIZE  80u
#define CONTEXT_SIZE 0x2CCu
#define FLAG_TF      0x100u
#define FLAGS_KEPT   0x3200u /* IF and IOPL: what the dispatcher starts with */
#define FLAG_1       0x2u
#define FAULT_NAME   "HW_FAULT_MBX"
#define MESSAGE_SIZE 12u

/* --- what the fault left --- */

static struct rt_fault *fault_keep(struct thread *t)
{
    struct rt_fault *f = &t->fault[t->fault_next];
    t->fault_next = (uint8_t)((t->fault_next + 1) % FAULTS_KEPT);
    *f = (struct rt_fault){0};
    return f;
}

static void fault_read(struct rt_kernel *k, const struct rt_trap *trap, struct rt_fault *f)
{
    uint8_t stack[28] = {0};
    if (!k->port.lin_read(k->port.ctx, trap->stack_lin, stack, 20)) memset(stack, 0, 20);
    f->vector = (uint8_t)get32(stack);
    f->error = get32(stack + 4);
    f->eip = get32(stack + 8);
    f->cs = get16(stack + 12);
    f->eflags = get32(stack + 16);
    f->cr2 = trap->cr2;
    f->ss = trap->ss;
    f->ds = trap->ds;
    f->es = trap->es;
    f->fs = trap->fs;
    f->gs = trap->gs;
    memcpy(f->gpr, trap->gpr, sizeof f->gpr);
    const struct rt_cause *cause = &trap->cause;
    if (cause->known && cause->vector == f->vector && cause->eip == f->eip && cause->cs == f->cs)
        f->cause = *cause;
    if ((f->cs & 3) != 3 || !k->port.lin_read(k->port.ctx, trap->stack_lin + 20, stack + 20, 8))
        return;
    f->gpr[4] = get32(stack + 20);
    f->ss = get16(stack + 24);
}

/* --- to the thread's own handlers --- */

/* INT 3 is one byte, or CD 03: the record names the instruction, not the one after it. */
static uint32_t fault_address(const struct rt_kernel *k, const struct process *p,
                              const struct rt_fault *f)
{
    uint8_t code[2] = {0};
    if (f->vector != 3 || !vseg_peek(k, p, f->eip - 2, code, 2)) return f->eip;
    if (code[1] == 0xCC) return f->eip - 1;
    return code[0] == 0xCD && code[1] == 3 ? f->eip - 2 : f->eip;
}

static void context_put(const struct rt_kernel *k, const struct process *p,
                        const struct rt_fault *f, uint8_t *to)
{
    const struct {
        uint32_t at, value;
    } fields[] = {{0x8C, f->gs},     {0x90, f->fs},
                  {0x94, f->es},     {0x98, f->ds},
                  {0x9C, f->gpr[7]}, {0xA0, f->gpr[6]},
                  {0xA4, f->gpr[3]}, {0xA8, f->gpr[2]},
                  {0xAC, f->gpr[1]}, {0xB0, f->gpr[0]},
                  {0xB4, f->gpr[5]}, {0xB8, fault_address(k, p, f)},
                  {0xBC, f->cs},     {0xC0, f->vector == 1 ? f->eflags & ~FLAG_TF : f->eflags},
                  {0xC4, f->gpr[4]}, {0xC8, f->ss}};
    memset(to, 0, CONTEXT_SIZE);
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
        put32(to + fields[i].at, fields[i].value);
}

static void record_put(const struct rt_kernel *k, const struct process *p, const struct rt_fault *f,
                       uint8_t *to)
{
    memset(to, 0, RECORD_SIZE);
    uint32_t code = exception_code(f->vector);
    put32(to, code);
    put32(to + 12, fault_address(k, p, f));
    if (code != WIN32_ACCESS_VIOLATION) return;
    put32(to + 16, 2); /* read or write, and where; only a page fault knows */
    put32(to + 20, f->vector == 14 && (f->error & 2) ? 1 : 0);
    put32(to + 24, f->vector == 14 ? f->cr2 - p->base : 0xffffffffu);
}

/* Its stack takes what a handler needs, and there is somebody to search the chain. */
static bool fault_dispatch(struct rt_kernel *k, const struct thread *t, struct rt_fault *f,
                           uint32_t kernel_stack)
{
    const struct process *p = t->process;
    uint8_t context[CONTEXT_SIZE], record[RECORD_SIZE], word[16];
    uint32_t entry =
        p->dispatcher ? p->dispatcher : module_export(p, "RtRsl.rsl", "RslDispatchException");
    uint32_t esp = f->gpr[4], need = STACK_GAP + 16 + CONTEXT_SIZE + RECORD_SIZE + 8;
    if (!entry || (f->cs & 3) != 3 || f->ss != p->ds || esp < need) return false;
    uint32_t at = (esp - STACK_GAP - CONTEXT_SIZE) & ~15u, low = at - RECORD_SIZE - 8;
    if (!vseg_writable(p, low, esp - low)) return false;
    context_put(k, p, f, context);
    record_put(k, p, f, record);
    put32(word, low + 8);
    put32(word + 4, at);
    vseg_poke(k, p, low, word, 8);
    vseg_poke(k, p, low + 8, record, sizeof record);
    vseg_poke(k, p, at, context, sizeof context);
    f->context = at;
    put32(word, entry);
    put32(word + 4, p->cs);
    put32(word + 8, (f->eflags & FLAGS_KEPT) | FLAG_1);
    put32(word + 12, low);
    phys_put(k, kernel_phys(kernel_stack) + 8, word, 16);
    return true;
}

/* The fault behind a record and its context: a software exception may use the same place later. */
static const struct rt_fault *fault_of(const struct rt_kernel *k, const struct thread *t,
                                       uint32_t context, const uint8_t *record)
{
    for (unsigned i = 1; i <= FAULTS_KEPT; i++) {
        const struct rt_fault *f = &t->fault[(t->fault_next + FAULTS_KEPT - i) % FAULTS_KEPT];
        if (f->context && f->context == context && get32(record) == exception_code(f->vector) &&
            get32(record + 12) == fault_address(k, t->process, f))
            return f;
    }
    return NULL;
}

/* --- HW_FAULT_MBX --- */

bool fault_reserve(struct rt_kernel *k)
{
    k->hw_faults = mailbox_new(DATA_MAILBOX);
    return k->hw_faults != NULL;
}

void fault_boot(struct rt_kernel *k)
{
    struct object *o = object_fixed(k, k->root, SLOT_FAULT_MAILBOX, TYPE_MAILBOX);
    o->mailbox = k->hw_faults;
    o->subtype = true; /* data */
    k->hw_faults = NULL;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    dir_add(k, k->root, FAULT_NAME, object_handle(k, o));
}

void fault_unreserve(struct rt_kernel *k)
{
    struct object o = {.mailbox = k->hw_faults};
    mailbox_forget(&o);
    k->hw_faults = NULL;
}

/* What finds no room is lost: a fault cannot wait. The root's mailbox keeps three, for most nodes have
 * nobody who reads them. */
static void message_send(struct rt_kernel *k, const struct process *p, const uint8_t *message)
{
    struct object *o = object_find(k, dir_get(p, FAULT_NAME));
    if (!o || o->reference || o->type != TYPE_MAILBOX || !o->mailbox->data) return;
    if (o->owner == k->root && o->mailbox->count >= DEPTH_DATA) return;
    mailbox_send(k, o, message, MESSAGE_SIZE);
}

/* HWEXCEPTIONMSG: thread, process, code, EIP, CS. */
static void fault_message(struct rt_kernel *k, const struct thread *t, const struct rt_fault *f)
{
    uint8_t message[MESSAGE_SIZE];
    put16(message, t->handle);
    put16(message + 2, t->process->handle);
    put16(message + 4, (uint16_t)(EH_FIRST + f->vector));
    put32(message + 6, f->eip);
    put16(message + 10, f->cs);
    message_send(k, t->process, message);
    message_send(k, k->root, message);
}

/* --- nobody took it --- */

static enum rt_fault_action action_of(const struct rt_kernel *k, const struct thread *t,
                                      struct unhandled *u)
{
    const struct handler *h = t->handler.kind == HANDLER_NONE ? &k->hardware : &t->handler;
    switch (h->kind) {
    case HANDLER_DELETE_PROCESS: return RT_FAULT_DELETE_PROCESS;
    case HANDLER_DELETE_THREAD: return RT_FAULT_DELETE_THREAD;
    case HANDLER_SUSPEND: return RT_FAULT_SUSPEND;
    case HANDLER_USER:
        if (!u->callable || h->process != t->process->handle) break;
        u->entry = h->entry;
        return RT_FAULT_CALL;
    default: break;
    }
    return k->config.on_fault < RT_FAULT_CALL ? k->config.on_fault : RT_FAULT_REPORT;
}

static const char *fault_text(struct rt_kernel *k, const struct rt_fault *f,
                              const struct unhandled *u)
{
    if (u->software) {
        snprintf(k->line, sizeof k->line, "software exception %08X was not handled", u->code);
        return kernel_text(k, k->line);
    }
    int n = snprintf(k->line, sizeof k->line, "%s at %04X:%08X, error code %04X",
                     rt_status_name(u->code), f->cs, f->eip, f->error & 0xffff);
    if (f->vector == 14)
        snprintf(k->line + n, sizeof k->line - (size_t)n, ", address %08X", f->cr2);
    return kernel_text(k, k->line);
}

enum rt_fault_action fault_unhandled(struct rt_kernel *k, struct thread *t,
                                     const struct rt_fault *f, struct unhandled *u)
{
    struct process *p = t->process;
    enum rt_fault_action action = action_of(k, t, u);
    const struct rt_fault_info info = {.process = p->handle,
                                       .thread = t->handle,
                                       .process_name = p->name,
                                       .software = u->software,
                                       .code = u->code,
                                       .action = action,
                                       .fault = f};
    if (k->observer.fault) k->observer.fault(k->observer.ctx, &info);
    if (!u->software) fault_message(k, t, f);
    switch (action) {
    case RT_FAULT_REPORT: process_end(k, p, RT_END_FAULT, u->code, fault_text(k, f, u)); break;
    case RT_FAULT_DELETE_PROCESS:
        process_end(k, p, RT_END_DELETED, u->code, fault_text(k, f, u));
        break;
    case RT_FAULT_DELETE_THREAD: thread_delete(k, t); break;
    case RT_FAULT_SUSPEND:
        t->faulted = true;
        if (t->depth < 254) t->depth++;
        break;
    case RT_FAULT_CALL: break;
    }
    return action;
}

/* An interrupt handler's: ring 0, in whichever thread it interrupted. Its process ends with the fault, and
 * with it the node: what it interrupted cannot go on. */
static bool fault_of_handler(struct rt_kernel *k, const struct rt_trap *trap)
{
    struct rt_fault f = {0};
    fault_read(k, trap, &f);
    struct process *p = int_owner(k, f.cs);
    if (!p) return false;
    struct unhandled u = {.code = EH_FIRST + f.vector};
    const struct rt_fault_info info = {.process = p->handle,
                                       .thread = k->current ? k->current->handle : NULL_RTHANDLE,
                                       .process_name = p->name,
                                       .code = u.code,
                                       .action = RT_FAULT_REPORT,
                                       .fault = &f};
    if (k->observer.fault) k->observer.fault(k->observer.ctx, &info);
    k->chain_locks = k->in_handler.locks = k->message_level = 0;
    process_end(k, p, RT_END_FAULT, u.code, fault_text(k, &f, &u));
    fx_add(k, RT_FX_IDLE)->code = 2;
    k->idle_told = true;
    return true;
}

void trap_fault(struct rt_kernel *k, const struct rt_trap *trap)
{
    uint8_t vector[4];
    if (!k->port.lin_read(k->port.ctx, trap->stack_lin, vector, 4)) memset(vector, 0, 4);
    if (vector[0] >= 32) { /* an interrupt that nobody handles: the stub's IRET goes on */
        int_unhandled(k, vector[0]);
        return;
    }
    if (fault_of_handler(k, trap)) return;
    if (!k->current) {
        fx_add(k, RT_FX_IDLE)->code = 2;
        return;
    }
    struct thread *t = k->current;
    struct rt_fault *f = fault_keep(t);
    fault_read(k, trap, f);
    if (fault_dispatch(k, t, f, trap->stack_lin)) return;
    struct unhandled u = {.code = EH_FIRST + f->vector};
    fault_unhandled(k, t, f, &u);
}

/* --- RslUnhandledException(record, context): from RslDispatchException and RaiseException --- */

uint32_t vrfy_RslUnhandledException(struct rt_kernel *k, struct call *c)
{
    bool ok = k->port.user_check(k->port.ctx, c->arg[0], RECORD_SIZE, false) == RT_REACH_OK &&
              k->port.user_check(k->port.ctx, c->arg[1], CONTEXT_SIZE, false) == RT_REACH_OK;
    return ok ? E_OK : E_BAD_ADDR;
}

/* The registers of a software exception, from the context that it carries. */
static void fault_from_context(struct rt_kernel *k, uint32_t context, struct rt_fault *f)
{
    static const uint8_t gpr[8] = {0xB0, 0xAC, 0xA8, 0xA4, 0xC4, 0xB4, 0xA0, 0x9C};
    uint8_t raw[0xCC] = {0};
    k->port.user_read(k->port.ctx, context, raw, sizeof raw);
    for (unsigned i = 0; i < 8; i++)
        f->gpr[i] = get32(raw + gpr[i]);
    f->eip = get32(raw + 0xB8);
    f->eflags = get32(raw + 0xC0);
    f->cs = get16(raw + 0xBC);
    f->ss = get16(raw + 0xC8);
    f->ds = get16(raw + 0x98);
    f->es = get16(raw + 0x94);
    f->fs = get16(raw + 0x90);
    f->gs = get16(raw + 0x8C);
    f->context = context;
}

void impl_RslUnhandledException(struct rt_kernel *k, struct call *c)
{
    uint8_t record[16] = {0};
    struct unhandled u = {.callable = true};
    k->port.user_read(k->port.ctx, c->arg[0], record, sizeof record);
    const struct rt_fault *f = fault_of(k, c->t, c->arg[1], record);
    if (f) {
        u.code = EH_FIRST + f->vector;
    } else {
        u.software = true;
        u.code = get32(record);
        struct rt_fault *own = fault_keep(c->t);
        fault_from_context(k, c->arg[1], own);
        f = own;
    }
    c->ended = true; /* the thread may be gone afterwards */
    call_leave(k, c->row, c->t, 0, E_OK, false);
    switch (fault_unhandled(k, c->t, f, &u)) {
    case RT_FAULT_SUSPEND:
    case RT_FAULT_CALL: call_return(k, u.entry, 0); break;
    default: break;
    }
}

/* --- RslSetDispatcher(function): of a program that has the library inside --- */

uint32_t vrfy_RslSetDispatcher(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[0] < c->p->size ? E_OK : E_PARAM;
}

void impl_RslSetDispatcher(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->p->dispatcher = c->arg[0];
    c->eax = 1;
}
