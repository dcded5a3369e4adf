/* inner.c: rsl_inner.rsl: its entry point leaves its arguments on the stack, and loads and frees another library. */
#include "rsl_test.h"

static RTHANDLE two;

BOOLEAN RTAPI inner_entry(DWORD hModule, DWORD dwReason, LPVOID lpReserved);

BOOLEAN RTAPI inner_entry(DWORD hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)hModule;
    (void)lpReserved;
    if (dwReason == RSL_PROCESS_ATTACH) two = LoadRtLibrary("rsl_two.rsl");
    if (dwReason == RSL_PROCESS_DETACH) FreeRtLibrary(two);
    rsl_note('n', dwReason);
    return two != NULL_RTHANDLE;
}
