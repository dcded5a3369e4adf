/* large.c: a program that is larger than the default pool and the default virtual segment; as huge.rta also larger than
 * the machine's default memory. */
#include "stdio.h"

#ifndef SIZE_MB
#define SIZE_MB 18u
#endif
#define SIZE (SIZE_MB << 20)

static char table[SIZE];

int main(void)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < SIZE; i += 4096)
        table[i] = 1;
    for (unsigned i = 0; i < SIZE; i += 4096)
        sum += (unsigned)table[i];
    printf("%u pages\n", sum);
    return sum != SIZE / 4096;
}
