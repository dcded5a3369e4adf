/* lesson07.S: local descriptor tables: one selector, two segments. A refused load is skipped. */
#include "lesson.inc"

        .set    LDT_A, 0x18
        .set    LDT_B, 0x20
        .set    PLAIN, 0x28

        enter
        lidt    idtr
        movl    $LDT_A, %eax
        stop    before_first
        lldt    %ax
        stop    with_a
        movl    $0x04, %eax
        stop    load_a
        movw    %ax, %es
        stop    loaded_a
        movl    $LDT_B, %ebx
        lldt    %bx
        stop    with_b
        movw    %ax, %es
        stop    loaded_b
        xorl    %ebx, %ebx
        lldt    %bx
        stop    without
        movw    %ax, %es
        .byte   0x90
        movl    $PLAIN, %ebx
        stop    before_wrong
        lldt    %bx
        .byte   0x90
        leave_guest
skip:   addl    $4, %esp
        addl    $3, (%esp)
        iret

        .p2align 3
gdt:    flat_entries
        system  ldt_a, 8*3-1, 0x82
        system  ldt_b, 8*2-1, 0x82
        segment 0x120000, 0xFFF, 0x92, 4        /* PLAIN */
        .set    GDT_BYTES, . - gdt
ldt_a:  segment 0x140000, 0x3FF, 0x92, 4
        segment 0x148000, 0x7FF, 0x92, 4
        segment 0x14C000, 0x1FF, 0x92, 4
ldt_b:  segment 0x180000, 0xFFF, 0x92, 4
        segment 0x188000, 0x0FF, 0x92, 4
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   11, 8, 0
        gate    CODE, skip, 0x8E
        gate    CODE, skip, 0x8E
        gate    CODE, skip, 0x8E
idtr:   .word   14 * 8 - 1
        .long   idt
        .p2align 4
        .skip   1024
stack_top:
