/* listener.h: a thread that listens while the machine moves, so that somebody can stop it. */
#ifndef RT386_APP_LISTENER_H
#define RT386_APP_LISTENER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A look around, in that thread; it may wait for some 20 ms. True: the move was stopped, nothing more is to be heard. */
typedef bool (*listener_look)(void *ctx);

struct listener {
    listener_look look;
    void *ctx;
    pthread_t thread;
    atomic_bool done;
    bool on;
};
/* Without a thread for it nobody listens, and the move goes on to its end. */
void listener_begin(struct listener *l, listener_look look, void *ctx);
/* Behind it no look is under way. */
void listener_end(struct listener *l);

#endif
