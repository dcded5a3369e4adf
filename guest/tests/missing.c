/* missing.c: a call that is not there, twice from one place; status 7 when it fails as calls do. */
#include "rt.h"

int main(void)
{
    unsigned failed = 0;
    for (volatile unsigned i = 0; i < 2; i++)
        failed += !StartLocalRtApplicationNode(1, 2) && GetLastRtError() == E_NOT_CONFIGURED;
    return failed == 2 ? 7 : 1;
}
