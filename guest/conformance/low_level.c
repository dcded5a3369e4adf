/* low_level.c: low-level semaphores, regions, mailboxes, alarm events, and the scheduler's lock. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"

#define STACK 8192
#define BYTES 16

static DWORD sem_area[KN_SEMAPHORE_SIZE / 4];
static DWORD mail_area[(KN_MAILBOX_SIZE + (BYTES + KN_MAILBOX_MSG_OVERHEAD) * 3) / 4];
static DWORD alarm_area[KN_ALARM_EVENT_SIZE / 4];
static KNHANDLE sem, mail, alarm;
static volatile DWORD got, status, stage;

static void sem_waiter(void *ticks)
{
    got = knWaitForRtSemaphore(sem, (DWORD)ticks);
    status = GetLastRtError();
}

static void mail_waiter(void *to)
{
    DWORD length = 0;
    got = knWaitForRtData(mail, to, &length, KN_WAIT_FOREVER);
    status = got ? length : GetLastRtError();
}

static void alarm_waiter(void *param)
{
    (void)param;
    got = knWaitForRtAlarmEvent(alarm, KN_WAIT_FOREVER);
    status = GetLastRtError();
}

static void semaphores(struct tap *t)
{
    FAILS(t, knCreateRtSemaphore((KNPTR)16, KN_ONE_UNIT), 0xFFFFFFFF, E_BAD_ADDR, DECIDED);
    sem = knCreateRtSemaphore(sem_area, KN_FIFO_QUEUEING | KN_ONE_UNIT);
    GIVES(t, knWaitForRtSemaphore(sem, KN_DONT_WAIT), TRUE, DOCUMENTED);
    FAILS(t, knWaitForRtSemaphore(sem, KN_DONT_WAIT), FALSE, E_KN_TIME_OUT, DOCUMENTED);
    QWORD before = knGetKernelTime0();
    FAILS(t, knWaitForRtSemaphore(sem, 40), FALSE, E_KN_TIME_OUT, DOCUMENTED);
    DWORD passed = (DWORD)(knGetKernelTime0() - before);
    HOLDS(t, passed >= 40 && passed <= 41, DOCUMENTED);
    FAILS(t, knWaitForRtSemaphore(0, KN_DONT_WAIT), FALSE, E_BAD_ADDR, DECIDED);
    CreateRtThread(0, sem_waiter, STACK, (void *)KN_WAIT_FOREVER);
    RtSleep(20);
    knReleaseRtSemaphore(sem);
    RtSleep(20);
    IS(t, got, TRUE, DOCUMENTED);
    CreateRtThread(0, sem_waiter, STACK, (void *)KN_WAIT_FOREVER);
    RtSleep(20);
    knDeleteRtSemaphore(sem);
    RtSleep(20);
    FAILED(t, knWaitForRtSemaphore(sem, KN_WAIT_FOREVER), got, status, FALSE, E_KN_NONEXIST,
           DOCUMENTED);
    knReleaseRtSemaphore(sem);
    GIVES(t, knWaitForRtSemaphore(sem, KN_DONT_WAIT), TRUE, DOCUMENTED); /* usable again */
}

static void pages(struct tap *t)
{
    BYTE *block = AllocateRtMemory(260 * 4096);
    unsigned made = 0;
    while (made < 260 && knCreateRtSemaphore(block + made * 4096, 0) != 0xFFFFFFFF)
        made++;
    HOLDS(t, made >= 250 && made <= 256, DOCUMENTED); /* the others are the program's own */
    FAILS(t, knCreateRtSemaphore(block + 259 * 4096, 0), 0xFFFFFFFF, E_KN_LIMIT_EXCEEDED, DECIDED);
    FAILS(t, knCreateRtMailbox(block + 259 * 4096, BYTES, 3, 0), 0xFFFFFFFF, E_KN_LIMIT_EXCEEDED,
          DECIDED);
    FAILS(t, knCreateRtAlarmEvent(block + 259 * 4096, 0, 1), 0xFFFFFFFF, E_KN_LIMIT_EXCEEDED,
          DECIDED);
    FreeRtMemory(block);
    block = AllocateRtMemory(4096);
    HOLDS(t, knCreateRtSemaphore(block, 0) != 0xFFFFFFFF, DECIDED);
    FreeRtMemory(block);
}

