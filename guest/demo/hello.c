/* hello.c: text through the C library, arguments, and the handles that a process starts with. */
#include "rt.h"
#include "stdio.h"

int main(int argc, char **argv)
{
    printf("hello from %s: process %04X, thread %04X, root process %04X\n", argv[0],
           GetRtThreadHandles(THIS_PROCESS), GetRtThreadHandles(THIS_THREAD),
           GetRtThreadHandles(ROOT_PROCESS));
    for (int i = 1; i < argc; i++)
        printf("argument %d: \"%s\"\n", i, argv[i]);
    printf("%5d|%-5d|%05d|%#x|%lld|%s\n", 42, 42, 42, 0xBEEFu, 1234567890123456789ll, "text");
    return 0;
}
