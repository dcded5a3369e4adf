/* initialisers.c: what runs before main and at the end of a program, and in what order: constructors, the tables that
 * compilers for Windows fill, exit functions (more than C asks for), destructors. Its last line must be the last to run. */
#include "stdlib.h"
#include "tap.h"

#define EXITS 100

static char order[16];
static unsigned order_n, exits, wrong;

static void note(char c)
{
    if (order_n + 1 < sizeof order) order[order_n++] = c;
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

__attribute__((constructor)) static void constructor(void)
{
    note('4');
}
__attribute__((constructor(200))) static void second_constructor(void)
{
    note('3');
}
__attribute__((constructor(150))) static void first_constructor(void)
{
    note('2');
}
__attribute__((destructor)) static void destructor(void)
{
    printf("destructor after %u exit functions, %u out of order\n", exits, wrong);
}

#ifndef __ELF__
typedef void (*initialiser)(void);
static void c_initialiser(void)
{
    note('0');
}
static void cxx_initialiser(void)
{
    note('1');
}
static void before_end(void)
{
    printf("before the end\n");
}
static void end(void)
{
    printf("at the end\n");
}
#define TABLE(name) __attribute__((section(".CRT$" name), used)) static const initialiser
TABLE("XIU") in_c = c_initialiser;
TABLE("XCU") in_cxx = cxx_initialiser;
TABLE("XPU") in_before_end = before_end;
TABLE("XTU") in_end = end;
#define EXPECTED "01234"
#else
#define EXPECTED "234"
#endif

#define NUMBERED(n)                                                                                \
    static void exit_##n(void)                                                                     \
    {                                                                                              \
        wrong += exits % 4 != 3 - (n);                                                             \
        exits++;                                                                                   \
    }
NUMBERED(0)
NUMBERED(1)
NUMBERED(2)
NUMBERED(3)

int main(void)
{
    struct tap tap = {0, 0}, *t = &tap;
    static void (*const numbered[4])(void) = {exit_0, exit_1, exit_2, exit_3};
    unsigned refused = 0;
    HOLDS(t, same(order, EXPECTED), DOCUMENTED);
    for (unsigned i = 0; i < EXITS; i++)
        refused += atexit(numbered[i % 4]) != 0;
    IS(t, refused, 0, DOCUMENTED);
    return tap_end(t);
}
