/* naps.c: sleeps as often and as long, in milliseconds, as its arguments say; for the tests of --realtime. */
#include "rt.h"
#include "stdio.h"
#include "stdlib.h"

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 1;
    DWORD millis = argc > 2 ? (DWORD)atoi(argv[2]) : 1;
    printf("ready\n");
    for (int i = 0; i < times; i++)
        if (!RtSleep(millis)) return 1;
    printf("slept %d times\n", times);
    return 0;
}
