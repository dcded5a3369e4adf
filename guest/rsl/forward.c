/* forward.c: rsl_forward.rsl: imports nothing; its one export is rsl_one.rsl's. */
#include "rsl_test.h"

BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)hModule;
    (void)dwReason;
    (void)lpReserved;
    return TRUE;
}
