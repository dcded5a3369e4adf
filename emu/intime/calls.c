/* calls.c: from the call gate to a pair vrfy_/impl_ and back.
 *
 *   ring-0 stack at the trap: EIP  CS  code  ESP  SS        (the gate copied `code`)
 *   caller's stack:  [EBP] saved EBP, [EBP+4] return address, [EBP+8] first argument ...
 *
 * Arguments are read once, in one piece, with the caller's rights; strings once, byte by byte, up
 * to the length that a call can use. After that only the copies are looked at.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "kernel.h"

#define ST(...)                                                                                    \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
const struct row rt_rows[] = {
#define RT_CALL(cls, number, name, result, flags, args, documented, own, page)                     \
    {CLASS_##cls, RESULT_##result, FLAG_##flags, number,      #name,      args,                    \
     page,        documented,      own,          vrfy_##name, impl_##name},
#include "rtcalls.def"
#undef RT_CALL
};
const unsigned rt_row_count = sizeof rt_rows / sizeof rt_rows[0];

uint32_t row_failure(const struct row *row)
{
    switch (row->result) {
    case RESULT_HANDLE: return BAD_RTHANDLE;
    case RESULT_ONES:
    case RESULT_ONES64: return 0xffffffffu;
    default: return 0;
    }
}

static const struct row *row_find(uint32_t code)
{
    for (unsigned i = 0; i < rt_row_count; i++)
        if (rt_rows[i].number == code >> 16 && rt_rows[i].class == (code & 0xffff))
            return &rt_rows[i];
    return NULL;
}

/* --- arguments --- */

/* Next "name:kind" of the list; false at its end. */
static bool arg_next(const char **list, char *name, size_t size, char *kind)
{
    const char *at = *list;
    while (*at == ' ')
        at++;
    const char *colon = strchr(at, ':');
    if (!colon) return false;
    snprintf(name, size, "%.*s", (int)(colon - at), at);
    *kind = colon[1];
    *list = colon + 2;
    return true;
}

static uint32_t arg_narrow(char kind, uint32_t v)
{
    if (kind == 'h' || kind == 'w') return v & 0xffff;
    return kind == 'b' ? v & 0xff : v;
}

bool call_text(struct rt_kernel *k, uint32_t at, char *to, uint32_t size, enum rt_reach *reach)
{
    *reach = RT_REACH_OK;
    for (uint32_t n = 0; n < size; n++) {
        *reach = at + n < at ? RT_REACH_OUTSIDE : k->port.user_read(k->port.ctx, at + n, to + n, 1);
        if (*reach != RT_REACH_OK) {
            to[0] = 0;
            return false;
        }
        if (!to[n]) return true;
    }
    to[size - 1] = 0;
    return false;
}

void call_string(struct rt_kernel *k, struct call *c, uint32_t at)
{
    bool whole = call_text(k, at, c->str, sizeof c->str, &c->str_reach);
    c->str_long = !whole && c->str_reach == RT_REACH_OK;
    c->str_length = (unsigned)strlen(c->str);
}

/* False: the arguments themselves cannot be read. */
static bool args_read(struct rt_kernel *k, struct call *c, const struct rt_trap *trap)
{
    uint32_t ebp = trap->gpr[5];
    const char *list = c->row->args;
    char name[32], kind, kinds[CALL_ARGS];
    uint8_t raw[sizeof c->arg];
    uint32_t n = 0;
    while (n < CALL_ARGS && arg_next(&list, name, sizeof name, &kind)) {
        kinds[n++] = kind;
        if (kind == 'q' && n < CALL_ARGS) kinds[n++] = 'd';
    }
    if (c->handler) {
        uint32_t ss = trap->stack_lin - trap->gpr[4]; /* its base */
        if (n && !k->port.lin_read(k->port.ctx, ss + ebp + 8, raw, n * 4)) return false;
    } else if (n && k->port.user_read(k->port.ctx, ebp + 8, raw, n * 4) != RT_REACH_OK) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        c->arg[i] = arg_narrow(kinds[i], get32(raw + i * 4));
        if (kinds[i] == 's' || (kinds[i] == 'o' && c->arg[i] > 0xffff))
            call_string(k, c, c->arg[i]);
    }
    return true;
}

/* --- words for observers --- */

