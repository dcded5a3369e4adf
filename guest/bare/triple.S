/* triple.S: an interrupt without an interrupt table: #GP, double fault, shutdown. */
#include "multiboot.inc"
        .text
        .globl  start
start:  lidt    none
        int3
1:      jmp     1b
        .section .rodata
none:   .word   0
        .long   0
