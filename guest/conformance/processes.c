/* processes.c: starts other programs, waits for them, ends them. The program "child" lies beside it. */
#include "child.h"
#include "string.h"
#include "tap.h"

static RTHANDLE run(char *arguments, DWORD flags)
{
    return CreateRtProcess(CHILD, arguments, NULL, flags);
}

static void start_and_wait(struct tap *t)
{
    DWORD code = 77;
    RTHANDLE child = run("exit 42", 0);
    HOLDS(t, child != BAD_RTHANDLE, DOCUMENTED);
    IS(t, GetRtHandleType(child), PROCESS_TYPE, DOCUMENTED);
    FAILS(t, WaitForRtProcess(child, NO_WAIT, &code), FALSE, E_TIME, DOCUMENTED);
    GIVES(t, WaitForRtProcess(child, WAIT_FOREVER, &code), TRUE, DOCUMENTED);
    IS(t, code, 42, DOCUMENTED);
    FAILS(t, WaitForRtProcess(child, WAIT_FOREVER, &code), FALSE, E_EXIST, DOCUMENTED);
    child = run("say one \"two words\"", 0);
    GIVES(t, WaitForRtProcess(child, 1000, &code), TRUE, DOCUMENTED);
    IS(t, code, 4, DOCUMENTED); /* its own name, say, and two */
    child = run("start 9", 0);
    GIVES(t, WaitForRtProcess(child, 1000, &code), TRUE, DOCUMENTED);
    IS(t, code, 9, DOCUMENTED);
    FAILS(t, WaitForRtProcess(GetRtThreadHandles(ROOT_PROCESS), 10, NULL), FALSE, E_CONTEXT,
          DOCUMENTED);
    FAILS(t, WaitForRtProcess(GetRtThreadHandles(THIS_THREAD), 10, NULL), FALSE, E_TYPE,
          DOCUMENTED);
    FAILS(t, WaitForRtProcess(NOBODY, 655350, NULL), FALSE, E_PARAM, DECIDED);
}

static void names(struct tap *t)
{
    char path[64] = "";
    GIVES(t, GetRtLoadPath(path, sizeof path), TRUE, DOCUMENTED);
    strcat(path, "\\" CHILD);
    RTHANDLE child = CreateRtProcess(path, "exit 0", NULL, 0);
    HOLDS(t, child != BAD_RTHANDLE, DOCUMENTED);
    HOLDS(t, WaitForRtProcess(child, WAIT_FOREVER, NULL), DOCUMENTED);
    FAILS(t, CreateRtProcess("no_such.rta", NULL, NULL, 0), BAD_RTHANDLE, E_EXIST, DECIDED);
    FAILS(t, CreateRtProcess("..", NULL, NULL, 0), BAD_RTHANDLE, E_EXIST, DECIDED);
    FAILS(t, CreateRtProcess("/etc/passwd", NULL, NULL, 0), BAD_RTHANDLE, E_EXIST, DECIDED);
    FAILS(t, CreateRtProcess("", NULL, NULL, 0), BAD_RTHANDLE, E_PARAM, DECIDED);
    FAILS(t, CreateRtProcess(OUTSIDE, NULL, NULL, 0), BAD_RTHANDLE, E_BAD_ADDR, INFERRED);
    FAILS(t, CreateRtProcess(CHILD, OUTSIDE, NULL, 0), BAD_RTHANDLE, E_BAD_ADDR, INFERRED);
    FAILS(t, CreateRtProcess(CHILD, NULL, OUTSIDE, 0), BAD_RTHANDLE, E_BAD_ADDR, INFERRED);
    FAILS(t, CreateRtProcess(CHILD, NULL, NULL, 0x8000), BAD_RTHANDLE, E_PARAM, INFERRED);
    FAILS(t, CreateRemoteRtProcess(1, CHILD, NULL, NULL, 0, NULL), BAD_RTHANDLE, E_NOT_CONFIGURED,
          DECIDED);
    FAILS(t, GetRtLoadPath(path, 0), FALSE, E_LIMIT, DECIDED);
    FAILS(t, GetRtLoadPath(OUTSIDE, 60), FALSE, E_BAD_ADDR, INFERRED);
}

