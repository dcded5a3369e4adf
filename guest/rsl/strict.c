/* strict.c: whose libraries a process finds. As holds.rta it has rsl_one.rsl beside it, loads that and keeps it; as asks.rta,
 * in another folder, it starts itself twice, the second time with PROC_STRICTRSL. */
#include "rsl_test.h"
#include "stdio.h"
#include "string.h"

static int child(const char *how)
{
    RTHANDLE one = LoadRtLibrary("rsl_one.rsl");
    if (one != NULL_RTHANDLE)
        printf("%s: found\n", how);
    else
        printf("%s: status %04lx\n", how, (unsigned long)GetLastRtError());
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) return child(argv[1]);
    if (strcmp(argv[0], "holds.rta") == 0) {
        printf("holds: %s\n", LoadRtLibrary("rsl_one.rsl") != NULL_RTHANDLE ? "loaded" : "missing");
        RtSleep(1000);
        return 0;
    }
    RtSleep(100);
    if (CreateRtProcess("asks.rta", "loose", NULL, 0) == BAD_RTHANDLE) return 1;
    RtSleep(100);
    if (CreateRtProcess("asks.rta", "strict", NULL, PROC_STRICTRSL) == BAD_RTHANDLE) return 2;
    RtSleep(100);
    return 0;
}
