/* lesson06.S: privilege: the same loads from ring 0 and from ring 3. A refused load is skipped. */
#include "lesson.inc"

        .set    DATA1, 0x18
        .set    DATA3, 0x20
        .set    CODE3, 0x28
        .set    CONFORMING, 0x30
        .set    TSS, 0x38

        enter
        lidt    idtr
        movw    $TSS, %ax
        ltr     %ax
        movl    $DATA, %eax
        stop    kernel_load
        movw    %ax, %es
        movl    $DATA3 + 3, %eax
        stop    kernel_user_data
        movw    %ax, %es
        movl    $DATA + 3, %eax
        movl    $CODE3 + 3, %ebx
        stop    kernel_arpl
        arpl    %bx, %ax
        stop    after_arpl
        pushl   $DATA3 + 3
        pushl   $user_top
        pushl   $2
        pushl   $CODE3 + 3
        pushl   $user
        stop    before_iret
        iret
        stop    user
        movl    $DATA3 + 3, %eax
        stop    user_load
        movw    %ax, %es
        movl    $DATA + 3, %eax
        stop    user_kernel_data
        movw    %ax, %es
        movl    $DATA3 + 3, %eax
        stop    user_stack
        movw    %ax, %ss
        stop    user_halt
        hlt
        .byte   0x90
        stop    user_end
        int     $0x20

skip:   addl    $4, %esp
        addl    $2, (%esp)
        iret
done:   leave_guest

        .p2align 3
gdt:    flat_entries
        segment 0, 0xFFFFF, 0xB2, 0xC           /* DATA1 */
        segment 0, 0xFFFFF, 0xF2, 0xC           /* DATA3 */
        segment 0, 0xFFFFF, 0xFA, 0xC           /* CODE3 */
        segment 0, 0xFFFFF, 0x9E, 0xC           /* CONFORMING */
        system  tss, 103, 0x89
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   11, 8, 0
        gate    CODE, skip, 0x8E                /* #NP */
        gate    CODE, skip, 0x8E                /* #SS */
        gate    CODE, skip, 0x8E                /* #GP */
        .fill   18, 8, 0
        gate    CODE, done, 0xEE                /* INT 20h */
idtr:   .word   33 * 8 - 1
        .long   idt
        .p2align 2
tss:    .long   0, stack_top, DATA
        .fill   23, 4, 0
        .p2align 4
        .skip   1024
stack_top:
        .skip   1024
user_top:
