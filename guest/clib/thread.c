/* thread.c: per-thread data of the C library, and its lock.
 *
 *   FS:[F8] --> struct clib_thread      in the thread block, which starts as zeros: a new thread has none
 *   FS:[F4]     1 while the thread is inside of the lock
 *   FS:[F0]     errno of socket calls that a thread made before it had such data: the kernel writes it
 *
 * The blocks also stand in a list, by the thread's handle: for threads that have loaded another segment into FS (a
 * memory handle, say), and so that the block of a thread that has ended is found and used again.
 */
#include "clib.h"
#include "errno.h"
#include "process.h"
#include "rt.h"
#include "string.h"

#define THREAD_BLOCK_FS 0x0023 /* the selector that FS has unless the program changed it */
#define LOOKS           4 /* blocks that a new thread looks at for one whose thread has ended */

/* --- the lock: see emu/intime/cliblock.c --- */

static struct {
    int count; /* 1 free, 0 taken, -n taken and n wait */
    unsigned owner;
    unsigned units;
} lock = {.count = 1};
static unsigned depth;

static bool fs_is_own(void)
{
    unsigned selector;
    __asm__("movl %%fs, %0" : "=r"(selector));
    return (selector & 0xFFFF) == THREAD_BLOCK_FS;
}

/* From here on the thread is neither suspended nor deleted. */
static void inside(void)
{
    if (fs_is_own()) __asm__ volatile("movl $1, %%fs:0xF4" : : : "memory");
}

static void outside(void)
{
    unsigned old = 0;
    if (!fs_is_own()) return;
    __asm__ volatile("xchgl %0, %%fs:0xF4" : "+r"(old) : : "memory");
    if (old == 2) clib_left();
}

static void enter(RTHANDLE self)
{
    bool below;
    inside();
    __asm__ volatile("lock decl %1; sets %0" : "=qm"(below), "+m"(lock.count) : : "memory", "cc");
    while (below) {
        switch (clib_wait(&lock)) {
        case 0: break;
        case 2:
            __asm__ volatile("lock incl %0" : "+m"(lock.count) : : "memory", "cc"); /* for it */
        /* fall through */
        default: below = false;
        }
    }
    lock.owner = self;
}

static void leave(void)
{
    bool free_now;
    lock.owner = 0;
    __asm__ volatile("lock incl %1; setg %0"
                     : "=qm"(free_now), "+m"(lock.count)
                     :
                     : "memory", "cc");
    if (!free_now) clib_wake(&lock);
    outside();
}

void clib_lock(void)
{
    struct clib_thread *self = clib_self();
    if (*(volatile unsigned *)&lock.owner != self->handle) enter(self->handle);
    depth++;
}

void clib_unlock(void)
{
    if (--depth == 0) leave();
}

/* --- blocks --- */

static struct clib_thread first;
static struct clib_thread *threads;
static struct clib_thread *look; /* where the next search for an ended thread goes on */

static struct clib_thread *fs_get(void)
{
    struct clib_thread *t;
    __asm__ volatile("movl %%fs:0xF8, %0" : "=r"(t));
    return t;
}

static void fs_set(struct clib_thread *t)
{
    __asm__ volatile("movl %0, %%fs:0xF8" : : "r"(t) : "memory");
}

static int fs_errno(void)
{
    int error;
    __asm__ volatile("movl %%fs:0xF0, %0" : "=r"(error));
    return error;
}

static struct clib_thread *find(RTHANDLE handle)
{
    struct clib_thread *t = threads;
    while (t != NULL && t->handle != handle)
        t = t->next;
    return t;
}

/* A block whose thread is no more. The caller's last status is none of this library's business. */
static struct clib_thread *ended(void)
{
    DWORD status = GetLastRtError();
    struct clib_thread *found = NULL;
    for (int i = 0; i < LOOKS && found == NULL; i++) {
        if (look == NULL) look = threads;
        if (look == NULL) break;
        if (look->handle == NULL_RTHANDLE || GetRtHandleType(look->handle) != THREAD_TYPE)
            found = look;
        look = look->next;
    }
    SetLastRtError(status);
    return found;
}

/* The caller holds the lock. Without memory threads share the first block. */
static struct clib_thread *block_for(RTHANDLE handle)
{
    struct clib_thread *t = find(handle);
    if (t == NULL) t = ended();
    bool listed = t != NULL;
    if (!listed) t = threads == NULL ? &first : heap_take(sizeof *t);
    if (t == NULL) return &first;
    struct clib_thread *next = listed ? t->next : threads;
    memset(t, 0, sizeof *t);
    t->handle = handle;
    t->next = next;
    if (!listed) threads = t; /* one store: readers of the list need no lock */
    return t;
}

static struct clib_thread *begin(void)
{
    RTHANDLE handle = GetRtThreadHandles(THIS_THREAD);
    bool own = fs_is_own();
    struct clib_thread *t = own ? NULL : find(handle);
    if (t != NULL) return t;
    enter(handle);
    t = block_for(handle);
    leave();
    if (own) {
        t->error = fs_errno();
        fs_set(t);
    }
    return t;
}

struct clib_thread *clib_self(void)
{
    struct clib_thread *t = fs_is_own() ? fs_get() : NULL;
    return t != NULL ? t : begin();
}

void *_thread_ptr(void)
{
    return clib_self();
}

/* --- what programs see of it [7-1/_cstop], [7-0/getrtthreadhandles] --- */

RTHANDLE gettid(void)
{
    return clib_self()->handle;
}

RTHANDLE getpid(void)
{
    static RTHANDLE process;
    if (process == NULL_RTHANDLE) process = GetRtThreadHandles(THIS_PROCESS);
    return process;
}

void _cstop(RTHANDLE thread)
{
    if (thread != NULL_RTHANDLE && thread != gettid()) {
        if (!SuspendRtThread(thread)) return;
    } else {
        thread = gettid();
        if (fs_is_own()) fs_set(NULL);
    }
    enter(GetRtThreadHandles(THIS_THREAD)); /* so the other one is outside */
    struct clib_thread *t = find(thread);
    if (t != NULL) t->handle = NULL_RTHANDLE;
    leave();
}
