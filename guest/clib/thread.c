/* thread.c: per-thread data of the C library, and its locks.
 *
 * The blocks form a list that only grows; a block belongs to whichever thread has its handle.
 * Entries are put at the front in one store, so that a reader needs no lock.
 */
#include "clib.h"
#include "errno.h"
#include "rtbase.h"

static struct clib_thread first;
static struct clib_thread *threads;
static int lock;

void clib_lock(int *word)
{
    for (;;) {
        int taken = 1;
        __asm__ volatile("xchgl %0, %1" : "+r"(taken), "+m"(*word) : : "memory");
        if (taken == 0) return;
        RtSleepEx(1); /* the owner may have a worse priority: let it run */
    }
}

void clib_unlock(int *word)
{
    __asm__ volatile("movl $0, %0" : "=m"(*word) : : "memory");
}

static struct clib_thread *add(RTHANDLE handle)
{
    struct clib_thread *t = &first;
    clib_lock(&lock);
    if (threads != NULL) { /* one page holds one block: threads are few */
        t = clib_pages(4096);
        if (t == NULL) t = threads;
    }
    if (t != threads) {
        t->handle = handle;
        t->next = threads;
        threads = t;
    }
    clib_unlock(&lock);
    return t;
}

struct clib_thread *clib_self(void)
{
    RTHANDLE handle = GetRtThreadHandles(THIS_THREAD);
    for (struct clib_thread *t = threads; t != NULL; t = t->next)
        if (t->handle == handle) return t;
    return add(handle);
}

void *_thread_ptr(void)
{
    return clib_self();
}
