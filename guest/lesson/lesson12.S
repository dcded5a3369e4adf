/* lesson12.S: the flat model: what is left of segmentation when every base is 0 and every limit 4 GB, and what it no longer
 * catches. A refused access is skipped.
 */
#include "lesson.inc"

        .set    CODE3, 0x18
        .set    DATA3, 0x20
        .set    LOCAL, 0x28             /* a thread's own data, through FS */
        .set    SHIFTED, 0x30           /* base 0x100000, limit 4 GB: wraps */
        .set    BOUNDED, 0x38           /* what a bounded data segment would be */

        enter
        lidt    idtr
        movl    $DATA, %eax
        stop    flat
        movw    %ax, %es
        xorl    %ebx, %ebx
        stop    before_null
        movl    (%ebx), %ecx                    /* a null pointer in C */
        stop    before_code
        movb    $0x90, victim                   /* a write to code */
        stop    victim
        .byte   0xCC
        stop    after_victim
        movl    $LOCAL, %eax
        movw    %ax, %fs
        movl    $4, %ebx
        stop    before_fs
        movl    %fs:(%ebx), %ecx
        stop    after_fs
        movl    $SHIFTED, %eax
        movw    %ax, %es
        movl    $0xFFF00010, %ebx
        stop    before_wrap
        movl    %es:(%ebx), %ecx
        stop    after_wrap
        movl    $BOUNDED, %eax
        movw    %ax, %es
        movl    $0xFFE, %ebx
        stop    before_bounded
        movl    %es:(%ebx), %ecx
        .byte   0x90, 0x90
        leave_guest
skip:   addl    $4, %esp
        addl    $3, (%esp)
        iret

        .p2align 3
gdt:    flat_entries
        segment 0, 0xFFFFF, 0xFA, 0xC           /* CODE3 */
        segment 0, 0xFFFFF, 0xF2, 0xC           /* DATA3 */
        segment 0x150000, 0x0FF, 0xF2, 4        /* LOCAL */
        segment 0x100000, 0xFFFFF, 0x92, 0xC    /* SHIFTED */
        segment 0x160000, 0xFFF, 0x92, 4        /* BOUNDED */
        .set    GDT_BYTES, . - gdt
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
