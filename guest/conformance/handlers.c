/* handlers.c: SetRtExceptionHandler: what becomes of threads whose faults nobody takes. */
#include "excpt.h"
#include "tap.h"

#define STACK 8192

static EXCEPTION deletion, suspension;
static volatile unsigned stage;
static volatile DWORD called_code, called_eip;
static volatile int zero;

static void RTAPI own_handler(PEXCEPTION_RECORD record, PCONTEXT context)
{
    called_code = record->ExceptionCode;
    called_eip = context->Eip;
    context->Ecx = 1;
}

static DWORD divide(DWORD by)
{
    DWORD result = 12, rest = 0;
    __asm__ volatile("divl %%ecx" : "+a"(result), "+d"(rest) : "c"(by));
    return result;
}

static void faulting(void *handler)
{
    SetRtExceptionHandler((PEXCEPTION)handler);
    stage = 1;
    divide((DWORD)zero);
    stage = 2;
}

static void statuses(struct tap *t)
{
    EXCEPTION info;
    FAILS(t, GetRtExceptionHandlerInfo(7, &info), FALSE, E_PARAM, DOCUMENTED);
    FAILS(t, GetRtExceptionHandlerInfo(0, NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
    FAILS(t, SetRtExceptionHandler(NULL), FALSE, E_BAD_ADDR, DOCUMENTED);
    GIVES(t, GetRtExceptionHandlerInfo(THREAD_HANDLER, &info), TRUE, DOCUMENTED);
    IS(t, info.ExceptionHandlerPtr, 0, DECIDED);
    info.ExceptionMode = 4;
    FAILS(t, SetRtExceptionHandler(&info), FALSE, E_PARAM, DECIDED);
    info.ExceptionMode = 0; /* what wizard code does */
    GIVES(t, SetRtExceptionHandler(&info), TRUE, DOCUMENTED);
    GIVES(t, GetRtExceptionHandlerInfo(DELETE_THREAD_HANDLER, &deletion), TRUE, DOCUMENTED);
    GIVES(t, GetRtExceptionHandlerInfo(SUSPENSION_HANDLER, &suspension), TRUE, DOCUMENTED);
    HOLDS(t, deletion.ExceptionHandlerPtr != suspension.ExceptionHandlerPtr, DECIDED);
}

static void deleted(struct tap *t)
{
    RTHANDLE a = CreateRtThread(150, faulting, STACK, &deletion);
    RtSleep(20);
    IS(t, stage, 1, DOCUMENTED);
    FAILS(t, GetRtHandleType(a), INVALID_TYPE, E_EXIST, DOCUMENTED);
}

static void suspended(struct tap *t)
{
    THREADSTATE_SNAPSHOT state;
    THREADINFO_SNAPSHOT info;
    RTHANDLE a = CreateRtThread(150, faulting, STACK, &suspension);
    RtSleep(20);
    GetRtThreadState(a, &state);
    IS(t, state.ThreadState, 0x20, DOCUMENTED);
    IS(t, state.SuspendDepth, 1, DOCUMENTED);
    GetRtThreadInfo(a, &info);
    IS(t, info.ExceptionHandler, suspension.ExceptionHandlerPtr, DOCUMENTED);
    GIVES(t, ResumeRtThread(a), TRUE, DECIDED);
    RtSleep(20);
    GetRtThreadState(a, &state); /* the same instruction again */
    IS(t, state.ThreadState, 0x20, DECIDED);
    GIVES(t, DeleteRtThread(a), TRUE, DOCUMENTED);
}

/* The mailbox that every node has in the root process, and one of the program's own. */
static void messages(struct tap *t)
{
    HWEXCEPTIONMSG message;
    BYTE buffer[128];
    RTHANDLE root = GetRtThreadHandles(ROOT_PROCESS);
    RTHANDLE box = LookupRtHandle(root, "HW_FAULT_MBX", NO_WAIT);
    RTHANDLE mine = CreateRtMailbox(DATA_MAILBOX);
    CatalogRtHandle(NULL_RTHANDLE, mine, "HW_FAULT_MBX");
    while (ReceiveRtData(box, buffer, NO_WAIT) == sizeof message) {
    }
    RTHANDLE a = CreateRtThread(150, faulting, STACK, &deletion);
    RtSleep(20);
    IS(t, ReceiveRtData(mine, buffer, NO_WAIT), 12, DOCUMENTED);
    message = *(HWEXCEPTIONMSG *)buffer;
    IS(t, message.hThread, a, DOCUMENTED);
    IS(t, message.hProcess, GetRtThreadHandles(THIS_PROCESS), DOCUMENTED);
    IS(t, message.wExceptionCode, EH_ZERO_DIVIDE, DOCUMENTED);
    HOLDS(t, *(WORD *)message.pFaultingEIP == 0xF1F7, DOCUMENTED); /* div ecx */
    IS(t, ReceiveRtData(box, buffer, NO_WAIT), 12, DOCUMENTED);
    IS(t, ReceiveRtData(box, buffer, NO_WAIT), 0, DOCUMENTED);
}

static void own(struct tap *t)
{
    EXCEPTION info = {.ExceptionHandlerPtr = (LPPROC)(void (*)(void))own_handler};
    CreateRtThread(150, faulting, STACK, &info);
    RtSleep(20);
    IS(t, called_code, EXCEPTION_INT_DIVIDE_BY_ZERO, DECIDED);
    IS(t, stage, 2, DECIDED); /* mended and done again */
}

int main(void)
{
    struct tap tap = {0, 0};
    statuses(&tap);
    deleted(&tap);
    suspended(&tap);
    own(&tap);
    messages(&tap);
    return tap_end(&tap);
}
