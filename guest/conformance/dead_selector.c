/* dead_selector.c: a thread is switched in with a selector in ES, FS or GS whose handle has been deleted meanwhile. The
 * task switch loads it from the TSS and refuses it: #TS, in the new thread [386 7.5]. When the slot holds another
 * object by then, whose descriptor is one of ring 0: a thread that was inside of a call gets a null selector on its way
 * out [386 6.3.4.2], one that was interrupted in ring 3 #TS.
 */
#include "../demo/seg.h"
#include "tap.h"

#define STACK 8192

static EXCEPTION deletion;
static RTHANDLE handle, mailbox;
static volatile unsigned stage, seen;
static volatile RTHANDLE left;
static DWORD *memory;

enum how { IN_ES, IN_FS, IN_GS, IN_RING_3 };

static void load(enum how how)
{
    if (how == IN_FS)
        fs_load(handle);
    else if (how == IN_GS)
        gs_load(handle);
    else
        es_load(handle);
}

/* Leaves the processor inside a call, or in ring 3 when a better thread takes it. */
static void victim(void *how)
{
    SetRtExceptionHandler(&deletion);
    stage = 1;
    load((enum how)(DWORD)how);
    if ((enum how)(DWORD)how != IN_RING_3)
        RtSleep(30);
    else
        while (!seen) {
        }
    left = es_get();
    stage = 2;
    SuspendRtThread(NULL_RTHANDLE);
}

static RTHANDLE start(enum how how)
{
    stage = seen = 0;
    left = 1;
    handle = CreateRtMemoryHandle(memory, 4096);
    RTHANDLE thread = CreateRtThread(150, victim, STACK, (void *)how);
    RtSleep(10);
    return thread;
}

static void refused(struct tap *t, enum how how)
{
    HWEXCEPTIONMSG message = {0};
    BYTE buffer[128];
    RTHANDLE thread = start(how);
    IS(t, stage, 1, DOCUMENTED);
    HOLDS(t, DeleteRtMemoryHandle(handle), DOCUMENTED);
    RtSleep(60);
    IS(t, stage, 1, DOCUMENTED);
    IS(t, ReceiveRtData(mailbox, buffer, 10), sizeof message, DOCUMENTED);
    message = *(HWEXCEPTIONMSG *)buffer;
    IS(t, message.wExceptionCode, EH_INVALID_TSS, DOCUMENTED);
    IS(t, message.hThread, thread, DOCUMENTED);
    FAILS(t, GetRtHandleType(thread), INVALID_TYPE, E_EXIST, DOCUMENTED);
}

/* Semaphores until one is in the victim's slot. */
static int reuse(void)
{
    for (unsigned i = 0; i < 8192; i++) {
        RTHANDLE h = CreateRtSemaphore(0, 1, FIFO_QUEUING);
        if (h == handle) return 1;
        if (h == BAD_RTHANDLE) return 0;
    }
    return 0;
}

static void reused(struct tap *t)
{
    BYTE buffer[128];
    RTHANDLE thread = start(IN_ES);
    DeleteRtMemoryHandle(handle);
    HOLDS(t, reuse(), DECIDED);
    RtSleep(60);
    IS(t, stage, 2, DOCUMENTED);
    IS(t, left, 0, DOCUMENTED);
    DeleteRtThread(thread);
    HOLDS(t, DeleteRtSemaphore(handle), DOCUMENTED); /* a free slot for the next handle */
    thread = start(IN_RING_3);
    DeleteRtMemoryHandle(handle);
    HOLDS(t, CreateRtSemaphore(0, 1, FIFO_QUEUING) == handle, DECIDED);
    seen = 1;
    RtSleep(60);
    IS(t, stage, 1, DOCUMENTED);
    IS(t, ReceiveRtData(mailbox, buffer, 10), sizeof(HWEXCEPTIONMSG), DOCUMENTED);
    IS(t, ((HWEXCEPTIONMSG *)buffer)->wExceptionCode, EH_INVALID_TSS, DOCUMENTED);
}

int main(void)
{
    struct tap tap = {0};
    memory = AllocateRtMemory(4096);
    mailbox = CreateRtMailbox(DATA_MAILBOX);
    CatalogRtHandle(NULL_RTHANDLE, mailbox, "HW_FAULT_MBX");
    GetRtExceptionHandlerInfo(DELETE_THREAD_HANDLER, &deletion);
    deletion.ExceptionMode = THREAD_HANDLER << 4;
    for (enum how how = IN_ES; how <= IN_RING_3; how++)
        refused(&tap, how);
    reused(&tap);
    return tap_end(&tap);
}
