/* halt.S: stops for ever. */
#include "multiboot.inc"
        .text
        .globl  start
start:  cli
        hlt
        jmp     start
