/* regions.c: control, inherited priority, and what waits until a region is left. */
#include "../demo/seg.h"
#include "tap.h"

#define STACK 8192

static RTHANDLE outer, inner;
static volatile unsigned stage;
static volatile DWORD result, status;

static void holder(void *param)
{
    (void)param;
    WaitForRtControl(outer);
    WaitForRtControl(inner);
    stage = 1;
    while (stage == 1) {
    }
    ReleaseRtControl(); /* inner */
    stage = 3;
    while (stage == 3) {
    }
    ReleaseRtControl();
    for (;;)
        stage = 5;
}

static void taker(void *param)
{
    (void)param;
    result = WaitForRtControl(inner);
    status = GetLastRtError();
    ReleaseRtControl();
}

static BYTE priority_of(RTHANDLE thread)
{
    THREADINFO_SNAPSHOT info;
    return GetRtThreadInfo(thread, &info) ? info.DynamicPriority : 0;
}

static void statuses(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    FAILS(t, ReleaseRtControl(), FALSE, E_CONTEXT, DOCUMENTED);
    GIVES(t, AcceptRtControl(outer), TRUE, DOCUMENTED);
    FAILS(t, AcceptRtControl(outer), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, WaitForRtControl(outer), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, DeleteRtRegion(outer), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, DeleteRtThread(NULL_RTHANDLE), FALSE, E_CONTEXT, DECIDED);
    GIVES(t, ReleaseRtControl(), TRUE, DOCUMENTED);
    FAILS(t, AcceptRtControl(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, AcceptRtControl(self), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, WaitForRtControl(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, WaitForRtControl(self), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtRegion(BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeleteRtRegion(self), FALSE, E_TYPE, DOCUMENTED);
    IS(t, GetRtHandleType(outer), REGION_TYPE, DOCUMENTED);
}

static void inheritance(struct tap *t)
{
    RTHANDLE a = CreateRtThread(200, holder, STACK, NULL);
    RtSleep(20);
    IS(t, stage, 1, DOCUMENTED);
    FAILS(t, AcceptRtControl(inner), FALSE, E_BUSY, DOCUMENTED);
    CreateRtThread(150, taker, STACK, NULL);
    RtSleep(20);
    IS(t, priority_of(a), 150, DOCUMENTED); /* the waiter's */
    IS(t, GetRtThreadPriority(a), 200, DOCUMENTED);
    GIVES(t, SuspendRtThread(a), TRUE, DOCUMENTED); /* when it has left both */
    stage = 2;
    RtSleep(200);
    IS(t, stage, 3, DOCUMENTED);
    IS(t, result, TRUE, DOCUMENTED);
    IS(t, priority_of(a), 150, DOCUMENTED); /* until the last one is left */
    stage = 4;
    RtSleep(200);
    IS(t, stage, 4, DOCUMENTED); /* suspended as it left */
    IS(t, priority_of(a), 200, DOCUMENTED);
    ResumeRtThread(a);
    RtSleep(20);
    IS(t, stage, 5, DOCUMENTED);
    GIVES(t, DeleteRtThread(a), TRUE, DOCUMENTED);
}

static void end(struct tap *t)
{
    stage = 0;
    RTHANDLE a = CreateRtThread(150, holder, STACK, NULL);
    RtSleep(20);
    CreateRtThread(150, taker, STACK, NULL);
    RtSleep(20);
    GIVES(t, DeleteRtThread(a), TRUE, DOCUMENTED);
    IS(t, GetRtHandleType(a), THREAD_TYPE, DOCUMENTED); /* still there: it has control */
    stage = 2;
    RtSleep(200);
    stage = 4;
    RtSleep(200);
    FAILS(t, GetRtHandleType(a), INVALID_TYPE, E_EXIST, DOCUMENTED);
    GIVES(t, DeleteRtRegion(inner), TRUE, DOCUMENTED);
    GIVES(t, DeleteRtRegion(outer), TRUE, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0};
    outer = CreateRtRegion(FIFO_QUEUING);
    inner = CreateRtRegion(PRIORITY_QUEUING);
    statuses(&tap);
    inheritance(&tap);
    end(&tap);
    return tap_end(&tap);
}
