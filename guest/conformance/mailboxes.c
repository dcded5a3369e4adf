/* mailboxes.c: data and handles, hand to hand and queued, time limits, ends, and the selector. */
#include "../demo/seg.h"
#include "string.h"
#include "tap.h"
#include "time.h"

#define STACK 8192

static RTHANDLE data, objects;
static volatile DWORD got, status;
static char text[DATA_MESSAGE_MAX];
static volatile RTHANDLE response;

static void data_receiver(void *to)
{
    got = ReceiveRtData(data, to, WAIT_FOREVER);
    status = GetLastRtError();
}

static void handle_receiver(void *param)
{
    (void)param;
    RTHANDLE r = BAD_RTHANDLE;
    got = ReceiveRtHandle(objects, WAIT_FOREVER, &r);
    response = r;
    status = GetLastRtError();
}

static void data_statuses(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    char big[DATA_MESSAGE_MAX + 1] = "";
    FAILS(t, SendRtData(data, big, 129), FALSE, E_LIMIT, DOCUMENTED);
    FAILS(t, SendRtData(BAD_RTHANDLE, big, 1), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtData(self, big, 1), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SendRtData(objects, big, 1), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SendRtData(data, NULL, 1), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, ReceiveRtData(data, big, NO_WAIT), 0, E_TIME, DOCUMENTED);
    FAILS(t, ReceiveRtData(BAD_RTHANDLE, big, NO_WAIT), 0, E_EXIST, DOCUMENTED);
    FAILS(t, ReceiveRtData(objects, big, NO_WAIT), 0, E_TYPE, DOCUMENTED);
    FAILS(t, ReceiveRtData(data, (LPVOID)16, NO_WAIT), 0, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, ReceiveRtData(data, big, RT_MAX_WAIT + 1), 0, E_PARAM, DECIDED);
    GIVES(t, SendRtData(data, "queued", 7), TRUE, DOCUMENTED);
    GIVES(t, SendRtData(data, NULL, 0), TRUE, DOCUMENTED);
    GIVES(t, ReceiveRtData(data, big, NO_WAIT), 7, DOCUMENTED);
    HOLDS(t, strcmp(big, "queued") == 0, DOCUMENTED);
    GIVES(t, ReceiveRtData(data, big, NO_WAIT), 0, DOCUMENTED); /* length 0 */
    clock_t before = clock();
    FAILS(t, ReceiveRtData(data, big, 50), 0, E_TIME, DOCUMENTED);
    clock_t after = clock();
    HOLDS(t, after - before >= 40 && after - before <= 60, DOCUMENTED);
}

static void object_statuses(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS), r = 1;
    FAILS(t, SendRtHandle(BAD_RTHANDLE, self, NULL_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtHandle(objects, BAD_RTHANDLE, NULL_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtHandle(objects, self, BAD_RTHANDLE), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SendRtHandle(data, self, NULL_RTHANDLE), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, SendRtHandle(objects, self, self), FALSE, E_TYPE, DOCUMENTED);
    FAILS(t, ReceiveRtHandle(objects, NO_WAIT, &r), BAD_RTHANDLE, E_TIME, DOCUMENTED);
    FAILS(t, ReceiveRtHandle(objects, RT_MAX_WAIT + 1, &r), BAD_RTHANDLE, E_PARAM, DOCUMENTED);
    FAILS(t, ReceiveRtHandle(BAD_RTHANDLE, NO_WAIT, &r), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    FAILS(t, ReceiveRtHandle(data, NO_WAIT, &r), BAD_RTHANDLE, E_TYPE, DOCUMENTED);
    FAILS(t, ReceiveRtHandle(objects, NO_WAIT, (LPRTHANDLE)16), BAD_RTHANDLE, E_BAD_ADDR, DECIDED);
    GIVES(t, SendRtHandle(objects, self, data), TRUE, DOCUMENTED);
    GIVES(t, SendRtHandle(objects, data, NULL_RTHANDLE), TRUE, DOCUMENTED);
    GIVES(t, ReceiveRtHandle(objects, NO_WAIT, &r), self, DOCUMENTED);
    IS(t, r, data, DOCUMENTED);
    GIVES(t, ReceiveRtHandle(objects, NO_WAIT, NULL), data, DOCUMENTED);
}

static void hand_to_hand(struct tap *t)
{
    CreateRtThread(0, data_receiver, STACK, text);
    RtSleep(20);
    GIVES(t, SendRtData(data, "given", 6), TRUE, DOCUMENTED);
    RtSleep(20);
    IS(t, got, 6, DOCUMENTED);
    HOLDS(t, strcmp(text, "given") == 0, DOCUMENTED);
    CreateRtThread(0, handle_receiver, STACK, NULL);
    RtSleep(20);
    GIVES(t, SendRtHandle(objects, data, objects), TRUE, DOCUMENTED);
    RtSleep(20);
    IS(t, got, data, DOCUMENTED);
    IS(t, response, objects, DOCUMENTED);
    void *block = AllocateRtMemory(4096);
    CreateRtThread(0, data_receiver, STACK, block);
    RtSleep(20);
    FreeRtMemory(block);
    GIVES(t, SendRtData(data, "kept", 5), TRUE, DECIDED); /* the receiver's memory is gone */
    RtSleep(20);
    IS(t, got, 0, DOCUMENTED);
    IS(t, status, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, ReceiveRtData(data, text, NO_WAIT), 5, DECIDED);
}

/* More than the fixed queues hold. */
static void long_queues(struct tap *t)
{
    unsigned sent = 0, same = 0;
    while (sent < 100 && SendRtData(data, &sent, sizeof sent))
        sent++;
    IS(t, sent, 100, DOCUMENTED);
    for (unsigned i = 0, n; i < 100; i++) {
        char to[DATA_MESSAGE_MAX];
        same += ReceiveRtData(data, to, NO_WAIT) == 4 && (memcpy(&n, to, 4), n == i);
    }
    IS(t, same, 100, DOCUMENTED);
    for (sent = 0; sent < 300 && SendRtHandle(objects, data, NULL_RTHANDLE);)
        sent++;
    IS(t, sent, 300, DOCUMENTED);
}

static void ends(struct tap *t)
{
    RTHANDLE self = GetRtThreadHandles(THIS_PROCESS);
    IS(t, GetRtHandleType(data), MAILBOX_TYPE, DOCUMENTED);
    FAILS(t, DeleteRtMailbox(self), FALSE, E_TYPE, DOCUMENTED);
    CreateRtThread(0, data_receiver, STACK, text);
    RtSleep(20);
    GIVES(t, DeleteRtMailbox(data), TRUE, DOCUMENTED);
    FAILS(t, DeleteRtMailbox(data), FALSE, E_EXIST, DOCUMENTED);
    RtSleep(20);
    IS(t, got, 0, DOCUMENTED);
    IS(t, status, E_EXIST, DOCUMENTED);
    GIVES(t, DeleteRtMailbox(objects), TRUE, DOCUMENTED); /* 300 handles are lost */
}

int main(void)
{
    struct tap tap = {0, 0};
    data = CreateRtMailbox(DATA_MAILBOX | FIFO_QUEUING);
    objects = CreateRtMailbox(OBJECT_MAILBOX | PRIORITY_QUEUING | MAILBOX_DEPTH(8));
    data_statuses(&tap);
    object_statuses(&tap);
    hand_to_hand(&tap);
    long_queues(&tap);
    ends(&tap);
    return tap_end(&tap);
}
