/* naps.c: sleeps as often and as long, in milliseconds, as its arguments say; "thread" and "tick" tell what loader
 * switches and options set. For the tests of --realtime, -tlim, --kernel-tick. */
#include "rt.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

static void other(void *unused)
{
    (void)unused;
}

static void thread(void)
{
    if (CreateRtThread(200, other, 0x1000, NULL) == BAD_RTHANDLE)
        printf("not made, status %04lx\n", (unsigned long)GetLastRtError());
    else
        printf("made\n");
    RtSleep(10);
}

static void tick(void)
{
    SYSINFO info;
    CopyRtSystemInfo(&info);
    DWORD from = (DWORD)knGetKernelTime0();
    RtSleepEx(10);
    printf("10 ms took %lu ticks, SYSINFO has %u\n",
           (unsigned long)((DWORD)knGetKernelTime0() - from), info.KernelTickRatio);
}

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 1;
    DWORD millis = argc > 2 ? (DWORD)atoi(argv[2]) : 1;
    if (argc > 1 && strcmp(argv[1], "thread") == 0) thread();
    if (argc > 1 && strcmp(argv[1], "tick") == 0) tick();
    if (times == 0) return 0;
    printf("ready\n");
    for (int i = 0; i < times; i++)
        if (!RtSleep(millis)) return 1;
    printf("slept %d times\n", times);
    return 0;
}
