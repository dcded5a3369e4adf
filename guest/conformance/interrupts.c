/* interrupts.c: handlers, interrupt threads, shared lines, messages, masks. Needs from outside: line 5 at 20 ms
 * and each 2 ms, line 10 at 40 ms and each 3 ms, line 7 spurious at 30 ms and each 5 ms, line 15 spurious at 31 ms and each 5 ms
 * (tests/guest/meson.build). */
#include "stdlib.h"
#include "tap.h"

#define MESSAGE_PORT 0xFEE00000u
#define HANDLER(f)   ((LPPROC)(DWORD)(f)) /* it has other arguments */

static volatile unsigned taken, wrong_level, level_seen, ring, wrong_stack;
static volatile unsigned spurious7, spurious15;
static volatile WORD entered;

static __inline unsigned selector_cs(void)
{
    unsigned cs;
    __asm__ volatile("movl %%cs, %0" : "=r"(cs));
    return cs;
}

/* --- a handler without a thread --- */

__INTERRUPT static void counting(void)
{
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(GetRtInterruptLevel());
    taken++;
    level_seen = GetRtInterruptLevel();
    ring = selector_cs() & 3;
    SignalEndOfRtInterrupt((WORD)level_seen);
    __INTERRUPT_RETURN();
}

static void handler_alone(struct tap *tap)
{
    GIVES(tap, SetRtInterruptHandler(IRQ5_LEVEL, 0, (LPPROC)counting), TRUE, DOCUMENTED);
    FAILS(tap, SetRtInterruptHandler(IRQ5_LEVEL, 0, (LPPROC)counting), FALSE, E_CONTEXT, DECIDED);
    DWORD i = 0;
    while (taken < 5 && i++ < 2000000) {
    }
    HOLDS(tap, taken >= 5, DOCUMENTED);
    IS(tap, level_seen, IRQ5_LEVEL, DOCUMENTED);
    IS(tap, ring, 0, DOCUMENTED);
    GIVES(tap, DisableRtInterrupt(IRQ5_LEVEL), TRUE, DOCUMENTED);
    FAILS(tap, DisableRtInterrupt(IRQ5_LEVEL), FALSE, E_CONTEXT, DOCUMENTED);
    unsigned before = taken;
    RtSleep(50);
    IS(tap, taken - before, 0, DOCUMENTED);
    GIVES(tap, EnableRtInterrupt(IRQ5_LEVEL), TRUE, DOCUMENTED);
    FAILS(tap, EnableRtInterrupt(IRQ5_LEVEL), FALSE, E_CONTEXT, DOCUMENTED);
    RtSleep(50); /* also in the idle thread */
    HOLDS(tap, taken - before >= 20, DOCUMENTED);
    GIVES(tap, ResetRtInterruptHandler(IRQ5_LEVEL), TRUE, DOCUMENTED);
    FAILS(tap, ResetRtInterruptHandler(IRQ5_LEVEL), FALSE, E_CONTEXT, DECIDED);
    before = taken;
    RtSleep(50);
    IS(tap, taken - before, 0, DOCUMENTED);
}

/* --- what handlers may call --- */

static volatile unsigned calls_done, handler_status;
static volatile WORD end_status[2], signal_status[2];
static volatile BYTE signal_result[2];
static BYTE area[KN_SEMAPHORE_SIZE];
static KNHANDLE semaphore;

__INTERRUPT static void calling(void)
{
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(IRQ5_LEVEL);
    if (!calls_done) {
        calls_done = 1;
        knReleaseRtSemaphore(semaphore); /* refused: the scheduler is not locked */
        handler_status = GetLastRtError();
        knStopRtScheduler();
        knReleaseRtSemaphore(semaphore);
        knReleaseRtSemaphore(semaphore);
        knStartRtScheduler();
        calls_done = CreateRtSemaphore(1, 1, 0) == BAD_RTHANDLE && GetLastRtError() == E_CONTEXT;
        calls_done += EnterRtInterrupt(IRQ6_LEVEL) == FALSE && GetLastRtError() == E_CONTEXT;
        calls_done += DisableRtInterrupt(IRQ5_LEVEL) == TRUE;
        SignalEndOfRtInterrupt(0x1234);
        end_status[0] = (WORD)GetLastRtError();
        SignalEndOfRtInterrupt(IRQ6_LEVEL);
        end_status[1] = (WORD)GetLastRtError();
        signal_result[0] = SignalRtInterruptThread(0x1234);
        signal_status[0] = (WORD)GetLastRtError();
        signal_result[1] = SignalRtInterruptThread(IRQ5_LEVEL);
        signal_status[1] = (WORD)GetLastRtError();
    }
    SignalEndOfRtInterrupt(IRQ5_LEVEL);
    __INTERRUPT_RETURN();
}

