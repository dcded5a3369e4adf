/* refuse.c: rsl_refuse.rsl: does not want to be loaded. */
#include "rsl_test.h"

BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)hModule;
    (void)lpReserved;
    rsl_note('r', dwReason);
    return FALSE;
}
