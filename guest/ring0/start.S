/* start.S: entry, the 256-vector net under every stimulus, and the way back out of it.
 *
 *   provoke(f)   runs f in ring 0 on a stack of its own; f never returns. Whatever it ends in (INT 20h, a
 *                fault, another task that reaches a stub) arrives in `caught`, which files the registers and
 *                the top of the stack in `got`, brings the processor back to the tables of ring0.c, and
 *                returns from provoke. Nothing survives a stimulus but memory.
 */
        .section .first, "ax"
        .globl  start
start:  jmp     begin
        .p2align 2
        .long   0x1BADB002, 0, -0x1BADB002      /* multiboot 1 */

        .text
begin:  cli
        cld
        movl    $kernel_stack_top, %esp
        movl    $bss_start, %edi
        movl    $bss_end, %ecx
        subl    %edi, %ecx
        xorl    %eax, %eax
        rep stosb
        call    world
        call    recover
        call    run
        call    finish
1:      hlt
        jmp     1b

        .globl  provoke
provoke:
        movl    4(%esp), %eax
        pushal
        movl    %esp, kept_esp
        movl    $stimulus_stack_top, %esp
        jmp     *%eax

/* Back to ring 0, flat, no paging, no LDT, the first TSS. */
        .globl  recover
recover:
        lgdt    gdtr
        lidt    idtr
        movl    $0x11, %eax
        movl    %eax, %cr0
        xorl    %eax, %eax
        movl    %eax, %cr3
        movl    %eax, %dr7
        ljmp    $0x08, $1f
1:      movl    $0x10, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        xorl    %eax, %eax
        lldt    %ax
        andb    $0xFD, gdt + 0x38 + 5           /* not busy */
        movl    $0x38, %eax
        ltr     %ax
        pushl   $2
        popfl
        ret

        .altmacro
        .macro  stub number
stub_\number:
        pushl   $\number
        jmp     caught
        .endm
        .set    n, 0
        .rept   256
        stub    %n
        .set    n, n + 1
        .endr

/* stack: vector, then what the processor (or a stimulus) left there */
        .globl  caught
caught: pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        movl    $0x10, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movl    %cr0, %eax
        movl    %eax, got_cr0
        movl    %cr2, %eax
        movl    %eax, got_cr2
        movl    %cr3, %eax
        movl    %eax, got_cr3
        movl    %dr6, %eax
        movl    %eax, got_dr6
        movl    %dr7, %eax
        movl    %eax, got_dr7
        strw    %ax
        movzwl  %ax, %eax
        movl    %eax, got_tr
        sldtw   %ax
        movzwl  %ax, %eax
        movl    %eax, got_ldtr
        movw    %ss, %ax
        movzwl  %ax, %eax
        movl    %eax, got_ss
        pushfl
        popl    got_flags
        leal    52(%esp), %eax                  /* 4 segments, 8 registers, vector */
        movl    %eax, got_esp
        movl    %esp, %esi
        cld
        movl    $got, %edi
        movl    $33, %ecx
        rep movsl
        movw    $0x10, %ax
        movw    %ax, %ss
        movl    kept_esp, %esp
        call    recover
        popal
        ret

/* An interrupt task starts here: like a stub, for vector 100h + EBX. */
        .globl  task_stub
task_stub:
        pushl   %ebx
        addl    $0x100, (%esp)
        jmp     caught

        .section .rodata
        .macro  stub_address number
        .long   stub_\number
        .endm
        .globl  stubs
stubs:
        .set    n, 0
        .rept   256
        stub_address %n
        .set    n, n + 1
        .endr
        .noaltmacro

        .data
        .p2align 2
        .word   0
gdtr:   .word   128 * 8 - 1
        .long   gdt
        .word   0
idtr:   .word   256 * 8 - 1
        .long   idt

        .bss
        .p2align 12
        .skip   0x2000
        .globl  kernel_stack_top, stimulus_stack_top, inner_stack_top, outer_stack_top, middle_stack_top
kernel_stack_top:
        .skip   0x1000
stimulus_stack_top:
        .skip   0x1000
inner_stack_top:                                /* ring 0, from the TSS */
        .skip   0x1000
middle_stack_top:                               /* ring 1, from the TSS */
        .skip   0x1000
outer_stack_top:                                /* ring 3 */
        .skip   0x100
kept_esp: .skip 4
        .globl  got, got_cr0, got_cr2, got_cr3, got_dr6, got_dr7, got_tr, got_ldtr, got_ss, got_esp, got_flags
got:    .skip   33 * 4
got_cr0: .skip  4
got_cr2: .skip  4
got_cr3: .skip  4
got_dr6: .skip  4
got_dr7: .skip  4
got_tr: .skip   4
got_ldtr: .skip 4
got_ss: .skip   4
got_esp: .skip  4
got_flags: .skip 4
