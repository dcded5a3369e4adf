/* lesson05.S: limits: bytes and pages, upwards and downwards. Every refusal goes on at `resume`. */
#include "lesson.inc"

        .set    BYTES, 0x18
        .set    PAGES, 0x20
        .set    DOWN32, 0x28
        .set    DOWN16, 0x30
        .set    READONLY, 0x38
        .set    STACK, 0x40
        .set    FREE, 0x48

        enter
        lidt    idtr
        movl    $BYTES, %eax
        movl    $0xFFC, %ebx
        stop    in_bytes
        movw    %ax, %es
        movl    %es:(%ebx), %ecx
        stop    byte_edge
        movl    $0xFFD, %ebx
        stop    before_straddle
        movl    %es:(%ebx), %ecx
        stop    next
        movl    $PAGES, %eax
        movl    $0xFFF, %ebx
        stop    in_pages
        movw    %ax, %es
        movb    %es:(%ebx), %cl
        stop    after_pages
        movl    $DOWN32, %eax
        movl    $0x1000, %ebx
        stop    in_down
        movw    %ax, %es
        movb    %es:(%ebx), %cl
        stop    after_down
        movl    $READONLY, %eax
        movw    %ax, %ds
        movl    $0, %ebx
        stop    in_readonly
        movl    (%ebx), %ecx
        movl    $last, %ss:resume
        stop    before_write
        movl    %ecx, (%ebx)
last:   leave_guest
refused:
        addl    $4, %esp
        pushl   %ss:resume
        popl    (%esp)
        iret
resume: .long   next

        .p2align 3
gdt:    flat_entries
        segment 0x120000, 0xFFF, 0x92, 4        /* BYTES */
        segment 0x130000, 0, 0x92, 0xC          /* PAGES: one page */
        segment 0x140000, 0xFFF, 0x96, 4        /* DOWN32: from 1000 up */
        segment 0x150000, 0xFFF, 0x96, 0        /* DOWN16: 1000 to FFFF */
        segment 0x160000, 0xFFF, 0x90, 4        /* READONLY */
        segment 0x170000, 0xFFF, 0x92, 4        /* STACK */
        segment 0x180000, 0xFFF, 0x92, 4        /* FREE */
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   12, 8, 0
        gate    CODE, refused, 0x8E             /* #SS */
        gate    CODE, refused, 0x8E             /* #GP */
idtr:   .word   14 * 8 - 1
        .long   idt
        .p2align 4
        .skip   1024
stack_top:
