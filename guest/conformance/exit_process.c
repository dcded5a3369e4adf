/* exit_process.c: ExitRtProcess ends the process with code 0; exit functions do not run. */
#include "rt.h"
#include "stdio.h"
#include "stdlib.h"

static void never(void)
{
    printf("not ok - an exit function ran\n");
}

int main(void)
{
    atexit(never);
    printf("leaving by ExitRtProcess\n");
    ExitRtProcess();
    printf("not ok - ExitRtProcess came back\n");
    return 1;
}
