/* lesson03.S: from real mode into protected mode, one instruction after the other. */
#include "sector.inc"

        .globl  start
start:  cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7C00, %sp
        movw    $0x1234, %ax
        stop    real
        movw    %ax, %es
        stop    after_es
        lgdtl   gdtr
        stop    table_known
        movl    %cr0, %eax
        orb     $1, %al
        stop    before_pe
        movl    %eax, %cr0
        stop    after_pe
        ljmpl   $CODE, $flat
        .code32
        stop    flat
        movl    $DATA, %eax
        stop    before_ds
        movw    %ax, %ds
        stop    after_ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x7C00, %esp
        stop    ready
        movl    0x7C00, %ebx
        movb    $0, %al
        outb    %al, $0xF4
1:      hlt
        jmp     1b

        .p2align 3
gdt:    .quad   0
        segment 0, 0xFFFFF, 0x9A, 0xC
        segment 0, 0xFFFFF, 0x92, 0xC
        segment 0x7C00, 0x1FF, 0x9A, 4          /* 0x18: code that begins at this sector */
        .set    GDT_BYTES, . - gdt
        .globl  gdtr
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .org    510
        .word   0xAA55
