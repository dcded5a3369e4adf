/* crashes.c: ends by a fault in the way that its argument names; for the tests of reports and cores. */
#include "rt.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

static RTHANDLE never;
static int *volatile nowhere;

static void waits(void *unused)
{
    (void)unused;
    __asm__ volatile("fldl2t");
    WaitForRtSemaphore(never, 1, WAIT_FOREVER);
}

static void faults(void *unused)
{
    (void)unused;
    *nowhere = 1;
}

static __attribute__((noinline)) int inner(volatile int *p)
{
    return *p + 1;
}
static __attribute__((noinline)) int outer(volatile int *p)
{
    return inner(p) + 1;
}
/* One thread waits, one is suspended before it began, this one faults three calls deep. */
static void in_threads(void)
{
    never = CreateRtSemaphore(0, 1, FIFO_QUEUING);
    CatalogRtHandle(NULL_RTHANDLE, never, "NEVER");
    CreateRtThread(150, waits, 0x4000, NULL);
    SuspendRtThread(CreateRtThread(200, waits, 0x4000, NULL));
    RtSleep(20);
    __asm__ volatile("fld1\n fldpi");
    exit(outer(nowhere));
}

static void many(void)
{
    for (int i = 0; i < 20; i++) {
        CreateRtThread(150, faults, 0x4000, NULL);
        RtSleep(20);
    }
    exit(0);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    if (strcmp(how, "threads") == 0) in_threads();
    if (strcmp(how, "many") == 0) many();
    if (strcmp(how, "raise") == 0) RaiseException(0xE0001234, 0, 0, NULL);
    if (strcmp(how, "high") == 0) __asm__ volatile("movl $-1, %esp\n movl %esp, %ebp\n pushl $1");
    if (strcmp(how, "low") == 0) __asm__ volatile("movl $2, %esp\n movl $-3, %ebp\n pushl $1");
    if (strcmp(how, "circle") == 0)
        __asm__ volatile("movl %esp, %ebp\n movl %ebp, (%esp)\n movl %esp, 4(%esp)\n movl 0, %eax");
    if (strcmp(how, "jump") == 0) __asm__ volatile("movl $0x00700000, %eax\n jmp *%eax");
    if (strcmp(how, "selector") == 0) __asm__ volatile("movl $0x7ff3, %eax\n movw %ax, %es");
    if (strcmp(how, "null") == 0)
        __asm__ volatile("xorl %eax, %eax\n movw %ax, %gs\n movl %gs:4, %eax");
    if (strcmp(how, "stack") == 0) __asm__ volatile("xorl %eax, %eax\n movw %ax, %ss");
    if (strcmp(how, "trap") == 0) __asm__ volatile("int $3");
    if (strcmp(how, "xmm") == 0)
        __asm__ volatile(
            "pushl $0\n pushl $0\n pushl $0\n pushl $386\n movups (%esp), %xmm3\n movl 0, %eax");
    if (strcmp(how, "undefined") == 0) __asm__ volatile(".byte 0xf0, 0x90");
    return 1;
}
