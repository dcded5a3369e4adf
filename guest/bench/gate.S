/* gate.S: far calls through a call gate: 50,000 rounds of 1,000 instructions. */
#define LOOPS 50000
#include "loops.inc"
#include "tables.inc"
        .text
prepare:
        jmp     load_tables
round:  movl    $250, %ecx
1:      lcall   $0x28, $0
        decl    %ecx
        jnz     1b
        ret
