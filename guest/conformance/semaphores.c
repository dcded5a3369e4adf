/* semaphores.c: units, queues, time limits, ends, and what the processor makes of the handle. */
#include "../demo/seg.h"
#include "tap.h"
#include "time.h"

#define STACK 8192

static RTHANDLE sem;
static volatile DWORD got[2], status[2];

static void waiter(void *param)
{
    unsigned i = (unsigned)param;
    got[i] = WaitForRtSemaphore(sem, (WORD)(3 - 2 * i), WAIT_FOREVER);
    status[i] = GetLastRtError();
}

static void statuses(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    FAILS(t, CreateRtSemaphore(0, 0, FIFO_QUEUING), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, CreateRtSemaphore(2, 1, FIFO_QUEUING), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    sem = CreateRtSemaphore(2, 4, FIFO_QUEUING);
    IS(t, GetRtHandleType(sem), SEMAPHORE_TYPE, DOCUMENTED);
    GIVES(t, WaitForRtSemaphore(sem, 0, NO_WAIT), 2, DOCUMENTED);
    GIVES(t, WaitForRtSemaphore(sem, 2, NO_WAIT), 0, DOCUMENTED);
    FAILS(t, WaitForRtSemaphore(sem, 1, NO_WAIT), WAIT_FAILED, E_TIME, DOCUMENTED);
    FAILS(t, WaitForRtSemaphore(sem, 5, NO_WAIT), WAIT_FAILED, E_LIMIT, DOCUMENTED);
    FAILS(t, WaitForRtSemaphore(sem, 1, RT_MAX_WAIT + 1), WAIT_FAILED, E_PARAM, DOCUMENTED);
    FAILS(t, WaitForRtSemaphore(self, 1, NO_WAIT), WAIT_FAILED, E_TYPE, DOCUMENTED);
    FAILS(t, WaitForRtSemaphore(BAD_RTHANDLE, 1, NO_WAIT), WAIT_FAILED, E_EXIST, DOCUMENTED);
    FAILS(t, ReleaseRtSemaphore(sem, 5), FALSE, E_LIMIT, DOCUMENTED);
    FAILS(t, ReleaseRtSemaphore(self, 1), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ReleaseRtSemaphore(BAD_RTHANDLE, 1), FALSE, E_EXIST, DOCUMENTED);
    GIVES(t, ReleaseRtSemaphore(sem, 4), TRUE, DOCUMENTED);
    GIVES(t, WaitForRtSemaphore(sem, 4, WAIT_FOREVER), 0, DOCUMENTED);
    clock_t before = clock();
    FAILS(t, WaitForRtSemaphore(sem, 1, 50), WAIT_FAILED, E_TIME, DOCUMENTED);
    clock_t after = clock();
    HOLDS(t, after - before >= 40 && after - before <= 60, DOCUMENTED);
    FAILS(t, DeleteRtSemaphore(self), FALSE, E_TYPE, DOCUMENTED);
}

static void queue(struct tap *t)
{
    RTHANDLE a = CreateRtThread(0, waiter, STACK, (void *)0); /* asks for 3 */
    RTHANDLE b = CreateRtThread(0, waiter, STACK, (void *)1); /* asks for 1 */
    RtSleep(20);
    got[0] = got[1] = 99;
    ReleaseRtSemaphore(sem, 2);
    RtSleep(20);
    IS(t, got[1], 99, DOCUMENTED); /* the head wants three: nobody is served */
    ReleaseRtSemaphore(sem, 2);
    RtSleep(20);
    IS(t, got[0], 1, DOCUMENTED);
    IS(t, got[1], 0, DOCUMENTED);
    FAILS(t, GetRtHandleType(a), INVALID_TYPE, E_EXIST, DOCUMENTED);
    FAILS(t, GetRtHandleType(b), INVALID_TYPE, E_EXIST, DOCUMENTED);
    CreateRtThread(0, waiter, STACK, (void *)0);
    RtSleep(20);
    GIVES(t, DeleteRtSemaphore(sem), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtSemaphore(sem), FALSE, E_EXIST, DOCUMENTED);
    RtSleep(20);
    IS(t, got[0], WAIT_FAILED, INFERRED);
    IS(t, status[0], E_EXIST, INFERRED);
}

int main(void)
{
    struct tap tap = {0, 0};
    statuses(&tap);
    queue(&tap);
    return tap_end(&tap);
}
