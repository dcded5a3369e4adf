/* lesson08.S: through a call gate from ring 3 to ring 0, with two parameters, and back. A refused call is skipped. */
#include "lesson.inc"

        .set    CODE3, 0x18
        .set    DATA3, 0x20
        .set    TSS, 0x28
        .set    GATE, 0x30
        .set    GATE0, 0x38             /* DPL 0 */
        .set    CODE1, 0x40

        enter
        lidt    idtr
        movw    $TSS, %ax
        ltr     %ax
        pushl   $DATA3 + 3
        pushl   $user_top
        pushl   $2
        pushl   $CODE3 + 3
        pushl   $user
        iret
user:   movl    $DATA3 + 3, %eax
        movw    %ax, %ds
        pushl   $0x11111111
        pushl   $0x22222222
        stop    before_call
        lcall   $GATE, $0x1234
        stop    back
        nop
        stop    before_refused
        lcall   $GATE0, $0
        int     $0x20
        stop    inside
        pushl   %ebp
        movl    %esp, %ebp
        movl    12(%ebp), %eax
        movl    $DATA, %ecx
        movw    %cx, %es
        popl    %ebp
        stop    before_return
        lretl   $8

skip:   addl    $4, %esp
        addl    $7, (%esp)
        iret
done:   leave_guest

        .p2align 3
gdt:    flat_entries
        segment 0, 0xFFFFF, 0xFA, 0xC           /* CODE3 */
        segment 0, 0xFFFFF, 0xF2, 0xC           /* DATA3 */
        system  tss, 103, 0x89
        gate    CODE, inside, 0xEC, 2
        gate    CODE, inside, 0x8C, 2
        segment 0, 0xFFFFF, 0xBA, 0xC           /* CODE1 */
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   10, 8, 0
        gate    CODE, skip, 0x8E                /* #TS */
        gate    CODE, skip, 0x8E                /* #NP */
        gate    CODE, skip, 0x8E                /* #SS */
        gate    CODE, skip, 0x8E                /* #GP */
        .fill   18, 8, 0
        gate    CODE, done, 0xEE                /* INT 20h */
idtr:   .word   33 * 8 - 1
        .long   idt
        .p2align 2
        .globl  tss
tss:    .long   0, stack_top, DATA
        .fill   23, 4, 0
        .p2align 4
        .skip   1024
stack_top:
        .skip   1024
user_top:
