/* signal.c: signals are a matter of the thread that raises them: each has its own handlers. */
#include "signal.h"
#include "clib.h"
#include "errno.h"
#include "stdlib.h"

static bool known(int number)
{
    if (number > 0 && number < CLIB_SIGNALS) return true;
    errno = EINVAL;
    return false;
}

sighandler_t signal(int number, sighandler_t handler)
{
    if (!known(number)) return SIG_ERR;
    struct clib_thread *self = clib_self();
    sighandler_t old = self->handlers[number];
    self->handlers[number] = handler;
    return old;
}

/* SIGABRT, SIGFPE, SIGFREE, SIGILL and SIGTERM end the process with code 3; SIGSEGV sets errno and returns;
 * the others are ignored [7-1/raise]. */
static void default_action(int number)
{
    switch (number) {
    case SIGABRT:
    case SIGFPE:
    case SIGFREE:
    case SIGILL:
    case SIGTERM: _exit(3);
    case SIGSEGV: errno = EDOM; break;
    default: break;
    }
}

/* A handler is called once: the default is in force again before it runs. */
int raise(int number)
{
    if (!known(number)) return -1;
    struct clib_thread *self = clib_self();
    sighandler_t handler = self->handlers[number];
    if (handler == SIG_IGN) return 0;
    if (handler == SIG_DFL) {
        default_action(number);
        return 0;
    }
    self->handlers[number] = SIG_DFL;
    handler(number);
    return 0;
}

void abort(void)
{
    raise(SIGABRT);
    _exit(3); /* SIGABRT is ignored, or its handler came back */
}
