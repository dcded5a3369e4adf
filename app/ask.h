/* ask.h: commands that run guests and then answer one question about what is there. */
#ifndef RT386_APP_ASK_H
#define RT386_APP_ASK_H

#include "json.h"
#include "session.h"

struct question {
    void (*text)(struct text *t, const rt386 *m, const struct question *q);
    void (*json)(struct json *j, const rt386 *m, const struct question *q);
    uint16_t handle; /* or a selector */
    uint32_t offset;
    bool any; /* the guest need be no INtime program */
};

/* Runs the guest of `o`, then prints the answer. */
int ask(struct app *app, const struct run_options *o, const struct question *q);
/* Options and FILEs, no word before them. */
int ask_plain(struct app *app, const struct command *self, int argc, char **argv,
              const struct question *q);

#define STOP_SOONER                                                                                \
    "Guest text goes to standard error. The exit status is 0 when the answer was printed, "        \
    "however "                                                                                     \
    "the guest ended.\n\nWhen a program has ended, its objects are gone: stop it before with "     \
    "--max-insns to see them."

#endif
