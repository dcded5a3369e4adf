/* excpt.h: structured exception handling as compilers for 32-bit Windows know it.
 *
 *   FS:[0] -> frame -> frame -> ... -> FFFFFFFF       the chain, innermost first
 *             prev, handler [, what the handler's language adds]
 *
 * A fault or RaiseException walks the chain: each handler answers with a disposition. `__try` and
 * `__except` of compilers that have them register _except_handler3; other programs register frames of
 * their own. Layouts and numbers are those of Win32.
 */
#ifndef RT386_GUEST_EXCPT_H
#define RT386_GUEST_EXCPT_H

#include "rttypes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EXCEPTION_MAXIMUM_PARAMETERS 15

/* Flags of a record. */
#define EXCEPTION_NONCONTINUABLE 0x01
#define EXCEPTION_UNWINDING      0x02 /* the frames are being left */
#define EXCEPTION_EXIT_UNWIND    0x04 /* all of them */
#define EXCEPTION_STACK_INVALID  0x08 /* the chain leaves the thread's stack */
#define EXCEPTION_NESTED_CALL    0x10 /* raised while a handler ran */

/* Codes that hardware faults turn into. */
#define EXCEPTION_DATATYPE_MISALIGNMENT    0x80000002u
#define EXCEPTION_BREAKPOINT               0x80000003u
#define EXCEPTION_SINGLE_STEP              0x80000004u
#define EXCEPTION_ACCESS_VIOLATION         0xC0000005u
#define EXCEPTION_ILLEGAL_INSTRUCTION      0xC000001Du
#define EXCEPTION_NONCONTINUABLE_EXCEPTION 0xC0000025u
#define EXCEPTION_INVALID_DISPOSITION      0xC0000026u
#define EXCEPTION_ARRAY_BOUNDS_EXCEEDED    0xC000008Cu
#define EXCEPTION_INT_DIVIDE_BY_ZERO       0xC0000094u
#define EXCEPTION_INT_OVERFLOW             0xC0000095u
#define EXCEPTION_STACK_OVERFLOW           0xC00000FDu
#define EXCEPTION_UNWIND                   0xC0000027u
#define EXCEPTION_BAD_STACK                0xC0000028u

/* Results of a filter. */
#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

typedef enum {
    ExceptionContinueExecution,
    ExceptionContinueSearch,
    ExceptionNestedException,
    ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

typedef struct _EXCEPTION_RECORD {
    DWORD ExceptionCode, ExceptionFlags;
    struct _EXCEPTION_RECORD *ExceptionRecord;
    PVOID ExceptionAddress;
    DWORD NumberParameters;
    ULONG_PTR ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;

#define CONTEXT_i386               0x00010000u
#define CONTEXT_CONTROL            (CONTEXT_i386 | 0x01u)
#define CONTEXT_INTEGER            (CONTEXT_i386 | 0x02u)
#define CONTEXT_SEGMENTS           (CONTEXT_i386 | 0x04u)
#define CONTEXT_FLOATING_POINT     (CONTEXT_i386 | 0x08u)
#define CONTEXT_EXTENDED_REGISTERS (CONTEXT_i386 | 0x20u)
#define CONTEXT_FULL               (CONTEXT_CONTROL | CONTEXT_INTEGER | CONTEXT_SEGMENTS)

typedef struct { /* as FNSAVE stores it */
    DWORD ControlWord, StatusWord, TagWord, ErrorOffset, ErrorSelector, DataOffset, DataSelector;
    BYTE RegisterArea[80];
    DWORD Cr0NpxState;
} FLOATING_SAVE_AREA;

typedef struct _CONTEXT {
    DWORD ContextFlags;
    DWORD Dr0, Dr1, Dr2, Dr3, Dr6, Dr7;
    FLOATING_SAVE_AREA FloatSave;
    DWORD SegGs, SegFs, SegEs, SegDs;
    DWORD Edi, Esi, Ebx, Edx, Ecx, Eax;
    DWORD Ebp, Eip, SegCs, EFlags, Esp, SegSs;
    BYTE ExtendedRegisters[512]; /* as FXSAVE stores them; only MXCSR and XMM registers */
} CONTEXT, *PCONTEXT;

typedef struct _EXCEPTION_POINTERS {
    PEXCEPTION_RECORD ExceptionRecord;
    PCONTEXT ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;

typedef EXCEPTION_DISPOSITION(RTAPI *EXCEPTION_ROUTINE)(PEXCEPTION_RECORD pRecord, PVOID pFrame,
                                                        PCONTEXT pContext, PVOID pDispatcher);
typedef struct _EXCEPTION_REGISTRATION {
    struct _EXCEPTION_REGISTRATION *prev;
    EXCEPTION_ROUTINE handler;
} EXCEPTION_REGISTRATION;

RTAPI EXCEPTION_DISPOSITION _except_handler3(PEXCEPTION_RECORD pRecord, PVOID pFrame,
                                             PCONTEXT pContext, PVOID pDispatcher);
/* Calls the handlers above pFrame (0: all) with EXCEPTION_UNWINDING and takes them off the chain. It
 * returns to its caller, whatever pTarget; the result is pValue. */
RTAPI PVOID RtlUnwind(PVOID pFrame, PVOID pTarget, PEXCEPTION_RECORD pRecord, PVOID pValue);
RTAPI VOID _global_unwind2(PVOID pFrame);
/* Runs the termination blocks of one frame down to a try level; -1: all. */
RTAPI VOID _local_unwind2(PVOID pFrame, DWORD dwTryLevel);

#ifdef __clang__ /* intrinsics of compilers with __try */
#define GetExceptionCode        _exception_code
#define GetExceptionInformation (PEXCEPTION_POINTERS) _exception_info
#define AbnormalTermination     _abnormal_termination
#endif

#define RT_EXCPT_SIZE_IS(type, size)                                                               \
    _Static_assert(sizeof(type) == (size), #type " has the wrong size")
#if defined __i386__ && !defined __cplusplus
RT_EXCPT_SIZE_IS(EXCEPTION_RECORD, 80);
RT_EXCPT_SIZE_IS(FLOATING_SAVE_AREA, 112);
RT_EXCPT_SIZE_IS(CONTEXT, 0x2CC);
#endif

#ifdef __cplusplus
}
#endif

#endif
