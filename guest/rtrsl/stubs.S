/* stubs.S: one piece of guest code for each system call.
 *
 *      caller:  push arguments; call stub            [EBP+8]  first argument
 *      stub:    push ebp; mov ebp, esp               [EBP+4]  return address
 *               push (number << 16) | class          [EBP+0]  caller's EBP
 *               call far 0x0818:0                     [EBP-4]  the code, copied by the gate
 *               pop ebp; ret
 *
 * The call gate copies the code to the ring-0 stack and the kernel's RETF 4 releases it on both stacks,
 * so EBP is on top of the stack again when the stub goes on. Numbers live in one place, rtcalls.def.
 *
 * EnterRtInterrupt comes back with the handler's data segment in EDX and loads it.
 *
 * RT_STUBS_EXPORT: the file is built into RtRsl.rsl, which exports its own calls by name and has no use
 * for the services of the C library. RT_STUBS_STATIC: only what a handler needs before its data segment is
 * there, as the import table is data. RT_STUBS_NET: the socket calls, for netlib.rsl; of them recv and send are also in the
 * C library, as clib_recv and clib_send.
 */
#define CALL_GATE 0x0818
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define SYM(name) PASTE(__USER_LABEL_PREFIX__, name)

        .macro  stub name, symbol, number, class
#ifdef RT_STUBS_STATIC
        .ifc    \name,EnterRtInterrupt
        entry   \name, \symbol, \number, \class
        .endif
        .ifc    \name,GetRtInterruptLevel
        entry   \name, \symbol, \number, \class
        .endif
#else
        entry   \name, \symbol, \number, \class
#endif
        .endm

        .macro  entry name, symbol, number, class
        .text
        .p2align 2, 0x90
        .globl  \symbol
\symbol:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   $((\number) << 16 | \class)
        lcall   $CALL_GATE, $0
        .ifc    \name,EnterRtInterrupt
        testb   %al, %al
        jz      1f
        movw    %dx, %ds
        movw    %dx, %es
1:
        .endif
        popl    %ebp
        ret
        .endm

        .macro  bytes name, symbol, number
        .ifc    \name,recv
        entry   \name, \symbol, \number, 0x18
        .endif
        .ifc    \name,send
        entry   \name, \symbol, \number, 0x18
        .endif
        .endm

        .macro  exported name, symbol, number, class
        stub    \name, \symbol, \number, \class
#ifdef RT_STUBS_EXPORT
        .section .drectve, "yn"
        .ascii  " -export:\name"
#endif
        .endm

#ifdef RT_STUBS_NET
#define STUB_RSL(number, name)
#define STUB_INNER(number, name)
#define STUB_NET(number, name) stub name, SYM(name), number, 0x18
#else
#define STUB_RSL(number, name) exported name, SYM(name), number, 0x10
/* guest code of the same name is in front of it: rsl.c */
#define STUB_INNER(number, name) stub name, SYM(kernel_##name), number, 0x10
#if defined(RT_STUBS_EXPORT) || defined(RT_STUBS_STATIC)
#define STUB_NET(number, name)
#else
#define STUB_NET(number, name) bytes name, SYM(clib_##name), number
#endif
#endif
#if defined(RT_STUBS_EXPORT) || defined(RT_STUBS_NET)
#define STUB_CLIB(number, name)
#else
#define STUB_CLIB(number, name) stub name, SYM(name), number, 0x20
#endif
#define RT_CALL(class, number, name, ...) STUB_##class(number, name)
#include "rtcalls.def"

#ifdef __ELF__
        .section .note.GNU-stack, "", @progbits
#endif
