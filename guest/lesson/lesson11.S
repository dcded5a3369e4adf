/* lesson11.S: paging under a segment whose base is not zero. Page tables at 0x200000; a refused access is skipped.
 *
 *   linear 0x00000000..0x003fffff   the same physical addresses, supervisor
 *   linear 0x00400000..             0x00180000, user, writable; 0x00181000, user, read-only; one page absent;
 *                                   0x00183000, supervisor
 */
#include "lesson.inc"

        .set    WINDOW, 0x18            /* base 0x400000 */
        .set    CODE3, 0x20
        .set    DATA3, 0x28
        .set    TSS, 0x30

        .set    DIRECTORY, 0x200000
        .set    TABLE0, 0x201000
        .set    TABLE1, 0x202000

        enter
        lidt    idtr
        movw    $TSS, %ax
        ltr     %ax
        movl    $DIRECTORY, %edi
        movl    $0x2000/4*2, %ecx
        xorl    %eax, %eax
        rep stosl
        movl    $(TABLE0 + 7), DIRECTORY
        movl    $(TABLE1 + 7), DIRECTORY + 4
        movl    $7, %eax                        /* the first 4 MB: user, so that ring 3 code runs */
        movl    $TABLE0, %edi
        movl    $1024, %ecx
1:      stosl
        addl    $0x1000, %eax
        loop    1b
        movl    $0x180007, TABLE1
        movl    $0x181005, TABLE1 + 4
        movl    $0x183003, TABLE1 + 12
        movl    $0x5A5A1234, 0x180010
        movl    $WINDOW + 3, %eax
        movw    %ax, %es
        movl    $0x10, %ebx
        stop    before_paging
        movl    $DIRECTORY, %ecx
        movl    %ecx, %cr3
        movl    %cr0, %ecx
        orl     $0x80000000, %ecx
        movl    %ecx, %cr0
        jmp     1f
1:      nop
        stop    paged
        movl    %es:(%ebx), %ecx
        stop    after_read
        movl    %ecx, %es:4(%ebx)
        stop    after_write
        pushl   $DATA3 + 3
        pushl   $user_top
        pushl   $2
        pushl   $CODE3 + 3
        pushl   $user
        iret
        stop    user
        movl    %es:(%ebx), %ecx
        movl    $0x1010, %ebx
        stop    user_write
        movl    %ecx, %es:(%ebx)
        .byte   0x90
        movl    $0x2010, %ebx
        stop    user_absent
        movl    %es:(%ebx), %ecx
        .byte   0x90
        movl    $0x3010, %ebx
        stop    user_supervisor
        movl    %es:(%ebx), %ecx
        .byte   0x90
        movl    $0x2000, %ebx
        stop    user_both
        movl    %es:0x2000(%ebx), %ecx
        .byte   0x90, 0x90, 0x90, 0x90
        int     $0x20

skip:   addl    $4, %esp
        addl    $3, (%esp)
        iret
done:   leave_guest

        .p2align 3
gdt:    flat_entries
        segment 0x400000, 0x3FFF, 0xF2, 4       /* WINDOW: four pages */
        segment 0, 0xFFFFF, 0xFA, 0xC
        segment 0, 0xFFFFF, 0xF2, 0xC
        system  tss, 103, 0x89
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   12, 8, 0
        gate    CODE, skip, 0x8E                /* #SS */
        gate    CODE, skip, 0x8E                /* #GP */
        gate    CODE, skip, 0x8E                /* #PF */
        .fill   17, 8, 0
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
