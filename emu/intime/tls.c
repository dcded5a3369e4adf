/* tls.c: thread-local storage: one index per process, one array per thread.
 *
 *   FS:[2C] --> array of 64 dwords in the guest's memory; the guest may replace the array, so the
 *               pointer is read each time and used with the caller's rights only
 */
#include "bits.h"
#include "kernel.h"

#define BLOCK_TLS 0x2Cu

uint32_t vrfy_RtTlsAlloc(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return ~c->p->tls_used ? E_OK : E_LIMIT;
}

void impl_RtTlsAlloc(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = (uint32_t)__builtin_ctzll(~c->p->tls_used);
    c->p->tls_used |= UINT64_C(1) << c->eax;
}

static bool tls_index(const struct call *c)
{
    return c->arg[0] < TLS_SLOTS && (c->p->tls_used >> c->arg[0] & 1);
}

uint32_t vrfy_RtTlsFree(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return tls_index(c) ? E_OK : E_PARAM;
}

void impl_RtTlsFree(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->p->tls_used &= ~(UINT64_C(1) << c->arg[0]);
    c->eax = 1;
}

/* Where the slot lies, in c->off. */
static uint32_t tls_slot(struct rt_kernel *k, struct call *c, bool write)
{
    uint8_t array[4];
    if (!tls_index(c)) return E_PARAM;
    if (!vseg_peek(k, c->p, c->t->block + BLOCK_TLS, array, 4)) return E_BAD_ADDR;
    c->off = get32(array) + c->arg[0] * 4;
    if (write) return call_writable(k, c->off, 4);
    return k->port.user_check(k->port.ctx, c->off, 4, false) == RT_REACH_OK ? E_OK : E_BAD_ADDR;
}

uint32_t vrfy_RtTlsGetValue(struct rt_kernel *k, struct call *c)
{
    return tls_slot(k, c, false);
}

void impl_RtTlsGetValue(struct rt_kernel *k, struct call *c)
{
    uint8_t value[4] = {0};
    k->port.user_read(k->port.ctx, c->off, value, 4);
    c->eax = get32(value);
}

uint32_t vrfy_RtTlsSetValue(struct rt_kernel *k, struct call *c)
{
    return tls_slot(k, c, true);
}

void impl_RtTlsSetValue(struct rt_kernel *k, struct call *c)
{
    uint8_t value[4];
    put32(value, c->arg[1]);
    call_put(k, c->off, value, 4);
    c->eax = 1;
}
