/* sehasm.S: what structured exception handling cannot say in C.
 *
 * The kernel enters RslDispatchException after a fault of ring 3, on the thread's own stack:
 *
 *      ESP -> record, context      what the fault left: CONTEXT and EXCEPTION_RECORD lie above
 *
 * DS, ES and FS are still those of the faulting code; CS and SS are the process's flat segments, and
 * NT, DF and TF are clear.
 */
#define THREAD_BLOCK 0x23 /* FS of every thread */

#define CTX_FLAGS  0x00
#define CTX_FLOAT  0x1C
#define CTX_GS     0x8C
#define CTX_FS     0x90
#define CTX_ES     0x94
#define CTX_DS     0x98
#define CTX_EDI    0x9C
#define CTX_ESI    0xA0
#define CTX_EBX    0xA4
#define CTX_EDX    0xA8
#define CTX_ECX    0xAC
#define CTX_EAX    0xB0
#define CTX_EBP    0xB4
#define CTX_EIP    0xB8
#define CTX_CS     0xBC
#define CTX_EFLAGS 0xC0
#define CTX_ESP    0xC4
#define CTX_SS     0xC8
#define CTX_MXCSR  (0xCC + 0x18) /* in the extended registers, laid out as FXSAVE does */
#define CTX_XMM    (0xCC + 0xA0)

#define HAS_FLOAT    0x08
#define HAS_EXTENDED 0x20
#define FULL         0x10007
#define FULL_FLOAT   0x1000F

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define SYM(name) PASTE(__USER_LABEL_PREFIX__, name)

        .text

/* EAX: 1 where the processor has SSE. Changes ECX and EDX. */
has_sse:
        pushl   %ebx
        pushfl
        popl    %eax
        movl    %eax, %ecx
        xorl    $0x200000, %eax         /* EFLAGS.ID can be changed: there is CPUID */
        pushl   %eax
        popfl
        pushfl
        popl    %eax
        pushl   %ecx
        popfl
        xorl    %ecx, %eax
        andl    $0x200000, %eax
        jz      1f
        movl    $1, %eax
        cpuid
        movl    %edx, %eax
        shrl    $25, %eax
        andl    $1, %eax
1:      popl    %ebx
        ret

        .macro  each_xmm instruction:vararg
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        xmm\instruction \n
        .endr
        .endm

        .macro  xmmsave n
        movups  %xmm\n, CTX_XMM + 16 * \n(%ebx)
        .endm

        .macro  xmmload n
        movups  CTX_XMM + 16 * \n(%edx), %xmm\n
        .endm

/* From the kernel. FNSAVE keeps the coprocessor for the context and leaves it empty; its control word
 * stays, so that exceptions that the program wants go on being raised. Filters and handlers may be compiled for SSE, and
 * what they leave in XMM registers is not for the code that goes on. */
        .globl  SYM(RslDispatchException)
SYM(RslDispatchException):
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    $THREAD_BLOCK, %ax
        movw    %ax, %fs
        movl    4(%esp), %ebx
        fnsave  CTX_FLOAT(%ebx)
        fldcw   CTX_FLOAT(%ebx)
        movl    $FULL_FLOAT, CTX_FLAGS(%ebx)
        call    has_sse
        testl   %eax, %eax
        jz      1f
        stmxcsr CTX_MXCSR(%ebx)
        each_xmm save
        orl     $HAS_EXTENDED, CTX_FLAGS(%ebx)
1:
        call    SYM(seh_dispatch)       /* (record, context) lie where the kernel put them */
        pushl   %ebx
        call    SYM(seh_continue)
        hlt

/* void seh_continue(CONTEXT *): the thread goes on as the context says. What IRET needs is put below
 * the new stack pointer first. */
        .globl  SYM(seh_continue)
SYM(seh_continue):
        movl    4(%esp), %edx
        testl   $HAS_FLOAT, CTX_FLAGS(%edx)
        jz      1f
        frstor  CTX_FLOAT(%edx)
1:      testl   $HAS_EXTENDED, CTX_FLAGS(%edx)
        jz      1f
        ldmxcsr CTX_MXCSR(%edx)
        each_xmm load
