/* one.c: rsl_one.rsl: keeps a log that the other libraries write into, and has something for each thread. */
#include "rsl_test.h"
#include "stdio.h"

char rsl_log[LOG_SIZE];
static DWORD index = NO_INDEX;

void rsl_note(char who, DWORD reason)
{
    static const char signs[] =
        "-+()"; /* by reason: process detach, attach, thread attach, detach */
    unsigned n = 0;
    while (rsl_log[n])
        n++;
    if (n + 3 > LOG_SIZE) return;
    rsl_log[n] = who;
    rsl_log[n + 1] = signs[reason];
}

DWORD one_of_thread(void)
{
    return (DWORD)RtTlsGetValue(index);
}

/* Exported by its ordinal only. */
int one_seven(void)
{
    return 7;
}

BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)lpReserved;
    if (dwReason == RSL_PROCESS_ATTACH) index = RtTlsAlloc();
    if (dwReason == RSL_PROCESS_ATTACH || dwReason == RSL_THREAD_ATTACH)
        RtTlsSetValue(index, (LPVOID)(hModule + dwReason));
    if (dwReason == RSL_PROCESS_DETACH) RtTlsFree(index);
    rsl_note('1', dwReason);
    if (dwReason == RSL_PROCESS_DETACH) printf("# last: %s\n", rsl_log);
    return TRUE;
}
