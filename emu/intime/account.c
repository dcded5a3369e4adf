/* account.c: how long threads have run. Counted while the node's accounting is on, in microseconds of virtual
 * time. */
#include "bits.h"
#include "kernel.h"

#define ACCOUNT_SIZE 40u
#define RESET        1u /* RESET_ACCOUNTING */
#define TICK_US      1u

/* The running thread has had the processor until now. */
void account_count(struct rt_kernel *k)
{
    if (k->accounting && k->current) k->current->ran += k->now - k->account_from;
    k->account_from = k->now;
}

/* --- SetRtSystemAccountingMode(on) --- */

uint32_t vrfy_SetRtSystemAccountingMode(struct rt_kernel *k, struct call *c)
{
    return k->accounting == (c->arg[0] != 0) ? E_CONTEXT : E_OK;
}

void impl_SetRtSystemAccountingMode(struct rt_kernel *k, struct call *c)
{
    account_count(k);
    k->accounting = c->arg[0] != 0;
    c->eax = 1;
}

/* --- GetRtThreadAccounting(thread, info, flags) ---
 * +0 process, +2 next thread, +4 state, +6 us a tick; then, if the state is not 0: QWORDs +8 creation, +16 age;
 * DWORDs +24 passed and +28 run since the last reset; QWORD +32 run in all */

uint32_t vrfy_GetRtThreadAccounting(struct rt_kernel *k, struct call *c)
{
    if (c->arg[2] > RESET) return E_PARAM;
    uint32_t status = thread_get(k, c);
    return status == E_OK ? call_writable(k, c->arg[1], ACCOUNT_SIZE) : status;
}

void impl_GetRtThreadAccounting(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->object->thread;
    uint8_t info[ACCOUNT_SIZE] = {0};
    account_count(k);
    put16(info, t->process->handle);
    put16(info + 2, thread_next(k, t));
    put16(info + 4, k->accounting);
    put16(info + 6, TICK_US);
    if (k->accounting) {
        put64(info + 8, t->created);
        put64(info + 16, k->now - t->created);
        put32(info + 24, (uint32_t)(k->now - t->reset_at));
        put32(info + 28, (uint32_t)(t->ran - t->reset_ran));
        put64(info + 32, t->ran);
    }
    if (c->arg[2] & RESET) {
        t->reset_at = k->now;
        t->reset_ran = t->ran;
    }
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}
