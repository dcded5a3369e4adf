/* lesson04.S: hidden parts outlive their descriptors, and protected mode as well. */
#include "sector.inc"

        .set    SMALL, 0x18
        .set    SMALL16, 0x28

        .globl  start
start:  cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7C00, %sp
        movw    $skip, 13 * 4                   /* #GP in real mode */
        movw    %ax, 13 * 4 + 2
        lgdtl   gdtr
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE, $inside
        .code32
inside: movl    $DATA, %eax
        movw    %ax, %ds
        movw    %ax, %ss
        movl    $SMALL, %eax
        movw    %ax, %es
        stop    loaded
        movb    $0x30, gdt + SMALL + 4          /* base 0x200000 -> 0x300000 */
        stop    edited
        movb    $1, %es:0x10
        stop    stored
        movw    %ax, %es
        stop    reloaded
        movl    $DATA, %eax
        movw    %ax, %es
        ljmpl   $0x20, $leaving                 /* a 16-bit code segment */
        .code16
leaving:
        movw    $SMALL16, %ax                   /* 64 KB, as real mode wants it [386 14.5] */
        movw    %ax, %ds
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xFE, %al
        stop    before_real
        movl    %eax, %cr0
        ljmpw   $0, $real
        stop    real
        movl    $0x300010, %ebx
        stop    before_far
        movb    %es:(%ebx), %cl
        stop    after_far
        movw    $0x2000, %ax
        stop    before_reload
        movw    %ax, %es
        stop    after_reload
        xorw    %ax, %ax
        movw    %ax, %es
        movb    $0, %al
        outb    %al, $0xF4
1:      hlt
        jmp     1b
skip:   hlt

        .p2align 3
gdt:    .quad   0
        segment 0, 0xFFFFF, 0x9A, 0xC
        segment 0, 0xFFFFF, 0x92, 0xC
        segment 0x200000, 0xFFF, 0x92, 4        /* SMALL */
        segment 0, 0xFFFF, 0x9A, 0              /* 16-bit code */
        segment 0, 0xFFFF, 0x92, 0              /* SMALL16 */
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .org    510
        .word   0xAA55
