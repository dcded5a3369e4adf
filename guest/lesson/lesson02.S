/* lesson02.S: descriptors: a table with one of each kind, and an entry that the questions fill. */
#include "lesson.inc"

        .set    SMALL, 0x18
        .set    FREE, 0x58

        enter
        movl    $SMALL, %eax
        stop    before_small
        movw    %ax, %es
        stop    after_small
        movl    $FREE, %eax
        stop    before_free
        movw    %ax, %es
        stop    after_free
        nop
        leave_guest
through:
        lret

        .p2align 3
gdt:    flat_entries
        segment 0x12345678, 0x00FFF, 0x92, 4    /* SMALL */
        segment 0x00110000, 0x0003F, 0xFA, 0xC  /* code for ring 3, in pages */
        segment 0x00120000, 0x007FF, 0x90, 4    /* read-only data */
        segment 0x00130000, 0x00FFF, 0x9E, 4    /* conforming code */
        system  ldt, 7, 0x82
        system  tss, 103, 0x89
        gate    CODE, through, 0xEC, 2
        segment 0x00140000, 0x00FFF, 0x96, 4    /* data, expand-down */
        segment 0x00150000, 0x00FFF, 0x92, 4    /* FREE */
        .set    GDT_BYTES, . - gdt
ldt:    .quad   0
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 2
tss:    .fill   26, 4, 0
        .p2align 4
        .skip   1024
stack_top:
