#include "ctrlc.h"

#include "app.h"

#include <time.h>

static sigset_t both(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void interrupt_begin(struct interrupt *i)
{
    sigset_t set = both();
    *i = (struct interrupt){.taken = 0};
    i->on = pthread_sigmask(SIG_BLOCK, &set, &i->before) == 0;
}

int interrupt_poll(struct interrupt *i)
{
    static const struct timespec at_once = {0, 0};
    sigset_t set = both();
    if (!i->on || i->taken) return i->taken;
    int got = sigtimedwait(&set, NULL, &at_once);
    if (got > 0) i->taken = got;
    return i->taken;
}

int interrupt_status(const struct interrupt *i, int status)
{
    return i->taken == SIGINT ? STATUS_INT : i->taken == SIGTERM ? STATUS_TERM : status;
}

void interrupt_end(struct interrupt *i)
{
    if (i->on) pthread_sigmask(SIG_SETMASK, &i->before, NULL);
    i->on = false;
}
