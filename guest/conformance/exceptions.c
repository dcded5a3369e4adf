/* exceptions.c: every fault that ring 3 can make, to frames of the program's own at FS:[0]; software
 * exceptions, unwinding, nesting, and what is kept of the registers. */
#include "../demo/seg.h"
#include "excpt.h"
#include "tap.h"

#define FILLER 0x5EED0000u

/* What the handler saw, and how it is to answer. */
static struct {
    DWORD code, flags, count, info[4], eip, cs, status_word, inner_code;
    PVOID address;
    unsigned calls;
    DWORD skip;        /* added to EIP */
    int answer;        /* a disposition */
    int resume_divide; /* ECX becomes 2 */
    int raise_inside;
} seen;

static EXCEPTION_DISPOSITION RTAPI on_exception(PEXCEPTION_RECORD record, PVOID frame,
                                                PCONTEXT context, PVOID dispatcher)
{
    (void)frame;
    (void)dispatcher;
    if (record->ExceptionFlags & EXCEPTION_UNWINDING) return ExceptionContinueSearch;
    seen.calls++;
    if (seen.raise_inside) {
        seen.raise_inside = 0;
        RaiseException(0xE0000002, 0, 0, NULL);
        return ExceptionContinueExecution;
    }
    seen.code = record->ExceptionCode;
    seen.flags = record->ExceptionFlags;
    seen.count = record->NumberParameters;
    seen.address = record->ExceptionAddress;
    seen.inner_code = record->ExceptionRecord ? record->ExceptionRecord->ExceptionCode : 0;
    for (unsigned i = 0; i < 4 && i < seen.count; i++)
        seen.info[i] = record->ExceptionInformation[i];
    seen.eip = context->Eip;
    seen.cs = context->SegCs;
    seen.status_word = context->FloatSave.StatusWord;
    context->FloatSave.StatusWord &= 0x7F00;
    context->Eip += seen.skip;
    if (seen.resume_divide) context->Ecx = 2;
    return (EXCEPTION_DISPOSITION)seen.answer;
}

static void frame_set(EXCEPTION_REGISTRATION *frame)
{
    frame->handler = on_exception;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(frame->prev));
    __asm__ volatile("movl %0, %%fs:0" : : "r"(frame) : "memory");
}

static void frame_drop(const EXCEPTION_REGISTRATION *frame)
{
    __asm__ volatile("movl %0, %%fs:0" : : "r"(frame->prev) : "memory");
}

static void expect(DWORD skip)
{
    seen.code = seen.flags = seen.count = seen.calls = seen.eip = 0;
    seen.skip = skip;
    seen.answer = ExceptionContinueExecution;
}

/* The instruction stands at `at`; execution goes on after it. */
#define FAULT(skip, text, ...)                                                                     \
    ({                                                                                             \
        DWORD fault_at;                                                                            \
        expect(skip);                                                                              \
        __asm__ volatile("movl $1f, %0\n1: " text                                                  \
                         : "=&r"(fault_at)                                                         \
                         : __VA_ARGS__                                                             \
                         : "memory", "cc");                                                        \
        fault_at;                                                                                  \
    })

static void faults(struct tap *t)
{
    DWORD at = FAULT(2, "divl %%ecx", "a"(1), "d"(0), "c"(0));
    IS(t, seen.code, EXCEPTION_INT_DIVIDE_BY_ZERO, DOCUMENTED);
    IS(t, seen.eip, at, DOCUMENTED);
    IS(t, (DWORD)seen.address, at, DOCUMENTED);
    IS(t, seen.count, 0, DOCUMENTED);
    at = FAULT(1, "int3", "a"(0));
    IS(t, seen.code, EXCEPTION_BREAKPOINT, DOCUMENTED);
    IS(t, seen.eip, at, DECIDED);
    FAULT(0, "movb $0x7f, %%al; addb $1, %%al; into", "a"(0));
    IS(t, seen.code, EXCEPTION_INT_OVERFLOW, DOCUMENTED);
    static const DWORD bounds[2] = {1, 3};
    FAULT(2, ".byte 0x62, 0x01", "a"(4), "c"(bounds));
    IS(t, seen.code, EXCEPTION_ARRAY_BOUNDS_EXCEEDED, DOCUMENTED);
    FAULT(3, ".byte 0x0F, 0xFF, 0xC0", "a"(0)); /* UD0 */
    IS(t, seen.code, EXCEPTION_ILLEGAL_INSTRUCTION, DOCUMENTED);
    FAULT(1, "hlt", "a"(0));
    IS(t, seen.code, EXCEPTION_ACCESS_VIOLATION, DOCUMENTED);
    IS(t, seen.info[1], 0xFFFFFFFF, DECIDED);
    FAULT(0, "pushfl; orl $0x100, (%%esp); popfl; nop", "a"(0));
    IS(t, seen.code, EXCEPTION_SINGLE_STEP, DOCUMENTED);
    IS(t, seen.calls, 1, DECIDED);
    /* a dword from FFFFFFFE on: it crosses the end of every segment */
    FAULT(3, "movl $-2, %%eax; subl %%esp, %%eax; movl (%%esp,%%eax), %%eax", "a"(0));
    IS(t, seen.code, EXCEPTION_STACK_OVERFLOW, DOCUMENTED);
}

