/* threads.c: threads of one process: start, priorities, turns, states, end. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"
#include "time.h"

#define STACK 8192

static struct {
    volatile unsigned steps, first, spun[2];
    volatile RTHANDLE me;
    volatile DWORD chain, slot;
    void *volatile param;
    volatile char order[8];
} seen;

static void note(char what)
{
    if (seen.steps < sizeof seen.order) seen.order[seen.steps] = what;
    seen.steps++;
}

static void simple(void *param)
{
    seen.param = param;
    seen.me = GetRtThreadHandles(THIS_THREAD);
    seen.chain = fs_read32(0);
    seen.slot = ((DWORD *)fs_read32(0x2C))[63];
    note('t');
}

static void start_and_end(struct tap *t)
{
    note('m');
    RTHANDLE thread = CreateRtThread(0, simple, STACK, &seen);
    HOLDS(t, thread != BAD_RTHANDLE, DOCUMENTED);
    note('m');
    RtSleep(20);
    HOLDS(t, !memcmp((const char *)seen.order, "mmt", 3), DOCUMENTED); /* equals wait their turn */
    HOLDS(t, seen.me == thread && seen.param == &seen, DOCUMENTED);
    IS(t, seen.chain, 0xFFFFFFFF, INFERRED);
    IS(t, seen.slot, 0xFFFFFFFF, INFERRED);
    FAILS(t, GetRtHandleType(thread), INVALID_TYPE, E_EXIST, DOCUMENTED);
}

static void forever(void *param)
{
    (void)param;
    for (;;)
        RtSleep(100);
}

static void statuses(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    FAILS(t, CreateRtThread(150, simple, 0, NULL), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, CreateRtThread(150, (LPPROC)OUTSIDE, STACK, NULL), BAD_RTHANDLE, E_BAD_ADDR,
          DOCUMENTED);
    FAILS(t, CreateRtThread(128, simple, STACK, NULL), BAD_RTHANDLE, E_LIMIT, DOCUMENTED);
    FAILS(t, CreateRtThread(150, simple, 0x7FFFF000, NULL), BAD_RTHANDLE, E_MEM, DOCUMENTED);
    RTHANDLE thread = CreateRtThread(200, forever, STACK, NULL);
    IS(t, GetRtHandleType(thread), THREAD_TYPE, DOCUMENTED);
    IS(t, GetRtThreadPriority(thread), 200, DOCUMENTED);
    GIVES(t, SetRtThreadPriority(thread, 0), TRUE, DOCUMENTED);
    IS(t, GetRtThreadPriority(thread), 129, DOCUMENTED);
    unsigned depth = 0;
    while (depth < 300 && SuspendRtThread(thread))
        depth++;
    IS(t, depth, 254, DOCUMENTED);
    FAILS(t, SuspendRtThread(thread), FALSE, E_LIMIT, DOCUMENTED);
    while (depth && ResumeRtThread(thread))
        depth--;
    IS(t, depth, 0, DOCUMENTED);
    FAILS(t, GetRtThreadPriority(self), BAD_PRIORITY, E_TYPE, DOCUMENTED);
    FAILS(t, GetRtThreadPriority(BAD_RTHANDLE), BAD_PRIORITY, E_EXIST, DOCUMENTED);
    FAILS(t, SetRtThreadPriority(thread, 128), FALSE, E_LIMIT, DOCUMENTED);
    FAILS(t, SetRtThreadPriority(thread, 255), FALSE, E_PARAM, DECIDED);
    FAILS(t, SetRtThreadPriority(self, 200), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SetRtThreadPriority(BAD_RTHANDLE, 200), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeleteRtThread(self), FALSE, E_TYPE, DOCUMENTED);
    GIVES(t, DeleteRtThread(thread), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtThread(thread), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SetRtProcessMaxPriority(BAD_RTHANDLE, 100), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SetRtProcessMaxPriority(GetRtThreadHandles(THIS_THREAD), 100), FALSE, E_CONTEXT,
          INFERRED);
    FAILS(t, SetRtProcessMaxPriority(NULL_RTHANDLE, 130), FALSE, E_LIMIT, DOCUMENTED);
    GIVES(t, SetRtProcessMaxPriority(self, 100), TRUE, DOCUMENTED);
}