static void attributes(struct tap *t)
{
    PHYSICAL_MEMORY_INFO info;
    VIRTUAL_MEMORY_INFO virtual;
    PROCESSATTRIBUTES attr = {0x100000, 0xFFFFFFFF, 0x900000, 20};
    RTHANDLE child = CreateRtProcess(CHILD, "forever", &attr, PROC_EXECUTABLE_DS | PROC_NOTXM);
    GIVES(t, GetRtPhysicalMemoryInfo(child, &info), TRUE, DOCUMENTED);
    IS(t, info.hParentProcess, GetRtThreadHandles(THIS_PROCESS), DECIDED);
    IS(t, info.cbPoolMin, 0x100000, DOCUMENTED);
    GIVES(t, GetRtVirtualMemoryInfo(child, &virtual), TRUE, DOCUMENTED);
    IS(t, virtual.cbVsegSize, 0xC00000, DOCUMENTED);
    char name[4] = "N00";
    unsigned names = 0;
    for (unsigned i = 0; i < 20; i++) { /* 20 entries asked for are 16 */
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        names += CatalogRtHandle(child, NULL_RTHANDLE, name);
    }
    IS(t, names, 16, INFERRED);
    GIVES(t, DeleteRtProcess(child, 0), TRUE, DOCUMENTED);
    attr.PoolMax = 0x1000;
    FAILS(t, CreateRtProcess(CHILD, "forever", &attr, 0), BAD_RTHANDLE, E_PARAM, INFERRED);
    attr.PoolMin = attr.PoolMax = 0x40000000;
    FAILS(t, CreateRtProcess(CHILD, "forever", &attr, 0), BAD_RTHANDLE, E_MEM, INFERRED);
}

static void wait_handles(struct tap *t)
{
    RTHANDLE wait = 0;
    DWORD code = 0;
    RTHANDLE child = CreateRtProcessEx(CHILD, "exit 5", NULL, 0, &wait);
    HOLDS(t, child != BAD_RTHANDLE && wait != NULL_RTHANDLE, DOCUMENTED);
    RtSleep(100); /* it has ended */
    FAILS(t, GetRtHandleType(child), INVALID_TYPE, E_EXIST, DOCUMENTED);
    GIVES(t, WaitForRtProcessEx(wait, WAIT_FOREVER, &code), child, DOCUMENTED);
    IS(t, code, 5, DOCUMENTED);
    FAILS(t, WaitForRtProcessEx(wait, WAIT_FOREVER, &code), BAD_RTHANDLE, E_EXIST, DECIDED);
    FAILS(t, WaitForRtProcessEx(GetRtThreadHandles(THIS_THREAD), 10, NULL), BAD_RTHANDLE, E_TYPE,
          DOCUMENTED);
    FAILS(t, WaitForRtProcessEx(GetRtThreadHandles(ROOT_PROCESS), 10, NULL), BAD_RTHANDLE,
          E_CONTEXT, DOCUMENTED);
    child = CreateRtProcessEx(CHILD, "fault", NULL, 0, &wait);
    GIVES(t, WaitForRtProcessEx(wait, WAIT_FOREVER, &code), child, DOCUMENTED);
    IS(t, code, EH_PAGE_FAULT, DECIDED);
}