static void memory(struct tap *t)
{
    expect(2);
    DWORD at;
    __asm__ volatile("movl $1f, %0\n1: movl (%%ecx), %%eax"
                     : "=&r"(at)
                     : "c"(0x2000)
                     : "eax", "memory");
    IS(t, seen.code, EXCEPTION_ACCESS_VIOLATION, DOCUMENTED);
    IS(t, seen.count, 2, DOCUMENTED);
    IS(t, seen.info[0], 0, DOCUMENTED);
    IS(t, seen.info[1], 0x2000, DOCUMENTED);
    IS(t, seen.eip, at, DOCUMENTED);
    FAULT(2, "movl %%eax, (%%ecx)", "a"(1), "c"(0x2004));
    IS(t, seen.info[0], 1, DOCUMENTED);
    IS(t, seen.info[1], 0x2004, DOCUMENTED);
    FAULT(3, "movl %%fs:(%%ecx), %%eax", "a"(1), "c"(0x70000000));
    IS(t, seen.code, EXCEPTION_ACCESS_VIOLATION, DOCUMENTED);
    static char area[64];
    RTHANDLE h = CreateRtMemoryHandle(area, 16);
    es_load(h);
    FAULT(3, "movl %%es:(%%ecx), %%eax", "a"(1), "c"(13));
    IS(t, seen.code, EXCEPTION_ACCESS_VIOLATION, DOCUMENTED);
    IS(t, es_get(), h, DECIDED); /* ES was as it is while the program ran */
    es_load(0);
    DeleteRtMemoryHandle(h);
}

/* Division by zero, mended and executed again; every other register as it was. */
static void resumption(struct tap *t)
{
    DWORD before[6] = {FILLER + 1, FILLER + 2, FILLER + 3, 0, 0, 0}, after[6] = {0};
    expect(0);
    seen.resume_divide = 1;
    __asm__ volatile("pushl %%ebp\n"
                     "movl (%0), %%ebx; movl 4(%0), %%esi; movl 8(%0), %%edi\n"
                     "pushl %1\n"
                     "movl $100, %%eax; xorl %%edx, %%edx; xorl %%ecx, %%ecx\n"
                     "movl $0x5EED0009, %%ebp; stc; divl %%ecx\n"
                     "xchgl %%eax, (%%esp)\n"
                     "movl %%ebx, (%%eax); movl %%esi, 4(%%eax); movl %%edi, 8(%%eax)\n"
                     "movl %%ebp, 12(%%eax); movl %%ecx, 16(%%eax)\n"
                     "popl 20(%%eax); popl %%ebp"
                     :
                     : "a"(before), "d"(after)
                     : "ebx", "ecx", "esi", "edi", "memory", "cc");
    seen.resume_divide = 0;
    IS(t, seen.calls, 1, DOCUMENTED);
    IS(t, after[0], FILLER + 1, DOCUMENTED);
    IS(t, after[1], FILLER + 2, DOCUMENTED);
    IS(t, after[2], FILLER + 3, DOCUMENTED);
    IS(t, after[3], FILLER + 9, DOCUMENTED);
    IS(t, after[4], 2, DOCUMENTED);
    IS(t, after[5], 50, DOCUMENTED);
}

/* An unmasked zero divide of the coprocessor: reported at the next instruction that waits. */
static void coprocessor(struct tap *t)
{
    WORD control = 0x037B, back = 0;
    DWORD at;
    expect(1);
    __asm__ volatile(
        "fninit; fldcw %2\n fld1; fldz; fdivrp; movl $1f, %0\n1: fwait\n fnstcw %1; fninit"
        : "=&r"(at), "=m"(back)
        : "m"(control)
        : "memory");
    IS(t, seen.code, EXCEPTION_ILLEGAL_INSTRUCTION, DOCUMENTED);
    IS(t, seen.eip, at, DOCUMENTED);
    IS(t, seen.status_word & 0x84, 0x84, DECIDED); /* ES and ZE */
    IS(t, back, 0x037B, DECIDED);
}

static void software(struct tap *t)
{
    static const ULONG_PTR arguments[] = {11, 22, 33};
    expect(0);
    RaiseException(0xE0000001, 0, 3, arguments);
    IS(t, seen.code, 0xE0000001, DOCUMENTED);
    IS(t, seen.flags, 0, DOCUMENTED);
    IS(t, seen.count, 3, DOCUMENTED);
    IS(t, seen.info[2], 33, DOCUMENTED);
    expect(0);
    RaiseException(0xE0000001, 0, 99, NULL);
    IS(t, seen.count, 0, DOCUMENTED);
    static const ULONG_PTR many[20];
    RaiseException(0xE0000001, 0, 20, many);
    IS(t, seen.count, EXCEPTION_MAXIMUM_PARAMETERS, DOCUMENTED);
    expect(0);
    seen.raise_inside = 1; /* the handler raises, and its own frame takes it */
    RaiseException(0xE0000001, 0, 0, NULL);
    IS(t, seen.calls, 2, DOCUMENTED);
    IS(t, seen.code, 0xE0000002, DOCUMENTED);
    IS(t, seen.flags & EXCEPTION_NESTED_CALL, EXCEPTION_NESTED_CALL, DOCUMENTED);
}

/* --- version 3 scope tables, as compilers with __try write them --- */

static char order[32];
static unsigned order_n;

static void note(char c)
{
    order[order_n++] = c;
    order[order_n] = 0;
}

static int filter_answer;
static unsigned filter_refuses; /* so often it answers "continue the search" first */
int scope_filter(void);
int scope_skip(void);
int scope_finally(void);
int scope_filter(void)
{
    note('f');
    if (filter_refuses == 0) return filter_answer;
    filter_refuses--;
    return EXCEPTION_CONTINUE_SEARCH;
}
int scope_skip(void)
{
    note('s');
    return EXCEPTION_CONTINUE_SEARCH;
}
int scope_finally(void)
{
    note('u');
    return 0;
}

/* int scope_run(int what, int level): at that try level; 1 when the body ran to its end, 2 from the
 * __except block of level 0. Levels: 0 __except(scope_filter), 1 __finally inside it, 2
 * __except(scope_skip) inside that. */
int scope_run(int what, int level);
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define STR_(a)      #a
#define STR(a)       STR_(a)
#define NAME(name)   STR(PASTE(__USER_LABEL_PREFIX__, name))
__asm__(
    ".section .rodata,\"\"\n"
    ".p2align 2\n"
    "scope_table:\n"
    ".long -1, " NAME(
        scope_filter) ", scope_except\n"
                      ".long 0, 0, " NAME(
                          scope_finally) "\n"
                                         ".long 1, " NAME(
                                             scope_skip) ", scope_except\n"
                                                         ".text\n"
                                                         ".globl " NAME(scope_run) "\n" NAME(
                                                             scope_run) ":\n"
                                                                        "pushl %ebp; movl %esp, "
                                                                        "%ebp\n"
                                                                        "pushl $-1; pushl "
                                                                        "$scope_table; pushl "
                                                                        "$" NAME(
                                                                            _except_handler3) "\n"
                                                                                              "push"
                                                                                              "l "
                                                                                              "%fs:"
                                                                                              "0; "
                                                                                              "movl"
                                                                                              " %"
                                                                                              "esp,"
                                                                                              " %"
                                                                                              "fs:"
                                                                                              "0\n"
                                                                                              "subl"
                                                                                              " $8,"
                                                                                              " %"
                                                                                              "esp;"
                                                                                              " pus"
                                                                                              "hl "
                                                                                              "%ebx"
                                                                                              "; "
                                                                                              "push"
                                                                                              "l "
                                                                                              "%esi"
                                                                                              "; "
                                                                                              "push"
                                                                                              "l "
                                                                                              "%edi"
                                                                                              "\n"
                                                                                              "movl"
                                                                                              " %"
                                                                                              "esp,"
                                                                                              " -"
                                                                                              "24(%"
                                                                                              "ebp)"
                                                                                              "\n"
                                                                                              "movl"
                                                                                              " 12("
                                                                                              "%ebp"
                                                                                              "), "
                                                                                              "%eax"
                                                                                              "; "
                                                                                              "movl"
                                                                                              " %"
                                                                                              "eax,"
                                                                                              " -4("
                                                                                              "%ebp"
                                                                                              ")\n"
                                                                                              "movl"
                                                                                              " 8(%"
                                                                                              "ebp)"
                                                                                              ", "
                                                                                              "%eax"
                                                                                              "; "
                                                                                              "decl"
                                                                                              " %"
                                                                                              "eax;"
                                                                                              " jz "
                                                                                              "1f; "
                                                                                              "decl"
                                                                                              " %"
                                                                                              "eax;"
                                                                                              " jz "
                                                                                              "2f; "
                                                                                              "decl"
                                                                                              " %"
                                                                                              "eax;"
                                                                                              " jz "
                                                                                              "5f; "
                                                                                              "jmp "
                                                                                              "3f\n"
                                                                                              "1: "
                                                                                              "xorl"
                                                                                              " %"
                                                                                              "ecx,"
                                                                                              " %"
                                                                                              "ecx;"
                                                                                              " div"
                                                                                              "l "
                                                                                              "%ecx"
                                                                                              "; "
                                                                                              "jmp "
                                                                                              "3f\n"
                                                                                              "2: "
                                                                                              "push"
                                                                                              "l "
                                                                                              "$0; "
                                                                                              "push"
                                                                                              "l "
                                                                                              "$0; "
                                                                                              "push"
                                                                                              "l "
                                                                                              "$0; "
                                                                                              "push"
                                                                                              "l "
                                                                                              "$0xE"
                                                                                              "0000"
                                                                                              "003;"
                                                                                              " cal"
                                                                                              "l"
                                                                                              " " NAME(
                                                                                                  RaiseException) "\n"
                                                                                                                  "addl $16, %esp; jmp 3f\n"
                                                                                                                  "5: pushl $0; pushl $0; pushl $1; pushl $0xE0000004; call " NAME(
                                                                                                                      RaiseException) "\n"
                                                                                                                                      "addl $16, %esp\n"
                                                                                                                                      "3: movl $1, %eax; jmp 4f\n"
                                                                                                                                      "scope_except: movl -24(%ebp), %esp; movl $2, %eax\n"
                                                                                                                                      "4: movl -16(%ebp), %ecx; movl %ecx, %fs:0\n"
                                                                                                                                      "popl %edi; popl %esi; popl %ebx; leave; ret\n");

