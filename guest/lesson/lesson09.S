/* lesson09.S: interrupts: an interrupt gate, a trap gate, faults with error codes. A refused instruction is skipped. */
#include "lesson.inc"

        .set    CODE3, 0x18
        .set    DATA3, 0x20
        .set    TSS, 0x28
        .set    ABSENT, 0x30

        enter
        lidt    idtr
        movw    $TSS, %ax
        ltr     %ax
        pushl   $DATA3 + 3
        pushl   $user_top
        pushl   $0x202
        pushl   $CODE3 + 3
        pushl   $user
        iret
        stop    user
        int     $0x30                           /* an interrupt gate */
        stop    after_int
        int     $0x31                           /* a trap gate */
        stop    before_refused
        int     $0x32                           /* DPL 0 */
        movl    $ABSENT + 3, %eax
        stop    before_absent
        movw    %ax, %es
        stop    before_divide
        divb    %ah
        stop    before_free
        movw    %ax, %es
        int     $0x33

        stop    in_interrupt
        iret
        stop    in_trap
        iret
        stop    in_fault
skip:   addl    $4, %esp
        stop    before_skip
        addl    $2, (%esp)
        iret
divided:
        addl    $2, (%esp)
        iret
done:   leave_guest

        .p2align 3
gdt:    flat_entries
        segment 0, 0xFFFFF, 0xFA, 0xC           /* CODE3 */
        segment 0, 0xFFFFF, 0xF2, 0xC           /* DATA3 */
        system  tss, 103, 0x89
        segment 0x120000, 0xFFF, 0x72, 4        /* ABSENT */
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    gate    CODE, divided, 0x8E
        .fill   9, 8, 0
        gate    CODE, skip, 0x8E                /* #TS */
        gate    CODE, skip, 0x8E                /* #NP */
        gate    CODE, skip, 0x8E                /* #SS */
        gate    CODE, in_fault, 0x8E            /* #GP */
        .fill   34, 8, 0
        gate    CODE, in_interrupt, 0xEE        /* 30h */
        gate    CODE, in_trap, 0xEF             /* 31h */
        gate    CODE, in_trap, 0x8F             /* 32h: DPL 0 */
        gate    CODE, done, 0xEE                /* 33h */
idtr:   .word   52 * 8 - 1
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
