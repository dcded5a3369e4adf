/* compiled.S: what a compiler makes of compiled.c: five rounds of about 12 million instructions. */
#define LOOPS 5
#include "loops.inc"
        .text
prepare:
        ret