static int scoped(int what, int level, int answer)
{
    order_n = 0;
    order[0] = 0;
    filter_answer = answer;
    return scope_run(what, level);
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static void scopes(struct tap *t)
{
    IS(t, scoped(0, 0, EXCEPTION_EXECUTE_HANDLER), 1, DOCUMENTED);
    IS(t, scoped(1, 0, EXCEPTION_EXECUTE_HANDLER), 2, DOCUMENTED);
    HOLDS(t, same(order, "f"), DOCUMENTED);
    IS(t, scoped(1, 2, EXCEPTION_EXECUTE_HANDLER), 2, DOCUMENTED);
    HOLDS(t, same(order, "sfu"), DOCUMENTED); /* filters outwards, then the termination block */
    IS(t, scoped(2, 2, EXCEPTION_CONTINUE_EXECUTION), 1, DOCUMENTED);
    HOLDS(t, same(order, "sf"), DOCUMENTED);
    expect(2);
    IS(t, scoped(1, 2, EXCEPTION_CONTINUE_SEARCH), 1, DOCUMENTED);
    HOLDS(t, same(order, "sf"), DOCUMENTED);
    IS(t, seen.code, EXCEPTION_INT_DIVIDE_BY_ZERO, DOCUMENTED); /* the outer frame took it */
    EXCEPTION_REGISTRATION *head;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(head));
    HOLDS(t, head->handler == on_exception, DOCUMENTED);
}

/* A noncontinuable exception that a handler wants continued becomes another exception, about it. */
static EXCEPTION_DISPOSITION RTAPI on_stubborn(PEXCEPTION_RECORD record, PVOID frame,
                                               PCONTEXT context, PVOID dispatcher)
{
    (void)frame;
    (void)context;
    (void)dispatcher;
    return record->ExceptionCode == 0xE0000004 ? ExceptionContinueExecution
                                               : ExceptionContinueSearch;
}

static void noncontinuable(struct tap *t)
{
    EXCEPTION_REGISTRATION frame;
    frame_set(&frame);
    frame.handler = on_stubborn;
    filter_refuses = 1;
    IS(t, scoped(3, 0, EXCEPTION_EXECUTE_HANDLER), 2, DOCUMENTED);
    HOLDS(t, same(order, "ff"), DOCUMENTED);
    frame_drop(&frame);
}

int main(void)
{
    struct tap tap = {0, 0};
    EXCEPTION_REGISTRATION frame;
    frame_set(&frame);
    faults(&tap);
    memory(&tap);
    resumption(&tap);
    coprocessor(&tap);
    software(&tap);
    scopes(&tap);
    noncontinuable(&tap);
    frame_drop(&frame);
    return tap_end(&tap);
}
