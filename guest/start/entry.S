/* entry.S: where a guest program begins. Never returned from.
 *
 * The entry ESP lies inside the top stack page; it moves up to 8 bytes below that page's end. Then the
 * main thread's TLS block is built below it:
 *
 *      +0x000  "TLS0"
 *      +0x004  64 slots, all FFFFFFFF      <-- FS:[0x2C]
 *      +0x104  "TLS1"   +0x108 A4AEA0A8   +0x10C "STAK"   +0x110 "TOPP"
 */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define SYM(name) PASTE(__USER_LABEL_PREFIX__, name)

        .text
        .globl  SYM(rt_entry)
SYM(rt_entry):
        cld
        fninit
        fwait
        andl    $0xFFFFF000, %esp
        addl    $0xFF8, %esp
        movl    %esp, %ebp
        subl    $0x114, %esp
        movl    $0x30534C54, 0x000(%esp)
        movl    $0x31534C54, 0x104(%esp)
        movl    $0xA4AEA0A8, 0x108(%esp)
        movl    $0x4B415453, 0x10C(%esp)
        movl    $0x50504F54, 0x110(%esp)
        leal    4(%esp), %eax
        movl    $64, %ecx
1:      movl    $-1, -4(%eax,%ecx,4)
        decl    %ecx
        jnz     1b
        movl    %eax, %fs:0x2C
        call    SYM(rt_start)
        hlt

/* unsigned rt_cpu_features(void): CPUID leaf 1 EDX, or 0 on a processor without CPUID, which is told by
 * EFLAGS bit 21 that cannot be changed. The instruction is written as bytes: it is no 386 instruction
 * and is never reached on one. */
        .globl  SYM(rt_cpu_features)
SYM(rt_cpu_features):
        pushfl
        popl    %eax
        movl    %eax, %ecx
        xorl    $0x00200000, %eax
        pushl   %eax
        popfl
        pushfl
        popl    %eax
        pushl   %ecx
        popfl
        xorl    %ecx, %eax
        andl    $0x00200000, %eax
        jz      1f
        pushl   %ebx
        movl    $1, %eax
        .byte   0x0F, 0xA2
        movl    %edx, %eax
        popl    %ebx
1:      ret

/* Where compilers for Windows look for a thread's slots when a variable is the thread's own: an offset in FS. */
        .globl  SYM(_tls_array)
        .set    SYM(_tls_array), 0x2C

#ifdef __ELF__
/* The mark of an INtime application in an ELF file. */
        .section .note.INtime, "a", @note
        .p2align 2
        .long   2f - 1f
        .long   4f - 3f
        .long   1
1:      .asciz  "INtime"
2:      .p2align 2
3:      .long   21076, 20053
4:      .p2align 2
        .section .note.GNU-stack, "", @progbits
#endif
