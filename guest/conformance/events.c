/* events.c: RtNotifyEvent, event handlers, sponsors and dependents, TerminateRtProcess. The program "child" lies
 * beside it. */
#include "child.h"
#include "stdlib.h"
#include "string.h"
#include "tap.h"

#define ALL RT_ALL_NOTIFICATIONS

static DWORD terminate = TERMINATE;

static RTHANDLE ready(char *arguments)
{
    return CreateRtProcess(CHILD, arguments, NULL, PROC_WAIT_FOR_INIT);
}

static void notifications(struct tap *t)
{
    EVENTINFO info;
    RTHANDLE mailbox;
    FAILS(t, LookupRtHandle(NULL_RTHANDLE, "R?EXIT_MBOX", NO_WAIT), BAD_RTHANDLE, E_TIME, INFERRED);
    FAILS(t, RtNotifyEvent(RT_EXIT_NOTIFICATIONS, NO_WAIT, &info), FALSE, E_TIME, DOCUMENTED);
    FAILS(t, RtNotifyEvent(RT_EXIT_NOTIFICATIONS, 20, &info), FALSE, E_TIME, DOCUMENTED);
    FAILS(t, RtNotifyEvent(0, NO_WAIT, &info), FALSE, E_PARAM, DECIDED);
    FAILS(t, RtNotifyEvent(ALL, 655350, &info), FALSE, E_PARAM, DECIDED);
    FAILS(t, RtNotifyEvent(ALL, NO_WAIT, OUTSIDE), FALSE, E_BAD_ADDR, DECIDED);
    mailbox = LookupRtHandle(NULL_RTHANDLE, "R?EXIT_MBOX", NO_WAIT);
    IS(t, GetRtHandleType(mailbox), MAILBOX_TYPE, DOCUMENTED);
    HOLDS(t, SendRtData(mailbox, &terminate, 4), DOCUMENTED);
    GIVES(t, RtNotifyEvent(ALL, WAIT_FOREVER, &info), TRUE, DOCUMENTED);
    IS(t, info.dwNotifyType, TERMINATE, DOCUMENTED);
    FAILS(t, RegisterRtEventHandler(ALL, NULL), 0, E_PARAM, DOCUMENTED);
    FAILS(t, RegisterRtEventHandler(ALL, (EVENTHANDLER)notifications), 0, E_CONTEXT, DOCUMENTED);
    FAILS(t, UnregisterRtEventHandler(1), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, SetRtEventHandlerPriority(4), FALSE, E_PARAM, DECIDED);
    FAILS(t, SetRtEventHandlerPriority(5), FALSE, E_LIMIT, DECIDED);
    GIVES(t, SetRtEventHandlerPriority(200), TRUE, DOCUMENTED);
}

static void ends(struct tap *t)
{
    DWORD code = 0;
    RTHANDLE h = ready("listen 41"), wait = BAD_RTHANDLE;
    FAILS(t, TerminateRtProcess(NOBODY, FALSE, 100), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, TerminateRtProcess(GetRtThreadHandles(THIS_THREAD), FALSE, 100), FALSE, E_TYPE,
          DOCUMENTED);
    FAILS(t, TerminateRtProcess(GetRtThreadHandles(ROOT_PROCESS), TRUE, 100), FALSE, E_CONTEXT,
          DECIDED);
    FAILS(t, TerminateRtProcess(h, FALSE, 655350), FALSE, E_PARAM, DECIDED);
    GIVES(t, TerminateRtProcess(h, FALSE, 1000), TRUE, DOCUMENTED);
    FAILS(t, GetRtHandleType(h), 0, E_EXIST, DOCUMENTED);
    h = CreateRtProcess(CHILD, "forever", NULL, 0);
    FAILS(t, TerminateRtProcess(h, FALSE, 50), FALSE, E_TIME, DOCUMENTED);
    GIVES(t, TerminateRtProcess(h, TRUE, 50), TRUE, DOCUMENTED);
    h = ready("hold");
    FAILS(t, TerminateRtProcess(h, TRUE, 50), FALSE, E_CONTEXT, DOCUMENTED);
    HOLDS(t, WaitForRtProcess(h, WAIT_FOREVER, NULL), DOCUMENTED);
    PROCESSATTRIBUTESEX attributes = {0, 0, 0, 0, 0};
    h = CreateRtProcessEx(CHILD, "handle 42", &attributes, PROC_WAIT_FOR_INIT, &wait);
    GIVES(t, TerminateRtProcess(h, FALSE, 1000), TRUE, DOCUMENTED);
    IS(t, WaitForRtProcessEx(wait, NO_WAIT, &code), h, DOCUMENTED);
    IS(t, code, 42, DOCUMENTED); /* a handler called exit */
}

