/* lesson10.S: tasks: JMP to one, CALL of another, and the way back. A refused transfer is skipped. */
#include "lesson.inc"

        .set    TSS_A, 0x18
        .set    TSS_B, 0x20
        .set    TSS_C, 0x28
        .set    TASK_GATE, 0x30

        .macro  task eip, esp, ebx
        .long   0, 0, 0, 0, 0, 0, 0             /* link, stacks of inner rings */
        .long   0                               /* CR3 */
        .long   \eip, 2                         /* EIP, EFLAGS */
        .long   0, 0, 0, \ebx                   /* EAX ECX EDX EBX */
        .long   \esp, 0, 0, 0                   /* ESP EBP ESI EDI */
        .long   DATA, CODE, DATA, DATA, DATA, DATA
        .long   0                               /* LDT */
        .word   0, 104                          /* T, I/O map */
        .endm

        enter
        lidt    idtr
        movw    $TSS_A, %ax
        stop    before_ltr
        ltr     %ax
        stop    in_a
        movl    $0xAAAA, %ebx
        stop    before_jump
        ljmp    $TSS_B, $0
        stop    back_in_a
        lcall   $TSS_C, $0
        stop    after_call
        nop
        stop    before_busy
        ljmp    $TSS_A, $0
        leave_guest

        stop    in_b
        ljmp    $TSS_A, $0

        stop    in_c
        incl    %ebx
        stop    before_iret
        iret
        jmp     in_c

skip:   addl    $4, %esp
        addl    $7, (%esp)
        iret

        .p2align 3
gdt:    flat_entries
        system  tss_a, 103, 0x89
        system  tss_b, 103, 0x89
        system  tss_c, 103, 0x89
        .word   0, TSS_C, 0xE500, 0             /* TASK_GATE */
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   10, 8, 0
        gate    CODE, skip, 0x8E
        gate    CODE, skip, 0x8E
        gate    CODE, skip, 0x8E
        gate    CODE, skip, 0x8E
idtr:   .word   14 * 8 - 1
        .long   idt
        .p2align 2
        .globl  tss_a, tss_b, tss_c
tss_a:  .fill   26, 4, 0
tss_b:  task    in_b, top_b, 0xBBBB
tss_c:  task    in_c, top_c, 0xCCCC
        .p2align 4
        .skip   512
stack_top:
        .skip   512
top_b:  .skip   512
top_c:
