/* int.S: register arithmetic: 50,000 rounds of 1,000 instructions. */
#define LOOPS 50000
#include "loops.inc"
        .text
prepare:
        movl    $12345, %eax
        movl    $6789, %ebx
        ret
round:  movl    $100, %ecx
1:      addl    %ebx, %eax
        xorl    %eax, %edx
        shll    $3, %edx
        subl    $77, %ebx
        andl    $0x7FFFFFFF, %eax
        incl    %esi
        leal    (%eax,%edx,2), %edi
        cmpl    %edi, %esi
        decl    %ecx
        jnz     1b
        ret