static void suspended(struct tap *t)
{
    static RTHANDLE handles[8192];
    DWORD code = 0;
    RTHANDLE child = run("exit 6", PROC_SUSPEND);
    FAILS(t, WaitForRtProcess(child, 100, NULL), FALSE, E_TIME, DOCUMENTED);
    RTHANDLE wait = StartRtProcess(child);
    HOLDS(t, wait != BAD_RTHANDLE, DOCUMENTED);
    FAILS(t, StartRtProcess(child), BAD_RTHANDLE, E_STATE, DOCUMENTED);
    FAILS(t, WaitForRtProcessEx(wait, NO_WAIT, &code), BAD_RTHANDLE, E_TIME, DOCUMENTED);
    GIVES(t, WaitForRtProcessEx(wait, 1000, &code), child, DOCUMENTED);
    IS(t, code, 6, DOCUMENTED);
    FAILS(t, StartRtProcess(child), BAD_RTHANDLE, E_EXIST, DOCUMENTED);
    FAILS(t, StartRtProcess(GetRtThreadHandles(THIS_THREAD)), BAD_RTHANDLE, E_TYPE, DOCUMENTED);
    child = run("exit 7", PROC_SUSPEND);
    unsigned n = 0;
    while (n < 8192 && (handles[n] = CreateRtMemoryHandle(handles, 4)) != BAD_RTHANDLE)
        n++;
    FAILS(t, CreateRtProcess(CHILD, "exit 0", NULL, 0), BAD_RTHANDLE, E_SLOT, INFERRED);
    FAILS(t, StartRtProcess(child), BAD_RTHANDLE, E_CONTEXT, DOCUMENTED);
    GIVES(t, WaitForRtProcess(child, 1000, &code), TRUE, DOCUMENTED); /* it was started */
    IS(t, code, 7, DOCUMENTED);
    while (n > 0)
        DeleteRtMemoryHandle(handles[--n]);
}

static void synchronized(struct tap *t)
{
    PROCESSATTRIBUTESEX attr = {0, 0, 0, 0, 100};
    RTHANDLE child = run("sync", PROC_WAIT_FOR_INIT);
    HOLDS(t, child != BAD_RTHANDLE, DOCUMENTED);
    HOLDS(t, LookupRtHandle(child, "R?END_INIT", NO_WAIT) != BAD_RTHANDLE, INFERRED);
    GIVES(t, DeleteRtProcess(child, 0), TRUE, DOCUMENTED);
    child = run("catalog", PROC_WAIT_FOR_INIT);
    HOLDS(t, child != BAD_RTHANDLE, DOCUMENTED);
    GIVES(t, DeleteRtProcess(child, 0), TRUE, DOCUMENTED);
    FAILS(t, CreateRtProcessEx(CHILD, "silent", &attr, PROC_WAIT_FOR_INIT_PARAM, NULL),
          BAD_RTHANDLE, E_TIME, DECIDED);
    FAILS(t, run("exit 0", PROC_WAIT_FOR_INIT), BAD_RTHANDLE, E_EXIST, DECIDED);
    FAILS(t, run("sync", PROC_WAIT_FOR_INIT | PROC_SUSPEND), BAD_RTHANDLE, E_PARAM, DECIDED);
    GIVES(t, SynchronizeRtLoader(), TRUE, DOCUMENTED); /* nobody waits: no harm */
}

static void deletion(struct tap *t)
{
    RTHANDLE child = run("hold", PROC_WAIT_FOR_INIT);
    FAILS(t, DeleteRtProcess(child, 0), FALSE, E_CONTEXT, DOCUMENTED);
    FAILS(t, DeleteRtProcess(child, 1), FALSE, E_PARAM, DECIDED);
    FAILS(t, DeleteRtProcess(NOBODY, 0), FALSE, E_EXIST, DOCUMENTED);
    FAILS(t, DeleteRtProcess(GetRtThreadHandles(THIS_THREAD), 0), FALSE, E_TYPE, DOCUMENTED);
    child = run("forever", 0);
    GIVES(t, DeleteRtProcess(child, 0), TRUE, DOCUMENTED);
    FAILS(t, GetRtHandleType(child), INVALID_TYPE, E_EXIST, DOCUMENTED);
    WaitForRtControl(CreateRtRegion(FIFO_QUEUING));
    SetLastRtError(NO_ERROR_YET);
    ExitRtProcess(); /* comes back */
    FAILED(t, ExitRtProcess(), 0, GetLastRtError(), 0, E_CONTEXT, DOCUMENTED);
    ReleaseRtControl();
}

int main(void)
{
    struct tap tap = {0, 0};
    start_and_wait(&tap);
    names(&tap);
    attributes(&tap);
    wait_handles(&tap);
    suspended(&tap);
    synchronized(&tap);
    deletion(&tap);
    return tap_end(&tap);
}