__attribute__((format(printf, 3, 4))) static size_t add(char *to, size_t size, const char *format,
                                                        ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(to, size, format, args);
    va_end(args);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static size_t string_words(const struct call *c, uint32_t at, char *to, size_t size)
{
    if (c->str_reach != RT_REACH_OK) return add(to, size, "0x%08X (unreadable)", at);
    size_t n = add(to, size, "\"");
    for (unsigned i = 0; i < c->str_length && i < 64 && n + 6 < size; i++) {
        unsigned char ch = (unsigned char)c->str[i];
        n += add(to + n, size - n, ch < 0x20 || ch > 0x7e ? "\\x%02X" : "%c", ch);
    }
    return n + add(to + n, size - n, c->str_length > 64 || c->str_long ? "...\"" : "\"");
}

static size_t arg_words(const struct call *c, char kind, unsigned i, char *to, size_t size)
{
    uint32_t v = c->arg[i];
    switch (kind) {
    case 'h': return add(to, size, v ? "0x%04X" : "NULL_RTHANDLE", v);
    case 'p': return add(to, size, v ? "0x%08X" : "NULL", v);
    case 't': return add(to, size, v == WAIT_FOREVER ? "WAIT_FOREVER" : "%u", v);
    case 'q':
        return add(to, size, "0x%llX",
                   (unsigned long long)v | (unsigned long long)c->arg[i + 1] << 32);
    case 's': return string_words(c, v, to, size);
    case 'o': return v > 0xffff ? string_words(c, v, to, size) : add(to, size, "#%u", v);
    default: return add(to, size, "%u", v);
    }
}

static void args_words(struct rt_kernel *k, const struct call *c)
{
    const char *list = c->row->args;
    char name[32], kind;
    size_t n = 0, size = sizeof k->arguments;
    k->arguments[0] = 0;
    for (unsigned i = 0; i < CALL_ARGS && arg_next(&list, name, sizeof name, &kind); i++) {
        n += add(k->arguments + n, size - n, "%s%s=", n ? ", " : "", name);
        n += arg_words(c, kind, i, k->arguments + n, size - n);
        i += kind == 'q';
    }
}

static void call_enter(struct rt_kernel *k, const struct call *c)
{
    if (!k->observer.enter) return;
    args_words(k, c);
    struct rt_call_info info = {.name = c->row->name,
                                .arguments = k->arguments,
                                .process = c->p->handle,
                                .thread = c->t->handle};
    k->observer.enter(k->observer.ctx, &info);
}

void call_leave(struct rt_kernel *k, const struct row *row, const struct thread *t, uint32_t result,
                uint32_t status, bool blocked)
{
    if (!k->observer.leave) return;
    struct rt_call_info info = {.name = row->name,
                                .arguments = "",
                                .process = t->process->handle,
                                .thread = t->handle,
                                .result = result,
                                .status = status,
                                .blocked = blocked};
    k->observer.leave(k->observer.ctx, &info);
}

/* --- dispatch --- */

void call_return(struct rt_kernel *k, uint32_t eax, uint32_t edx)
{
    struct rt_effect *fx = fx_add(k, RT_FX_RETURN);
    fx->eax = eax;
    fx->edx = edx;
}

/* Where it was called from, and what may be its arguments: [EBP+4] and on. */
static void missing_words(const struct rt_kernel *k, uint32_t ebp, uint32_t *word)
{
    uint8_t raw[20] = {0};
    if (k->port.user_read(k->port.ctx, ebp + 4, raw, sizeof raw) != RT_REACH_OK)
        k->port.user_read(k->port.ctx, ebp + 4, raw, 4);
    for (unsigned i = 0; i < 5; i++)
        word[i] = get32(raw + 4 * i);
}

static void call_missing(struct rt_kernel *k, struct thread *t, const struct row *row,
                         uint32_t code, uint32_t ebp)
{
    if (row)
        snprintf(k->line, sizeof k->line, "%s", row->name);
    else
        snprintf(k->line, sizeof k->line, "call %u of %s", code >> 16,
                 (code & 0xffff) == CLASS_RSL    ? "RtRsl.rsl"
                 : (code & 0xffff) == CLASS_NET  ? "netlib"
                 : (code & 0xffff) == CLASS_CLIB ? "clib"
                                                 : "an unknown class");
    struct rt_effect *fx = fx_add(k, RT_FX_MISSING);
    fx->text = kernel_text(k, k->line);
    fx->code = code;
    fx->selector = t->process->handle;
    missing_words(k, ebp, fx->word);
    t->last_error = E_NOT_CONFIGURED;
    call_return(k, row ? row_failure(row) : 0xffffffffu, 0);
}

uint32_t call_writable(struct rt_kernel *k, uint32_t off, uint32_t n)
{
    return k->port.user_check(k->port.ctx, off, n, true) == RT_REACH_OK ? E_OK : E_BAD_ADDR;
}

uint32_t call_readable(struct rt_kernel *k, uint32_t off, uint32_t n)
{
    return k->port.user_check(k->port.ctx, off, n, false) == RT_REACH_OK ? E_OK : E_BAD_ADDR;
}

uint32_t call_lasting(const struct call *c)
{
    return ((c->ds ^ c->p->ds) & ~3) == 0 ? E_OK : E_BAD_ADDR;
}

void call_put(struct rt_kernel *k, uint32_t off, const void *from, uint32_t n)
{
    k->port.user_write(k->port.ctx, off, from, n);
}

static void call_finish(struct rt_kernel *k, struct call *c, uint32_t status)
{
    if (c->ended) return;
    if (status != E_OK) {
        c->eax = row_failure(c->row);
        c->edx = c->row->result == RESULT_ONES64 ? 0xffffffffu : 0;
        if (!(c->row->flags & FLAG_NOERR)) c->t->last_error = (uint16_t)status;
    }
    call_leave(k, c->row, c->t, c->eax, status, c->blocked);
    if (!c->blocked) call_return(k, c->eax, c->edx);
}

static void call_run(struct rt_kernel *k, struct thread *t, const struct row *row,
                     const struct rt_trap *trap)
{
    struct call c = {.row = row,
                     .t = t,
                     .p = t->process,
                     .handler = t == &k->in_handler,
                     .ds = trap->ds,
                     .result_in = trap->gpr[0],
                     .frame_lin = trap->stack_lin};
    bool readable = args_read(k, &c, trap);
    call_enter(k, &c);
    uint32_t status = !readable ? E_BAD_ADDR : c.handler ? int_call_check(k, &c) : E_OK;
    if (status == E_OK) status = row->vrfy(k, &c);
    if (status != E_OK) {
        free(c.fresh);
        free(c.load);
    } else {
        row->impl(k, &c);
        status = c.status;
    }
    free(c.host);
    free(c.request);
    call_finish(k, &c, status);
    if (!c.ended && t->doomed) region_left(k, t); /* the call may have taken the region away */
}

/* An interrupt handler calls as nobody: it has its own last status and its own locks of the scheduler, in
 * whichever thread it runs. */
static struct thread *handler_thread(struct rt_kernel *k, const struct rt_trap *trap)
{
    struct thread *t = &k->in_handler;
    t->process = int_process(k, trap->ds);
    t->handle = k->current ? k->current->handle : NULL_RTHANDLE;
    return t;
}

static void trap_call(struct rt_kernel *k, const struct rt_trap *trap)
{
    uint8_t stack[12];
    if (!k->port.lin_read(k->port.ctx, trap->stack_lin, stack, sizeof stack)) return;
    bool handler = (get16(stack + 4) & 3) == 0;
    struct thread *t = handler ? handler_thread(k, trap) : k->current;
    if (!t) return;
    if (!handler) k->in_handler.locks = 0;
    uint32_t code = get32(stack + 8);
    const struct row *row = row_find(code);
    bool there = row && (row->class != CLASS_NET || k->port.net);
    if (there)
        call_run(k, t, row, trap);
    else
        call_missing(k, t, row, code, trap->gpr[5]);
}

void rt_kernel_trap(struct rt_kernel *k, const struct rt_trap *trap, struct rt_effects *fx)
{
    k->now = k->port.now_us(k->port.ctx);
    if (trap->point == RT_POINT_CALL)
        trap_call(k, trap);
    else if (trap->point == RT_POINT_FAULT)
        trap_fault(k, trap);
    else if (trap->point == RT_POINT_INTERRUPT)
        trap_interrupt(k, trap);
    else if (k->current)
        process_end(k, k->current->process, RT_END_EXIT, trap->gpr[0], NULL);
    if (!k->loads) sched_settle(k); /* else the caller keeps the processor until rt_load_done */
    fx_flush(k, fx);
}

void rt_kernel_time(struct rt_kernel *k, uint64_t now_us, struct rt_effects *fx)
{
    k->now = now_us;
    net_poll(k);
    sched_expire(k);
    sched_slice(k);
    sched_settle(k);
    fx_flush(k, fx);
}

void rt_kernel_schedule(struct rt_kernel *k, struct rt_effects *fx)
{
    k->now = k->port.now_us(k->port.ctx);
    k->idle_told = false;
    sched_settle(k);
    fx_flush(k, fx);
}