static void holder(void *param)
{
    (void)param;
    sem = knCreateRtSemaphore(sem_area, KN_REGION | KN_ZERO_UNITS); /* has it */
    stage = 1;
    while (stage == 1) {
    }
    knReleaseRtSemaphore(sem);
    stage = 3;
}

static BYTE priority_of(RTHANDLE thread)
{
    THREADINFO_SNAPSHOT info;
    return GetRtThreadInfo(thread, &info) ? info.DynamicPriority : 0;
}

static void regions(struct tap *t)
{
    RTHANDLE a = CreateRtThread(200, holder, STACK, NULL);
    RtSleep(20);
    IS(t, stage, 1, DOCUMENTED);
    FAILS(t, knWaitForRtSemaphore(sem, KN_DONT_WAIT), FALSE, E_KN_TIME_OUT, DOCUMENTED);
    CreateRtThread(150, sem_waiter, STACK, (void *)KN_WAIT_FOREVER);
    RtSleep(20);
    IS(t, priority_of(a), 150, DOCUMENTED);
    stage = 2;
    RtSleep(200);
    IS(t, stage, 3, DOCUMENTED);
    IS(t, got, TRUE, DOCUMENTED);
    knDeleteRtSemaphore(sem);
}

static void mailboxes(struct tap *t)
{
    char to[BYTES + 1] = "";
    DWORD n = 0;
    FAILS(t, knCreateRtMailbox((KNPTR)16, BYTES, 3, 0), 0xFFFFFFFF, E_BAD_ADDR, DECIDED);
    FAILS(t, knCreateRtMailbox(mail_area, BYTES, 0, 0), 0xFFFFFFFF, E_PARAM, DECIDED);
    mail = knCreateRtMailbox(mail_area, BYTES, 3, KN_FIFO_QUEUEING | KN_RESERVE_PRIORITY_DATA);
    FAILS(t, knWaitForRtData(mail, to, &n, KN_DONT_WAIT), FALSE, E_KN_TIME_OUT, DOCUMENTED);
    FAILS(t, knWaitForRtData(mail, (LPVOID)16, &n, KN_DONT_WAIT), FALSE, E_BAD_ADDR, DECIDED);
    FAILS(t, knSendRtData(mail, to, BYTES + 1), FALSE, E_PARAM, DECIDED);
    FAILS(t, knSendRtData(mail, (LPVOID)16, 1), FALSE, E_BAD_ADDR, DECIDED);
    GIVES(t, knSendRtData(mail, "first", 6), TRUE, DOCUMENTED);
    GIVES(t, knSendRtData(mail, "second", 7), TRUE, DOCUMENTED);
    FAILS(t, knSendRtData(mail, "third", 6), FALSE, E_KN_LIMIT_EXCEEDED, DOCUMENTED);
    GIVES(t, knSendRtPriorityData(mail, "urgent", 7), TRUE, DOCUMENTED);
    FAILS(t, knSendRtPriorityData(mail, "more", 5), FALSE, E_KN_LIMIT_EXCEEDED, DOCUMENTED);
    FAILS(t, knSendRtPriorityData(mail, to, BYTES + 1), FALSE, E_PARAM, DECIDED);
    FAILS(t, knSendRtPriorityData(0, to, 1), FALSE, E_BAD_ADDR, DECIDED);
    GIVES(t, knWaitForRtData(mail, to, &n, KN_DONT_WAIT), TRUE, DOCUMENTED);
    HOLDS(t, n == 7 && strcmp(to, "urgent") == 0, DOCUMENTED);
    GIVES(t, knWaitForRtData(mail, to, &n, KN_DONT_WAIT), TRUE, DOCUMENTED);
    HOLDS(t, n == 6 && strcmp(to, "first") == 0, DOCUMENTED);
    GIVES(t, knWaitForRtData(mail, to, &n, KN_DONT_WAIT), TRUE, DOCUMENTED);
    CreateRtThread(0, mail_waiter, STACK, to);
    RtSleep(20);
    GIVES(t, knSendRtData(mail, "given", 6), TRUE, DOCUMENTED);
    RtSleep(20);
    HOLDS(t, got == TRUE && status == 6 && strcmp(to, "given") == 0, DOCUMENTED);
    CreateRtThread(0, mail_waiter, STACK, to);
    RtSleep(20);
    knDeleteRtMailbox(mail);
    RtSleep(20);
    FAILED(t, knWaitForRtData(mail, to, &n, KN_WAIT_FOREVER), got, status, FALSE, E_KN_NONEXIST,
           DOCUMENTED);
}

