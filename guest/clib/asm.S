/* asm.S: setjmp and longjmp, and the functions whose result is on the coprocessor's stack.
 *
 *   jmp_buf:  0 EBX  4 ESI  8 EDI  12 EBP  16 ESP after return  20 EIP  24 FS:[0]
 */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define SYM(name) PASTE(__USER_LABEL_PREFIX__, name)

        .text
        .globl  SYM(setjmp)
SYM(setjmp):
        movl    4(%esp), %ecx
        movl    %ebx, 0(%ecx)
        movl    %esi, 4(%ecx)
        movl    %edi, 8(%ecx)
        movl    %ebp, 12(%ecx)
        leal    4(%esp), %eax
        movl    %eax, 16(%ecx)
        movl    (%esp), %eax
        movl    %eax, 20(%ecx)
        movl    %fs:0, %eax
        movl    %eax, 24(%ecx)
        xorl    %eax, %eax
        ret

        .globl  SYM(longjmp)
SYM(longjmp):
        movl    4(%esp), %ecx
        movl    8(%esp), %eax
        testl   %eax, %eax
        jnz     1f
        incl    %eax
1:      movl    24(%ecx), %edx
        movl    %edx, %fs:0
        movl    0(%ecx), %ebx
        movl    4(%ecx), %esi
        movl    8(%ecx), %edi
        movl    12(%ecx), %ebp
        movl    16(%ecx), %esp
        jmp     *20(%ecx)

        .globl  SYM(strtod), SYM(strtold)
SYM(strtod):
SYM(strtold):                           /* long double is double */
        pushl   8(%esp)
        pushl   8(%esp)
        call    SYM(clib_strtod_bits)
        movl    %eax, (%esp)
        movl    %edx, 4(%esp)
        fldl    (%esp)
        addl    $8, %esp
        ret

        .globl  SYM(atof)
SYM(atof):
        pushl   $0
        pushl   8(%esp)
        call    SYM(strtod)
        addl    $8, %esp
        ret

        .globl  SYM(strtof)
SYM(strtof):
        pushl   8(%esp)
        pushl   8(%esp)
        call    SYM(clib_strtof_bits)
        movl    %eax, (%esp)
        flds    (%esp)
        addl    $8, %esp
        ret

#ifdef __ELF__
        .section .note.GNU-stack, "", @progbits
#endif
