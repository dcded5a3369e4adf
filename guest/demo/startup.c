/* startup.c: what a program finds when main is called: the thread block, its stack, its TLS. */
#include "errno.h"
#include "rt.h"
#include "seg.h"
#include "setjmp.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"
#include "time.h"

static int failures;
static jmp_buf back;

static void check(int good, const char *what)
{
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    failures += !good;
}

static void at_end(void)
{
    printf("exit function ran, %d failures\n", failures);
}

static void check_thread_block(void)
{
    DWORD *slots = (DWORD *)fs_read32(0x2C);
    DWORD esp;
    __asm__("movl %%esp, %0" : "=r"(esp));
    check(fs_read32(0) == 0xFFFFFFFF, "FS:[0] is the end of the exception list");
    check(memcmp(slots - 1, "TLS0", 4) == 0, "slots begin behind TLS0");
    check(memcmp(slots + 64, "TLS1", 4) == 0, "64 slots end before TLS1");
    check(slots[65] == 0xA4AEA0A8 && memcmp(slots + 66, "STAKTOPP", 8) == 0,
          "the block ends with STAK TOPP");
    check((DWORD)slots > esp && ((DWORD)slots & 0xFFF) == 0xFF8 - 0x114 + 4,
          "the block is at the stack's top");
}

static void check_tls(void)
{
    DWORD index = RtTlsAlloc();
    check(index < 64, "RtTlsAlloc gives an index below 64");
    check(RtTlsGetValue(index) == NULL || (DWORD)RtTlsGetValue(index) == 0xFFFFFFFF,
          "a new slot is empty");
    check(RtTlsSetValue(index, &failures), "RtTlsSetValue");
    check(((void **)fs_read32(0x2C))[index] == &failures, "the value is in the array of FS:[2C]");
    check(RtTlsGetValue(index) == &failures, "RtTlsGetValue");
}

static void check_library(void)
{
    char *a = malloc(100), *b = calloc(10, 10), *big = malloc(300000);
    int good = a != NULL && b != NULL && big != NULL;
    for (int i = 0; i < 100; i++)
        good &= b[i] == 0;
    free(a);
    free(big);
    char *again = malloc(100);
    check(good && again == a, "malloc, calloc and free");
    free(b);
    free(again);
    errno = 5;
    check(errno == 5 && getenv("PATH") == NULL, "errno is the thread's own; no environment");
    check(fopen("none", "r") == NULL && errno == ENOENT, "fopen of a missing file");
    clock_t before = clock();
    RtSleep(30);
    check(clock() - before >= 20 && clock() - before <= 40 && time(NULL) >= 946684800,
          "clock follows RtSleep");
    volatile int passes = 0;
    if (setjmp(back) == 0) {
        passes = 1;
        longjmp(back, 7);
    }
    check(passes == 1, "longjmp comes back to setjmp");
}

int main(int argc, char **argv)
{
    atexit(at_end);
    check(argc >= 1 && argv[0][0] != 0 && argv[argc] == NULL,
          "argv[0] is the program, argv[argc] is NULL");
    check_thread_block();
    check_tls();
    check_library();
    RTHANDLE rsl = GetRtModuleHandle("RtRsl.rsl");
    if (rsl != NULL_RTHANDLE)
        check(GetRtProcAddress(rsl, "RtSleep") != NULL &&
                  GetRtProcAddress(rsl, "NoSuchCall") == NULL,
              "GetRtProcAddress finds what is there");
    return failures != 0;
}