static void handler_calls(struct tap *tap)
{
    semaphore = knCreateRtSemaphore(area, KN_FIFO_QUEUEING);
    GIVES(tap, SetRtInterruptHandler(IRQ5_LEVEL, 0, (LPPROC)calling), TRUE, DOCUMENTED);
    IS(tap, knWaitForRtSemaphore(semaphore, 1000), TRUE, DOCUMENTED);
    IS(tap, knWaitForRtSemaphore(semaphore, KN_DONT_WAIT), TRUE, DOCUMENTED);
    IS(tap, knWaitForRtSemaphore(semaphore, KN_DONT_WAIT), FALSE, DECIDED);
    IS(tap, handler_status, E_CONTEXT, DECIDED);
    IS(tap, calls_done, 3, DECIDED);
    FAILED(tap, SignalEndOfRtInterrupt(0x1234), 0, end_status[0], 0, E_PARAM, DOCUMENTED);
    FAILED(tap, SignalEndOfRtInterrupt(IRQ6_LEVEL), 0, end_status[1], 0, E_CONTEXT, DOCUMENTED);
    FAILED(tap, SignalRtInterruptThread(0x1234), signal_result[0], signal_status[0], FALSE, E_PARAM,
           DOCUMENTED);
    FAILED(tap, SignalRtInterruptThread(IRQ5_LEVEL), signal_result[1], signal_status[1], FALSE,
           E_CONTEXT, DOCUMENTED); /* it has no thread */
    FAILS(tap, SignalRtInterruptThread(IRQ5_LEVEL), FALSE, E_CONTEXT, DECIDED);
    FAILS(tap, EnterRtInterrupt(IRQ5_LEVEL), FALSE, E_CONTEXT, DECIDED);
    GIVES(tap, ResetRtInterruptHandler(IRQ5_LEVEL), TRUE, DOCUMENTED);
}

/* --- an interrupt thread --- */

static volatile unsigned signals, served, at_once;
static volatile BYTE thread_priority;
static volatile DWORD wait_result, wait_status;
static RTHANDLE finished;

__INTERRUPT static void signalling(void)
{
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(GetRtInterruptLevel());
    signals++;
    SignalRtInterruptThread(IRQ5_LEVEL);
    at_once += served == signals; /* the thread has run before the handler goes on */
    __INTERRUPT_RETURN();
}

static void serve(LPVOID unused)
{
    (void)unused;
    if (!SetRtInterruptHandler(IRQ5_LEVEL, 2, (LPPROC)signalling)) {
        printf("# no handler: %lX\n", GetLastRtError());
        ReleaseRtSemaphore(finished, 1);
        return;
    }
    thread_priority = GetRtThreadPriority(NULL_RTHANDLE);
    SetLastRtError(0);
    wait_result = WaitForRtInterrupt(IRQ5_LEVEL, NO_WAIT);
    wait_status = GetLastRtError();
    while (served < 10) {
        if (!WaitForRtInterrupt(IRQ5_LEVEL, 1000)) break;
        served++;
    }
    ReleaseRtSemaphore(finished, 1);
    ResetRtInterruptHandler(IRQ5_LEVEL); /* deletes this thread */
    printf("not ok - an interrupt thread outlives its level\n");
}

