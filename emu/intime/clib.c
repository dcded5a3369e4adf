/* clib.c: what our clib stubs ask of the kernel: console text, the command line, the clock. */
#include <string.h>

#include "bits.h"
#include "kernel.h"

/* --- clib_write(text, length): a guest that writes more calls again --- */

uint32_t vrfy_clib_write(struct rt_kernel *k, struct call *c)
{
    c->off = c->arg[1] < CONSOLE_CHUNK ? c->arg[1] : CONSOLE_CHUNK;
    return k->port.user_read(k->port.ctx, c->arg[0], k->text, c->off) == RT_REACH_OK ? E_OK
                                                                                     : E_BAD_ADDR;
}

void impl_clib_write(struct rt_kernel *k, struct call *c)
{
    c->eax = c->off;
    if (!c->off) return;
    k->text[c->off] = 0;
    struct rt_effect *fx = fx_add(k, RT_FX_CONSOLE);
    fx->selector = c->p->handle;
    fx->text = k->text;
    fx->length = c->off;
}

/* --- clib_args(&argc, argv, max, buffer, size) --- */

uint32_t vrfy_clib_args(struct rt_kernel *k, struct call *c)
{
    uint32_t argc = (uint32_t)c->p->argc;
    if (argc > c->arg[2] || c->p->args_size > c->arg[4]) return E_LIMIT;
    bool ok = call_writable(k, c->arg[0], 4) == E_OK &&
              call_writable(k, c->arg[1], argc * 4) == E_OK &&
              call_writable(k, c->arg[3], c->p->args_size) == E_OK;
    return ok ? E_OK : E_BAD_ADDR;
}

void impl_clib_args(struct rt_kernel *k, struct call *c)
{
    uint8_t word[4];
    uint32_t at = 0, argc = (uint32_t)c->p->argc;
    for (uint32_t i = 0; i < argc; i++) {
        put32(word, c->arg[3] + at);
        call_put(k, c->arg[1] + i * 4, word, 4);
        at += (uint32_t)strlen(c->p->args + at) + 1;
    }
    if (argc < c->arg[2] && call_writable(k, c->arg[1] + argc * 4, 4) == E_OK) {
        put32(word, 0);
        call_put(k, c->arg[1] + argc * 4, word, 4);
    }
    call_put(k, c->arg[3], c->p->args, c->p->args_size);
    put32(word, argc);
    call_put(k, c->arg[0], word, 4);
    c->eax = argc;
}

/* --- clib_clock() --- */

uint32_t vrfy_clib_clock(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_clock(struct rt_kernel *k, struct call *c)
{
    c->eax = (uint32_t)k->now;
    c->edx = (uint32_t)(k->now >> 32);
}
