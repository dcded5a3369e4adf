/* walk.S: a short way past everything that logs of other emulators show: arithmetic, flags, repeated instructions, segments,
 * faults, rings, a call gate, paging. Nothing is looked at in the guest: rt386 trace diff does that (docs/trace-import.md).
 *
 *   fault n          the next instruction is refused and goes on at n
 *
 * Nothing in it depends on time or on what was in memory. The null selector and the limit come last, as QEMU checks neither.
 */
#define CODE   0x08
#define DATA   0x10
#define BYTES  0x18 /* limit F, over `bytes` */
#define ABSENT 0x20
#define CODE3  0x28
#define DATA3  0x30
#define TSS    0x38
#define GATE   0x40 /* call gate, one parameter */

        .section .first, "ax"
        .globl  start
start:  jmp     begin
        .p2align 2
        .long   0x1BADB002, 0, -0x1BADB002      /* multiboot 1 */

        .macro  fault label
        movl    $\label, resume
        .endm
        .macro  gate vector, target, word       /* word: present, DPL, type */
        movl    $\target, %eax
        movl    $(CODE << 16), %edx
        movw    %ax, %dx
        movw    $\word, %ax
        movl    %edx, idt + 8 * \vector
        movl    %eax, idt + 8 * \vector + 4
        .endm
        .macro  base selector, address
        movl    $\address, %eax
        movw    %ax, gdt + \selector + 2
        shrl    $16, %eax
        movb    %al, gdt + \selector + 4
        .endm

        .text
begin:  cli
        cld
        movl    $stack_top, %esp
        base    BYTES, bytes
        base    TSS, tss
        movl    $through_gate, %eax
        movw    %ax, gdt + GATE
        shrl    $16, %eax
        movw    %ax, gdt + GATE + 6
        gate    0, no_code, 0x8E00
        gate    6, no_code, 0x8E00
        gate    11, with_code, 0x8E00
        gate    13, with_code, 0x8E00
        gate    14, with_code, 0x8E00
        gate    0x20, nothing, 0xEE00
        gate    0x21, back, 0xEE00
        lgdt    gdtr
        ljmp    $CODE, $1f
1:      lidt    idtr
        movw    $DATA, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movw    $TSS, %ax
        ltr     %ax
        movl    $0x11, %eax             /* firmware may have left CD and NW of later processors */
        movl    %eax, %cr0
        xorl    %eax, %eax
        lldt    %ax
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %esi, %esi
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        pushl   $2
        popfl

/* --- arithmetic; flags that the manual leaves undefined are followed by an instruction that defines them --- */
        movl    $0x7FFFFFFF, %eax
        addl    $1, %eax
        adcl    $0, %eax
        sbbl    $3, %eax
        negl    %eax
        incl    %eax
        movl    $123456, %eax
        imull   $-77, %eax, %ecx
        mull    %ecx
        movl    $1000, %ebx
        xorl    %edx, %edx
        divl    %ebx
        shll    $5, %eax
        shrl    $3, %eax
        sarl    $1, %eax
        rcll    $3, %eax
        rolw    $4, %ax
        shldl   $7, %ecx, %eax
        btl     $3, %eax
        bsfl    %eax, %edx
        andl    $0xFF, %eax
        aam
        daa
        cmpl    %ebx, %eax
        pushfl
        popl    %edx
        setc    %dl
        cwde
        movsbl  %dl, %esi

/* --- repeated --- */
        movl    $words, %esi
        movl    $copy, %edi
        movl    $5, %ecx
        rep movsb
        movl    $words, %esi
        movl    $copy, %edi
        movl    $8, %ecx
        repe cmpsb
        movl    $words, %edi
        movl    $8, %ecx
        movb    $'d', %al
        repne scasb
        xorl    %ecx, %ecx
        rep stosl
        movl    $4, %ecx
1:      loop    1b

/* --- segments --- */
        movw    $BYTES, %ax
        movw    %ax, %es
        movb    $0x55, %es:15
        lsl     %ax, %ecx
        larl    %eax, %edx
        verw    %ax
        xorl    %eax, %eax
        movw    %ax, %gs

/* --- refused --- */
        xorl    %ebx, %ebx
        fault   1f
        divl    %ebx
1:      fault   1f
        .byte   0x0F, 0x0B
1:      movw    $ABSENT, %ax
        fault   1f
        movw    %ax, %fs
1:      movw    $0x200, %ax
        fault   1f
        movw    %ax, %fs
1:      int     $0x20

/* --- ring 3 and back --- */
        pushl   $DATA3 + 3
        pushl   $stack3_top
        pushl   $2
        pushl   $CODE3 + 3
        pushl   $ring3
        iret
ring3:  movw    $DATA3 + 3, %ax
        movw    %ax, %ds
        fault   1f
        inb     $0x80, %al
1:      pushl   $0x1234
        lcall   $GATE, $0
        fault   1f
        hlt
1:      int     $0x20
        int     $0x21
through_gate:
        movl    8(%esp), %ebx
        lretl   $4
back:   movl    $stack_top, %esp
        movw    $DATA, %ax
        movw    %ax, %ds
        movw    %ax, %es

/* --- paging: 1 MB and 64 KB behind it, each page where it is --- */
        movl    $page_table + 7, page_directory
        movl    $0x100007, %eax
        movl    $page_table + 4 * 0x100, %edi
        movl    $16, %ecx
1:      stosl
        addl    $0x1000, %eax
        loop    1b
        movl    $page_directory, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        jmp     1f
1:      fault   1f
        movl    0x123456, %eax
1:      movl    %cr2, %eax
        fault   1f
        movl    %eax, 0x400000
1:      movl    %cr0, %eax
        andl    $0x7FFFFFFF, %eax
        movl    %eax, %cr0

/* --- a null selector, a limit --- */
        movw    $BYTES, %ax
        movw    %ax, %es
        fault   1f
        movb    %gs:0, %al
1:      fault   1f
        movb    $1, %es:16
1:      xorl    %eax, %eax
        outb    %al, $0xF4
        movw    $0x8900, %dx
        movl    $farewell, %esi
        movl    $8, %ecx
1:      lodsb
        outb    %al, %dx
        loop    1b
1:      hlt
        jmp     1b

with_code:
        addl    $4, %esp
no_code:
        pushl   resume
        popl    (%esp)
nothing:
        iret

        .data
        .p2align 3
gdt:    .long   0, 0, 0x0000FFFF, 0x00CF9B00, 0x0000FFFF, 0x00CF9300
        .long   0x0000000F, 0x00409300, 0x0000FFFF, 0x00CF1300
        .long   0x0000FFFF, 0x00CFFB00, 0x0000FFFF, 0x00CFF300
        .long   0x00000067, 0x00008900, CODE << 16, 0x0000EC01
gdtr:   .word   GATE + 7
        .long   gdt
        .p2align 3
idtr:   .word   34 * 8 - 1
        .long   idt
tss:    .long   0, stack0_top, DATA
        .fill   22, 4, 0
        .long   104 << 16               /* no I/O map */
words:  .ascii  "abcdefgh"
copy:   .fill   8, 1, 0
bytes:  .fill   32, 1, 0
resume: .long   0
farewell:
        .ascii  "Shutdown"
        .p2align 3
idt:    .fill   34 * 8, 1, 0
        .fill   256, 1, 0
stack_top:
        .fill   256, 1, 0
stack0_top:
        .fill   256, 1, 0
stack3_top:
        .bss
        .p2align 12
page_directory: .skip 4096
page_table:     .skip 4096
