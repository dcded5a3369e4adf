/* large.c: a program that is larger than the default pool and the default virtual segment. */
#include "stdio.h"

#define SIZE (18u << 20)

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