static void alarms(struct tap *t)
{
    FAILS(t, knCreateRtAlarmEvent((LPVOID)16, KN_REPEATER, 4), 0xFFFFFFFF, E_BAD_ADDR, DECIDED);
    alarm = knCreateRtAlarmEvent(alarm_area, KN_REPEATER, 4);
    FAILS(t, knWaitForRtAlarmEvent(alarm, KN_DONT_WAIT), FALSE, E_KN_TIME_OUT, INFERRED);
    QWORD before = knGetKernelTime0();
    for (unsigned i = 0; i < 10; i++)
        knWaitForRtAlarmEvent(alarm, KN_WAIT_FOREVER);
    DWORD passed = (DWORD)(knGetKernelTime0() - before);
    HOLDS(t, passed >= 39 && passed <= 41, DOCUMENTED);
    FAILS(t, knWaitForRtAlarmEvent(alarm, 2), FALSE, E_KN_TIME_OUT, INFERRED);
    knResetRtAlarmEvent(alarm);
    GIVES(t, knWaitForRtAlarmEvent(alarm, 5), TRUE, DOCUMENTED);
    alarm = knCreateRtAlarmEvent(alarm_area, KN_SINGLE_SHOT, 100000);
    CreateRtThread(0, alarm_waiter, STACK, NULL);
    RtSleep(20);
    knDeleteRtAlarmEvent(alarm);
    RtSleep(20);
    FAILED(t, knWaitForRtAlarmEvent(alarm, KN_WAIT_FOREVER), got, status, FALSE, E_KN_NONEXIST,
           INFERRED);
    FAILS(t, knWaitForRtAlarmEvent(0, KN_DONT_WAIT), FALSE, E_BAD_ADDR, DECIDED);
}

static void mark(void *param)
{
    (void)param;
    stage = 9;
}

static void lock(struct tap *t)
{
    stage = 0;
    RTHANDLE self = GetRtThreadHandles(THIS_THREAD);
    SetRtThreadPriority(self, 150);
    knStopRtScheduler();
    knStopRtScheduler();
    CreateRtThread(140, mark, STACK, NULL);
    IS(t, stage, 0, DOCUMENTED);
    knStartRtScheduler();
    IS(t, stage, 0, DOCUMENTED);
    knStartRtScheduler();
    IS(t, stage, 9, DOCUMENTED);
    knStopRtScheduler();
    CreateRtThread(160, mark, STACK, NULL);
    stage = 0;
    RtSleep(20); /* a wait gives the processor away */
    IS(t, stage, 9, DOCUMENTED);
    CreateRtThread(140, mark, STACK, NULL);
    stage = 0;
    IS(t, stage, 0, DOCUMENTED); /* the lock is back */
    knStartRtScheduler();
    IS(t, stage, 9, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0, 0};
    semaphores(&tap);
    pages(&tap);
    regions(&tap);
    mailboxes(&tap);
    alarms(&tap);
    lock(&tap);
    return tap_end(&tap);
}
