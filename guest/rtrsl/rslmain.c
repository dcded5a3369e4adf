/* rslmain.c: entry of RtRsl.rsl and clib.rsl. Both need nothing at process or thread attach. */
#include "rtbase.h"

BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)hModule;
    (void)dwReason;
    (void)lpReserved;
    return TRUE;
}
