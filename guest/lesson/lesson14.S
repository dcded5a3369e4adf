/* lesson14.S: a triple fault in three steps: a handler that is not present, and a double fault that has none either. */
#include "lesson.inc"

        .set    BOUNDED, 0x18

        enter
        lidt    idtr
        movl    $BOUNDED, %eax
        movw    %ax, %es
        movl    $0xFFE, %ebx
        stop    before
        movl    %es:(%ebx), %ecx
        leave_guest
        .globl  handler
handler:
        addl    $4, %esp
        addl    $3, (%esp)
        iret

        .globl  df_handler
df_handler:
        hlt
        jmp     df_handler

        .p2align 3
gdt:    flat_entries
        segment 0x120000, 0xFFF, 0x92, 4        /* BOUNDED */
        segment 0, 0xFFFFF, 0x1A, 0xC           /* code, P = 0 */
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
        .globl  idt
idt:    .fill   8, 8, 0
        gate    0x40, df_handler, 0x8E          /* #DF: the selector lies outside the GDT */
        .fill   4, 8, 0
        gate    CODE, handler, 0x0E             /* #GP: not present */
idtr:   .word   14 * 8 - 1
        .long   idt
        .p2align 4
        .skip   1024
stack_top:
