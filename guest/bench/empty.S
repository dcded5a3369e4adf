/* empty.S: starts and ends, for the time that is not the loop's. */
#define LOOPS 1
#include "loops.inc"
        .text
prepare:
round:  ret
