/* alarms.c: alarms, the system time, the counter of low-level ticks. */
#include "../demo/seg.h"
#include "tap.h"
#include "time.h"

#define STACK 8192

static RTHANDLE alarm;
static volatile DWORD got, status;

static void waiter(void *param)
{
    (void)param;
    got = WaitForRtAlarm(alarm, WAIT_FOREVER);
    status = GetLastRtError();
}

static void statuses(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    alarm = CreateRtAlarm(KN_SINGLE_SHOT, 20000);
    IS(t, GetRtHandleType(alarm), ALARM_TYPE, INFERRED);
    FAILS(t, WaitForRtAlarm(alarm, 0), FALSE, E_TIME, DOCUMENTED);
    FAILS(t, WaitForRtAlarm(self, 0), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, WaitForRtAlarm(BAD_RTHANDLE, 0), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, ResetRtAlarm(self), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ResetRtAlarm(BAD_RTHANDLE), FALSE, E_EXIST, INFERRED);
    FAILS(t, DeleteRtAlarm(self), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtAlarm(BAD_RTHANDLE), FALSE, E_EXIST, INFERRED);
    GIVES(t, WaitForRtAlarm(alarm, 1000), TRUE, DOCUMENTED); /* the short limit is raised */
    FAILS(t, WaitForRtAlarm(alarm, 30000), FALSE, E_TIME, DOCUMENTED); /* it goes off once */
    GIVES(t, ResetRtAlarm(alarm), TRUE, DOCUMENTED);
    GIVES(t, WaitForRtAlarm(alarm, WAIT_FOREVER), TRUE, INFERRED);
    GIVES(t, DeleteRtAlarm(alarm), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtAlarm(alarm), FALSE, E_EXIST, INFERRED);
}

static void repeater(struct tap *t)
{
    alarm = CreateRtAlarm(KN_REPEATER, 5000);
    QWORD before = knGetKernelTime0();
    unsigned good = 0;
    for (unsigned i = 0; i < 10; i++)
        good += WaitForRtAlarm(alarm, 50000);
    IS(t, good, 10, DOCUMENTED);
    DWORD ticks = (DWORD)(knGetKernelTime0() - before);
    HOLDS(t, ticks >= 99 && ticks <= 101, DOCUMENTED);
    RtSleep(100);
    unsigned unseen = 0;
    while (WaitForRtAlarm(alarm, 0))
        unseen++;
    HOLDS(t, unseen >= 18 && unseen <= 20, DOCUMENTED);
    CreateRtThread(0, waiter, STACK, NULL);
    RtSleep(20);
    IS(t, got, TRUE, DOCUMENTED);
    GIVES(t, DeleteRtAlarm(alarm), TRUE, DOCUMENTED);
    alarm = CreateRtAlarm(KN_REPEATER, 60000000);
    CreateRtThread(0, waiter, STACK, NULL);
    RtSleep(20);
    GIVES(t, DeleteRtAlarm(alarm), TRUE, DOCUMENTED);
    RtSleep(20);
    IS(t, got, FALSE, DOCUMENTED);
    IS(t, status, E_EXIST, DOCUMENTED);
    alarm = CreateRtAlarm(KN_REPEATER, 0);
    RtSleep(40000);
    FAILS(t, WaitForRtAlarm(alarm, 0), FALSE, E_LIMIT, DOCUMENTED);
    GIVES(t, ResetRtAlarm(alarm), TRUE, DOCUMENTED);
    GIVES(t, WaitForRtAlarm(alarm, 1000000), TRUE, DOCUMENTED);
}

static void wall(struct tap *t)
{
    SYSTEMTIME now, set = {2031, 12, 0, 31, 23, 59, 59, 990000};
    TIMEVALUE value;
    FAILS(t, GetRtSystemTime(NULL), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, GetRtSystemTime((LPSYSTEMTIME)16), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, SetRtSystemTime(NULL), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, SetRtSystemTime((LPSYSTEMTIME)16), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, GetRtSystemTimeAsTimeValue((LPTIMEVALUE)16), FALSE, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, GetRtSystemTime(&now), TRUE, DOCUMENTED);
    IS(t, now.wYear, 2000, DECIDED); /* where a run starts, if nothing else is asked for */
    IS(t, now.wMonth * 100 + now.wDay, 101, DECIDED);
    IS(t, now.wDayOfWeek, 6, DOCUMENTED);
    set.wSecond = 60;
    FAILS(t, SetRtSystemTime(&set), FALSE, E_PARAM, DOCUMENTED);
    set.wSecond = 59;
    GIVES(t, SetRtSystemTime(&set), TRUE, DOCUMENTED);
    RtSleep(30);
    GIVES(t, GetRtSystemTime(&now), TRUE, DOCUMENTED);
    IS(t, now.wYear, 2032, DOCUMENTED);
    IS(t, now.wDayOfWeek, 4, DOCUMENTED);
    GIVES(t, GetRtSystemTimeAsTimeValue(&value), TRUE, DOCUMENTED);
    HOLDS(t, value.qwSeconds == 1704067200, DOCUMENTED); /* from 1978 */
    HOLDS(t, time(NULL) == 1956528000, INFERRED);        /* from 1970 */
}

static void ticks(struct tap *t)
{
    KNTIME time, set = {5, 1};
    QWORD first = knGetKernelTime(&time);
    HOLDS(t, first == ((QWORD)time.hi << 32 | time.lo), DOCUMENTED);
    knRtSleep(10);
    DWORD passed = (DWORD)(knGetKernelTime(NULL) - first);
    HOLDS(t, passed >= 10 && passed <= 11, DOCUMENTED);
    knSetKernelTime(&set);
    HOLDS(t, knGetKernelTime0() >> 32 == 1, DOCUMENTED);
}

/* With an argument: only says which second it is at the start. */
int main(int argc, char **argv)
{
    struct tap tap = {0, 0};
    SYSTEMTIME now;
    (void)argv;
    if (argc > 1) {
        GetRtSystemTime(&now);
        printf("it is %u-%02u-%02u %02u:%02u:%02u\n", now.wYear, now.wMonth, now.wDay, now.wHour,
               now.wMinute, now.wSecond);
        return 0;
    }
    statuses(&tap);
    repeater(&tap);
    wall(&tap);
    ticks(&tap);
    return tap_end(&tap);
}
