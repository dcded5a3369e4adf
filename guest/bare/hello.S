/* hello.S: a multiboot kernel that says hello on port 0xE9, then on COM1, and ends by port 0xF4 with 0. */
#include "multiboot.inc"
        .text
        .globl  start
start:  movl    $debug_text, %esi
1:      lodsb
        testb   %al, %al
        jz      2f
        outb    %al, $0xE9
        jmp     1b
2:      movl    $serial_text, %esi
3:      lodsb
        testb   %al, %al
        jz      5f
        movb    %al, %bl
        movw    $0x3FD, %dx             /* line status: wait for an empty transmitter */
4:      inb     %dx, %al
        testb   $0x20, %al
        jz      4b
        movb    %bl, %al
        movw    $0x3F8, %dx
        outb    %al, %dx
        jmp     3b
5:      movb    $0, %al
        outb    %al, $0xF4
6:      hlt
        jmp     6b
        .section .rodata
debug_text:
        .asciz  "hello from a multiboot kernel, on port E9\n"
serial_text:
        .asciz  "hello from a multiboot kernel, on COM1\n"
