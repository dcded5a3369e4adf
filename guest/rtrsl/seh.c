/* seh.c: structured exception handling in ring 3: the walk along the chain at FS:[0], unwinding, and the
 * handler of version-3 scope tables. The kernel's part is to bring a fault here (RslDispatchException)
 * and to decide what becomes of a thread whose exception nobody takes (RslUnhandledException).
 *
 * Frame of a function with __try, version 3; `frame` is what the chain points to:
 *
 *      [frame - 8]   ESP inside the body      [frame]       previous frame
 *      [frame - 4]   EXCEPTION_POINTERS *     [frame + 4]   _except_handler3
 *                                             [frame + 8]   scope table
 *                                             [frame + 12]  present try level, -1: none
 *                                             [frame + 16]  <- EBP
 */
#include "seh.h"
#include "excpt.h"
#include "rtbase.h"

#define CHAIN_END ((struct seh_frame *)0xFFFFFFFFu)
#define NO_LEVEL  0xFFFFFFFFu

static struct seh_frame *chain_head(void)
{
    struct seh_frame *head;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(head));
    return head;
}

static void chain_set(struct seh_frame *head)
{
    __asm__ volatile("movl %0, %%fs:0" : : "r"(head) : "memory");
}

/* Top and bottom of the stack: the kernel wrote them when it made the thread. */
static int on_stack(const struct seh_frame *frame)
{
    DWORD top, bottom, at = (DWORD)frame;
    __asm__("movl %%fs:4, %0" : "=r"(top));
    __asm__("movl %%fs:8, %0" : "=r"(bottom));
    return at >= bottom && at < top && top - at >= sizeof(EXCEPTION_REGISTRATION) && at % 4 == 0;
}

static EXCEPTION_DISPOSITION RTAPI on_nested(PEXCEPTION_RECORD record, PVOID frame,
                                             PCONTEXT context, PVOID dispatcher)
{
    (void)context;
    if (record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return ExceptionContinueSearch;
    *(struct seh_frame **)dispatcher = ((struct seh_frame *)frame)->called;
    return ExceptionNestedException;
}

static EXCEPTION_DISPOSITION RTAPI on_collision(PEXCEPTION_RECORD record, PVOID frame,
                                                PCONTEXT context, PVOID dispatcher)
{
    (void)context;
    if (!(record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND)))
        return ExceptionContinueSearch;
    *(struct seh_frame **)dispatcher = ((struct seh_frame *)frame)->called;
    return ExceptionCollidedUnwind;
}

static void raise_of(DWORD code, PEXCEPTION_RECORD why)
{
    EXCEPTION_RECORD record;
    record.ExceptionCode = code;
    record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
    record.ExceptionRecord = why;
    record.ExceptionAddress = __builtin_return_address(0);
    record.NumberParameters = 0;
    seh_raise(&record);
}

/* Nobody took it. The kernel may end the thread or its process, keep it suspended, or name a handler
 * that the program has set; after that one, and after a resumption, the thread goes on. */
static void unhandled(PEXCEPTION_RECORD record, PCONTEXT context)
{
    LPPROC handler = RslUnhandledException(record, context);
    if (handler) ((SEH_USER_HANDLER)(void (*)(void))handler)(record, context);
}

void seh_dispatch(PEXCEPTION_RECORD record, PCONTEXT context)
{
    struct seh_frame *nested = NULL, *frame = chain_head();
    for (; frame != CHAIN_END; frame = frame->prev) {
        struct seh_frame *dispatcher = NULL;
        if (!on_stack(frame)) {
            record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
            break;
        }
        EXCEPTION_DISPOSITION answer =
            seh_call(record, frame, context, &dispatcher, frame->handler, on_nested);
        if (frame == nested) {
            record->ExceptionFlags &= ~(DWORD)EXCEPTION_NESTED_CALL;
            nested = NULL;
        }
        if (answer == ExceptionContinueExecution) {
            if (!(record->ExceptionFlags & EXCEPTION_NONCONTINUABLE)) return;
            raise_of(EXCEPTION_NONCONTINUABLE_EXCEPTION, record);
        } else if (answer == ExceptionNestedException) {
            record->ExceptionFlags |= EXCEPTION_NESTED_CALL;
            if (dispatcher > nested) nested = dispatcher;
        } else if (answer != ExceptionContinueSearch) {
            raise_of(EXCEPTION_INVALID_DISPOSITION, record);
        }
    }
    unhandled(record, context);
}