static void sponsors(struct tap *t)
{
    EVENTINFO info;
    FAILS(t, RegisterRtDependency("CHILD'S", NO_WAIT), FALSE, E_TIME, INFERRED);
    RTHANDLE h = ready("sponsor CHILD'S");
    FAILS(t, RegisterRtSponsor("CHILD'S"), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, RegisterRtSponsor(""), FALSE, E_PARAM, DECIDED);
    FAILS(t, RegisterRtSponsor(OUTSIDE), FALSE, E_BAD_ADDR, DECIDED);
    GIVES(t, RegisterRtSponsor("MINE"), TRUE, DOCUMENTED);
    FAILS(t, RegisterRtSponsor("MORE"), FALSE, E_STATE, DOCUMENTED);
    FAILS(t, RegisterRtDependency("MINE", NO_WAIT), FALSE, E_CONTEXT, DECIDED);
    FAILS(t, RegisterRtDependency("CHILD'S", 655350), FALSE, E_PARAM, DECIDED);
    GIVES(t, RegisterRtDependency("CHILD'S", 100), TRUE, DOCUMENTED);
    FAILS(t, RegisterRtDependency("CHILD'S", 100), FALSE, E_STATE, DECIDED);
    GIVES(t, TerminateRtProcess(h, FALSE, 1000), TRUE, DOCUMENTED);
    HOLDS(t, RtNotifyEvent(RT_DEPENDENT_NOTIFICATIONS, NO_WAIT, &info), DOCUMENTED);
    IS(t, info.dwNotifyType, SPONSOR_TERMINATED, DOCUMENTED);
    IS(t, info.dwProcessId, h, DOCUMENTED);
    FAILS(t, UnregisterRtDependency("CHILD'S"), FALSE, E_STATE, INFERRED);
    FAILS(t, UnregisterRtSponsor("CHILD'S"), FALSE, E_STATE, INFERRED);
    GIVES(t, UnregisterRtSponsor("MINE"), TRUE, DOCUMENTED);
}

/* Another run: handlers in this program, which has not called RtNotifyEvent. */
static RTHANDLE rang;
static DWORD calls, types;

static VOID first(LPEVENTINFO info)
{
    calls = calls * 10 + 1;
    types += info->dwNotifyType;
    info->dwNotifyType = 0; /* the next handler gets its own */
}

static VOID second(LPEVENTINFO info)
{
    calls = calls * 10 + 2;
    types += info->dwNotifyType;
    ReleaseRtSemaphore(rang, 1);
}

static int with_handlers(void)
{
    struct tap tap = {0}, *t = &tap;
    rang = CreateRtSemaphore(0, 10, FIFO_QUEUING);
    DWORD a = RegisterRtEventHandler(RT_EXIT_NOTIFICATIONS, first);
    DWORD b = RegisterRtEventHandler(ALL, second);
    HOLDS(t, a != 0 && b != 0 && a != b, DOCUMENTED);
    RTHANDLE mailbox = LookupRtHandle(NULL_RTHANDLE, "R?EXIT_MBOX", 5000);
    SendRtData(mailbox, &terminate, 4);
    WaitForRtSemaphore(rang, 1, WAIT_FOREVER);
    IS(t, calls, 12, DOCUMENTED);
    IS(t, types, 2 * TERMINATE, DOCUMENTED);
    GIVES(t, UnregisterRtEventHandler(a), TRUE, DOCUMENTED);
    FAILS(t, UnregisterRtEventHandler(a), FALSE, E_EXIST, DOCUMENTED);
    SendRtData(mailbox, &terminate, 4);
    WaitForRtSemaphore(rang, 1, WAIT_FOREVER);
    IS(t, calls, 122, DOCUMENTED);
    for (unsigned i = 0; i < 15; i++)
        HOLDS(t, RegisterRtEventHandler(RT_SYSTEM_NOTIFICATIONS, first), DOCUMENTED);
    FAILS(t, RegisterRtEventHandler(ALL, second), 0, E_LIMIT, DOCUMENTED);
    return tap_end(t);
}

/* For tests of signals: says that it is ready, works for ever, ends well when it is told to. */
static volatile DWORD lines;

static VOID on_terminate(LPEVENTINFO info)
{
    (void)info;
    printf("told to end after %lu lines\n", lines);
    exit(5);
}

static void serve(int slow)
{
    RegisterRtEventHandler(RT_EXIT_NOTIFICATIONS, slow ? first : on_terminate);
    printf("ready\n");
    for (;;) {
        RtSleep(10);
        printf("line %lu\n", ++lines);
    }
}

int main(int argc, char **argv)
{
    struct tap t = {0};
    if (argc > 1 && strcmp(argv[1], "handlers") == 0) return with_handlers();
    if (argc > 1 && strcmp(argv[1], "serve") == 0) serve(0);
    if (argc > 1 && strcmp(argv[1], "stay") == 0) serve(1);
    if (argc > 1 && strcmp(argv[1], "off") == 0) { /* interrupts are off nearly always */
        RegisterRtEventHandler(RT_EXIT_NOTIFICATIONS, on_terminate);
        SetRtThreadPriority(NULL_RTHANDLE, 200);
        printf("ready\n");
        for (;;)
            __asm__ volatile("cli; movl $1000, %%ecx; 1: loop 1b; sti; nop" : : : "ecx", "memory");
    }
    if (argc > 1 && strcmp(argv[1], "deaf") == 0) {
        printf("ready\n");
        for (;;)
            RtSleep(10);
    }
    notifications(&t);
    ends(&t);
    sponsors(&t);
    return tap_end(&t);
}