1:      movl    CTX_ESP(%edx), %ecx
        subl    $20, %ecx
        movl    CTX_EDX(%edx), %eax
        movl    %eax, (%ecx)
        movl    CTX_EAX(%edx), %eax
        movl    %eax, 4(%ecx)
        movl    CTX_EIP(%edx), %eax
        movl    %eax, 8(%ecx)
        movl    CTX_CS(%edx), %eax
        movl    %eax, 12(%ecx)
        movl    CTX_EFLAGS(%edx), %eax
        movl    %eax, 16(%ecx)
        movl    CTX_EDI(%edx), %edi
        movl    CTX_ESI(%edx), %esi
        movl    CTX_EBX(%edx), %ebx
        movl    CTX_EBP(%edx), %ebp
        movw    CTX_GS(%edx), %gs
        movw    CTX_FS(%edx), %fs
        movw    CTX_ES(%edx), %es
        movl    %ecx, %esp
        movl    CTX_ECX(%edx), %ecx
        movw    CTX_DS(%edx), %ds
        popl    %edx
        popl    %eax
        iret

/* void seh_capture(CONTEXT *): the caller's registers; EIP is the instruction after the call, ESP what
 * it is there (the argument still pushed). */
        .globl  SYM(seh_capture)
SYM(seh_capture):
        pushl   %eax
        pushl   %edx
        movl    12(%esp), %edx
        movl    $FULL, CTX_FLAGS(%edx)
        movl    %edi, CTX_EDI(%edx)
        movl    %esi, CTX_ESI(%edx)
        movl    %ebx, CTX_EBX(%edx)
        movl    %ecx, CTX_ECX(%edx)
        movl    %ebp, CTX_EBP(%edx)
        pushfl
        popl    CTX_EFLAGS(%edx)
        popl    CTX_EDX(%edx)
        popl    CTX_EAX(%edx)
        movl    (%esp), %eax
        movl    %eax, CTX_EIP(%edx)
        leal    4(%esp), %eax
        movl    %eax, CTX_ESP(%edx)
        xorl    %eax, %eax
        movw    %gs, %ax
        movl    %eax, CTX_GS(%edx)
        movw    %fs, %ax
        movl    %eax, CTX_FS(%edx)
        movw    %es, %ax
        movl    %eax, CTX_ES(%edx)
        movw    %ds, %ax
        movl    %eax, CTX_DS(%edx)
        movw    %cs, %ax
        movl    %eax, CTX_CS(%edx)
        movw    %ss, %ax
        movl    %eax, CTX_SS(%edx)
        movl    CTX_EAX(%edx), %eax
        movl    CTX_EDX(%edx), %edx
        ret

/* void seh_raise(EXCEPTION_RECORD *): raises in the caller; returns if a handler has it continued. */
        .globl  SYM(seh_raise)
SYM(seh_raise):
        pushl   %ebp
        movl    %esp, %ebp
        subl    $0x2CC, %esp
        pushl   %esp
        call    SYM(seh_capture)
        popl    %eax
        movl    (%ebp), %edx
        movl    %edx, CTX_EBP(%eax)
        movl    4(%ebp), %edx
        movl    %edx, CTX_EIP(%eax)
        leal    8(%ebp), %edx
        movl    %edx, CTX_ESP(%eax)
        movl    %eax, %ebx
        pushl   %ebx
        pushl   8(%ebp)
        call    SYM(seh_dispatch)
        pushl   %ebx
        call    SYM(seh_continue)
        hlt

/* EXCEPTION_DISPOSITION seh_call(record, frame, context, dispatcher, handler, inner): calls a handler
 * under a frame of its own, so that exceptions of the handler are seen:
 *
 *      [EBP-4..-12] EBX ESI EDI     [-16] frame     [-20] inner     [-24] previous head  <- FS:0
 */
        .globl  SYM(seh_call)
SYM(seh_call):
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   12(%ebp)
        pushl   28(%ebp)
        pushl   %fs:0
        movl    %esp, %fs:0
        pushl   20(%ebp)
        pushl   16(%ebp)
        pushl   12(%ebp)
        pushl   8(%ebp)
        call    *24(%ebp)
        movl    %fs:0, %esp
        popl    %fs:0
        addl    $8, %esp
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret

/* int seh_block(function, ebp): a filter or termination block, in its function's frame. */
        .globl  SYM(seh_block)
SYM(seh_block):
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    20(%esp), %eax
        movl    24(%esp), %ebp
        xorl    %ebx, %ebx
        xorl    %esi, %esi
        xorl    %edi, %edi
        call    *%eax
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret

/* void seh_enter(function, ebp): an __except block; it takes its stack pointer from the frame. */
        .globl  SYM(seh_enter)
SYM(seh_enter):
        movl    4(%esp), %eax
        movl    8(%esp), %ebp
        jmp     *%eax

#ifdef RT_STUBS_EXPORT
        .macro  exported name
        .section .drectve, "yn"
        .ascii  " -export:\name"
        .endm
#define RT_GUEST(name) exported name
#include "rslguest.def"
#endif

#ifdef __ELF__
        .section .note.GNU-stack, "", @progbits
#endif