static void interrupt_thread(struct tap *tap)
{
    finished = CreateRtSemaphore(0, 1, FIFO_QUEUING);
    RTHANDLE refused = CreateRtThread(140, (LPPROC)serve, 4096, NULL);
    WaitForRtSemaphore(finished, 1, 1000);
    HOLDS(tap, refused != BAD_RTHANDLE && served == 0,
          DECIDED); /* 98 is better than the process's 129 */
    GIVES(tap, SetRtProcessMaxPriority(NULL_RTHANDLE, 0), TRUE, DOCUMENTED);
    RTHANDLE thread = CreateRtThread(140, (LPPROC)serve, 4096, NULL);
    RtSleep(10);
    IS(tap, thread_priority, 98, DOCUMENTED);
    FAILED(tap, WaitForRtInterrupt(IRQ5_LEVEL, NO_WAIT), wait_result, wait_status, FALSE, E_TIME,
           DOCUMENTED);
    THREADINFO_SNAPSHOT info;
    GIVES(tap, GetRtThreadInfo(thread, &info), TRUE, DOCUMENTED);
    IS(tap, info.InterruptThread, 1, DOCUMENTED);
    IS(tap, info.IntLevel, IRQ5_LEVEL, DOCUMENTED);
    IS(tap, info.MaxInterrupts, 2, DOCUMENTED);
    FAILS(tap, DeleteRtThread(thread), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(tap, SuspendRtThread(thread), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(tap, ResumeRtThread(thread), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(tap, SetRtThreadPriority(thread, 150), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(tap, WaitForRtInterrupt(IRQ5_LEVEL, 10), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(tap, WaitForRtInterrupt(0x1234, 10), FALSE, E_PARAM, DOCUMENTED);
    INTERRUPTINFO about;
    GIVES(tap, GetRtInterruptInfo(IRQ5_LEVEL, &about), TRUE, INFERRED);
    IS(tap, about.dwIrq, 5, INFERRED);
    IS(tap, about.wVector, 0xE5, INFERRED);
    IS(tap, about.wIntThread, thread, INFERRED);
    IS(tap, WaitForRtSemaphore(finished, 1, 5000), 0, DOCUMENTED);
    IS(tap, served, 10, DOCUMENTED);
    /* not the first signal, which finds the thread on its way to wait, nor the last one, which ends it; in an XM
     * program only those that interrupt the program itself */
    HOLDS(tap, at_once >= 3, DOCUMENTED);
    RtSleep(20);
    IS(tap, GetRtHandleType(thread), INVALID_TYPE, DOCUMENTED);
}

/* --- a thread that does not come to wait: saturation, overflow --- */

/* What the first signals gave that saturated, that went beyond, and that were too many. */
static volatile unsigned saturated;
static volatile struct {
    BYTE result;
    WORD status;
} saturation_gave, overflow_gave, limit_gave;
static RTHANDLE slow_go;

__INTERRUPT static void saturating(void)
{
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(GetRtInterruptLevel());
    signals++;
    saturation_gave.result = SignalRtInterruptThread(IRQ5_LEVEL);
    saturation_gave.status = (WORD)GetLastRtError();
    if (signals == 3) { /* as many as its thread allows */
        saturated = signals;
        overflow_gave.result = SignalRtInterruptThread(IRQ5_LEVEL);
        overflow_gave.status = (WORD)GetLastRtError();
        for (unsigned i = 4; i < 256; i++) { /* the last one is the 256th */
            limit_gave.result = SignalRtInterruptThread(IRQ5_LEVEL);
            limit_gave.status = (WORD)GetLastRtError();
        }
    }
    __INTERRUPT_RETURN();
}

static void slow(LPVOID unused)
{
    (void)unused;
    SetRtInterruptHandler(IRQ5_LEVEL, 3, (LPPROC)saturating);
    WaitForRtInterrupt(IRQ5_LEVEL, WAIT_FOREVER);
    WaitForRtSemaphore(slow_go, 1, WAIT_FOREVER); /* three are outstanding by now */
    served = 0;
    for (unsigned i = 0; i < 2; i++)
        if (WaitForRtInterrupt(IRQ5_LEVEL, NO_WAIT)) served++;
    ReleaseRtSemaphore(finished, 1);
}

static void saturation(struct tap *tap)
{
    signals = 0;
    slow_go = CreateRtSemaphore(0, 1, FIFO_QUEUING);
    CreateRtThread(140, (LPPROC)slow, 4096, NULL);
    RtSleep(100);
    IS(tap, signals, 3, DOCUMENTED);
    IS(tap, saturated, 3, DOCUMENTED);
    FAILED(tap, SignalRtInterruptThread(IRQ5_LEVEL), saturation_gave.result, saturation_gave.status,
           FALSE, E_INTERRUPT_SATURATION, DOCUMENTED);
    FAILED(tap, SignalRtInterruptThread(IRQ5_LEVEL), overflow_gave.result, overflow_gave.status,
           FALSE, E_INTERRUPT_OVERFLOW, DOCUMENTED);
    FAILED(tap, SignalRtInterruptThread(IRQ5_LEVEL), limit_gave.result, limit_gave.status, FALSE,
           E_LIMIT, DOCUMENTED);
    FAILS(tap, EnableRtInterrupt(IRQ5_LEVEL), FALSE, E_CONTEXT, DOCUMENTED); /* an overflow */
    ReleaseRtSemaphore(slow_go, 1);
    WaitForRtSemaphore(finished, 1, 1000);
    IS(tap, served, 2, DOCUMENTED);
    RtSleep(20); /* the thread has returned: its level is free */
    FAILS(tap, ResetRtInterruptHandler(IRQ5_LEVEL), FALSE, E_CONTEXT, DECIDED);
}

/* --- shared lines and messages --- */

static volatile unsigned shared[2], shared_bad;
static WORD reference[2];

__INTERRUPT static void first_of_two(WORD wCSRA, WORD wLevel, PVOID pv)
{
    __SHARED_INTERRUPT_PROLOG();
    shared[0]++;
    shared_bad += pv != (PVOID)shared || wLevel != reference[0] || (wCSRA & 3) != 0;
    __SHARED_INTERRUPT_RETURN();
}

__INTERRUPT static void second_of_two(WORD wCSRA, WORD wLevel, PVOID pv)
{
    __SHARED_INTERRUPT_PROLOG();
    shared[1]++;
    shared_bad += pv != (PVOID)&reference || wLevel != reference[1] || (wCSRA & 3) != 0;
    SignalEndOfRtInterrupt(wLevel);
    __SHARED_INTERRUPT_RETURN();
}

static void shared_line(struct tap *tap)
{
    reference[0] = SetRtInterruptHandlerEx(IRQ10_LEVEL | SHARED_LEVEL, 0, HANDLER(first_of_two),
                                           (LPVOID)shared);
    reference[1] =
        SetRtInterruptHandlerEx(IRQ10_LEVEL | SHARED_LEVEL, 0, HANDLER(second_of_two), &reference);
    HOLDS(tap, reference[0] != BAD_LEVEL && reference[1] != BAD_LEVEL, DOCUMENTED);
    HOLDS(tap, reference[0] != reference[1], DOCUMENTED);
    FAILS(tap, SetRtInterruptHandlerEx(IRQ10_LEVEL, 0, HANDLER(first_of_two), NULL), BAD_LEVEL,
          E_CONTEXT, DECIDED);
    __asm__ volatile("cli");
    shared[0] = shared[1] = shared_bad = 0; /* the first one may have been called alone */
    __asm__ volatile("sti");
    RtSleep(100);
    HOLDS(tap, shared[0] >= 30 && shared[1] == shared[0], DOCUMENTED);
    IS(tap, shared_bad, 0, DOCUMENTED);
    GIVES(tap, ResetRtInterruptHandler(reference[1]), TRUE, DOCUMENTED);
    unsigned before = shared[1];
    RtSleep(50); /* nobody ends the interrupt now but the kernel */
    HOLDS(tap, shared[1] == before && shared[0] >= before + 10, DECIDED);
    GIVES(tap, ResetRtInterruptHandler(reference[0]), TRUE, DOCUMENTED);
}

static volatile unsigned messages, message_served;

__INTERRUPT static void message(WORD wCSRA, WORD wLevel, PVOID pv)
{
    __SHARED_INTERRUPT_PROLOG();
    (void)wCSRA;
    messages += *(DWORD *)pv;
    SignalRtInterruptThread(wLevel);
    __SHARED_INTERRUPT_RETURN();
}

static void message_thread(LPVOID vectors)
{
    static DWORD one = 1;
    MSI_PARAM_EX param = {0, &one, 1, *(RTHANDLE *)vectors, 0};
    WORD level = SetRtInterruptHandlerEx(MSI_LEVEL, 255, HANDLER(message), &param);
    INTERRUPTINFO about;
    GetRtInterruptInfo(level, &about);
    entered = about.wVector;
    while (message_served < 3 && WaitForRtInterrupt(level, 1000))
        message_served++;
    ReleaseRtSemaphore(finished, 1);
}

static void message_signalled(struct tap *tap)
{
    static RTHANDLE vectors;
    FAILS(tap, AllocateRtInterrupts(3), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(tap, AllocateRtInterrupts(64), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    vectors = AllocateRtInterrupts(4);
    HOLDS(tap, vectors != BAD_RTHANDLE, DOCUMENTED);
    CreateRtThread(140, (LPPROC)message_thread, 4096, &vectors);
    RtSleep(10);
    HOLDS(tap, entered >= 96 && entered <= 223, DOCUMENTED);
    volatile DWORD *port = MapRtPhysicalMemory(MESSAGE_PORT, 4);
    SetRtThreadPriority(NULL_RTHANDLE, 128);
    *port = entered;
    IS(tap, messages, 0, DOCUMENTED); /* masked by threads up to 128 */
    SetRtThreadPriority(NULL_RTHANDLE, 129);
    IS(tap, messages, 1, DOCUMENTED);
    *port = entered;
    *port = entered;
    WaitForRtSemaphore(finished, 1, 2000);
    IS(tap, messages, 3, DOCUMENTED);
    IS(tap, message_served, 3, DOCUMENTED);
}

/* --- masks by priority, CLI, spurious requests --- */

__INTERRUPT static void spurious_7(void)
{
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(GetRtInterruptLevel());
    spurious7 += GetRtInterruptLevel() == IRQ7_LEVEL;
    SignalEndOfRtInterrupt(IRQ7_LEVEL);
    __INTERRUPT_RETURN();
}

__INTERRUPT static void spurious_15(void)
{
    __INTERRUPT_PROLOG();
    EnterRtInterrupt(GetRtInterruptLevel());
    spurious15 += GetRtInterruptLevel() == IRQ15_LEVEL;
    SignalEndOfRtInterrupt(IRQ15_LEVEL);
    __INTERRUPT_RETURN();
}

static void delay(void)
{
    for (volatile DWORD i = 0; i < 20000; i++) {
    }
}

static void masks(struct tap *tap)
{
    taken = 0;
    SetRtInterruptHandler(IRQ5_LEVEL, 0, (LPPROC)counting);
    SetRtThreadPriority(NULL_RTHANDLE, 60);
    unsigned before = taken;
    delay();
    IS(tap, taken - before, 0, DOCUMENTED);
    SetRtThreadPriority(NULL_RTHANDLE, 61);
    HOLDS(tap, taken > before, DOCUMENTED); /* the request was kept */
    before = taken;
    __asm__ volatile("cli");
    delay();
    unsigned off = taken - before;
    __asm__ volatile("sti");
    delay();
    IS(tap, off, 0, DOCUMENTED);
    HOLDS(tap, taken > before, DOCUMENTED);
    SetRtThreadPriority(NULL_RTHANDLE, 129);
    SetRtInterruptHandler(IRQ7_LEVEL, 0, (LPPROC)spurious_7);
    SetRtInterruptHandler(IRQ15_LEVEL, 0, (LPPROC)spurious_15);
    RtSleep(100);
    HOLDS(tap, spurious7 >= 10 && spurious15 >= 10, DECIDED);
    before = taken;
    RtSleep(20);
    HOLDS(tap, taken > before, DECIDED); /* no line stays in service */
}

int main(void)
{
    struct tap tap = {0};
    FAILS(&tap, SetRtInterruptHandler(IRQ0_LEVEL, 0, (LPPROC)counting), FALSE, E_PARAM, DECIDED);
    FAILS(&tap, ResetRtInterruptHandler(IRQ0_LEVEL), FALSE, E_PARAM, INFERRED);
    FAILS(&tap, EnableRtInterrupt(IRQ0_LEVEL), FALSE, E_PARAM, DOCUMENTED);
    FAILS(&tap, DisableRtInterrupt(0x1234), FALSE, E_PARAM, DOCUMENTED);
    FAILS(&tap, SetRtInterruptHandler(0x1234, 0, (LPPROC)counting), FALSE, E_PARAM, INFERRED);
    FAILS(&tap, SetRtInterruptHandler(IRQ5_LEVEL, 0, (LPPROC)0xFFFFFFF0), FALSE, E_BAD_ADDR,
          DECIDED);
    handler_alone(&tap);
    handler_calls(&tap);
    interrupt_thread(&tap);
    saturation(&tap);
    shared_line(&tap);
    message_signalled(&tap);
    masks(&tap);
    return tap_end(&tap);
}
