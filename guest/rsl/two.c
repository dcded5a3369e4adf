/* two.c: rsl_two.rsl: needs rsl_one.rsl, by name, by ordinal and for data; one export is forwarded there. Linked for the
 * same base. */
#include "rsl_test.h"

__declspec(dllimport) extern char rsl_log[LOG_SIZE];
int one_seven(void);

static char *const own_log = (char *)RslMain; /* a relocated pointer */

int two_sum(void)
{
    return one_seven() + rsl_log[0];
}

int two_relocated(void)
{
    return own_log == (char *)RslMain;
}

BOOLEAN RSLAPI RslMain(RTHANDLE hModule, DWORD dwReason, LPVOID lpReserved)
{
    (void)hModule;
    (void)lpReserved;
    rsl_note('2', dwReason);
    return TRUE;
}
