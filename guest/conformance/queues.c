/* queues.c: message queues: short and long messages. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"

#define STACK 8192

static RTHANDLE queue;
static volatile DWORD got, status;
static char big[3000];

static void long_sender(void *wait)
{
    got = SendRtLongDataMessage(queue, big, sizeof big, (DWORD)wait, 77);
    status = GetLastRtError();
}

static void short_messages(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    char to[64];
    DWORD n = 0;
    FAILS(t, CreateRtQueue(31, 0, 0), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, CreateRtQueue(64, 60, 0), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    queue = CreateRtQueue(80, 40, 0);
    IS(t, GetRtHandleType(queue), QUEUE_TYPE, INFERRED);
    FAILS(t, SendRtShortDataMessage(BAD_RTHANDLE, to, 1), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtShortDataMessage(self, to, 1), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SendRtShortDataMessage(queue, to, 41), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, SendRtShortDataMessage(queue, NULL, 1), FALSE, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, SendRtShortDataMessage(queue, "0123456789", 11), TRUE, DOCUMENTED);
    FAILS(t, SendRtShortDataMessage(queue, big, 40), FALSE, E_LIMIT, DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(queue, to, 10, NO_WAIT, &n), FALSE, E_LIMIT, DOCUMENTED);
    IS(t, n, 11, DOCUMENTED);
    GIVES(t, ReceiveRtDataMessage(queue, to, sizeof to, NO_WAIT, &n), TRUE, DOCUMENTED);
    HOLDS(t, n == 11 && strcmp(to, "0123456789") == 0, DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(queue, to, sizeof to, 20, &n), FALSE, E_TIME, DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(queue, to, sizeof to, RT_MAX_WAIT + 1, &n), FALSE, E_PARAM,
          DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(queue, NULL, 4, NO_WAIT, &n), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(self, to, 4, NO_WAIT, &n), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(BAD_RTHANDLE, to, 4, NO_WAIT, &n), FALSE, E_EXIST, DOCUMENTED);
    SendRtShortDataMessage(queue, "gone", 5);
    GIVES(t, FlushRtQueue(queue), TRUE, DOCUMENTED);
    FAILS(t, ReceiveRtDataMessage(queue, to, sizeof to, NO_WAIT, &n), FALSE, E_TIME, DOCUMENTED);
}

static void long_messages(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    static char to[3000];
    MSG_DESCRIPTOR d;
    DWORD n = 0;
    FAILS(t, SendRtLongDataMessage(queue, big, 39, 100, 0), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, SendRtLongDataMessage(queue, big, 100, NO_WAIT, 0), FALSE, E_TIME, DOCUMENTED);
    FAILS(t, SendRtLongDataMessage(queue, big, 100, 30, 0), FALSE, E_TIME, DOCUMENTED);
    FAILS(t, SendRtLongDataMessage(queue, NULL, 100, 30, 0), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, SendRtLongDataMessage(self, big, 100, 30, 0), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SendRtLongDataMessage(BAD_RTHANDLE, big, 100, 30, 0), FALSE, E_EXIST, DOCUMENTED);
    memset(big, 'x', sizeof big);
    CreateRtThread(0, long_sender, STACK, (void *)WAIT_FOREVER);
    RtSleep(20);
    FAILS(t, ReceiveRtDataMessage(queue, &d, sizeof d, NO_WAIT, &n), FALSE, E_NO_LOCAL_BUFFER,
          DOCUMENTED);
    HOLDS(t, n == sizeof big && d.length == sizeof big && d.dwUserParam == 77, DOCUMENTED);
    FAILS(t, GetRtLongDataMessage(queue, &d, to, 100, &n), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, GetRtLongDataMessage(queue, &d, NULL, sizeof to, &n), FALSE, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, GetRtLongDataMessage(queue, &d, to, sizeof to, &n), TRUE, DOCUMENTED);
    HOLDS(t, n == sizeof big && memcmp(to, big, sizeof big) == 0, DOCUMENTED);
    RtSleep(20);
    IS(t, got, TRUE, DOCUMENTED);
    CreateRtThread(0, long_sender, STACK, (void *)WAIT_FOREVER);
    RtSleep(20);
    ReceiveRtDataMessage(queue, &d, sizeof d, NO_WAIT, &n);
    GIVES(t, CancelRtLongDataMessage(queue, &d), TRUE, INFERRED);
    RtSleep(20);
    FAILED(t, SendRtLongDataMessage(queue, big, sizeof big, WAIT_FOREVER, 77), got, status, FALSE,
           E_CANCELLED, DOCUMENTED);
    FAILS(t, GetRtLongDataMessage(queue, &d, to, sizeof to, &n), FALSE, E_CANCELLED, DOCUMENTED);
    CreateRtThread(0, long_sender, STACK, (void *)WAIT_FOREVER);
    RtSleep(20);
    GIVES(t, DeleteRtQueue(queue), TRUE, INFERRED);
    RtSleep(20);
    FAILED(t, SendRtLongDataMessage(queue, big, sizeof big, WAIT_FOREVER, 77), got, status, FALSE,
           E_EXIST, DECIDED);
    FAILS(t, DeleteRtQueue(queue), FALSE, E_EXIST, INFERRED);
}

int main(void)
{
    struct tap tap = {0, 0};
    short_messages(&tap);
    long_messages(&tap);
    return tap_end(&tap);
}
