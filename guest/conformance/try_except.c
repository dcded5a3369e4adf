/* try_except.c: __try, __except and __finally as a compiler for Windows writes them (clang). That one
 * expects exceptions from calls only, so what faults stands in a function. */
#include "excpt.h"
#include "rt.h"
#include "tap.h"

static volatile int zero;
static char order[16];
static unsigned order_n;

static void note(char c)
{
    order[order_n++] = c;
    order[order_n] = 0;
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static __attribute__((noinline)) int divide(int value)
{
    return value / zero;
}

static int caught(DWORD *code)
{
    volatile int before = 5;
    __try {
        before = 7;
        before = divide(9);
        note('x');
    } __except (*code = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
        note('e');
        return before;
    }
    return -1;
}

static int mended_filter(PEXCEPTION_POINTERS p)
{
    note('f');
    p->ContextRecord->Eax = 40;
    p->ContextRecord->Eip += 2; /* movl (%ecx), %eax */
    return EXCEPTION_CONTINUE_EXECUTION;
}

static __attribute__((noinline)) int load(int value)
{
    __asm__ volatile("movl (%%ecx), %%eax" : "+a"(value) : "c"(0x1230));
    return value;
}

static int mended(void)
{
    int value = 1;
    __try {
        value = load(value) + 2;
    } __except (mended_filter(GetExceptionInformation())) {
        note('e');
    }
    return value;
}

static void inner(DWORD code)
{
    __try {
        note('1');
        RaiseException(code, 0, 0, NULL);
        note('2');
    } __finally {
        note(AbnormalTermination() ? 'a' : 'n');
    }
}

static void nested(DWORD code)
{
    __try {
        __try {
            inner(code);
        } __except (GetExceptionCode() == 0xE0000001 ? EXCEPTION_EXECUTE_HANDLER
                                                     : EXCEPTION_CONTINUE_SEARCH) {
            note('i');
        }
        note('t');
    } __except (note('g'), EXCEPTION_EXECUTE_HANDLER) {
        note('o');
    }
}

static const char *run(void (*f)(DWORD), DWORD code)
{
    order_n = 0;
    order[0] = 0;
    f(code);
    return order;
}

static void quiet(DWORD code)
{
    (void)code;
    __try {
        note('1');
    } __finally {
        note(AbnormalTermination() ? 'a' : 'n');
    }
}

int main(void)
{
    struct tap tap = {0, 0}, *t = &tap;
    DWORD code = 0;
    IS(t, caught(&code), 7, DOCUMENTED);
    IS(t, code, EXCEPTION_INT_DIVIDE_BY_ZERO, DOCUMENTED);
    HOLDS(t, same(order, "e"), DOCUMENTED);
    order_n = 0;
    IS(t, mended(), 42, DOCUMENTED);
    HOLDS(t, same(order, "f"), DOCUMENTED);
    HOLDS(t, same(run(quiet, 0), "1n"), DOCUMENTED);
    HOLDS(t, same(run(nested, 0xE0000001), "1ait"), DOCUMENTED);
    HOLDS(t, same(run(nested, 0xE0000002), "1gao"), DOCUMENTED);
    return tap_end(t);
}
