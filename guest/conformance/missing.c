/* missing.c: a call that is not there, twice from one place; status 7 when it fails as calls do. With an argument: a
 * socket, asked for as netlib's stubs do; "load": one by way of LoadRtLibrary. */
#include "rt.h"

static int net_socket(int domain, int type, int protocol)
{
    int result;
    __asm__ volatile("pushl %3\n\t"
                     "pushl %2\n\t"
                     "pushl %1\n\t"
                     "call 1f\n\t"
                     "addl $12, %%esp\n\t"
                     "jmp 2f\n"
                     "1: pushl %%ebp\n\t"
                     "movl %%esp, %%ebp\n\t"
                     "pushl $0x01A00018\n\t"
                     "lcall $0x0818, $0\n\t"
                     "popl %%ebp\n\t"
                     "ret\n"
                     "2:"
                     : "=a"(result)
                     : "r"(domain), "r"(type), "r"(protocol)
                     : "ecx", "edx", "memory", "cc");
    return result;
}

/* 6: there is a network, and it gives a socket; 5: there is none. */
static int loaded_socket(void)
{
    RTHANDLE netlib = LoadRtLibrary("netlib.rsl");
    if (netlib == NULL_RTHANDLE) return GetLastRtError() == E_EXIST ? 5 : 1;
    LPPROC call = GetRtProcAddress(netlib, "socket");
    if (call == NULL || GetRtProcAddress(netlib, "_socket") != NULL) return 2;
    return ((int (*)(int, int, int))(void (*)(void))call)(2, 1, 0) >= 0 ? 6 : 3;
}

/* A call that no library has: imported by name, or with a number that nobody has given out. */
#ifdef __ELF__
static int RtInventedCall(int one, void *two)
{
    int result;
    __asm__ volatile("pushl %2\n\t"
                     "pushl %1\n\t"
                     "call 1f\n\t"
                     "addl $8, %%esp\n\t"
                     "jmp 2f\n"
                     "1: pushl %%ebp\n\t"
                     "movl %%esp, %%ebp\n\t"
                     "pushl $0x0FFF0010\n\t"
                     "lcall $0x0818, $0\n\t"
                     "popl %%ebp\n\t"
                     "ret\n"
                     "2:"
                     : "=a"(result)
                     : "r"(one), "r"(two)
                     : "ecx", "edx", "memory", "cc");
    return result;
}
#else
RTAPI int RtInventedCall(int one, void *two);
#endif

int main(int argc, char **argv)
{
    unsigned failed = 0;
    if (argc > 1 && argv[1][0] == 'l') return loaded_socket();
    if (argc > 1 && argv[1][0] == 'n') return net_socket(2, 1, 0) >= 0 ? 10 : 1;
    if (argc > 1) return net_socket(2, 1, 0) == -1 && GetLastRtError() == E_NOT_CONFIGURED ? 8 : 1;
    for (volatile unsigned i = 0; i < 2; i++)
        failed += RtInventedCall(1, (PVOID)2) == -1 && GetLastRtError() == E_NOT_CONFIGURED;
    return failed == 2 ? 7 : 1;
}
