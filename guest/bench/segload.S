/* segload.S: two segment loads and an access each: 50,000 rounds of 1,000 instructions. */
#define LOOPS 50000
#include "loops.inc"
#include "tables.inc"
        .text
prepare:
        jmp     load_tables
round:  movl    $125, %ecx
        movl    $0x18, %eax
        movl    $0x20, %ebx
1:      movw    %ax, %es
        movl    %es:0x10, %edx
        movw    %bx, %es
        movl    %edx, %es:0x14
        movw    %ax, %fs
        incl    %fs:0x18
        decl    %ecx
        jnz     1b
        ret
