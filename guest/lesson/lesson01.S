/* lesson01.S: selectors: ES is loaded through the GDT, through an LDT, and with nothing. */
#include "lesson.inc"

        .set    ALPHA, 0x18
        .set    BETA, 0x20
        .set    LOCAL, 0x28
        .set    GONE, 0x30
        .set    GAMMA, 0x04     /* the LDT's first entry */

        enter
        lidt    idtr
        movw    $LOCAL, %ax
        lldt    %ax
        movl    $ALPHA, %eax
        stop    before_alpha
        movw    %ax, %es
        stop    after_alpha
        movl    $BETA + 3, %eax
        stop    before_beta
        movw    %ax, %es
        movl    $GAMMA, %eax
        stop    before_gamma
        movw    %ax, %es
        stop    after_gamma
        movl    $GONE, %eax
        stop    before_edge
        movw    %ax, %es
        xorl    %eax, %eax
        stop    before_null
        movw    %ax, %es
        stop    before_use
        movl    %es:0, %ebx
        stop    refused
        leave_guest
skip:   addl    $4, %esp                        /* the error code */
        addl    $2, (%esp)                      /* MOV ES, AX has two bytes */
        iret

        .p2align 3
gdt:    flat_entries
        segment 0x120000, 0xFFF, 0x92, 4        /* ALPHA */
        segment 0x124000, 0x7FF, 0xF2, 4        /* BETA: DPL 3 */
        system  ldt, 8*3-1, 0x82            /* LOCAL */
        segment 0x128000, 0xFFF, 0x12, 4        /* GONE: P = 0 */
        .set    GDT_BYTES, . - gdt
ldt:    segment 0x130000, 0x3FF, 0x92, 4        /* GAMMA */
        segment 0x138000, 0x1FF, 0x92, 4
        segment 0x13C000, 0x0FF, 0xF2, 4
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   11, 8, 0
        gate    CODE, skip, 0x8E                /* #NP */
        gate    CODE, refused, 0x8E             /* #SS */
        gate    CODE, refused, 0x8E             /* #GP */
idtr:   .word   14 * 8 - 1
        .long   idt
        .p2align 4
        .skip   1024
stack_top:
