/* lesson13.S: virtual-8086 mode: entered by IRET with VM set, left by everything that the monitor has to see. The monitor
 * skips what was refused. The real-mode program lies at 0x20000.
 */
#include "lesson.inc"

        .set    TSS, 0x18

        enter
        lidt    idtr
        movw    $TSS, %ax
        ltr     %ax
        movl    $program, %esi
        movl    $0x20000, %edi
        movl    $program_end - program, %ecx
        rep movsb
        movl    $0, -4(%esp)
        pushl   $0x4000                         /* GS */
        pushl   $0x3000                         /* FS */
        pushl   $0x2800                         /* DS */
        pushl   $0x2400                         /* ES */
        pushl   $0x2200                         /* SS */
        pushl   $0x1000                         /* ESP */
        pushl   $0x20202                        /* EFLAGS: VM, IF, IOPL 0 */
        pushl   $0x2000                         /* CS */
        pushl   $0                              /* EIP */
        stop    before_iret
        iret

        stop    monitor
        addl    $4, %esp                        /* the error code */
        pushl   %eax
        movzwl  8(%esp), %eax                   /* CS of the program */
        shll    $4, %eax
        addl    4(%esp), %eax                   /* EIP */
        movb    %ss:(%eax), %al                 /* DS is null here */
        cmpb    $0xF4, %al
        je      done                            /* HLT */
        cmpb    $0xFA, %al
        je      1f                              /* CLI has one byte */
        incl    4(%esp)
1:      incl    4(%esp)
        popl    %eax
        iret
done:   leave_guest

/* 16-bit code that runs at 2000:0000 */
        .code16
program:
        movw    $0x1234, %ax
        .set    AT_LOAD, . - program
        movw    %ax, %es
        .set    AT_STORE, . - program
        movb    $1, %es:0x10
        .set    AT_CLI, . - program
        cli
        .set    AT_OUT, . - program
        outb    %al, $0x80
        .set    AT_INT, . - program
        int     $0x21
        .set    AT_END, . - program
        hlt
        jmp     .
program_end:
        .code32
        .globl  v86_load, v86_store, v86_cli, v86_out, v86_int, v86_halt
        .set    v86_load, 0x20000 + AT_LOAD
        .set    v86_store, 0x20000 + AT_STORE
        .set    v86_cli, 0x20000 + AT_CLI
        .set    v86_out, 0x20000 + AT_OUT
        .set    v86_int, 0x20000 + AT_INT
        .set    v86_halt, 0x20000 + AT_END

        .p2align 3
gdt:    flat_entries
        system  tss, 0x20FF, 0x89
        .set    GDT_BYTES, . - gdt
gdtr:   .word   GDT_BYTES - 1
        .long   gdt
        .p2align 3
idt:    .fill   10, 8, 0
        gate    CODE, monitor, 0x8E             /* #TS */
        gate    CODE, monitor, 0x8E             /* #NP */
        gate    CODE, monitor, 0x8E             /* #SS */
        gate    CODE, monitor, 0x8E             /* #GP */
        .fill   19, 8, 0
        gate    CODE, done, 0xEE                /* 21h */
idtr:   .word   34 * 8 - 1
        .long   idt
        .p2align 2
        .globl  tss
tss:    .long   0, stack_top, DATA
        .fill   22, 4, 0
        .word   0, 104
        .fill   0x10, 1, 0                      /* I/O map: ports 0 to 7F are free */
        .byte   1                               /* port 80h is not */
        .fill   0x1FEF, 1, 0
        .byte   0xFF, 0xFF, 0xFF
        .p2align 4
        .skip   1024
stack_top:
