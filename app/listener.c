#include "listener.h"

static void *listen(void *ctx)
{
    struct listener *l = ctx;
    while (!atomic_load(&l->done) && !l->look(l->ctx))
        ;
    return NULL;
}

void listener_begin(struct listener *l, listener_look look, void *ctx)
{
    l->look = look;
    l->ctx = ctx;
    atomic_store(&l->done, false);
    l->on = !pthread_create(&l->thread, NULL, listen, l);
}

void listener_end(struct listener *l)
{
    atomic_store(&l->done, true);
    if (l->on) pthread_join(l->thread, NULL);
    l->on = false;
}