PVOID RTAPI RtlUnwind(PVOID target, PVOID to, PEXCEPTION_RECORD record, PVOID value)
{
    EXCEPTION_RECORD own;
    CONTEXT context;
    (void)to;
    if (record == NULL) {
        own.ExceptionCode = EXCEPTION_UNWIND;
        own.ExceptionFlags = 0;
        own.ExceptionRecord = NULL;
        own.ExceptionAddress = __builtin_return_address(0);
        own.NumberParameters = 0;
        record = &own;
    }
    record->ExceptionFlags |= EXCEPTION_UNWINDING;
    if (target == NULL) record->ExceptionFlags |= EXCEPTION_EXIT_UNWIND;
    seh_capture(&context);
    struct seh_frame *frame = chain_head();
    while (frame != CHAIN_END && frame != target) {
        struct seh_frame *dispatcher = NULL;
        if (!on_stack(frame)) {
            raise_of(EXCEPTION_BAD_STACK, record);
            break;
        }
        EXCEPTION_DISPOSITION answer =
            seh_call(record, frame, &context, &dispatcher, frame->handler, on_collision);
        if (answer == ExceptionCollidedUnwind)
            frame = dispatcher;
        else if (answer != ExceptionContinueSearch)
            raise_of(EXCEPTION_INVALID_DISPOSITION, record);
        frame = frame->prev;
        chain_set(frame);
    }
    return value;
}

VOID RTAPI _global_unwind2(PVOID frame)
{
    RtlUnwind(frame, NULL, NULL, NULL);
}

VOID RTAPI _local_unwind2(PVOID at, DWORD stop)
{
    struct seh_scope_frame *frame = at;
    while (frame->level != NO_LEVEL && frame->level != stop) {
        const struct seh_scope *scope = &frame->table[frame->level];
        frame->level = scope->outer;
        if (scope->filter == NULL) seh_block(scope->handler, frame + 1);
    }
}

EXCEPTION_DISPOSITION RTAPI _except_handler3(PEXCEPTION_RECORD record, PVOID at, PCONTEXT context,
                                             PVOID dispatcher)
{
    struct seh_scope_frame *frame = at;
    EXCEPTION_POINTERS pointers = {record, context};
    (void)dispatcher;
    if (record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND)) {
        _local_unwind2(frame, NO_LEVEL);
        return ExceptionContinueSearch;
    }
    ((ULONG_PTR *)frame)[-1] = (ULONG_PTR)&pointers; /* for the filters, while they run */
    for (DWORD level = frame->level; level != NO_LEVEL; level = frame->table[level].outer) {
        const struct seh_scope *scope = &frame->table[level];
        if (scope->filter == NULL) continue;
        int answer = seh_block(scope->filter, frame + 1);
        if (answer < 0) return ExceptionContinueExecution;
        if (answer == 0) continue;
        _global_unwind2(frame);
        _local_unwind2(frame, level);
        frame->level = scope->outer;
        seh_enter(scope->handler, frame + 1);
    }
    return ExceptionContinueSearch;
}

VOID RTAPI RaiseException(DWORD code, DWORD flags, DWORD count, const ULONG_PTR *arguments)
{
    EXCEPTION_RECORD record;
    record.ExceptionCode = code;
    record.ExceptionFlags = flags & EXCEPTION_NONCONTINUABLE;
    record.ExceptionRecord = NULL;
    record.ExceptionAddress = (PVOID)RaiseException;
    record.NumberParameters = arguments == NULL                      ? 0
                              : count > EXCEPTION_MAXIMUM_PARAMETERS ? EXCEPTION_MAXIMUM_PARAMETERS
                                                                     : count;
    for (DWORD i = 0; i < record.NumberParameters; i++)
        record.ExceptionInformation[i] = arguments[i];
    seh_raise(&record);
}
