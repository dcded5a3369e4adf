/* statuscalls.c: last status of a thread, and texts. */
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
