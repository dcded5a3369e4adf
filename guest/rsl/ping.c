/* ping.c: rsl_ping.rsl and rsl_pong.rsl (with -DPONG), which need each other. */
#include "rsl_test.h"

#ifdef PONG
#define OWN   pong
#define OTHER ping
#define WHO   'o'
#else
#define OWN   ping
#define OTHER pong
#define WHO   'i'
#endif

int OWN(int depth);
int OTHER(int depth);

int OWN(int depth)
{
    return depth > 0 ? 1 + OTHER(depth - 1) : 0;
}

BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)hModule;
    (void)lpReserved;
    rsl_note(WHO, dwReason);
    return OTHER(3) == 3;
}
