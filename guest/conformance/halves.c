/* halves.c: arguments that are narrower than their slot on the stack, with rubbish in the rest of it, as compilers leave
 * it there; and results, of which only as much counts. */
#include "string.h"
#include "tap.h"

typedef DWORD (*call_t)(DWORD, ...);
#define CALL(name) ((call_t)(void (*)(void))(name))
#define H(value)   (0xDEAD0000u | (WORD)(value)) /* a WORD or handle */
#define B(value)   (0xBEEFCA00u | (BYTE)(value))
#define YES(value) IS(t, (BYTE)(value), TRUE, DOCUMENTED)

static volatile DWORD ran;

static void thread(void *param)
{
    ran = (DWORD)param;
}

static void objects(struct tap *t)
{
    RTHANDLE s = (WORD)CALL(CreateRtSemaphore)(H(1), H(5), H(PRIORITY_QUEUING));
    IS(t, CALL(GetRtHandleType)(H(s)) & 0xFFFF, SEMAPHORE_TYPE, DOCUMENTED);
    YES(CALL(ReleaseRtSemaphore)(H(s), H(2)));
    IS(t, CALL(WaitForRtSemaphore)(H(s), H(3), NO_WAIT), 0, DOCUMENTED);
    RTHANDLE r = (WORD)CALL(CreateRtRegion)(H(PRIORITY_QUEUING));
    YES(CALL(WaitForRtControl)(H(r)));
    YES(ReleaseRtControl());
    YES(CALL(AcceptRtControl)(H(r)));
    YES(ReleaseRtControl());
    YES(CALL(DeleteRtRegion)(H(r)));
    YES(CALL(CatalogRtHandle)(H(NULL_RTHANDLE), H(s), (DWORD) "half"));
    IS(t, CALL(LookupRtHandle)(H(NULL_RTHANDLE), (DWORD) "half", NO_WAIT) & 0xFFFF, s, DOCUMENTED);
    YES(CALL(UncatalogRtHandle)(H(NULL_RTHANDLE), (DWORD) "half"));
    YES(CALL(DeleteRtSemaphore)(H(s)));
    IS(t, GetRtHandleType(s), INVALID_TYPE, DOCUMENTED);
}

static void mailboxes(struct tap *t)
{
    char text[DATA_MESSAGE_MAX];
    RTHANDLE response[2] = {1, 0x5555};
    RTHANDLE data = (WORD)CALL(CreateRtMailbox)(H(DATA_MAILBOX));
    RTHANDLE object = (WORD)CALL(CreateRtMailbox)(H(OBJECT_MAILBOX | MAILBOX_DEPTH(8)));
    YES(CALL(SendRtData)(H(data), (DWORD) "abc", H(4)));
    IS(t, CALL(ReceiveRtData)(H(data), (DWORD)text, NO_WAIT) & 0xFFFF, 4, DOCUMENTED);
    HOLDS(t, strcmp(text, "abc") == 0, DOCUMENTED);
    YES(CALL(SendRtHandle)(H(object), H(data), H(NULL_RTHANDLE)));
    IS(t, CALL(ReceiveRtHandle)(H(object), NO_WAIT, (DWORD)response) & 0xFFFF, data, DOCUMENTED);
    IS(t, response[0], NULL_RTHANDLE, DOCUMENTED);
    IS(t, response[1], 0x5555, DOCUMENTED); /* two bytes are written, no more */
    YES(CALL(DeleteRtMailbox)(H(data)));
    YES(CALL(DeleteRtMailbox)(H(object)));
}

static void threads(struct tap *t)
{
    RTHANDLE h = (WORD)CALL(CreateRtThread)(B(150), (DWORD)thread, 8192, 7);
    YES(CALL(SuspendRtThread)(H(h)));
    RtSleep(20);
    IS(t, ran, 0, DOCUMENTED);
    YES(CALL(ResumeRtThread)(H(h)));
    RtSleep(20);
    IS(t, ran, 7, DOCUMENTED);
    IS(t, CALL(GetRtThreadHandles)(B(THIS_PROCESS)) & 0xFFFF, GetRtThreadHandles(THIS_PROCESS),
       DOCUMENTED);
    YES(CALL(SetRtThreadPriority)(H(NULL_RTHANDLE), B(140)));
    IS(t, CALL(GetRtThreadPriority)(H(NULL_RTHANDLE)) & 0xFF, 140, DOCUMENTED);
    YES(CALL(SetRtProcessMaxPriority)(H(NULL_RTHANDLE), B(100)));
}

static void memory(struct tap *t)
{
    EXCEPTION handler;
    char *block = AllocateRtMemory(100);
    RTHANDLE h = CreateRtMemoryHandle(block, 100);
    block[0] = 'm';
    IS(t, CALL(GetRtSize)(H(h)), 100, DOCUMENTED);
    char *map = (char *)CALL(MapRtSharedMemory)(H(h));
    HOLDS(t, map && *map == 'm', DOCUMENTED);
    YES(CALL(CopyRtData)(H(NULL_RTHANDLE), (DWORD) "c", H(h), 0, 1));
    IS(t, *map, 'c', DOCUMENTED);
    YES(CALL(DeleteRtMemoryHandle)(H(h)));
    YES(CALL(GetRtExceptionHandlerInfo)(B(THREAD_HANDLER), (DWORD)&handler));
}

int main(void)
{
    struct tap tap = {0, 0}, *t = &tap;
    objects(t);
    mailboxes(t);
    threads(t);
    memory(t);
    return tap_end(t);
}
