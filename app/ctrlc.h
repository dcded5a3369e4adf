/* ctrlc.h: Ctrl-C and SIGTERM as a question, for work that ends itself in good order: what it has is printed.
 *
 * While asked for, both signals are blocked in this thread and in those it starts; nothing is global. A second one
 * waits like the first.
 */
#ifndef RT386_APP_CTRLC_H
#define RT386_APP_CTRLC_H

#include <signal.h>
#include <stdbool.h>

struct interrupt {
    sigset_t before;
    bool on;
    int taken; /* SIGINT, SIGTERM, or 0 */
};
void interrupt_begin(struct interrupt *i);
/* Which of the two has come; 0: neither. Stays. */
int interrupt_poll(struct interrupt *i);
/* The exit status that goes with it: 130, 143, or `status` when neither has come. */
int interrupt_status(const struct interrupt *i, int status);
void interrupt_end(struct interrupt *i);

#endif
