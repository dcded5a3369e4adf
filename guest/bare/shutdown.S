/* shutdown.S: the word "Shutdown" to port 0x8900. */
#include "multiboot.inc"
        .text
        .globl  start
start:  movl    $word, %esi
        movl    $8, %ecx
        movw    $0x8900, %dx
        cld
        rep outsb
1:      jmp     1b
        .section .rodata
word:   .ascii  "Shutdown"
