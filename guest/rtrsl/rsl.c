/* rsl.c: loads and frees RSLs, and calls their entry points. The kernel has the list of them and says which is next;
 * here is what must run in ring 3.
 *
 *   LoadRtLibrary   map it and what it needs --> RslMain(attach), those it needs first --> its handle
 *   FreeRtLibrary   nobody needs it any more --> RslMain(detach), the youngest first --> unmap
 *   a new thread    RslThreadAttach: RslMain(thread attach) in the order of loading, then its entry function
 *   its end         RslThreadDetach: the other way round
 */
#include "rsl.h"
#include "rterror.h"

/* RslMain(module, reason, reserved) is stdcall, but one that leaves its arguments on the stack is called as well. */
static BOOLEAN rsl_main(const struct rsl_next *next, DWORD reason)
{
    DWORD answer;
    __asm__ volatile("movl  %%esp, %%esi\n\t"
                     "pushl $0\n\t"
                     "pushl %3\n\t"
                     "pushl %2\n\t"
                     "call  *%1\n\t"
                     "movl  %%esi, %%esp"
                     : "=a"(answer)
                     : "r"(next->entry), "r"(next->module), "r"(reason)
                     : "esi", "ecx", "edx", "memory", "cc");
    return (BOOLEAN)answer;
}

/* FALSE: a library refuses. Told once is told, so each comes up once, whatever the entry points do. */
static BOOLEAN attach_all(void)
{
    struct rsl_next next;
    while (kernel_RslNextHandler(RSL_PROCESS_ATTACH, 0, &next))
        if (!rsl_main(&next, RSL_PROCESS_ATTACH)) return FALSE;
    return TRUE;
}

static void detach_unneeded(void)
{
    struct rsl_next next;
    while (kernel_RslNextHandler(RSL_PROCESS_DETACH, 0, &next))
        rsl_main(&next, RSL_PROCESS_DETACH);
    kernel_RslSweep();
}

void rsl_process_end(void)
{
    struct rsl_next next;
    while (kernel_RslNextHandler(RSL_END_OF_PROCESS, 0, &next))
        rsl_main(&next, RSL_PROCESS_DETACH);
}

static void thread_all(DWORD reason, DWORD after)
{
    struct rsl_next next;
    for (; kernel_RslNextHandler(reason, after, &next); after = next.serial)
        rsl_main(&next, reason);
}

RTHANDLE RTAPI LoadRtLibrary(char *lpModuleName)
{
    kernel_RslEnter();
    RTHANDLE module = kernel_LoadRtLibrary(lpModuleName);
    if (module != NULL_RTHANDLE && !attach_all()) {
        kernel_FreeRtLibrary(module);
        detach_unneeded();
        SetLastRtError(E_STATE);
        module = NULL_RTHANDLE;
    }
    kernel_RslLeave();
    return module;
}

BOOLEAN RTAPI FreeRtLibrary(RTHANDLE hModule)
{
    kernel_RslEnter();
    BOOLEAN freed = kernel_FreeRtLibrary(hModule);
    if (freed) detach_unneeded();
    kernel_RslLeave();
    return freed;
}

/* For start-up code: (0, reason). */
BOOLEAN RTAPI RslCallRslHandlers(DWORD dwReserved, DWORD dwReason)
{
    BOOLEAN good = TRUE;
    (void)dwReserved;
    kernel_RslEnter();
    if (dwReason == RSL_PROCESS_ATTACH)
        good = attach_all();
    else if (dwReason == RSL_PROCESS_DETACH)
        rsl_process_end();
    else
        thread_all(dwReason, dwReason == RSL_THREAD_ATTACH ? 0 : 0xFFFFFFFFu);
    kernel_RslLeave();
    return good;
}

/* The kernel puts these two before and after a thread's own function. */
VOID RTAPI RslThreadAttach(VOID)
{
    thread_all(RSL_THREAD_ATTACH, 0);
}

VOID RTAPI RslThreadDetach(VOID)
{
    thread_all(RSL_THREAD_DETACH, 0xFFFFFFFFu);
}

VOID RTAPI ExitRtProcess(VOID)
{
    rsl_process_end();
    kernel_ExitRtProcess();
}
