/* statuscalls.c: last status of a thread, texts, and software exceptions. */
#include <stdio.h>

#include "kernel.h"

uint32_t vrfy_GetLastRtError(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_GetLastRtError(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->t->last_error;
}

uint32_t vrfy_SetLastRtError(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_SetLastRtError(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->t->last_error = (uint16_t)c->arg[0];
}

/* The texts lie in read-only pages at the top of every VSEG. */
uint32_t vrfy_GetRtErrorText(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_GetRtErrorText(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->p->text_off + status_text_off(c->arg[0]);
}

/* No handler is searched for: the exception ends the process, by name. */
uint32_t vrfy_RaiseException(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_RaiseException(struct rt_kernel *k, struct call *c)
{
    c->ended = true;
    call_leave(k, c->row, c->t, 0, E_OK, false);
    snprintf(k->line, sizeof k->line, "software exception %08X was not handled", c->arg[0]);
    process_end(k, c->p, RT_END_FAULT, c->arg[0], kernel_text(k, k->line));
}

/* "Continue the search": frames of the compiler never handle anything here. */
uint32_t vrfy__except_handler3(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl__except_handler3(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = 1;
}
