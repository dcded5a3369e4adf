/* child.c: what the program "processes" starts. First argument:
 *
 *   exit N      ends with code N            say WORDS   prints its arguments
 *   sync        SynchronizeRtLoader         catalog     R?END_INIT by hand
 *   hold        has a region for a second   forever     stays
 *   fault       reads where nothing is      silent      never says that it is ready
 *   listen N    waits for TERMINATE, then ends with code N
 *   handle N    the same in an event handler
 *   sponsor S   registers as the sponsor S, listens
 *   start N     starts a child of its own that ends with N, and ends with what that one gave
 */
#include "child.h"
#include "rt.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

static volatile int *volatile nowhere = (volatile int *)16;

static int start(const char *code)
{
    char arguments[32] = "exit ";
    DWORD result = 0;
    strcpy(arguments + 5, code);
    RTHANDLE child = CreateRtProcess(CHILD, arguments, NULL, 0);
    if (!WaitForRtProcess(child, WAIT_FOREVER, &result)) return 1;
    return (int)result;
}

static int exit_code;

/* Says that it is ready once its mailbox is there. */
static void listen(DWORD flags)
{
    EVENTINFO info;
    RtNotifyEvent(flags, NO_WAIT, &info);
    SynchronizeRtLoader();
    while (RtNotifyEvent(flags, WAIT_FOREVER, &info) && info.dwNotifyType != TERMINATE) {
    }
}

static VOID on_event(LPEVENTINFO info)
{
    if (info->dwNotifyType == TERMINATE) exit(exit_code);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *more = argc > 2 ? argv[2] : "0";
    if (strcmp(what, "exit") == 0) exit(atoi(more));
    if (strcmp(what, "start") == 0) return start(more);
    if (strcmp(what, "say") == 0) {
        printf("# child:");
        for (int i = 0; i < argc; i++)
            printf(" <%s>", argv[i]);
        printf("\n");
        return argc;
    }
    if (strcmp(what, "sync") == 0) SynchronizeRtLoader();
    if (strcmp(what, "catalog") == 0) CatalogRtHandle(NULL_RTHANDLE, NULL_RTHANDLE, "R?END_INIT");
    if (strcmp(what, "fault") == 0) return *nowhere;
    if (strcmp(what, "hold") == 0) {
        WaitForRtControl(CreateRtRegion(FIFO_QUEUING));
        SynchronizeRtLoader();
        RtSleep(1000);
        ReleaseRtControl();
        return 0;
    }
    if (strcmp(what, "listen") == 0) {
        listen(RT_EXIT_NOTIFICATIONS);
        exit(atoi(more));
    }
    if (strcmp(what, "handle") == 0) {
        exit_code = atoi(more);
        RegisterRtEventHandler(RT_EXIT_NOTIFICATIONS, on_event);
        SynchronizeRtLoader();
    }
    if (strcmp(what, "sponsor") == 0) {
        RegisterRtSponsor((LPSTR)more);
        listen(RT_ALL_NOTIFICATIONS);
        return 0;
    }
    SuspendRtThread(NULL_RTHANDLE);
    return 0;
}
