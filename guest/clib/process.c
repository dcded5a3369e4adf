/* process.c: the start and the end of a process, as far as they are the library's; assertions. */
#include "assert.h"
#include "clib.h"
#include "stdio.h"
#include "stdlib.h"

#include "../rtrsl/rsl.h"

/* What start-up code calls by ordinal only. */
void clib_start_failed(int code) __attribute__((noreturn)); /* 814 */
int clib_init(void);                                        /* 1030: negative refuses the start */
void clib_end(int code) __attribute__((noreturn));          /* 540 */

int clib_init(void)
{
    return 0;
}

static void leave(int code) __attribute__((noreturn));
static void leave(int code)
{
    rsl_process_end();
    clib_exit(code);
}

void clib_start_failed(int code)
{
    leave(code);
}

/* The last step of exit, whose exit functions are in the program itself: libraries hear of it and may still print,
 * then buffers are written and files closed. */
void clib_end(int code)
{
    rsl_process_end();
    fcloseall();
    flushall();
    clib_exit(code);
}

void _exit(int code)
{
    leave(code);
}

void _Exit(int code)
{
    leave(code);
}

void clib_assert_failed(const char *condition, const char *file, int line, const char *function)
{
    fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, function, condition);
    abort();
}