static void reports(struct tap *t)
{
    THREADINFO_SNAPSHOT info;
    THREADSTATE_SNAPSHOT state;
    STACKINFO stack = {sizeof stack, 0, 0};
    RTHANDLE thread = CreateRtThread(100, forever, STACK + 1, NULL); /* runs, then sleeps */
    GIVES(t, GetRtThreadInfo(thread, &info), TRUE, DOCUMENTED);
    IS(t, info.ThreadState, 0x02, DOCUMENTED);
    IS(t, info.StaticPriority, 100, DOCUMENTED);
    SuspendRtThread(thread);
    GIVES(t, GetRtThreadState(thread, &state), TRUE, DOCUMENTED);
    IS(t, state.ThreadState, 0x12, DOCUMENTED);
    IS(t, state.SuspendDepth, 1, DOCUMENTED);
    IS(t, state.OwnerProcess, GetRtThreadHandles(THIS_PROCESS), DOCUMENTED);
    IS(t, state.CpuFrame.ReturnCS & 7, 3, DOCUMENTED);
    GIVES(t, GetRtStackInfo(thread, &stack), TRUE, DOCUMENTED);
    IS(t, stack.cbStackSize, STACK + 4096, DOCUMENTED);
    HOLDS(t, stack.cbStackUsed > 0 && stack.cbStackUsed < STACK, DOCUMENTED);
    FAILS(t, GetRtThreadInfo(thread, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtThreadState(thread, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtStackInfo(thread, OUTSIDE), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtThreadInfo(BAD_RTHANDLE, &info), FALSE, E_EXIST, DECIDED);
    FAILS(t, GetRtThreadState(BAD_RTHANDLE, &state), FALSE, E_EXIST, DECIDED);
    FAILS(t, GetRtStackInfo(BAD_RTHANDLE, &stack), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtStackInfo(info.OwnerProcess, &stack), FALSE, E_TYPE, DOCUMENTED);
    stack.cbSize = 4;
    FAILS(t, GetRtStackInfo(thread, &stack), FALSE, E_PARAM, DOCUMENTED);
    DeleteRtThread(thread);
}

static void spin(void *param)
{
    volatile unsigned *count = param;
    if (!seen.first) seen.first = count == &seen.spun[0] ? 1 : 2;
    for (;;)
        ++*count;
}

/* Two that never wait share the processor in turns of 50 ms, at 140 and worse only. */
static void turns(struct tap *t)
{
    RTHANDLE a = CreateRtThread(150, spin, STACK, (void *)&seen.spun[0]);
    RTHANDLE b = CreateRtThread(150, spin, STACK, (void *)&seen.spun[1]);
    RtSleep(40);
    HOLDS(t, seen.spun[0] > 0 && seen.spun[1] == 0, DOCUMENTED);
    RtSleep(40);
    HOLDS(t, seen.spun[1] > 0, DOCUMENTED);
    SetRtThreadPriority(a, 139);
    SetRtThreadPriority(b, 139);
    RtSleep(20);
    unsigned before[2] = {seen.spun[0], seen.spun[1]};
    RtSleep(200);
    HOLDS(t, (seen.spun[0] == before[0]) != (seen.spun[1] == before[1]), DOCUMENTED);
    DeleteRtThread(a);
    DeleteRtThread(b);
}

static void preempts(void *param)
{
    *(volatile unsigned *)param = 1;
    DeleteRtThread(NULL_RTHANDLE);
    *(volatile unsigned *)param = 2;
}

static void preemption(struct tap *t)
{
    volatile unsigned ran = 0;
    RTHANDLE thread = CreateRtThread(100, preempts, STACK, (void *)&ran);
    IS(t, ran, 1, DOCUMENTED); /* it ran before its creator went on, and ended */
    FAILS(t, GetRtThreadPriority(thread), BAD_PRIORITY, E_EXIST, DOCUMENTED);
    for (unsigned i = 0; i < 200 && ran == 1; i++) {
        ran = 0;
        CreateRtThread(100, preempts, STACK, (void *)&ran);
    }
    IS(t, ran, 1, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0};
    start_and_end(&tap);
    statuses(&tap);
    reports(&tap);
    turns(&tap);
    preemption(&tap);
    return tap_end(&tap);
}
