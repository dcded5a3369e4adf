/* cliblock.c: the lock of the C library. As long as one thread at a time wants it, it is one instruction in the
 * program's own memory and the kernel knows nothing of it:
 *
 *   lock area, 12 bytes    +0 count: 1 free, 0 taken, -n taken and n wait    +4 owner's handle, or 0    +8 units handed on
 *   thread block, FS:[F4]  0; 1 inside of the library; 2 inside, and the kernel wants to hear when it has left
 *
 * A thread that finds it taken waits here, and its priority goes to the owner. A thread inside of the library is not
 * suspended or deleted by others before it has left, as with a region: what it holds would be held for ever. What the
 * program's memory says is used for that and for nothing else; a program that writes nonsense there harms its own
 * threads.
 */
#include "bits.h"
#include "kn.h"

#define AREA_SIZE    12u
#define BLOCK_INSIDE 0xF4u
#define TELL_KERNEL  2u
#define LOOK_US      10000u /* how often a waiter looks whether the owner still lives */

enum wait_result { LOOK_AGAIN = 0, GOT_IT = 1, OWNER_DIED = 2 };

bool library_protects(struct rt_kernel *k, struct thread *t)
{
    uint8_t word[4] = {0};
    const struct process *p = t->process;
    t->inside = vseg_peek(k, p, t->block + BLOCK_INSIDE, word, 4) && get32(word);
    put32(word, TELL_KERNEL);
    if (t->inside) vseg_poke(k, p, t->block + BLOCK_INSIDE, word, 4);
    return t->inside;
}

/* --- clib_wait(lock) --- */

/* No status: the calling program's last error is not this lock's business. A lock that is not in writable memory is
 * nobody's. */
static bool area_good(struct rt_kernel *k, struct call *c)
{
    return call_writable(k, c->arg[0], AREA_SIZE) == E_OK;
}

uint32_t vrfy_clib_wait(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

static void put_units(struct rt_kernel *k, struct call *c, uint32_t units)
{
    uint8_t word[4];
    put32(word, units);
    call_put(k, c->arg[0] + 8, word, 4);
}

void impl_clib_wait(struct rt_kernel *k, struct call *c)
{
    uint8_t area[AREA_SIZE] = {0};
    c->eax = OWNER_DIED;
    if (!area_good(k, c)) return;
    k->port.user_read(k->port.ctx, c->arg[0], area, sizeof area);
    uint32_t owner = get32(area + 4), units = get32(area + 8);
    c->eax = GOT_IT;
    if (units) {
        put_units(k, c, units - 1);
        return;
    }
    struct object *o = owner ? object_find(k, owner) : NULL;
    struct thread *t = o && o->owner == c->p && o->type == TYPE_THREAD ? o->thread : NULL;
    c->eax = OWNER_DIED;
    if (owner && (!t || t == c->t)) return;
    if (t && t->priority > c->t->priority) {
        t->hurried = true;
        sched_priority(k, t, c->t->priority);
        exchange_changed(k, t);
    }
    /* no owner: one that has just taken it and did not come to write its name */
    uint64_t due = sched_tick_due(k, t ? LOOK_US : k->config.low_tick_us, 1);
    c->t->wait_at = kn_area(c->p, c->arg[0]);
    sched_wait(k, c, WAIT_KNSEM, due);
}

/* --- clib_wake(lock): by the thread that has left it --- */

uint32_t vrfy_clib_wake(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_wake(struct rt_kernel *k, struct call *c)
{
    uint8_t word[4] = {0};
    struct thread *best = NULL;
    if (!area_good(k, c)) return;
    uint64_t at = kn_area(c->p, c->arg[0]);
    for (struct thread *t = c->p->threads; t; t = t->next)
        if (t->wait == WAIT_KNSEM && t->wait_at == at && exchange_before(true, t, best)) best = t;
    if (best) {
        sched_wake(k, best, E_OK, GOT_IT);
    } else {
        k->port.user_read(k->port.ctx, c->arg[0] + 8, word, 4);
        put_units(k, c, get32(word) + 1);
    }
    region_relax(k, c->t);
}

/* --- clib_left(): the thread is outside, and something was put off --- */

uint32_t vrfy_clib_left(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_left(struct rt_kernel *k, struct call *c)
{
    c->t->inside = false;
    region_leave(k, c);
}
