/* memory.S: loads, stores and a block move: 20,000 rounds of about 2,600 instructions, string
 * iterations counted as one instruction. */
#define LOOPS 20000
#include "loops.inc"
        .text
prepare:
        ret
round:  movl    $200, %ecx
        movl    $area, %esi
1:      movl    (%esi), %eax
        addl    %eax, 4(%esi)
        movb    %al, 9(%esi)
        pushl   %eax
        popl    12(%esi)
        addl    $16, %esi
        decl    %ecx
        jnz     1b
        movl    $area, %esi
        movl    $area + 0x2000, %edi
        movl    $1024, %ecx
        cld
        rep movsl
        ret
        .bss
        .p2align 12
area:   .skip   0x4000
